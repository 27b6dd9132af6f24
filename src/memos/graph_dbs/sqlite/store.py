"""The memory graph in one SQLite file: the embedded implementation of the `GraphStore` port."""

import itertools
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from memos.errors import ConflictError, InvalidInputError, NotAllowedError, StoreUnavailableError
from memos.graph_dbs.base import (
    Census,
    Move,
    NodeWrite,
    Page,
    Profile,
    RecallHit,
    RecallQuery,
    Uses,
    Vector,
)
from memos.graph_dbs.sqlite import embedding, erase, history, listing, transfer
from memos.graph_dbs.sqlite.cache import SnapshotCache
from memos.graph_dbs.sqlite.change import Change, PackedNode, find_rows, known_cubes, pack_node
from memos.graph_dbs.sqlite.connection import (
    Readers,
    connect,
    make_private,
    prepare,
    translated,
)
from memos.graph_dbs.sqlite.fence import raise_fence
from memos.graph_dbs.sqlite.move import move_nodes
from memos.graph_dbs.sqlite.recall import Recall
from memos.graph_dbs.sqlite.snapshot import Snapshot
from memos.graph_dbs.sqlite.writer import Writer
from memos.types.clock import Clock
from memos.types.filters import Group
from memos.types.history import Reason, Version
from memos.types.lease import Lease
from memos.types.lifecycle import Transition
from memos.types.memory import Edge, MemoryItem, MemoryKind
from memos.types.message import ROLES
from memos.types.scope import Cube, Scope

_log = logging.getLogger(__name__)
_IMPORT_BATCH = 500


class SqliteGraphStore:
    """Memory graph in one file, for several threads and several processes at once.

    Args:
        path: the file; made when absent, its folder too.
        clock: times what the store logs of itself.
        cache_bytes: memory for snapshots of cubes.

    Raises:
        ConfigError: the file is not a memory store of this version.
        StoreUnavailableError: the folder cannot be written.
    """

    def __init__(self, path: Path, clock: Clock, *, cache_bytes: int = 512 * 2**20) -> None:
        self._path = path
        self._clock = clock
        prepare(path)
        self._cache = SnapshotCache(cache_bytes)
        self._readers = Readers(path)
        self._writer = Writer(lambda: connect(path), self._settle)
        self._finish_erasure()

    # Reading

    def get(self, scope: Scope, ids: Sequence[str]) -> list[MemoryItem]:
        """Nodes with these ids in the scope, in the order asked; unknown ids are left out."""
        with self._readers.transaction() as connection:
            return listing.get_items(connection, scope, ids)

    def find(
        self,
        scope: Scope,
        kinds: frozenset[MemoryKind],
        where: Group | None = None,
        *,
        limit: int = 100,
        offset: int = 0,
    ) -> Page:
        """Nodes of these kinds that pass the filter, newest first (updated_at, then id)."""
        with self._readers.transaction() as connection:
            return listing.find_items(connection, scope, kinds, where, window=(limit, offset))

    def recall(self, scope: Scope, query: RecallQuery) -> list[list[RecallHit]]:
        """Best nodes per bucket, best first; ties in id order."""
        with self._readers.transaction() as connection:
            snapshots = self._snapshots(connection, scope)
            if not snapshots:
                return [[] for _ in query.buckets]
            return Recall(connection, snapshots, query).run()

    def profile(self, scope: Scope) -> Profile:
        """Speakers, years and size of the scope."""
        with self._readers.transaction() as connection:
            snapshots = [snapshot for _, snapshot in self._snapshots(connection, scope)]
        speakers = {name for snapshot in snapshots for name in snapshot.told.speakers}
        years = {year for snapshot in snapshots for year in snapshot.told.years}
        return Profile(
            tuple(sorted(speakers - {"", *ROLES})),
            tuple(sorted(years)),
            sum(len(snapshot.rows) for snapshot in snapshots),
        )

    def edges(self, scope: Scope, ids: Sequence[str]) -> list[Edge]:
        """Edges that start or end at one of the nodes."""
        with self._readers.transaction() as connection:
            return listing.find_edges(connection, scope, ids)

    def locate(self, project: str, ids: Sequence[str]) -> dict[str, Cube]:
        """The cube of each of these nodes that lies in the project; others are left out."""
        with self._readers.transaction() as connection:
            return listing.locate_items(connection, project, ids)

    def cubes(self, project: str) -> list[Cube]:
        """Every cube of a project that holds or held nodes."""
        with self._readers.transaction() as connection:
            return listing.project_cubes(connection, project)

    def versions(self, scope: Scope, ids: Sequence[str]) -> dict[str, list[Version]]:
        """Every version of these nodes, oldest first, the present one last."""
        with self._readers.transaction() as connection:
            return history.read_versions(connection, scope, ids)

    def uses(self, scope: Scope, ids: Sequence[str]) -> dict[str, Uses]:
        """How often these nodes were handed out; those never used are left out."""
        with self._readers.transaction() as connection:
            return history.read_uses(connection, scope, ids)

    def census(self, scope: Scope) -> Census:
        """How many nodes of each sort the scope holds."""
        with self._readers.transaction() as connection:
            return history.count_nodes(connection, scope)

    def trail(self, scope: Scope, ids: Sequence[str]) -> list[Transition]:
        """Changes of state of these memories, oldest first."""
        with self._readers.transaction() as connection:
            return history.read_trail(connection, scope, ids)

    def _snapshots(self, connection: apsw.Connection, scope: Scope) -> list[tuple[Cube, Snapshot]]:
        cubes = known_cubes(connection, scope)
        return [(cube, self._cache.get(connection, number)) for number, cube in cubes.items()]

    # Writing

    def put(self, scope: Scope, nodes: Sequence[NodeWrite], edges: Sequence[Edge] = ()) -> None:
        """Insert or replace nodes and add edges. Returns when the change is on disk and searchable.

        Raises:
            NotAllowedError: a node's cube is outside the scope, or its id is taken by another cube.
            NotFoundError: an edge names a node that is not in the scope.
            ConflictError: a vector is given before an embedder was adopted.
            InvalidInputError: a vector has not the embedder's length, or metadata is not JSON.
            StoreUnavailableError: the disk is full or the file cannot be written.
        """
        if any(node.item.cube not in scope.cubes for node in nodes):
            raise NotAllowedError("a memory lies outside the scope")
        packed = [pack_node(node) for node in nodes]
        self._write(scope, packed, edges)

    def move(self, scope: Scope, ends: Mapping[str, int | None], move: Move) -> int:
        """Give nodes another state, and nothing else; the number that moved."""
        return self._writer.run(lambda connection: move_nodes(connection, scope, ends, move))

    def fence(self, lease: Lease) -> None:
        """Refuse what is written under earlier leases of a task from now on."""
        now = self._clock.now_ms()
        self._writer.run(lambda connection: raise_fence(connection, lease, now))

    def note_uses(self, scope: Scope, counts: Mapping[str, int], at: int) -> list[str]:
        """Count that nodes were handed out; ids of those that never were before."""
        return self._writer.run(
            lambda connection: history.write_uses(connection, scope, counts, at)
        )

    def delete(self, scope: Scope, ids: Sequence[str]) -> int:
        """Remove nodes with their edges, words and vectors; the number that existed.

        When it returns, no byte of their text is left in the store's files.

        Raises:
            StoreUnavailableError: the file cannot be written, or a long reader keeps it from being
                cleared (the nodes are gone; the next deletion or start clears the files).
        """

        def remove(connection: apsw.Connection) -> list[int]:
            rows = sorted(find_rows(connection, known_cubes(connection, scope), ids).values())
            if rows:
                change = Change(connection)
                change.remove(rows)
                change.finish()
                erase.mark_due(connection)
            return rows

        with translated():
            removed = len(self._writer.run(remove, erases=True))
        self._refresh(scope)
        return removed

    def delete_cubes(self, scope: Scope) -> int:
        """Remove every node of the scope's cubes, and the cubes; the number of nodes. As `delete`."""

        def remove(connection: apsw.Connection) -> tuple[list[int], int]:
            cubes = known_cubes(connection, scope)
            change = Change(connection)
            removed = sum(change.remove_cube(cube) for cube in cubes)
            erase.mark_due(connection)
            return list(cubes), removed

        with translated():
            numbers, removed = self._writer.run(remove, erases=True)
        for number in numbers:
            self._cache.drop(number)
        return removed

    def _write(self, scope: Scope, nodes: Sequence[PackedNode], edges: Sequence[Edge]) -> None:
        def change(connection: apsw.Connection) -> None:
            changes = Change(connection)
            changes.put(nodes)
            changes.link(scope, edges)
            changes.finish()
            if erases:
                erase.mark_due(connection)

        erases = any(node.why is not None and node.why.reason is Reason.ERASED for node in nodes)
        with translated():
            self._writer.run(change, erases=erases)

    def _settle(self, connection: apsw.Connection) -> None:
        if erase.is_due(connection):
            started = self._clock.monotonic()
            erase.settle(self._path, connection, self._clock)
            _log.debug("erased", extra={"seconds": self._clock.monotonic() - started})

    def _finish_erasure(self) -> None:
        """Clear the files when a process died between deleting and clearing."""
        with self._readers.transaction() as connection:
            due = erase.is_due(connection)
        if due:
            try:
                self._writer.run(lambda _: None, erases=True)
            except StoreUnavailableError:
                _log.warning("erasure unfinished: another process keeps reading")

    def _refresh(self, scope: Scope) -> None:
        """Take what was deleted out of the snapshots held in memory."""
        with self._readers.transaction() as connection:
            for number in known_cubes(connection, scope):
                if self._cache.holds(number):
                    self._cache.get(connection, number)

    # Keeping

    def export_cube(self, cube: Cube) -> Iterator[Mapping[str, Any]]:
        """The cube as JSON-ready records: a header, nodes with vectors and their past, edges."""
        return transfer.export_records(self._readers, cube)

    def import_cube(self, cube: Cube, records: Iterator[Mapping[str, Any]]) -> int:
        """Load what `export_cube` wrote into a cube; number of nodes. Existing ids are replaced.

        Written in batches: after an error what came before it stays, and can be imported again.

        Raises:
            InvalidInputError: the records are no export.
            ConflictError: they were made with another embedder or tokenizer.
            NotAllowedError: an id is taken by another cube.
        """
        scope = Scope.of(cube)
        header = next(records, {})
        self._writer.run(lambda connection: transfer.check_header(connection, header))
        count = 0
        while batch := list(itertools.islice(records, _IMPORT_BATCH)):
            kinds = {record.get("record") for record in batch}
            if not kinds <= {"node", "edge"}:
                raise InvalidInputError("a record is neither a memory nor an edge")
            nodes = [transfer.read_node(cube, r) for r in batch if r["record"] == "node"]
            self._write(
                scope, nodes, [transfer.read_edge(r) for r in batch if r["record"] == "edge"]
            )
            count += len(nodes)
        return count

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while the store is in use.

        Raises:
            ConflictError: the target exists.
            StoreUnavailableError: it cannot be written.
        """
        if target.exists():
            raise ConflictError("the target of a backup must not exist")
        target.parent.mkdir(parents=True, exist_ok=True)
        make_private(target)
        with translated():
            connection = connect(self._path)
            try:
                connection.execute("vacuum into ?", (str(target),)).fetchall()
            finally:
                connection.close()

    def embedder_name(self) -> str | None:
        """Name of the embedder that made the vectors now in use; None in an empty store."""
        with self._readers.transaction() as connection:
            return embedding.current_name(connection)

    def adopt_embedder(self, name: str, dim: int) -> None:
        """Record the embedder of an empty store. Raises ConflictError when vectors exist already."""
        self._writer.run(lambda connection: embedding.adopt(connection, name, dim))

    def stale_vectors(self, name: str, limit: int) -> list[tuple[Cube, str, str]]:
        """Nodes without a shadow vector of embedder `name`: (cube, id, words), at most `limit`."""
        with self._readers.transaction() as connection:
            return embedding.stale(connection, name, limit)

    def put_shadow_vectors(self, name: str, vectors: Mapping[str, Vector]) -> None:
        """Store vectors of a new embedder beside the old ones, by node id."""
        self._writer.run(lambda connection: embedding.put_shadows(connection, name, vectors))

    def switch_embedder(self, name: str, dim: int) -> None:
        """Make the shadow vectors the ones in use, in one transaction. Old vectors go."""

        def switch(connection: apsw.Connection) -> None:
            embedding.switch(connection, name, dim)
            erase.mark_due(connection)

        self._writer.run(switch, erases=True)
        self._cache.clear()

    def close(self) -> None:
        """Finish pending writes and release the files."""
        self._writer.close()
        self._readers.close()
        self._cache.clear()
