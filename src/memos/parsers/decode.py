"""Bytes of a text file as text: its encoding is found, GBK and Big5 included."""

import codecs
from collections.abc import Callable

from memos.errors import DocumentError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 1 << 16
_LIKELY = 0.6


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file, lines ended by a line feed.

    A byte order mark decides; then UTF-8 when it fits; then what the file itself declares; then
    the legacy encoding whose common characters fill the text; Windows-1252 at last.

    Args:
        data: all bytes of the file.
        declared: encoding named inside the file (XML, HTML), when there is one.

    Raises:
        DocumentError: it is not text.
    """
    text = _decoded(data, declared)
    if text.count("\x00") or _controls(text) > max(4, len(text) // 100):
        raise DocumentError("the file holds binary data, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    for encoding in ("utf-8", declared, _unmarked_utf16(data), _legacy(data)):
        text = _try(data, encoding) if encoding else None
        if text is not None:
            return text
    return data.decode("cp1252", errors="replace")


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark, when every other byte of a sample is zero as in Latin text."""
    sample = data[:_SAMPLE]
    zeros = sample.count(0)
    if zeros < len(sample) // 4:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


def _legacy(data: bytes) -> str | None:
    """The East Asian encoding that explains the bytes: GB18030, Big5, Shift JIS, or none."""
    # Cut behind a line end: a cut inside a character would make every encoding fail.
    sample = data[: data.rfind(b"\n", 0, _SAMPLE) + 1] or data[:_SAMPLE]
    best, score = None, _LIKELY
    for name, is_common in _LEGACY:
        text = sample.decode(name, errors="replace")
        foreign = [c for c in text if ord(c) > 0x7F]
        if not foreign:
            continue
        share = sum(map(is_common, foreign)) / len(foreign) - 2 * text.count("\ufffd") / len(
            foreign
        )
        if share > score:
            best, score = name, share
    return best


def _in_rows(encoding: str, first: int, last: int) -> Callable[[str], bool]:
    """Whether a character lies in the rows of an encoding that hold its common ideographs."""

    def check(character: str) -> bool:
        if "\u3000" <= character <= "\u303f" or "\uff00" <= character <= "\uff5e":
            return True
        try:
            return first <= character.encode(encoding)[0] <= last
        except UnicodeEncodeError:
            return False

    return check


def _is_japanese(character: str) -> bool:
    # Kana make up about half of Japanese text; other encodings' bytes never give so many.
    return "\u3041" <= character <= "\u30fe" or "\u4e00" <= character <= "\u9fff"


_LEGACY: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("gb18030", _in_rows("gb2312", 0xB0, 0xD7)),
    ("big5", _in_rows("big5", 0xA4, 0xC6)),
    ("shift_jis", _is_japanese),
)


def _controls(text: str) -> int:
    sample = text[:_SAMPLE]
    return sum(1 for c in sample if c < " " and c not in "\t\n\r\f\x0b\x1b")
