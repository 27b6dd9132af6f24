"""From the lines of a PDF to a document."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from memos.errors import DocumentTooLargeError
from memos.parsers import block
from memos.parsers.base import ParseLimits
from memos.parsers.pdf.layout import Layout
from memos.parsers.pdf.line import Line
from memos.parsers.pdf.page import Page, PdfFile
from memos.types.document import Block, Document

_MARGIN = 0.09
"""Share of a page's height, above and below, in which running heads stand."""
_REPEATED = 0.5
_FEWEST_PAGES = 2
_DIGITS = re.compile(r"\d+")


def read_pdf(path: Path, limits: ParseLimits) -> Document:
    """A PDF as blocks with their pages; pages that are pictures are only named.

    Raises:
        DocumentError: encrypted, broken, with too many pages, or with blank ones only.
    """
    with PdfFile(path) as pdf:
        if pdf.pages > limits.pages:
            raise DocumentTooLargeError(
                f"the file has {pdf.pages} pages, more than the {limits.pages} read"
            )
        pages = _within(pdf.read(), limits.characters)
        scanned = [page.number for page in pages if page.is_scan]
        return block.document(_blocks(pages), pdf.title, pdf.pages, scanned)


def _within(pages: Iterable[Page], characters: int) -> list[Page]:
    read = []
    for page in pages:
        characters -= sum(len(line.text) for line in page.lines)
        if characters < 0:
            raise DocumentTooLargeError("the file holds more text than is read")
        read.append(page)
    return read


def _blocks(pages: Sequence[Page]) -> Iterator[Block | None]:
    heads = _running_heads(pages)
    lines = [
        line
        for page in pages
        for line in page.lines
        if not (_in_margin(line, page) and _shape(line) in heads)
    ]
    return Layout(lines).blocks()


def _running_heads(pages: Sequence[Page]) -> set[str]:
    """Lines in the margins that come back on at least half of the pages, numbers apart."""
    if len(pages) < _FEWEST_PAGES:
        return set()
    found: Counter[str] = Counter()
    for page in pages:
        found.update({_shape(line) for line in page.lines if _in_margin(line, page)})
    return {
        shape
        for shape, count in found.items()
        if count >= max(_FEWEST_PAGES, len(pages) * _REPEATED)
    }


def _in_margin(line: Line, page: Page) -> bool:
    edge = page.height * _MARGIN
    return line.top < edge or line.bottom > page.height - edge


def _shape(line: Line) -> str:
    return _DIGITS.sub("0", line.text)
