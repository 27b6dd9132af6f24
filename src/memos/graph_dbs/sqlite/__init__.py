"""The embedded memory graph store: one SQLite file and in-memory snapshots."""

from memos.graph_dbs.sqlite.store import SqliteGraphStore

__all__ = ["SqliteGraphStore"]
