"""The past of nodes as JSON-ready records: former versions, changes of state, uses."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from memos.errors import InvalidInputError
from memos.graph_dbs.sqlite.recorded import VERSION_COLUMNS
from memos.graph_dbs.sqlite.rows import (
    COLUMNS,
    Values,
    cube_of,
    id_list,
    item_from_record,
    item_of,
    item_record,
    item_values,
)
from memos.types.history import Reason
from memos.types.lifecycle import Transition
from memos.types.scope import Cube

_CHANGE = ("recorded_from", "reason", "cause")
_SPAN = ("recorded_from", "recorded_until", "reason", "cause")
_STEP = ("at", "old", "new", "reason", "cause")
_USES = ("count", "last")
_WANTED = "(select value from json_each(?))"
_INSERT_VERSION = (
    f"insert into item_version ({','.join(VERSION_COLUMNS)}, cube, {','.join(COLUMNS)})"  # noqa: S608 - column names only
    f" values ({','.join('?' * (len(VERSION_COLUMNS) + 1 + len(COLUMNS)))})"
)


@dataclass(frozen=True, slots=True)
class Past:
    """Rows of the history of one node, without the node's row id.

    Args:
        versions: former versions, oldest first: `_SPAN`, then the values of `COLUMNS`.
        change: how the present version came (`_CHANGE`); None for the first one.
        trail: changes of state, oldest first (`_STEP`).
        uses: how often it was handed out (`_USES`).
    """

    versions: tuple[tuple[tuple[Any, ...], Values], ...] = ()
    change: tuple[Any, ...] | None = None
    trail: tuple[tuple[Any, ...], ...] = ()
    uses: tuple[Any, ...] | None = None


def read_pasts(
    connection: apsw.Connection, cube: Cube, rows: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """Records of the past of these rows; rows without one are left out."""
    wanted = id_list(rows)
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for row, *values in connection.execute(
        f"select id, {','.join(_SPAN)}, {','.join(COLUMNS)} from item_version"  # noqa: S608 - column names only
        f" where id in {_WANTED} order by number",
        (wanted,),
    ):
        span, columns = values[: len(_SPAN)], values[len(_SPAN) :]
        record = {
            **dict(zip(_SPAN, span, strict=True)),
            "item": item_record(item_of(cube, columns)),
        }
        found[row].setdefault("versions", []).append(record)
    for table, names in (("item_change", _CHANGE), ("item_use", _USES)):
        for row, *values in connection.execute(
            f"select id, {','.join(names)} from {table} where id in {_WANTED}",  # noqa: S608 - names only
            (wanted,),
        ):
            found[row]["change" if table == "item_change" else "uses"] = dict(
                zip(names, values, strict=True)
            )
    for row, *values in connection.execute(
        f"select id, {','.join(_STEP)} from trail where id in {_WANTED} order by number",  # noqa: S608 - names only
        (wanted,),
    ):
        found[row].setdefault("trail", []).append(dict(zip(_STEP, values, strict=True)))
    return found


def past_of(cube: Cube, record: Mapping[str, Any]) -> Past:
    """Read a record back, for a node that goes into a cube.

    Raises:
        InvalidInputError: not an exported past.
    """
    try:
        versions = [
            (_row(v, _SPAN), item_values(item_from_record(cube, dict(v["item"]))))
            for v in record.get("versions", ())
        ]
        trail = [_row(step, _STEP) for step in record.get("trail", ())]
        change = _row(record["change"], _CHANGE) if record.get("change") else None
        uses = _row(record["uses"], _USES) if record.get("uses") else None
        for reason in [*(v[0][2] for v in versions), *([change[1]] if change else [])]:
            Reason(reason)
        for at, *texts in trail:
            Transition("", int(at), *map(str, texts))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError("a record is not the past of a memory") from error
    return Past(tuple(versions), change, tuple(trail), uses)


def write_past(connection: apsw.Connection, row: int, past: Past) -> None:
    """Give a node this past, in place of what it has."""
    for table in ("item_version", "item_change", "item_use", "trail"):
        connection.execute(f"delete from {table} where id=?", (row,))  # noqa: S608 - names only
    connection.executemany(
        _INSERT_VERSION, [(row, *span, cube_of(row), *values) for span, values in past.versions]
    )
    connection.executemany(
        "insert into trail (id, at, old, new, reason, cause) values (?,?,?,?,?,?)",
        [(row, *step) for step in past.trail],
    )
    if past.change is not None:
        connection.execute("insert into item_change values (?,?,?,?)", (row, *past.change))
    if past.uses is not None:
        connection.execute("insert into item_use values (?,?,?)", (row, *past.uses))


def _row(record: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    values = tuple(record[name] for name in names)
    for name, value in zip(names, values, strict=True):
        fits = isinstance(value, str if name in {"reason", "cause", "old", "new"} else int)
        if not fits or isinstance(value, bool):
            raise ValueError(name)
    return values
