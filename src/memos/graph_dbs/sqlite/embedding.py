"""Which embedder made the vectors in use, and changing to another without stopping."""

from collections.abc import Mapping
from typing import Any

import apsw

from memos.errors import ConflictError, InvalidInputError
from memos.graph_dbs.base import Vector
from memos.graph_dbs.sqlite.change import forget_log
from memos.graph_dbs.sqlite.connection import read_meta, write_meta
from memos.graph_dbs.sqlite.rows import pack_vector
from memos.types.scope import Cube

_NAME = "embedder_name"
_DIM = "embedder_dim"


def current_name(connection: apsw.Connection) -> str | None:
    """Name of the embedder in use."""
    return read_meta(connection, _NAME)


def adopt(connection: apsw.Connection, name: str, dim: int) -> None:
    """Record the embedder of a store without vectors."""
    if read_meta(connection, _NAME) == name and read_meta(connection, _DIM) == str(dim):
        return
    if connection.execute("select 1 from item_vector where vector is not null limit 1").get:
        raise ConflictError("the store holds vectors of another embedder")
    _record(connection, name, dim)


def stale(connection: apsw.Connection, name: str, limit: int) -> list[tuple[Cube, str, str]]:
    """Nodes with words, text or a vector that lack a shadow vector of an embedder.

    Of the embedder in use: those that have no vector at all.
    """
    in_use = read_meta(connection, _NAME) == name
    found = connection.execute(
        "select cube.uid, item.uid, coalesce(item.words, item.value)"
        " from item join cube on cube.id = item.cube join item_vector on item_vector.id = item.id"
        " left join shadow_vector as shadow on shadow.id = item.id and shadow.embedder = ?"
        " where shadow.id is null"
        " and (item_vector.vector is null or not ?)"
        " and (item_vector.vector is not null or length(item_vector.tokens) > 0"
        "  or item.value <> '')"
        " order by item.id limit ?",
        (name, in_use, limit),
    )
    return [(Cube.parse(cube), str(uid), str(words)) for cube, uid, words in found]


def put_shadows(connection: apsw.Connection, name: str, vectors: Mapping[str, Vector]) -> None:
    """Store vectors beside the ones in use; nodes that are gone are passed over."""
    if len({vector.shape for vector in vectors.values()}) > 1:
        raise InvalidInputError("vectors of one embedder have one length")
    connection.executemany(
        "insert into shadow_vector select id, ?, ? from item where uid = ?"
        " on conflict(id) do update set embedder=excluded.embedder, vector=excluded.vector",
        [(name, pack_vector(vector), uid) for uid, vector in vectors.items()],
    )


def switch(connection: apsw.Connection, name: str, dim: int) -> None:
    """Make the shadow vectors of an embedder the ones in use.

    Nodes without one are left without a vector; when the embedder is in use already they keep
    what they have, so that stragglers can be brought in by a second call.
    """
    in_use = read_meta(connection, _NAME) == name
    wrong = connection.execute(
        "select 1 from shadow_vector where embedder = ? and length(vector) <> ? limit 1",
        (name, 2 * dim),
    ).get
    if wrong:
        raise InvalidInputError("the new vectors have another length")
    connection.execute(
        "update item_vector set vector ="
        " (select vector from shadow_vector as shadow"
        "  where shadow.id = item_vector.id and shadow.embedder = ?)"
        " where not ? or exists (select 1 from shadow_vector as shadow"
        "  where shadow.id = item_vector.id and shadow.embedder = ?)",
        (name, in_use, name),
    )
    connection.execute("delete from shadow_vector")
    _record(connection, name, dim)


def _record(connection: apsw.Connection, name: str, dim: int) -> None:
    write_meta(connection, _NAME, name)
    write_meta(connection, _DIM, str(dim))
    cubes: list[tuple[Any, ...]] = connection.execute("select id from cube").fetchall()
    for (cube,) in cubes:
        forget_log(connection, int(cube))
