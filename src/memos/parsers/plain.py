"""Text formats: plain text, Markdown, JSON, XML, CSV."""

import csv
import io
import json
import re
from collections.abc import Iterator
from xml.parsers import expat

from markdown_it import MarkdownIt
from markdown_it.token import Token

from memos.errors import DocumentError
from memos.parsers import block
from memos.parsers.decode import decode
from memos.types.document import Block, BlockKind, Document

_BLANK_LINE = re.compile(r"\n[ \t]*\n+")
_LIST_LINE = re.compile(r"\s*([-*+•·‣]|\d{1,3}[.)、]|[(（]\d{1,2}[)）])\s+\S")
_FRONT_MATTER = re.compile(r"---\n(.*?\n)(?:---|\.\.\.)\n", re.DOTALL)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_MAX_DEPTH = 100
_CSV_SAMPLE = 4096


def read_text(data: bytes) -> Document:
    """Plain text: paragraphs are what blank lines part; runs of list lines are lists."""
    text = decode(data)
    return block.document(_text_blocks(part) for part in _BLANK_LINE.split(text))


def _text_blocks(part: str) -> Block:
    lines = [line for line in part.splitlines() if line.strip()]
    is_list = len(lines) > 1 and all(_LIST_LINE.match(line) for line in lines)
    kind = BlockKind.LIST if is_list else BlockKind.PARAGRAPH
    return Block(kind, "\n".join(line.rstrip() for line in lines).strip())


def read_markdown(data: bytes) -> Document:
    """Markdown: blocks as written, so that code, tables and lists stay as they are."""
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    start = text[: front.end()].count("\n") if front else 0
    lines = text.split("\n")
    tokens = (
        MarkdownIt("commonmark", {"html": False}).enable("table").parse("\n".join(lines[start:]))
    )
    blocks: list[Block | None] = [block.paragraph(front.group(1))] if front else []
    for index, token in enumerate(tokens):
        if token.level == 0 and token.map is not None and token.nesting >= 0:
            source = "\n".join(lines[start + token.map[0] : start + token.map[1]]).strip("\n")
            blocks.append(_markdown_block(token, tokens[index + 1 : index + 2], source))
    return block.document(blocks)


def _markdown_block(token: Token, following: list[Token], source: str) -> Block | None:
    if token.type == "heading_open":
        return block.heading(following[0].content, int(token.tag[1:]))
    kinds = {
        "table_open": BlockKind.TABLE,
        "bullet_list_open": BlockKind.LIST,
        "ordered_list_open": BlockKind.LIST,
        "fence": BlockKind.CODE,
        "code_block": BlockKind.CODE,
    }
    return Block(kinds.get(token.type, BlockKind.PARAGRAPH), source)


def read_csv(data: bytes, *, tabs: bool = False) -> Document:
    """One table, its first row as header."""
    text = decode(data)
    dialect = _dialect(text[:_CSV_SAMPLE], tabs=tabs)
    try:
        rows = list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise DocumentError("the file is not well-formed CSV") from error
    return block.document([block.table(rows)])


def _dialect(sample: str, *, tabs: bool) -> type[csv.Dialect]:
    if tabs:
        return csv.excel_tab
    try:
        return csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        return csv.excel


def read_json(data: bytes) -> Document:
    """JSON as lines `path: value`; a list of flat objects with the same keys as a table."""
    text = decode(data)
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DocumentError("the file is not well-formed JSON") from error
    except ValueError as error:
        raise DocumentError("the file holds a number too long to be read") from error
    return block.document(_json_blocks(value, (), 1))


def _json_blocks(value: object, path: tuple[str, ...], level: int) -> Iterator[Block | None]:
    """Scalars of an object as one list; each larger member under a heading with its key."""
    if len(path) > _MAX_DEPTH:
        raise DocumentError("the file is nested too deeply")
    rows = _json_rows(value)
    if rows:
        yield block.table(rows)
    elif isinstance(value, dict):
        yield from _json_members([(str(k), v) for k, v in value.items()], path, level)
    elif isinstance(value, list):
        if all(not isinstance(v, dict | list) for v in value):
            yield Block(BlockKind.LIST, "\n".join(f"- {_scalar(v)}" for v in value))
        else:
            yield from _json_members([(str(n), v) for n, v in enumerate(value, 1)], path, level)
    else:
        yield block.paragraph(_scalar(value))


def _json_members(
    members: list[tuple[str, object]], path: tuple[str, ...], level: int
) -> Iterator[Block | None]:
    plain = [(k, v) for k, v in members if not isinstance(v, dict | list)]
    if plain:
        yield Block(BlockKind.LIST, "\n".join(f"{k}: {_scalar(v)}" for k, v in plain))
    for key, value in members:
        if isinstance(value, dict | list) and value:
            yield block.heading(key, level)
            yield from _json_blocks(value, (*path, key), level + 1)


def _json_rows(value: object) -> list[list[str]]:
    """Rows of a list of at least two flat objects that have their keys in common, else none."""
    if not isinstance(value, list) or len(value) < 2:
        return []
    if not all(isinstance(v, dict) and v for v in value):
        return []
    keys = list(dict.fromkeys(key for v in value for key in v))
    shared = set(value[0]).intersection(*value)
    flat = all(not isinstance(cell, dict | list) for v in value for cell in v.values())
    if not flat or len(keys) > 2 * len(shared) + 2:
        return []
    return [keys, *([_scalar(v.get(key)) for key in keys] for v in value)]


def _scalar(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def read_xml(data: bytes) -> Document:
    """XML as headings (elements that hold elements) and lines `name: text` (the others).

    Document types are read over and entities of their own refused: nothing expands, nothing is
    fetched.
    """
    declared = _DECLARED.match(data[:400])
    text = decode(data, declared.group(1).decode("ascii") if declared else None)
    reader = _XmlReader()
    try:
        reader.parser.Parse(text.lstrip(), True)
    except expat.ExpatError as error:
        raise DocumentError(f"the file is not well-formed XML (line {error.lineno})") from error
    return block.document(reader.blocks())


class _XmlReader:
    """Collects elements; what repeats beside each other in the same form stays in one list."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.buffer_text = True
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._open: list[tuple[str, list[str]]] = []
        self._blocks: list[Block] = []
        self._lines: list[str] = []

    def blocks(self) -> list[Block]:
        self._flush()
        return self._blocks

    def _refuse(self, *_: object) -> None:
        raise DocumentError("the XML file declares entities, which are not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise DocumentError("the file is nested too deeply")
        if self._open and self._open[-1][1]:
            self._say(self._open[-1])
        self._open.append((name.rpartition(":")[2], []))
        for key, value in attributes.items():
            if not key.startswith("xmlns") and value.strip():
                self._lines.append(f"{name.rpartition(':')[2]} {key}: {value.strip()}")

    def _end(self, _: str) -> None:
        self._say(self._open.pop())
        if len(self._open) <= 1:
            self._flush()

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)

    def _say(self, element: tuple[str, list[str]]) -> None:
        name, pieces = element
        text = " ".join("".join(pieces).split())
        pieces.clear()
        if text:
            self._lines.append(f"{name}: {text}")

    def _flush(self) -> None:
        if self._lines:
            self._blocks.append(Block(BlockKind.LIST, "\n".join(self._lines)))
            self._lines = []
