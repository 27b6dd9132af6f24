"""Gives many nodes another state at once: a handful of statements, whatever their number."""

from collections.abc import Mapping

import apsw

from memos.graph_dbs.base import Move
from memos.graph_dbs.sqlite.change import Change, known_cubes
from memos.graph_dbs.sqlite.recorded import VERSION_COLUMNS
from memos.graph_dbs.sqlite.rows import COLUMNS, cube_of, id_list
from memos.types.memory import MemoryKind, MemoryStatus
from memos.types.scope import Scope

_WANTED = (
    " from json_each(:rows) as wanted cross join item on item.id = wanted.value"
    " left join item_change as change on change.id = item.id"
)
_SINCE = "coalesce(change.recorded_from, item.created_at)"
_COLUMNS = ",".join(f"item.{column}" for column in COLUMNS)
_KEEP_VERSIONS = (
    f"insert into item_version ({','.join(VERSION_COLUMNS)}, cube, {','.join(COLUMNS)})"
    f" select item.id, {_SINCE}, max(:at, {_SINCE}), coalesce(change.reason, 'added'),"
    f" coalesce(change.cause, ''), item.cube, {_COLUMNS}{_WANTED}"
)
_NOTE_TRAIL = (
    "insert into trail (id, at, old, new, reason, cause)"
    f" select item.id, max(:at, {_SINCE}), item.status, :status, :reason, :cause{_WANTED}"
)
_NOTE_CHANGES = (
    "insert into item_change (id, recorded_from, reason, cause)"
    f" select item.id, max(:at, {_SINCE}), :reason, :cause{_WANTED} where true"
    " on conflict(id) do update set recorded_from=excluded.recorded_from,"
    " reason=excluded.reason, cause=excluded.cause"
)


def move_nodes(
    connection: apsw.Connection,
    scope: Scope,
    ends: Mapping[str, int | None],
    move: Move,
) -> int:
    """Move those nodes that are in the expected state; their number. See `GraphWriter.move`."""
    rows = _movable(connection, scope, list(ends), move.expected)
    values = {
        "rows": id_list(list(rows)),
        "at": move.at,
        "status": move.status.value,
        "reason": move.change.reason.value,
        "cause": move.change.by,
    }
    for statement in (_KEEP_VERSIONS, _NOTE_TRAIL, _NOTE_CHANGES):  # each reads what the last does
        connection.execute(statement, values)
    connection.executemany(
        "update item set status=?, updated_at=?, event_until=coalesce(?, event_until) where id=?",
        [(move.status.value, move.at, ends[uid], row) for row, uid in rows.items()],
    )
    changes = Change(connection)
    changes.note_states(list(rows))
    changes.finish()
    return len(rows)


def _movable(
    connection: apsw.Connection, scope: Scope, ids: list[str], expected: MemoryStatus
) -> dict[int, str]:
    cubes = known_cubes(connection, scope)
    found = connection.execute(
        "select item.id, item.uid from json_each(?) as wanted"
        " cross join item on item.uid = wanted.value where item.status = ? and item.kind <> ?",
        (id_list(ids), expected.value, MemoryKind.SEGMENT.value),
    )
    return {int(row): str(uid) for row, uid in found if cube_of(int(row)) in cubes}
