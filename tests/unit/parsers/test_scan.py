"""Scanned PDFs: pages that are pictures are drawn and read, within limits, page by page."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from memos.chunkers.structure import StructureChunker
from memos.errors import DocumentError, DocumentTooLargeError
from memos.mem_reader.read_multi_modal.document import DocumentTeller
from memos.mem_reader.read_multi_modal.finding import PartStatus
from memos.parsers.base import ParseLimits, ScanLimits
from memos.parsers.process import ProcessOptions, ProcessParser
from memos.parsers.process_image import ProcessImageReader
from memos.parsers.scanned import ScannedPages
from memos.types.document import Block, BlockKind, Document

RECEIPT = Path(__file__).parents[2] / "fixtures" / "receipt.png"
LIMITS = ParseLimits()
LEFT = [
    "Hotels in Berlin are limited to", "a price of 140 euros a night, with", "breakfast included. Whoever",
    "stays longer than two weeks", "rents a flat; the office helps to", "find one in the city.",
]  # fmt: skip
RIGHT = [
    "Trains are booked three weeks", "ahead. Flights inside of the", "country are not paid for. The",
    "receipts are kept for a year and", "sent with the monthly report to", "the accounting department.",
]  # fmt: skip


@pytest.fixture(scope="module")
def images() -> Iterator[ProcessImageReader]:
    made = ProcessImageReader()
    yield made
    made.close()


@pytest.fixture(scope="module")
def parser(images: ProcessImageReader) -> Iterator[ProcessParser]:
    made = ProcessParser(images, ProcessOptions(processes=1))
    yield made
    made.close()


def pdf_of(path: Path, pages: Sequence[Path | str | None]) -> Path:
    """A PDF with a picture, words, or nothing on each of its pages."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4)
    for page in pages:
        if isinstance(page, Path):
            canvas.drawImage(str(page), 0, 0, *A4, preserveAspectRatio=True)
        elif page is not None:
            canvas.drawString(72, 700, page)
        canvas.showPage()
    canvas.save()
    return path


def drawn(path: Path, places: Sequence[tuple[int, int, str]]) -> Path:
    """A picture of an A4 page with words at places."""
    picture = Image.new("L", (1240, 1754), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(30)
    for x, y, text in places:
        pen.text((x, y), text, fill=0, font=font)
    picture.save(path)
    return path


def texts(document: Document) -> str:
    return "\n".join(block.text for block in document.blocks)


def test_english_and_chinese_pages_that_are_pictures_are_read(parser, tmp_path: Path):
    words = "Typed words stand on the second page, enough of them to be more than a stamp."
    path = pdf_of(tmp_path / "scan.pdf", [RECEIPT, words, None, RECEIPT])
    document = parser.parse(path, path.name, LIMITS)
    assert document.pages == 4
    assert document.scanned == ()
    assert list(dict.fromkeys(b.page for b in document.blocks)) == [1, 2, 4]
    for expected in ("Tea House Receipt", "龙井茶", "总计", "谢谢光临"):
        assert texts(document).count(expected) == 2
    assert words in texts(document)


def test_columns_of_a_scan_are_read_one_after_the_other(parser, tmp_path: Path):
    page = [(120, 200 + 45 * n, text) for n, text in enumerate(LEFT)]
    page += [(680, 200 + 45 * n, text) for n, text in enumerate(RIGHT)]
    path = pdf_of(tmp_path / "columns.pdf", [drawn(tmp_path / "a.png", page)])
    read = texts(parser.parse(path, path.name, LIMITS)).replace(" ", "")
    assert "twoweeksrentsaflat" in read
    assert "insideofthecountry" in read
    assert read.index("flat") < read.index("Trains")


def test_a_table_in_a_scan_is_a_table(parser, tmp_path: Path):
    rows = [("City", "Limit"), ("Berlin", "140"), ("Paris", "180"), ("Rome", "150")]
    page = [
        (120 + 500 * x, 300 + 60 * y, c) for y, row in enumerate(rows) for x, c in enumerate(row)
    ]
    path = pdf_of(tmp_path / "table.pdf", [drawn(tmp_path / "a.png", page)])
    blocks = parser.parse(path, path.name, LIMITS).blocks
    assert [block.kind for block in blocks] == [BlockKind.TABLE]
    assert "| Paris | 180 |" in blocks[0].text


def test_what_a_scanner_stamps_on_its_pictures_does_not_hide_them(parser, tmp_path: Path):
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "stamp.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawImage(str(RECEIPT), 0, 0, *A4)
    canvas.drawString(200, 10, "Scanned by a telephone")
    canvas.save()
    assert "龙井茶" in texts(parser.parse(path, path.name, LIMITS))


def test_a_page_without_anything_in_its_picture_is_no_text(parser, tmp_path: Path):
    path = pdf_of(tmp_path / "blank.pdf", [drawn(tmp_path / "a.png", [])])
    with pytest.raises(DocumentError, match="holds no text"):
        parser.parse(path, path.name, LIMITS)


def test_a_page_that_takes_too_long_is_ended(images, tmp_path: Path):
    path = pdf_of(tmp_path / "slow.pdf", [RECEIPT])
    with pytest.raises(DocumentError, match="longer than"):
        images.read_page(path, 1, 0.001)
    assert images.read_page(path, 1, 60.0)


class Pages:
    """Pages by number, each read in ten seconds of a clock that is turned by hand."""

    def __init__(self, pages: Callable[[int], tuple[Block, ...] | None]) -> None:
        self.pages = pages
        self.now = 0.0
        self.asked: list[int] = []

    def read_page(self, path: Path, number: int, seconds: float) -> tuple[Block, ...] | None:
        self.asked.append(number)
        self.now += 10.0
        return self.pages(number)

    def complete(self, document: Document, limits: ScanLimits | None = None) -> Document:
        scanned = ScannedPages(self, limits, lambda: self.now)
        return scanned.complete(document, Path("a.pdf"))


def words(number: int) -> tuple[Block, ...]:
    return (Block(BlockKind.PARAGRAPH, f"words of page {number}"),)


def refused(number: int) -> tuple[Block, ...]:
    raise DocumentError(f"page {number} cannot be drawn")


SCAN = Document((), "", 3, (1, 2, 3))
MIXED = Document((Block(BlockKind.PARAGRAPH, "typed", page=2),), "", 3, (1, 3))


def test_without_an_engine_a_scan_fails_with_the_reason():
    with pytest.raises(DocumentError, match="`ocr` is not installed"):
        Pages(lambda _: None).complete(SCAN)


def test_without_an_engine_typed_pages_are_read_and_the_others_named():
    assert Pages(lambda _: None).complete(MIXED) == MIXED


def test_a_scan_of_too_many_pages_is_refused_before_it_is_read():
    pages = Pages(words)
    with pytest.raises(DocumentTooLargeError, match="3 scanned pages, more than the 2 read"):
        pages.complete(SCAN, ScanLimits(pages=2))
    assert pages.asked == []


def test_pages_are_read_while_there_is_time():
    read = Pages(words).complete(SCAN, ScanLimits(seconds=15.0))
    assert texts(read) == "words of page 1\nwords of page 2"
    assert read.scanned == (3,)


def test_a_page_that_cannot_be_read_costs_no_other():
    read = Pages(lambda n: refused(n) if n == 2 else words(n)).complete(SCAN)
    assert texts(read) == "words of page 1\nwords of page 3"
    assert read.scanned == (2,)


def test_when_no_page_can_be_read_the_reason_is_told():
    with pytest.raises(DocumentError, match="page 3 cannot be drawn"):
        Pages(refused).complete(SCAN)


def test_pages_stand_in_their_order():
    read = Pages(words).complete(MIXED)
    assert [block.page for block in read.blocks] == [1, 2, 3]


def test_the_report_of_a_part_tells_what_was_not_read(tmp_path: Path):
    class Reads:
        def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
            return MIXED

    found = DocumentTeller(Reads(), StructureChunker(), LIMITS).tell(tmp_path / "a.pdf", "a.pdf")
    assert found.status is PartStatus.READ
    assert found.reason == "2 of its 3 pages are pictures whose text was not read"
