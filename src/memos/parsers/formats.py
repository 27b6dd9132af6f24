"""Which format a file has: its ending tells, its first bytes confirm."""

import re
from enum import Enum
from pathlib import PurePosixPath

from memos.errors import DocumentError

HEAD_BYTES = 4096
"""Bytes from the start of a file that `recognise` wants to see."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_NOT_TEXT = (
    b"%PDF-", _OLE, *_ZIP, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf",
    b"Rar!", b"\x7fELF", b"MZ\x90", b"BZh", b"\xfd7zXZ", b"SQLite format 3",
)  # fmt: skip


class Format(str, Enum):
    """A format that is read. The value is its usual ending."""

    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    XLSX = "xlsx"
    XLS = "xls"
    PPTX = "pptx"
    PPT = "ppt"
    TEXT = "txt"
    MARKDOWN = "md"
    JSON = "json"
    XML = "xml"
    HTML = "html"
    CSV = "csv"


_ENDINGS = {
    **{each.value: each for each in Format},
    "markdown": Format.MARKDOWN,
    "htm": Format.HTML,
    "xhtml": Format.HTML,
    "text": Format.TEXT,
    "log": Format.TEXT,
    "jsonl": Format.TEXT,
    "tsv": Format.CSV,
}
ENDINGS = tuple(sorted(_ENDINGS))
"""Endings of the names of files that are read, without the dot."""

_MARKDOWN = re.compile(rb"(?:^|\n)#{1,6} \S")
_MEDIA_TYPES = {
    "application/pdf": Format.PDF,
    "application/msword": Format.DOC,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Format.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Format.XLSX,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": Format.PPTX,
    "application/vnd.ms-excel": Format.XLS,
    "application/vnd.ms-powerpoint": Format.PPT,
    "text/plain": Format.TEXT,
    "text/markdown": Format.MARKDOWN,
    "application/json": Format.JSON,
    "application/xml": Format.XML,
    "text/xml": Format.XML,
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
    "text/csv": Format.CSV,
}
_PACKAGES = (Format.DOCX, Format.XLSX, Format.PPTX)
_BINARY = (Format.DOC, Format.XLS, Format.PPT)
_MAIN_PARTS = {
    b"word/": Format.DOCX,
    b"xl/": Format.XLSX,
    b"ppt/": Format.PPTX,
}


def named_format(name: str) -> Format | None:
    """The format the ending of a file name tells; None when it is not one that is read."""
    return _ENDINGS.get(PurePosixPath(name.lower()).suffix[1:])


def usual_ending(media_type: str) -> str | None:
    """`.pdf` for `application/pdf; ...`; None for a media type that is not read."""
    found = _MEDIA_TYPES.get(media_type.split(";", maxsplit=1)[0].strip().lower())
    return None if found is None else f".{found.value}"


def guess_ending(head: bytes) -> str:
    """The ending for bytes without a name or media type: `.pdf`, `.docx`, `.doc`, ..., `.txt`."""
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    if head.startswith(_OLE):
        return ".doc"
    if head.startswith(_ZIP):
        found = [kind for part, kind in _MAIN_PARTS.items() if part in head]
        return f".{found[0].value}" if found else ".docx"
    if start[:1] in (b"{", b"["):
        return ".json"
    if start[:5].lower() == b"<?xml":
        return ".xml"
    if start[:14].lower().startswith((b"<!doctype html", b"<html")):
        return ".html"
    return ".md" if _MARKDOWN.search(head) else ".txt"


def recognise(head: bytes, name: str) -> Format:
    """The format of a file.

    Args:
        head: its first `HEAD_BYTES` bytes (or all when it is shorter).
        name: its name as uploaded.

    Raises:
        DocumentError: it is empty, not of a format that is read, or not what its name says.
    """
    if not head:
        raise DocumentError("the file is empty")
    ending = named_format(name)
    if ending is None:
        raise DocumentError("files of this type are not read; send one of ." + ", .".join(ENDINGS))
    if _agrees(head, ending):
        return ending
    # A document saved under the ending of a sibling is common (a .doc that is a .docx inside).
    actual = named_format("x" + guess_ending(head))
    related = (*_PACKAGES, *_BINARY)
    if ending in related and actual is not None and (actual in related or actual is Format.HTML):
        return actual
    raise DocumentError(f"the content of the file is not what its ending .{ending.value} says")


def _agrees(head: bytes, ending: Format) -> bool:
    if ending is Format.PDF:
        return b"%PDF-" in head[:1024]
    if ending in _PACKAGES:
        # An encrypted package is an OLE file; its reader tells so.
        return head.startswith((*_ZIP, _OLE))
    if ending in _BINARY:
        return head.startswith(_OLE)
    return not head.startswith(_NOT_TEXT)
