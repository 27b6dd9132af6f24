"""One function for all formats: a file as a document. It runs where the bytes may do harm."""

from collections.abc import Callable, Mapping
from pathlib import Path

from memos.errors import DocumentTooLargeError
from memos.parsers.base import ParseLimits
from memos.parsers.formats import HEAD_BYTES, Format, recognise
from memos.parsers.html import read_html
from memos.parsers.office import read_office
from memos.parsers.pdf import read_pdf
from memos.parsers.plain import read_csv, read_json, read_markdown, read_text, read_xml
from memos.types.document import Document

_TEXT_READERS: Mapping[Format, Callable[[bytes], Document]] = {
    Format.TEXT: read_text,
    Format.MARKDOWN: read_markdown,
    Format.JSON: read_json,
    Format.XML: read_xml,
    Format.HTML: read_html,
}


def read_document(path: Path, name: str, limits: ParseLimits) -> Document:
    """The file as a document.

    Args:
        path: the file on this machine.
        name: its name as uploaded; the ending tells the format, the content confirms it.
        limits: what it may ask for; the time is kept by whoever calls.

    Raises:
        DocumentError: see `memos.parsers.base.Parser`.
    """
    with path.open("rb") as file:
        kind = recognise(file.read(HEAD_BYTES), name)
    document = _read(path, name, kind, limits)
    if sum(len(each.text) for each in document.blocks) > limits.characters:
        raise DocumentTooLargeError("the file holds more text than is read")
    return document


def _read(path: Path, name: str, kind: Format, limits: ParseLimits) -> Document:
    if kind is Format.PDF:
        return read_pdf(path, limits)
    if kind is Format.CSV:
        return read_csv(path.read_bytes(), tabs=name.lower().endswith(".tsv"))
    if kind in _TEXT_READERS:
        return _TEXT_READERS[kind](path.read_bytes())
    return read_office(path, kind, limits)
