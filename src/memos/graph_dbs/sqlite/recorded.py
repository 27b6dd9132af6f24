"""Keeps what a node was when it is written anew, inside the transaction that writes it."""

from collections.abc import Sequence
from typing import Any

import apsw

from memos.graph_dbs.sqlite.rows import COLUMNS, Values, cube_of
from memos.types.history import ADDED, Change, Reason
from memos.types.memory import MemoryKind

VERSION_COLUMNS = ("id", "recorded_from", "recorded_until", "reason", "cause")
_TRACKED = tuple(
    COLUMNS.index(name)
    for name in (
        "kind", "status", "key", "value", "background", "reasoning", "speaker", "confidence",
        "event_from", "event_until",
    )
)  # fmt: skip
"""What makes a new version when it changes."""
_KIND, _STATUS, _CREATED, _UPDATED = map(
    COLUMNS.index, ("kind", "status", "created_at", "updated_at")
)
_SELECT = f"select {','.join(COLUMNS)} from item where id=?"  # noqa: S608 - column names only
_INSERT = (
    f"insert into item_version ({','.join(VERSION_COLUMNS)}, cube, {','.join(COLUMNS)})"  # noqa: S608 - column names only
    f" values ({','.join('?' * (len(VERSION_COLUMNS) + 1 + len(COLUMNS)))})"
)
_NOTE = (
    "insert into item_change values (?,?,?,?) on conflict(id) do update"
    " set recorded_from=excluded.recorded_from, reason=excluded.reason, cause=excluded.cause"
)


def record_first(connection: apsw.Connection, row: int, created_at: int, change: Change) -> None:
    """Note why a node was put, when that says more than that it is new."""
    if change != ADDED:
        connection.execute(_NOTE, (row, created_at, change.reason.value, change.by))


def record_version(
    connection: apsw.Connection, row: int, values: Values, change: Change | None
) -> None:
    """Keep the stored version of a node that is about to be replaced by other values.

    Args:
        connection: inside the transaction, before the node is written.
        row: the node's row id.
        values: new values of `COLUMNS` (more may follow).
        change: why. When a part of the node is erased, its history goes with it.
    """
    if change is not None and change.reason is Reason.ERASED:
        connection.execute("delete from item_version where id=?", (row,))
        connection.execute(_NOTE, (row, values[_UPDATED], change.reason.value, change.by))
        return
    old: tuple[Any, ...] = connection.execute(_SELECT, (row,)).fetchall()[0]
    if MemoryKind.SEGMENT.value in {old[_KIND], values[_KIND]} or _same(old, values):
        return
    since, reason, cause = connection.execute(
        "select recorded_from, reason, cause from item_change where id=?", (row,)
    ).fetchone() or (old[_CREATED], Reason.ADDED.value, "")
    updated: Any = values[_UPDATED]
    at = max(int(updated), int(since))
    connection.execute(_INSERT, (row, since, at, reason, cause, cube_of(row), *old))
    why = change or Change(Reason.CHANGED)
    connection.execute(_NOTE, (row, at, why.reason.value, why.by))
    if old[_STATUS] != values[_STATUS]:
        states: Any = (old[_STATUS], values[_STATUS])
        record_transition(connection, row, at, states, why=why)


def record_transition(
    connection: apsw.Connection, row: int, at: int, states: tuple[str, str], *, why: Change
) -> None:
    """Note a change of state; `states` are the one before and the one after."""
    connection.execute(
        "insert into trail (id, at, old, new, reason, cause) values (?,?,?,?,?,?)",
        (row, at, *states, why.reason.value, why.by),
    )


def _same(old: Sequence[Any], new: Sequence[Any]) -> bool:
    return all(old[index] == new[index] for index in _TRACKED)
