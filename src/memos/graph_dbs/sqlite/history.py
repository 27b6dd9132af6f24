"""The record-time history of nodes: what they were before they were written anew, and their uses."""

from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from memos.graph_dbs.base import Census, Uses
from memos.graph_dbs.sqlite.change import find_rows, known_cubes
from memos.graph_dbs.sqlite.recorded import VERSION_COLUMNS, record_transition
from memos.graph_dbs.sqlite.rows import COLUMNS, SELECTED, cube_of, id_list, item_of, row_range
from memos.types.history import Change, Reason, Version
from memos.types.lifecycle import Transition
from memos.types.memory import MemoryKind, MemoryStatus
from memos.types.scope import Cube, Scope

_FIRST_USE = Change(Reason.ACTIVATED, "policy:use")
_PAST = ",".join(f"past.{column}" for column in COLUMNS)


def read_versions(
    connection: apsw.Connection, scope: Scope, ids: Sequence[str]
) -> dict[str, list[Version]]:
    """Every version of the nodes, oldest first."""
    cubes = known_cubes(connection, scope)
    rows = find_rows(connection, cubes, ids)
    wanted = id_list(rows.values())
    found: dict[str, list[Version]] = {uid: [] for uid in ids if uid in rows}
    past = connection.execute(
        "select past.id, past.recorded_from, past.recorded_until, past.reason, past.cause,"  # noqa: S608 - column names only
        f" {_PAST} from json_each(?) as wanted cross join item_version as past"
        " on past.id = wanted.value order by past.number",
        (wanted,),
    )
    for row in past:
        found[row[5]].append(_version(cubes, row))
    present = connection.execute(
        "select item.id, coalesce(change.recorded_from, item.created_at), null,"  # noqa: S608 - column names only
        " coalesce(change.reason, 'added'), coalesce(change.cause, ''),"
        f" {SELECTED} from json_each(?) as wanted cross join item on item.id = wanted.value"
        " left join item_change as change on change.id = item.id",
        (wanted,),
    )
    for row in present:
        found[row[5]].append(_version(cubes, row))
    return found


def count_nodes(connection: apsw.Connection, scope: Scope) -> Census:
    """How many nodes of each sort the scope holds."""
    memories = versions = segments = 0
    for cube in known_cubes(connection, scope):
        first, end = row_range(cube)
        row: Any = connection.execute(
            "select count(*), coalesce(sum(kind = ?), 0) from item where id >= ? and id < ?",
            (MemoryKind.SEGMENT.value, first, end),
        ).fetchone()
        total, evidence = row
        memories, segments = memories + total - evidence, segments + evidence
        former: Any = connection.execute(
            "select count(*) from item_version where cube = ?", (cube,)
        ).get
        versions += former
    return Census(memories, versions, segments)


def read_uses(connection: apsw.Connection, scope: Scope, ids: Sequence[str]) -> dict[str, Uses]:
    """How often the nodes were handed out."""
    rows = find_rows(connection, known_cubes(connection, scope), ids)
    found = connection.execute(
        "select item.uid, item_use.count, item_use.last from json_each(?) as wanted"
        " cross join item_use on item_use.id = wanted.value join item on item.id = item_use.id",
        (id_list(rows.values()),),
    )
    return {uid: Uses(count, last) for uid, count, last in found}


def write_uses(
    connection: apsw.Connection, scope: Scope, counts: Mapping[str, int], at: int
) -> list[str]:
    """Add to the counts; ids of nodes used for the first time."""
    rows = find_rows(connection, known_cubes(connection, scope), list(counts))
    known = {
        int(row)
        for (row,) in connection.execute(
            "select item_use.id from json_each(?) as wanted"
            " cross join item_use on item_use.id = wanted.value",
            (id_list(rows.values()),),
        )
    }
    first = {uid: row for uid, row in rows.items() if row not in known}
    for row in first.values():
        status = connection.execute("select status from item where id=?", (row,)).get
        if status == MemoryStatus.ACTIVATED.value:
            states = (MemoryStatus.GENERATED.value, MemoryStatus.ACTIVATED.value)
            record_transition(connection, row, at, states, why=_FIRST_USE)
    connection.executemany(
        "insert into item_use values (?,?,?) on conflict(id) do update"
        " set count = count + excluded.count, last = max(last, excluded.last)",
        [(row, counts[uid], at) for uid, row in rows.items()],
    )
    return [*first]


def read_trail(connection: apsw.Connection, scope: Scope, ids: Sequence[str]) -> list[Transition]:
    """Changes of the nodes' states, oldest first."""
    rows = find_rows(connection, known_cubes(connection, scope), ids)
    found = connection.execute(
        "select item.uid, trail.at, trail.old, trail.new, trail.reason, trail.cause"
        " from json_each(?) as wanted cross join trail on trail.id = wanted.value"
        " join item on item.id = trail.id order by trail.number",
        (id_list(rows.values()),),
    )
    return [Transition(*row) for row in found]


def _version(cubes: Mapping[int, Cube], row: Sequence[Any]) -> Version:
    number, since, until, reason, cause = row[: len(VERSION_COLUMNS)]
    return Version(
        item=item_of(cubes[cube_of(number)], row[len(VERSION_COLUMNS) :]),
        recorded_from=since,
        recorded_until=until,
        change=Change(Reason(reason), cause),
    )
