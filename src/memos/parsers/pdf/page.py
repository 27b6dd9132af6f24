"""Reading a PDF with PDFium: its pages as lines, in the order in which they are drawn."""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from typing_extensions import Self

from memos.errors import DocumentError
from memos.parsers.pdf.line import Glyph, Line, Rule, line_of

_BOLD_WEIGHT = 600
_NAME_BYTES = 128
_THIN = 3.0
_SHORTEST_RULE = 6.0
_BOX_SEGMENTS = 6
_STAMP = 60
"""Most characters of what a scanner prints onto its pictures."""
_COVERED = 0.5
"""A picture of a page covers at least this share of it."""
_PATHS = 5_000
"""Most drawn paths of one page that are looked at; a drawing may have a million."""
_GLYPHS = 200_000
"""Most characters of one page; a page of a book has about 3,000."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its lines, its height in points, and whether it is a picture of a page."""

    number: int
    height: float
    lines: tuple[Line, ...]
    is_scan: bool = False


class PdfFile:
    """An open PDF. Use it as a context manager.

    Args:
        path: the file.

    Raises:
        DocumentError: it is encrypted or broken.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._pdf = pypdfium2.PdfDocument(path)
            self.pages = len(self._pdf)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
                raise DocumentError("the file is encrypted; remove its password") from error
            raise DocumentError("the file is broken: it cannot be read as a PDF") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    @property
    def title(self) -> str:
        """Title of its metadata; empty when there is none."""
        title = str(self._pdf.get_metadata_value("Title") or "").strip()
        # What producers write when nobody gave a title.
        return "" if title.lower() in ("untitled", "(anonymous)", "(unspecified)") else title

    def read(self) -> Iterator[Page]:
        """Its pages; a page that cannot be read is empty."""
        for index in range(self.pages):
            try:
                page = self._pdf[index]
            except pypdfium2.PdfiumError:
                yield Page(index + 1, 0.0, ())
                continue
            try:
                lines = tuple(_lines(page, index + 1))
                yield Page(index + 1, float(page.get_height()), lines, _is_scan(page, lines))
            finally:
                page.close()


def _lines(page: pypdfium2.PdfPage, number: int) -> Iterator[Line]:
    rules = list(_rules(page))
    text = page.get_textpage()
    try:
        row: list[Glyph] = []
        for glyph in chain(_glyphs(text), (None,)):
            if glyph is not None:
                row.append(glyph)
                continue
            line = line_of(row, number, rules)
            if line is not None:
                yield line
            row = []
    finally:
        text.close()


def _is_scan(page: pypdfium2.PdfPage, lines: Sequence[Line]) -> bool:
    """Whether what there is to read on a page is drawn: it has no words, or only a stamp's."""
    if not lines:
        return bool(pdfium.FPDFPage_CountObjects(page.raw) > 0)
    if sum(len(line.text) for line in lines) > _STAMP:
        return False
    width, height = page.get_size()
    pictures = page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2)
    return any(
        _area(picture.get_bounds()) >= _COVERED * width * height
        for picture in islice(pictures, _PATHS)
    )


def _area(bounds: tuple[float, float, float, float]) -> float:
    left, bottom, right, top = bounds
    return max(right - left, 0.0) * max(top - bottom, 0.0)


def _rules(page: pypdfium2.PdfPage) -> Iterator[Rule]:
    """Vertical strokes, and the sides of boxes."""
    for drawn in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1), _PATHS):
        if pdfium.FPDFPath_CountSegments(drawn.raw) > _BOX_SEGMENTS:
            continue
        left, bottom, right, top = drawn.get_bounds()
        if top - bottom < _SHORTEST_RULE:
            continue
        if right - left < _THIN:
            yield Rule((left + right) / 2, bottom, top)
        else:
            yield Rule(left, bottom, top)
            yield Rule(right, bottom, top)


def _glyphs(text: pypdfium2.PdfTextPage) -> Iterator[Glyph | None]:
    """Characters in drawing order; None at the end of a line."""
    handle: object = text.raw
    rectangle = pdfium.FS_RECTF()
    fonts = _Fonts(handle)
    font: tuple[float, bool] | None = None
    for index in range(min(text.count_chars(), _GLYPHS)):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in (0x0A, 0x0D):
            font = None
            yield None
            continue
        if not code or 0xD800 <= code <= 0xDFFF:
            continue
        pdfium.FPDFText_GetLooseCharBox(handle, index, rectangle)
        # A font changes between words: asking for each character takes half of the time.
        if code == 0x20:
            font = None
        elif font is None:
            font = fonts.of(index)
        size, is_bold = font or (1.0, True)
        yield Glyph(
            chr(code),
            rectangle.left,
            rectangle.right,
            rectangle.bottom,
            rectangle.top,
            size,
            is_bold,
        )


class _Fonts:
    """Size and weight of the font of a character."""

    def __init__(self, handle: object) -> None:
        self._handle = handle
        self._flags = ctypes.c_int()
        self._name = ctypes.create_string_buffer(_NAME_BYTES)

    def of(self, index: int) -> tuple[float, bool]:
        """Size in points as drawn, and whether it is bold."""
        size = pdfium.FPDFText_GetFontSize(self._handle, index)
        if pdfium.FPDFText_GetFontWeight(self._handle, index) >= _BOLD_WEIGHT:
            return size, True
        pdfium.FPDFText_GetFontInfo(
            self._handle, index, self._name, _NAME_BYTES, ctypes.byref(self._flags)
        )
        name = self._name.value.lower()
        return size, b"bold" in name or b"heavy" in name or b"black" in name
