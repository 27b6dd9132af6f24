"""Records over SQLAlchemy Core: SQLite in the data folder, or a PostgreSQL server."""

from memos.records.sql.store import SqlRecords, open_records

__all__ = ["SqlRecords", "open_records"]
