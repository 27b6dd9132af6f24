"""Snapshots from the file: whole, or brought up to date from the log of changes."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from memos.graph_dbs.sqlite.connection import read_meta
from memos.graph_dbs.sqlite.postings import Entries
from memos.graph_dbs.sqlite.rows import id_list, row_range, unpack_tokens, unpack_vectors
from memos.graph_dbs.sqlite.snapshot import (
    STATE_CODE,
    Addition,
    Halves,
    Names,
    Nodes,
    Snapshot,
    extended,
    fresh,
    restated,
    without,
)
from memos.types.memory import EdgeKind, MemoryKind

_STATE = {(kind.value, status.value): code for (kind, status), code in STATE_CODE.items()}
_SEGMENT = MemoryKind.SEGMENT.value
_NODE_COLUMNS = (
    "select item.id, item.uid, item.kind, item.status, item.conversation_id,"
    " coalesce(item.event_from, item.created_at), item.ordinal, item.speaker, item.is_question,"
    " item_vector.tokens, item_vector.vector"
)
_EVIDENCE = (
    "select edge.source, edge.target from edge"
    " join item as segment on segment.id = edge.target"
    " join item as node on node.id = edge.source"
    " where edge.kind = :kind and segment.kind = :segment and node.kind <> :segment"
)
_EVIDENCE_NAMES = {"kind": EdgeKind.DERIVED_FROM.value, "segment": _SEGMENT}
_BLOCK = 1000
_ROOM, _ROOM_SHARE = 64, 8
"""Nodes that can be added before vectors must be moved: some, and a share of what is there."""
GONE, WHOLE, STATE = 0, 1, 2
"""Changes in `cube_log`."""


def store_dim(connection: apsw.Connection) -> int:
    """Length of the vectors in use; 0 in a store without any."""
    return int(read_meta(connection, "embedder_dim") or 0)


def up_to_date(connection: apsw.Connection, cube: int, old: Snapshot | None) -> Snapshot | None:
    """The cube as the connection's transaction sees it, made from `old` when that is cheaper.

    Returns None when `old` is newer than the transaction.
    """
    state = connection.execute("select rev, log_from from cube where id=?", (cube,)).fetchone()
    rev, log_from = (0, 0) if state is None else (int(state[0]), int(state[1]))
    if old is None or old.rev < log_from:
        return _whole(connection, cube, rev)
    if old.rev > rev:
        return None
    return old if old.rev == rev else _replayed(connection, old, rev)


def _whole(connection: apsw.Connection, cube: int, rev: int) -> Snapshot:
    first, end = row_range(cube)
    dim, known = store_dim(connection), _next(connection, cube)
    found = connection.execute(
        f"{_NODE_COLUMNS} from item left join item_vector on item_vector.id = item.id"
        " where item.id >= ? and item.id < ? order by item.id",
        (first, end),
    )
    rows, vectors = _read(found, np.empty((known + _ROOM + known // _ROOM_SHARE, dim), np.float16))
    evidence = connection.execute(
        f"{_EVIDENCE} and edge.source >= :first and edge.source < :end",
        {**_EVIDENCE_NAMES, "first": first, "end": end},
    ).fetchall()
    return fresh(cube, rev, _addition(rows, evidence, Names(), vectors))


def _next(connection: apsw.Connection, cube: int) -> int:
    """At least the number of nodes the cube has."""
    found = connection.execute("select next from cube where id=?", (cube,)).get
    return 0 if found is None else int(found)


def _read(found: Iterator[tuple[Any, ...]], vectors: Halves) -> tuple[list[Any], Halves]:
    """Take rows in; the vector, their last column, goes to `vectors` and leaves a bool behind.

    In blocks, so that the bytes of few vectors lie about at a time.
    """
    rows: list[Any] = []
    while block := list(itertools.islice(found, _BLOCK)):
        blobs = [row[-1] or b"" for row in block]
        vectors[len(rows) : len(rows) + len(block)] = unpack_vectors(blobs, vectors.shape[1])
        rows += [(*row[:-1], row[-1] is not None) for row in block]
    return rows, vectors


def _replayed(connection: apsw.Connection, old: Snapshot, rev: int) -> Snapshot:
    changes: list[tuple[Any, ...]] = connection.execute(
        "select id, min(change) from cube_log where cube=? and rev>? group by id",
        (old.cube, old.rev),
    ).fetchall()
    restate = [int(row) for row, change in changes if change == STATE]
    reread = [int(row) for row, change in changes if change != STATE]
    snapshot = old
    gone = np.isin(old.nodes.row_ids, np.array(reread, np.int64))
    if gone.any():
        snapshot = without(snapshot, gone)
    if reread:
        snapshot = _with_rows(connection, snapshot, id_list(reread))
    if restate:
        snapshot = restated(snapshot, _states(connection, id_list(restate)))
    return replace(snapshot, rev=rev, items=old.items.without([*reread, *restate]))


def _with_rows(connection: apsw.Connection, old: Snapshot, wanted: str) -> Snapshot:
    found = connection.execute(
        f"{_NODE_COLUMNS} from json_each(?) as wanted cross join item on item.id = wanted.value"
        " left join item_vector on item_vector.id = item.id order by item.id",
        (wanted,),
    ).fetchall()
    rows, vectors = _read(iter(found), np.empty((len(found), old.dim), np.float16))
    if not rows:
        return old
    evidence = connection.execute(
        f"{_EVIDENCE} and (edge.source in (select value from json_each(:wanted))"  # noqa: S608 - fixed words
        " or edge.target in (select value from json_each(:wanted)))",
        {**_EVIDENCE_NAMES, "wanted": wanted},
    ).fetchall()
    return extended(old, _addition(rows, evidence, old.names, vectors))


def _states(connection: apsw.Connection, wanted: str) -> dict[int, int]:
    rows = connection.execute(
        "select item.id, item.kind, item.status from json_each(?) as wanted"
        " cross join item on item.id = wanted.value",
        (wanted,),
    )
    return {int(row): _STATE[kind, status] for row, kind, status in rows}


def _addition(
    rows: Sequence[Sequence[Any]], evidence: list[tuple[Any, ...]], names: Names, vectors: Halves
) -> Addition:
    columns = list(zip(*rows, strict=True)) or [()] * 11
    ids, uids, kinds, statuses, talks, when, ordinals, spoken, questions, tokens, held = columns
    speakers = {name: code for code, name in enumerate(names.speakers)}
    conversations = {name: code for code, name in enumerate(names.conversations)}
    row_ids = np.array(ids, np.int64)
    derived = np.isin(row_ids, np.array([source for source, _ in evidence], np.int64))
    # A node with evidence is no row: its own words count nothing.
    sizes, hashes, counts = unpack_tokens(
        [b"" if skip else packed or b"" for packed, skip in zip(tokens, derived, strict=True)]
    )
    has_vector = np.array(held, np.bool_)
    is_row = ~derived & (has_vector | (sizes > 0))
    slots = np.cumsum(is_row, dtype=np.int32)
    nodes = Nodes(
        row_ids=row_ids,
        id_prefix=_prefixes(uids),
        state=np.array([_STATE[s] for s in zip(kinds, statuses, strict=True)], np.uint8),
        is_row=is_row,
        conversation=np.array(
            [
                -1 if talk is None else conversations.setdefault(talk, len(conversations))
                for talk in talks
            ],
            np.int32,
        ),
        when=np.array(when, np.int64),
        ordinal=np.array(ordinals, np.int64),
        speaker=np.array([speakers.setdefault(name, len(speakers)) for name in spoken], np.int32),
        question=np.array(questions, np.bool_),
        has_vector=has_vector,
        length=np.bincount(np.repeat(np.arange(len(rows)), sizes), counts, len(rows)).astype(
            np.float32
        ),
    )
    return Addition(
        nodes=nodes,
        names=Names(tuple(speakers), tuple(conversations)),
        vectors=vectors,
        entries=Entries(hashes, np.repeat(slots, sizes), counts),
        evidence=[(int(a), int(b)) for a, b in evidence],
    )


def _prefixes(ids: Sequence[str]) -> npt.NDArray[np.uint64]:
    packed = b"".join(text.encode("utf-8")[:8].ljust(8, b"\0") for text in ids)
    return np.frombuffer(packed, ">u8").astype(np.uint64)
