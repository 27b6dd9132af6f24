"""A cube as JSON-ready records: a header, its nodes with their past, its edges.

Token hashes and vectors travel as base64 of their stored bytes, so that a segment, which has no
text, arrives whole.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import apsw

from memos.errors import ConflictError, InvalidInputError
from memos.graph_dbs.sqlite.change import PackedNode, find_cube, pack_item
from memos.graph_dbs.sqlite.connection import Readers, read_meta
from memos.graph_dbs.sqlite.embedding import adopt
from memos.graph_dbs.sqlite.past import past_of, read_pasts
from memos.graph_dbs.sqlite.rows import (
    COLUMNS,
    SELECTED,
    item_from_record,
    item_of,
    item_record,
    row_id,
    row_range,
)
from memos.graph_dbs.tokenize import VERSION as TOKENIZER
from memos.types.memory import Edge, EdgeKind
from memos.types.scope import Cube

FORMAT = 2
_READABLE = frozenset({1, 2})
"""Format 1 had no past."""
_PAGE = 500
_PageReader = Callable[[apsw.Connection, int, int], list[tuple[Any, ...]]]


def export_records(readers: Readers, cube: Cube) -> Iterator[Mapping[str, Any]]:
    """The records of a cube.

    Read in pages, each in a transaction of its own, so that a slow consumer holds nothing up.
    Nodes put after the start are left out, and so are edges to them.
    """
    with readers.transaction() as connection:
        number = find_cube(connection, cube)
        header = _header(connection, cube)
        next_sequence = connection.execute("select next from cube where id=?", (number,)).get
    yield header
    if number is None:
        return
    end = row_id(number, int(next_sequence))
    first = row_range(number)[0]
    for page in _pages(readers, lambda c, a, z: _node_page(c, cube, a, z), first, end):
        yield from (_node_record(cube, row) for row in page)
    for page in _pages(readers, _edge_page, row_range(number)[0], end):
        yield from ({"record": "edge", "source": s, "kind": k, "target": t} for _, s, k, t in page)


def check_header(connection: apsw.Connection, record: Mapping[str, Any]) -> None:
    """See that the records fit the store; an empty store takes over their embedder.

    Raises:
        InvalidInputError: not the header of an export.
        ConflictError: made with another embedder or tokenizer.
    """
    if record.get("record") != "header" or record.get("format") not in _READABLE:
        raise InvalidInputError("the file does not start like an exported cube")
    if record.get("tokenizer") != TOKENIZER:
        raise ConflictError("the cube was indexed with another tokenizer")
    if record.get("embedder") is not None:
        adopt_or_match(connection, str(record["embedder"]), int(record["dim"]))


def adopt_or_match(connection: apsw.Connection, name: str, dim: int) -> None:
    """Take over an embedder when the store has none; else it must be the same."""
    current = read_meta(connection, "embedder_name")
    if current is None:
        adopt(connection, name, dim)
    elif current != name or read_meta(connection, "embedder_dim") != str(dim):
        raise ConflictError("the cube's vectors were made by another embedder than the store's")


def read_node(cube: Cube, record: Mapping[str, Any]) -> PackedNode:
    """The node of a record, put into a cube.

    Raises:
        InvalidInputError: not an exported node.
    """
    try:
        item = item_from_record(cube, dict(record["item"]))
        vector, tokens = _bytes(record["vector"]), _bytes(record["tokens"])
        words = record["words"]
        past = past_of(cube, record["past"]) if "past" in record else None
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise InvalidInputError("a record is not an exported memory") from error
    return replace(pack_item(item, words, vector, tokens or b""), past=past)


def read_edge(record: Mapping[str, Any]) -> Edge:
    """The edge of a record.

    Raises:
        InvalidInputError: not an exported edge.
    """
    try:
        return Edge(str(record["source"]), EdgeKind(record["kind"]), str(record["target"]))
    except (KeyError, ValueError) as error:
        raise InvalidInputError("a record is not an exported edge") from error


def _header(connection: apsw.Connection, cube: Cube) -> Mapping[str, Any]:
    return {
        "record": "header",
        "format": FORMAT,
        "cube": cube.uid,
        "tokenizer": TOKENIZER,
        "embedder": read_meta(connection, "embedder_name"),
        "dim": int(read_meta(connection, "embedder_dim") or 0),
    }


def _pages(
    readers: Readers, read: _PageReader, first: int, end: int
) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        with readers.transaction() as connection:
            page = read(connection, first, end)
        if not page:
            return
        yield page
        first = page[-1][0] + 1


def _node_page(
    connection: apsw.Connection, cube: Cube, first: int, end: int
) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(
        f"select item.id, {SELECTED}, item.words, item_vector.vector, item_vector.tokens"  # noqa: S608 - column names only
        " from item join item_vector on item_vector.id = item.id"
        " where item.id >= ? and item.id < ? order by item.id limit ?",
        (first, end, _PAGE),
    ).fetchall()
    pasts = read_pasts(connection, cube, [row[0] for row in rows])
    return [(*row, pasts.get(row[0], {})) for row in rows]


def _edge_page(connection: apsw.Connection, first: int, end: int) -> list[tuple[Any, ...]]:
    # All edges of a page of sources, so that a page never ends within one source.
    return connection.execute(
        "with page(id) as (select distinct source from edge"
        " where source >= :first and source < :end order by source limit :page)"
        " select edge.source, one.uid, edge.kind, other.uid from page"
        " join edge on edge.source = page.id join item as one on one.id = edge.source"
        " join item as other on other.id = edge.target where edge.target < :end"
        " order by edge.source, edge.kind, edge.target",
        {"first": first, "end": end, "page": _PAGE},
    ).fetchall()


def _node_record(cube: Cube, row: tuple[Any, ...]) -> Mapping[str, Any]:
    columns, (words, vector, tokens, past) = row[1 : 1 + len(COLUMNS)], row[1 + len(COLUMNS) :]
    return {
        "record": "node",
        "item": item_record(item_of(cube, columns)),
        "words": words,
        "vector": _text(vector),
        "tokens": _text(tokens),
        "past": past,
    }


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
