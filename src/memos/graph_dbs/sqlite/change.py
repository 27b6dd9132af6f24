"""Changes to nodes and edges inside a write transaction, and the log that snapshots follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apsw

from memos.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from memos.graph_dbs.base import NodeWrite
from memos.graph_dbs.sqlite.load import GONE, STATE, WHOLE, store_dim
from memos.graph_dbs.sqlite.past import Past, write_past
from memos.graph_dbs.sqlite.recorded import record_first, record_version
from memos.graph_dbs.sqlite.rows import (
    COLUMNS,
    Values,
    cube_of,
    id_list,
    item_values,
    pack_tokens,
    pack_vector,
    row_id,
    row_range,
)
from memos.graph_dbs.tokenize import hashes
from memos.types.history import Change as Why
from memos.types.memory import Edge, EdgeKind, MemoryItem, MemoryKind
from memos.types.scope import Cube, Scope

LOG_KEPT = 2000
"""Changes a snapshot can be behind before it is read anew."""

_STORED = (*COLUMNS, "words")
_INSERT = (
    f"insert into item (id, cube, {','.join(_STORED)})"  # noqa: S608 - column names only
    f" values ({','.join('?' * (len(_STORED) + 2))})"
)
_UPDATE = f"update item set {','.join(f'{column}=?' for column in _STORED)} where id=?"  # noqa: S608 - column names only
_UPDATE_KEEPING = f"update item set {','.join(f'{column}=?' for column in COLUMNS)} where id=?"  # noqa: S608 - column names only
# Columns a snapshot takes its rows from; only when one of them changes must a row be read anew.
_CREATED = COLUMNS.index("created_at")
_SCORED = ("event_from", "created_at", "ordinal", "speaker", "is_question", "conversation_id")


@dataclass(frozen=True, slots=True)
class PackedNode:
    """A node ready to be stored.

    Args:
        cube: where it goes.
        uid: its id.
        values: values of `COLUMNS`, then the words when they must be kept.
        tags: its tags.
        vector: float16 bytes or None.
        tokens: packed hashes of its words.
        keep: words and vector stay as they are stored.
        alone: its DERIVED_FROM edges go.
        why: the change, for its history.
        past: the history it gets instead of one of its own, when it comes from elsewhere.
    """

    cube: Cube
    uid: str
    values: Values
    tags: tuple[str, ...]
    vector: bytes | None
    tokens: bytes
    keep: bool = False
    alone: bool = False
    why: Why | None = None
    past: Past | None = None


def pack_node(write: NodeWrite) -> PackedNode:
    """Do the work of a write that needs no transaction: tokens, JSON, float16."""
    if write.keep:
        values = (*item_values(write.item), None)
        return PackedNode(
            write.item.cube, write.item.id, values, write.item.tags, None, b"",
            keep=True, alone=write.alone, why=write.change,
        )  # fmt: skip
    packed = pack_item(
        write.item,
        None if write.words == write.item.value else write.words,
        pack_vector(write.vector),
        pack_tokens(*hashes(write.words)),
    )
    return replace(packed, alone=write.alone, why=write.change)


def pack_item(
    item: MemoryItem, words: str | None, vector: bytes | None, tokens: bytes
) -> PackedNode:
    """As `pack_node`, from parts; `words` None means that they are the value."""
    kept = "" if item.kind is MemoryKind.SEGMENT else words
    values = (*item_values(item), kept)
    return PackedNode(item.cube, item.id, values, item.tags, vector, tokens)


def find_cube(connection: apsw.Connection, cube: Cube) -> int | None:
    """Number of a cube; None when nothing was ever put into it."""
    found = connection.execute("select id from cube where uid=?", (cube.uid,)).get
    return None if found is None else int(found)


def known_cubes(connection: apsw.Connection, scope: Scope) -> dict[int, Cube]:
    """Numbers of the scope's cubes that exist."""
    found = ((find_cube(connection, cube), cube) for cube in scope.cubes)
    return {number: cube for number, cube in found if number is not None}


def find_rows(
    connection: apsw.Connection, cubes: Mapping[int, Cube], ids: Sequence[str]
) -> dict[str, int]:
    """Row ids of those ids that lie in the cubes."""
    found = connection.execute(
        "select item.uid, item.id from json_each(?) as wanted"
        " cross join item on item.uid = wanted.value",
        (id_list(ids),),
    )
    return {str(uid): int(row) for uid, row in found if cube_of(int(row)) in cubes}


class Change:
    """Collects what one transaction does to each cube, and logs it at the end.

    Args:
        connection: inside the transaction.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._log: dict[int, dict[int, int]] = {}
        self._reload: set[int] = set()

    def put(self, nodes: Sequence[PackedNode]) -> None:
        """Insert or replace nodes.

        Raises:
            NotAllowedError: an id is taken in another cube.
            ConflictError, InvalidInputError: a vector does not fit the store's embedder.
        """
        self._check_vectors(nodes)
        numbers = {cube: self._cube(cube) for cube in {node.cube for node in nodes}}
        for node in nodes:
            self._put(numbers[node.cube], node)

    def link(self, scope: Scope, edges: Sequence[Edge]) -> None:
        """Add edges between nodes of one cube of the scope.

        Raises:
            NotFoundError: an end is not in the scope.
            InvalidInputError: the ends lie in two cubes.
        """
        if not edges:
            return
        cubes = known_cubes(self._connection, scope)
        rows = find_rows(
            self._connection, cubes, [end for edge in edges for end in (edge.source, edge.target)]
        )
        for edge in edges:
            if edge.source not in rows or edge.target not in rows:
                raise NotFoundError("an edge names a memory that is not in the scope")
            self._link(rows[edge.source], edge.kind, rows[edge.target])

    def remove(self, rows: Sequence[int]) -> None:
        """Delete nodes and all that hangs on them."""
        wanted = id_list(rows)
        derived: list[tuple[Any, ...]] = self._connection.execute(
            "select distinct source from edge where kind=?"
            " and target in (select value from json_each(?))",
            (EdgeKind.DERIVED_FROM.value, wanted),
        ).fetchall()
        for (source,) in derived:
            self._note(int(source), WHOLE)
        for row in rows:
            self._note(row, GONE)
        self._connection.execute(
            "delete from item where id in (select value from json_each(?))", (wanted,)
        )

    def remove_cube(self, cube: int) -> int:
        """Delete a cube and all its nodes; their number."""
        first, end = row_range(cube)
        self._connection.execute("delete from item where id >= ? and id < ?", (first, end))
        removed = self._connection.changes()
        self._connection.execute("delete from cube_log where cube=?", (cube,))
        self._connection.execute("delete from cube where id=?", (cube,))
        return removed

    def note_states(self, rows: Sequence[int]) -> None:
        """Log that nodes changed in nothing but their state."""
        for row in rows:
            self._note(row, STATE)

    def finish(self) -> None:
        """Write the log; the last thing to do in the transaction."""
        for cube, changes in self._log.items():
            if cube in self._reload or len(changes) > LOG_KEPT:
                forget_log(self._connection, cube)
            else:
                self._append(cube, changes)

    def _check_vectors(self, nodes: Sequence[PackedNode]) -> None:
        lengths = {len(node.vector) // 2 for node in nodes if node.vector is not None}
        if not lengths:
            return
        dim = store_dim(self._connection)
        if not dim:
            raise ConflictError("no embedder was adopted for the store's vectors")
        if lengths != {dim}:
            raise InvalidInputError("a vector has not the length of the store's")

    def _cube(self, cube: Cube) -> int:
        self._connection.execute(
            "insert or ignore into cube (uid, project) values (?,?)", (cube.uid, cube.project)
        )
        number = find_cube(self._connection, cube)
        assert number is not None  # noqa: S101 - inserted just above
        return number

    def _put(self, cube: int, node: PackedNode) -> None:
        found = self._connection.execute("select id from item where uid=?", (node.uid,)).get
        if found is None:
            if node.keep:
                return
            row = self._insert(cube, node)
            self._note(row, WHOLE)
        else:
            row = int(found)
            if cube_of(row) != cube:
                raise NotAllowedError("the id of a memory cannot be used")
            self._replace(row, node)
        if node.past is not None:
            write_past(self._connection, row, node.past)

    def _insert(self, cube: int, node: PackedNode) -> int:
        sequence: Any = self._connection.execute(
            "update cube set next = next + 1 where id=? returning next - 1", (cube,)
        ).get
        row = row_id(cube, sequence)
        self._connection.execute(_INSERT, (row, cube, *node.values))
        self._tag(row, node.tags)
        if node.why is not None:
            created: Any = node.values[_CREATED]
            record_first(self._connection, row, created, node.why)
        self._connection.execute(
            "insert into item_vector values (?,?,?)", (row, node.vector, node.tokens)
        )
        return row

    def _replace(self, row: int, node: PackedNode) -> None:
        before = self._scored(row)
        record_version(self._connection, row, node.values, node.why)
        if node.alone:
            self._stand_alone(row)
        if node.keep:
            self._connection.execute(_UPDATE_KEEPING, (*node.values[:-1], row))
        else:
            self._connection.execute(_UPDATE, (*node.values, row))
            self._connection.execute(
                "update item_vector set vector=?, tokens=? where id=?",
                (node.vector, node.tokens, row),
            )
        self._connection.execute("delete from item_tag where id=?", (row,))
        self._tag(row, node.tags)
        after = self._scored(row)
        if before[:-1] == after[:-1]:
            self._note(row, STATE)
        else:
            self._connection.execute("delete from shadow_vector where id=?", (row,))
            self._note(row, WHOLE)
        if before[-1] != after[-1]:
            self._reload.add(cube_of(row))  # a node became evidence or stopped being it

    def _stand_alone(self, row: int) -> None:
        self._connection.execute(
            "delete from edge where source=? and kind=?", (row, EdgeKind.DERIVED_FROM.value)
        )
        if self._connection.changes():
            self._note(row, WHOLE)

    def _scored(self, row: int) -> tuple[Any, ...]:
        found = self._connection.execute(
            f"select {','.join(_SCORED)}, vector, tokens, kind = ?"  # noqa: S608 - column names only
            " from item join item_vector using (id) where id=?",
            (MemoryKind.SEGMENT.value, row),
        ).fetchone()
        return tuple(found or ())

    def _tag(self, row: int, tags: Sequence[str]) -> None:
        if tags:
            self._connection.executemany(
                "insert or ignore into item_tag values (?,?,?)",
                [(cube_of(row), tag, row) for tag in tags],
            )

    def _link(self, source: int, kind: EdgeKind, target: int) -> None:
        if cube_of(source) != cube_of(target):
            raise InvalidInputError("an edge joins memories of one cube")
        self._connection.execute(
            "insert or ignore into edge values (?,?,?)", (source, kind.value, target)
        )
        if kind is EdgeKind.DERIVED_FROM and self._connection.changes():
            self._note(source, WHOLE)

    def _note(self, row: int, change: int) -> None:
        changes = self._log.setdefault(cube_of(row), {})
        changes[row] = min(change, changes.get(row, change))

    def _append(self, cube: int, changes: Mapping[int, int]) -> None:
        rev = self._connection.execute(
            "update cube set rev = rev + ? where id=? returning rev - ?",
            (len(changes), cube, len(changes)),
        ).get
        self._connection.executemany(
            "insert into cube_log values (?,?,?,?)",
            [(cube, rev + i, row, kind) for i, (row, kind) in enumerate(changes.items(), 1)],
        )
        self._trim(cube, rev + len(changes))

    def _trim(self, cube: int, rev: int) -> None:
        log_from = self._connection.execute("select log_from from cube where id=?", (cube,)).get
        if rev - log_from <= LOG_KEPT + LOG_KEPT // 4:
            return
        self._connection.execute(
            "delete from cube_log where cube=? and rev<=?", (cube, rev - LOG_KEPT)
        )
        self._connection.execute("update cube set log_from=? where id=?", (rev - LOG_KEPT, cube))


def forget_log(connection: apsw.Connection, cube: int) -> None:
    """Make every snapshot of the cube be read anew."""
    connection.execute("update cube set rev = rev + 1, log_from = rev + 1 where id=?", (cube,))
    connection.execute("delete from cube_log where cube=?", (cube,))
