"""Reading nodes and edges by id, by filter and by cube."""

import json
from collections.abc import Collection, Sequence

import apsw

from memos.graph_dbs.base import Page
from memos.graph_dbs.sqlite.change import find_rows, known_cubes
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.graph_dbs.sqlite.filter import compile_filter, needed_tags
from memos.graph_dbs.sqlite.items import read_items
from memos.graph_dbs.sqlite.rows import SELECTED, cube_of, id_list, item_of
from memos.types.filters import Group
from memos.types.memory import Edge, EdgeKind, MemoryItem, MemoryKind
from memos.types.scope import Cube, Scope


def get_items(connection: apsw.Connection, scope: Scope, ids: Sequence[str]) -> list[MemoryItem]:
    """Nodes with these ids, in the order asked."""
    cubes = known_cubes(connection, scope)
    rows = find_rows(connection, cubes, ids)
    items = read_items(connection, set(rows.values()), cubes)
    return [items[rows[uid]] for uid in ids if uid in rows]


def find_items(
    connection: apsw.Connection,
    scope: Scope,
    kinds: frozenset[MemoryKind],
    where: Group | None,
    *,
    window: tuple[int, int],
) -> Page:
    """A page of the nodes that pass a filter; `window` is (limit, offset)."""
    cubes = known_cubes(connection, scope)
    sql, values = compile_filter(where)
    start, tags = _from_tags(cubes, where)
    condition = (
        f"{start}item.cube in ({_marks(cubes)}) and {'+' if start else ''}item.kind in"
        f" ({_marks(kinds)}) and {sql}"
    )
    bound = [*tags, *cubes, *sorted(kind.value for kind in kinds), *values]
    total = connection.execute(f"select count(*) from item where {condition}", bound).get  # noqa: S608 - compiled conditions hold no values
    found = connection.execute(
        f"select item.id, {SELECTED} from item where {condition}"  # noqa: S608 - compiled conditions hold no values
        " order by item.updated_at desc, item.uid limit ? offset ?",
        [*bound, max(window[0], 0), max(window[1], 0)],
    )
    return Page(tuple(item_of(cubes[cube_of(row[0])], row[1:]) for row in found), int(total))


def _from_tags(cubes: Collection[int], where: Group | None) -> tuple[str, list[SqlValue]]:
    """A condition that starts from the tagged nodes, where only such can pass; empty otherwise.

    The marks of plus that follow keep the engine from walking a whole cube instead.
    """
    tags = needed_tags(where)
    if tags is None:
        return "", []
    tagged = f"select id from item_tag where cube in ({_marks(cubes)}) and tag in ({_marks(tags)})"  # noqa: S608 - marks only
    return f"item.id in ({tagged}) and +", [*cubes, *sorted(tags)]


def _marks(values: Collection[object]) -> str:
    return ",".join("?" * len(values))


def find_edges(connection: apsw.Connection, scope: Scope, ids: Sequence[str]) -> list[Edge]:
    """Edges that start or end at one of the nodes, in id order."""
    rows = find_rows(connection, known_cubes(connection, scope), ids)
    found = connection.execute(
        "with wanted(id) as (select value from json_each(?)),"
        " touching as (select edge.* from wanted cross join edge on edge.source = wanted.id"
        " union select edge.* from wanted cross join edge on edge.target = wanted.id)"
        " select one.uid, touching.kind, other.uid from touching"
        " join item as one on one.id = touching.source"
        " join item as other on other.id = touching.target order by 1, 2, 3",
        (id_list(rows.values()),),
    )
    return [Edge(source, EdgeKind(kind), target) for source, kind, target in found]


def project_cubes(connection: apsw.Connection, project: str) -> list[Cube]:
    """Cubes of a project."""
    found = connection.execute("select uid from cube where project=? order by uid", (project,))
    return [Cube.parse(uid) for (uid,) in found]


def locate_items(connection: apsw.Connection, project: str, ids: Sequence[str]) -> dict[str, Cube]:
    """The cube of each node of the project."""
    found = connection.execute(
        "select item.uid, cube.uid from json_each(?) as wanted"
        " join item on item.uid = wanted.value join cube on cube.id = item.cube"
        " where cube.project = ?",
        (json.dumps(list(ids)), project),
    )
    return {uid: Cube.parse(cube) for uid, cube in found}
