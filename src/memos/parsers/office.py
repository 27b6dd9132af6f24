"""Office files, new and old: Word, Excel, PowerPoint."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from memos.errors import DocumentError, DocumentTooLargeError
from memos.parsers import block
from memos.parsers.base import ParseLimits
from memos.parsers.formats import Format
from memos.types.document import Block, BlockKind, Document

_MEMBERS = 20_000
_PACKAGES = (Format.DOCX, Format.XLSX, Format.PPTX)
_SLIDES = (Format.PPTX, Format.PPT)
_SHEETS = (Format.XLSX, Format.XLS)
_NAMES: Mapping[Format, Literal["docx", "xlsx", "pptx", "doc", "xls", "ppt"]] = {
    Format.DOCX: "docx",
    Format.XLSX: "xlsx",
    Format.PPTX: "pptx",
    Format.DOC: "doc",
    Format.XLS: "xls",
    Format.PPT: "ppt",
}
_ENCRYPTED = ("encrypted", "password")
_BULLETS = "•◦▪‣·\uf0b7\uf0a7"


def read_office(path: Path, kind: Format, limits: ParseLimits) -> Document:
    """A Word, Excel or PowerPoint file. Slides count as pages; sheets and Word files have none.

    Raises:
        DocumentError: encrypted, broken, too large once unpacked, or with too many slides.
    """
    import office_oxide

    if kind in _PACKAGES:
        check_archive(path, limits)
    try:
        with office_oxide.Document.from_bytes(path.read_bytes(), _NAMES[kind]) as opened:
            tree = opened.to_ir()
    except office_oxide.OfficeOxideError as error:
        raise DocumentError(_reason(str(error))) from error
    sections = tree.get("sections") or []
    pages = len(sections) if kind in _SLIDES else None
    if pages is not None and pages > limits.pages:
        raise DocumentTooLargeError(
            f"the file has {pages} slides, more than the {limits.pages} read"
        )
    title = str((tree.get("metadata") or {}).get("title") or "")
    blocks = list(_sections(sections, kind))
    if blocks and blocks[0] is not None and blocks[0].text == title:
        # Word's style "Title" is no heading to the library.
        blocks[0] = block.heading(title, 1, blocks[0].page)
    return block.document(blocks, title, pages)


def check_archive(path: Path, limits: ParseLimits) -> None:
    """Refuse a ZIP container that unpacks to too much, or is none.

    Raises:
        DocumentError: it is not readable as ZIP, encrypted, or over the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError) as error:
        with path.open("rb") as file:
            if file.read(4) == b"\xd0\xcf\x11\xe0":
                raise DocumentError("the file is encrypted; remove its password") from error
        raise DocumentError("the file is broken: it cannot be unpacked") from error
    if any(member.flag_bits & 1 for member in members):
        raise DocumentError("the file is encrypted; remove its password")
    expanded = sum(member.file_size for member in members)
    if len(members) > _MEMBERS or expanded > limits.expanded_bytes:
        raise DocumentTooLargeError("the file unpacks to more than is read")


def _reason(message: str) -> str:
    lower = message.lower()
    if any(word in lower for word in _ENCRYPTED):
        return "the file is encrypted; remove its password"
    if "limit" in lower:
        return "the file unpacks to more than is read"
    return "the file is broken: it cannot be read as the document its ending names"


def _sections(sections: Sequence[Mapping[str, Any]], kind: Format) -> Iterator[Block | None]:
    for number, section in enumerate(sections, 1):
        page = number if kind in _SLIDES else None
        elements = section.get("elements") or []
        if kind in (*_SLIDES, *_SHEETS) and section.get("title"):
            first = elements[0] if elements else {}
            title = str(section["title"])
            # The title of a slide is among its elements as well, often as a heading.
            if _text(first.get("content")) != title:
                yield block.heading(title, 1, page) if elements else None
        yield from _elements(elements, page)
        if section.get("speaker_notes"):
            yield from _notes(section["speaker_notes"], page)


def _notes(notes: object, page: int | None) -> Iterator[Block | None]:
    if isinstance(notes, str):
        yield block.paragraph(f"Notes: {notes}", page)
    elif isinstance(notes, list):
        yield from _elements(notes, page)


def _elements(elements: Iterable[Mapping[str, Any]], page: int | None) -> Iterator[Block | None]:
    bullets: list[str] = []
    for element in elements:
        kind = element.get("type")
        if kind == "paragraph" and (text := _text(element.get("content"))).startswith(
            tuple(_BULLETS)
        ):
            bullets.append("- " + text.lstrip(_BULLETS + " \t"))
            continue
        if bullets:
            yield Block(BlockKind.LIST, "\n".join(bullets), page=page)
            bullets = []
        yield from _element(element, page)
    if bullets:
        yield Block(BlockKind.LIST, "\n".join(bullets), page=page)


def _element(element: Mapping[str, Any], page: int | None) -> Iterator[Block | None]:
    kind, content = element.get("type"), element.get("content")
    if kind == "heading":
        yield block.heading(_text(content), int(element.get("level") or 1), page)
    elif kind == "table":
        yield from _table(element, page)
    elif kind == "list":
        yield Block(BlockKind.LIST, "\n".join(_items(element, 0)), page=page)
    elif kind == "code_block":
        yield Block(BlockKind.CODE, _text(content), page=page)
    elif kind in ("text_box", "shape", "footnote", "endnote") and isinstance(content, list):
        yield from _elements(content, page)
    elif kind == "image":
        description = str(element.get("alt_text") or "")
        yield Block(BlockKind.CAPTION, description, page=page) if description else None
    elif content is not None:
        yield block.paragraph(_text(content), page)


def _table(element: Mapping[str, Any], page: int | None) -> Iterator[Block | None]:
    if element.get("caption"):
        yield Block(BlockKind.CAPTION, _text(element["caption"]), page=page)
    rows: list[list[str]] = []
    for row in element.get("rows") or []:
        cells: list[str] = []
        for cell in row.get("cells") or []:
            cells.append(_text(cell.get("content")))
            cells.extend([""] * (int(cell.get("col_span") or 1) - 1))
        rows.append(cells)
    yield block.table(rows, page)


def _items(element: Mapping[str, Any], indent: int) -> Iterator[str]:
    number = int(element.get("start_number") or 1)
    for item in element.get("items") or []:
        mark = f"{number}." if element.get("ordered") else "-"
        text = _text(item.get("content"))
        if text:
            yield "  " * indent + f"{mark} {text}"
            number += 1
        if isinstance(item.get("nested"), Mapping):
            yield from _items(item["nested"], indent + 1)


def _text(content: object) -> str:
    """The words of inline content, of blocks, or of both nested in each other."""
    return "".join(_pieces(content)).strip()


def _pieces(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        kind = content.get("type")
        if kind == "line_break":
            yield "\n"
        elif kind == "table":
            rows = content.get("rows") or []
            yield "; ".join(
                ", ".join(_text(cell.get("content")) for cell in row.get("cells") or [])
                for row in rows
            )
        elif kind == "list":
            yield "\n".join(_items(content, 0)) + "\n"
        else:
            yield from _pieces(content.get("text") or content.get("content"))
            if kind in ("paragraph", "heading"):
                yield "\n"
    elif isinstance(content, list):
        for each in content:
            yield from _pieces(each)
