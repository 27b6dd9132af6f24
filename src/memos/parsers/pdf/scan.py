"""A page of a PDF that is a picture: drawn, its text found, and laid out like that of any page."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import pypdfium2
from PIL import Image

from memos.errors import DocumentError
from memos.parsers.ocr import LARGEST_SIDE, Word, read_words, rows_of
from memos.parsers.pdf.layout import Layout
from memos.parsers.pdf.line import Line, Piece
from memos.types.document import Block

_FINEST = 300 / 72
"""Pixels a point at most: a small page gets no clearer than its picture."""
_BLANK = 16
"""Shades between the lightest and the darkest place of a page on which nothing is printed."""
_BODY = (0.7, 1.35)
"""Heights around that of most words that count as the same size: boxes vary with their letters."""
_STEP = 0.25
_GUTTER = (0.35, 0.65)
"""Where, across a page, the gap between two columns of text may be."""
_COLUMN_LINES = 5
_COLUMN_WIDTH = 0.25


def read_scan(path: Path, number: int) -> list[Block] | None:
    """The blocks of a page; None when no text engine is installed.

    Args:
        path: the PDF.
        number: of the page, from 1.

    Raises:
        DocumentError: it cannot be drawn.
    """
    picture = _drawn(path, number)
    low, high = picture.convert("L").getextrema()
    if float(high) - float(low) < _BLANK:  # type: ignore[arg-type]  # one channel has numbers
        return []
    words = read_words(picture)
    if words is None:
        return None
    body = median(word.height for word in words) if words else 0.0
    lines = [
        _line(row, number, body, picture.height)
        for column in _columns(words, picture.width)
        for row in rows_of(column)
    ]
    return [block for block in Layout(lines).blocks() if block is not None]


def _drawn(path: Path, number: int) -> Image.Image:
    try:
        with pypdfium2.PdfDocument(path) as pdf:
            page = pdf[number - 1]
            scale = min(LARGEST_SIDE / max(*page.get_size(), 1.0), _FINEST)
            drawn: Image.Image = page.render(scale=scale).to_pil()
            return drawn.convert("RGB")
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise DocumentError("a page cannot be drawn") from error


def _columns(words: Sequence[Word], width: int) -> Iterator[list[Word]]:
    """The words in the order they are read: two columns of text one after the other."""
    gutter = _gutter(words, width)
    if gutter is None:
        yield list(words)
        return
    band: list[Word] = []
    for word in [*sorted(words, key=lambda word: word.top), None]:
        if word is not None and not word.left < gutter < word.right:
            band.append(word)
            continue
        yield [each for each in band if each.right <= gutter]
        yield [each for each in band if each.left >= gutter]
        yield [word] if word is not None else []
        band = []


def _gutter(words: Sequence[Word], width: int) -> float | None:
    """The middle of the gap between two columns of running text; None when there are no two."""
    lines = [word for word in words if word.right - word.left >= _COLUMN_WIDTH * width]
    lefts = [w for w in lines if w.right <= _GUTTER[1] * width and w.left < _GUTTER[0] * width]
    rights = [w for w in lines if w.left >= _GUTTER[0] * width]
    if min(len(lefts), len(rights)) < _COLUMN_LINES:
        return None
    gap = max(w.right for w in lefts), min(w.left for w in rights)
    if gap[0] >= gap[1]:
        return None
    middle = (gap[0] + gap[1]) / 2
    crossing = sum(word.left < middle < word.right for word in words)
    return middle if crossing < len(lefts) else None


def _line(row: Sequence[Word], page: int, body: float, height: int) -> Line:
    """A row of words as a line, with heights from the foot of the page, as a PDF has them."""
    return Line(
        pieces=tuple(_pieces(row)),
        bottom=height - max(word.bottom for word in row),
        top=height - min(word.top for word in row),
        size=_size(max(word.height for word in row), body),
        is_bold=False,
        page=page,
    )


def _size(height: float, body: float) -> float:
    if _BODY[0] * body <= height <= _BODY[1] * body:
        return body
    return max(round(height / body / _STEP), 1) * _STEP * body


def _pieces(row: Sequence[Word]) -> Iterator[Piece]:
    """Words of a row; those close to each other joined, as one line of text is found in parts."""
    run = [row[0]]
    for word in row[1:]:
        if word.left - run[-1].right <= max(word.height, run[-1].height):
            run.append(word)
            continue
        yield _piece(run)
        run = [word]
    yield _piece(run)


def _piece(run: Sequence[Word]) -> Piece:
    return Piece(" ".join(word.text for word in run), run[0].left, run[-1].right)
