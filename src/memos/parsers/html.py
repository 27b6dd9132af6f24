"""Web pages: what a reader sees of them, without scripts, menus and hidden parts."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from memos.parsers import block
from memos.parsers.decode import decode
from memos.types.document import Block, BlockKind, Document

_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})", re.IGNORECASE
)
_UNSEEN = (
    "script", "style", "template", "noscript", "head", "iframe", "object", "svg", "canvas",
    "nav", "form", "button", "select", "textarea",
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "header", "hgroup", "hr",
        "html", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td",
        "tfoot", "th", "thead", "tr", "ul", "h1", "h2", "h3", "h4", "h5", "h6",
    }
)  # fmt: skip
_HEADING = re.compile(r"h[1-6]$")
_MAX_DEPTH = 200


def read_html(data: bytes) -> Document:
    """The page as blocks: headings, paragraphs, lists, tables, code."""
    declared = _META.search(data[:2048])
    tree = LexborHTMLParser(decode(data, declared.group(1).decode() if declared else None))
    found = tree.css_first("title")
    title = found.text(strip=True) if found else ""
    tree.strip_tags(list(_UNSEEN), recursive=True)
    if tree.body is None:
        return block.document([], title)
    return block.document(_walk(tree.body, 0), title)


def _walk(node: LexborNode, depth: int) -> Iterator[Block | None]:
    """Blocks below a node; text between them is gathered into paragraphs."""
    loose: list[str] = []
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag not in _BLOCKS and not _holds_block(child):
            loose.append("\n" if tag == "br" else _text(child))
            continue
        yield _paragraph(loose)
        loose = []
        if _hidden(child):
            continue
        yield from _block(child, tag, depth)
    yield _paragraph(loose)


def _block(node: LexborNode, tag: str, depth: int) -> Iterator[Block | None]:
    if _HEADING.match(tag):
        yield block.heading(_text(node), int(tag[1]))
    elif tag == "table" and _is_data(node):
        yield block.table(_rows(node))
    elif tag in ("ul", "ol"):
        yield Block(BlockKind.LIST, "\n".join(_items(node, 0)))
    elif tag == "pre":
        yield Block(BlockKind.CODE, node.text(deep=True).strip("\n"))
    elif tag == "figcaption":
        yield Block(BlockKind.CAPTION, _flat(_text(node)))
    elif depth >= _MAX_DEPTH:
        yield _paragraph([_text(node)])
    else:
        yield from _walk(node, depth + 1)


def _items(node: LexborNode, indent: int) -> Iterator[str]:
    number = 0
    for item in node.iter():
        if item.tag != "li":
            continue
        number += 1
        mark = f"{number}." if node.tag == "ol" else "-"
        nested = [child for child in item.iter() if child.tag in ("ul", "ol")]
        own = "".join(
            _text(child) for child in item.iter(include_text=True) if child.tag not in ("ul", "ol")
        )
        if _flat(own):
            yield "  " * indent + f"{mark} {_flat(own)}"
        for each in nested if indent < _MAX_DEPTH else ():
            yield from _items(each, indent + 1)


def _rows(node: LexborNode) -> list[list[str]]:
    return [
        [_text(cell) for cell in row.iter() if cell.tag in ("td", "th")] for row in node.css("tr")
    ]


def _is_data(node: LexborNode) -> bool:
    """Whether a table is one, and not the layout of a page."""
    return node.css_first("table table, td ul, td h1, td h2, td h3, td p + p") is None


def _holds_block(node: LexborNode) -> bool:
    return node.tag != "-text" and any((n.tag or "") in _BLOCKS for n in node.traverse())


def _hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return "hidden" in attributes or "display:none" in style or "visibility:hidden" in style


def _text(node: LexborNode) -> str:
    return node.text(deep=True)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _paragraph(pieces: list[str]) -> Block | None:
    lines = [
        _flat(line) for line in "".join(p if p == "\n" else _spaces(p) for p in pieces).split("\n")
    ]
    text = "\n".join(line for line in lines if line)
    return block.paragraph(text) if text else None


def _spaces(text: str) -> str:
    return re.sub(r"\s+", " ", text)
