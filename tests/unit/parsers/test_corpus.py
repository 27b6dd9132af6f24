"""Real files of every type, read back: words, tables, headings, lists, pages."""

import re
from pathlib import Path

import pytest

import documents
from memos.errors import DocumentError
from memos.parsers.base import ParseLimits
from memos.parsers.read import read_document
from memos.types.document import BlockKind, Document

LIMITS = ParseLimits()
WITHOUT_TABLE = {"txt", "xml"}
WITHOUT_WORDS = {"csv"}
WITHOUT_HEADINGS = {"txt", "xml", "csv"}
FIXTURE = Path(__file__).parents[2] / "fixtures" / "travel-policy.doc"


def read(path: Path, limits: ParseLimits = LIMITS) -> Document:
    return read_document(path, path.name, limits)


def flat(text: str) -> str:
    return re.sub(r"\s+", "", text)


def word_share(document: Document) -> float:
    """Share of the sentences, items and headings that are there, whole and in one block."""
    blocks = [flat(block.text) for block in document.blocks]
    found = sum(any(flat(text) in block for block in blocks) for text in documents.WORDS)
    return found / len(documents.WORDS)


def table_share(document: Document) -> float:
    """Share of the table's rows that are there with the same cells, in one table block."""
    wanted = [tuple(row) for row in documents.ROWS]
    best = 0
    for block in document.blocks:
        if block.kind is BlockKind.TABLE:
            lines = [
                line.strip().removeprefix("|").removesuffix("|").split("|")
                for line in block.text.splitlines()
            ]
            rows = {tuple(cell.strip() for cell in line) for line in lines}
            best = max(best, sum(row in rows for row in wanted))
    return best / len(wanted)


def fidelity(document: Document, ending: str) -> tuple[float, float]:
    words = 1.0 if ending in WITHOUT_WORDS else word_share(document)
    return words, 1.0 if ending in WITHOUT_TABLE else table_share(document)


@pytest.mark.parametrize("ending", documents.PRODUCERS)
def test_every_word_and_every_row_is_read(ending: str, tmp_path: Path):
    path = tmp_path / f"policy.{ending}"
    documents.PRODUCERS[ending](path)
    document = read(path)
    assert fidelity(document, ending) == (1.0, 1.0)
    if ending not in WITHOUT_HEADINGS:
        headings = {b.text for b in document.blocks if b.kind is BlockKind.HEADING}
        wanted = {"Limits"} if ending == "xlsx" else {"limits"} if ending == "json" else set()
        assert headings >= (wanted or set(documents.PARAGRAPHS))


@pytest.mark.parametrize("ending", ["docx", "pptx", "html", "md", "pdf"])
def test_lists_stay_lists(ending: str, tmp_path: Path):
    path = tmp_path / f"policy.{ending}"
    documents.PRODUCERS[ending](path)
    lists = [b.text for b in read(path).blocks if b.kind is BlockKind.LIST]
    assert "\n".join(f"- {item}" for item in documents.ITEMS) in lists


def test_old_word_files_are_read():
    document = read(FIXTURE)
    assert fidelity(document, "doc") == (1.0, 1.0)
    assert document.title == documents.TITLE
    headings = [(b.text, b.level) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert headings == [(documents.TITLE, 1), ("Hotels", 1), ("差旅制度", 1), ("Limits", 2)]


@pytest.mark.skipif(documents.OFFICE is None, reason="LibreOffice is not installed")
def test_files_of_an_office_suite_are_read(tmp_path: Path):
    """The old Word format, and the suite's own way to draw a PDF."""
    sources = {"docx": ["doc", "pdf"]}
    for source, targets in sources.items():
        path = tmp_path / f"policy.{source}"
        documents.PRODUCERS[source](path)
        for target in targets:
            folder = tmp_path / target.split(":")[0]
            folder.mkdir(exist_ok=True)
            converted = documents.convert(path, target, folder)
            words, rows = fidelity(read(converted), target)
            assert words == 1.0, target
            assert rows == 1.0, target


@pytest.mark.parametrize("ruled", [True, False])
def test_pages_headings_and_running_heads_of_a_pdf(tmp_path: Path, *, ruled: bool):
    path = tmp_path / "three.pdf"
    documents.pdf(path, ruled=ruled, pages=3)
    document = read(path)
    assert (document.pages, document.title) == (3, documents.TITLE)
    assert [b.page for b in document.blocks] == sorted(b.page or 0 for b in document.blocks)
    headings = [(b.text, b.page) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert ("Hotels", 1) in headings
    assert ("Part 3", 3) in headings
    assert not any("Company paper" in block.text for block in document.blocks)
    assert sum(b.kind is BlockKind.TABLE for b in document.blocks) == 3
    assert fidelity(document, "pdf") == (1.0, 1.0)
    levels = {b.text: b.level for b in document.blocks if b.kind is BlockKind.HEADING}
    assert levels["Hotels"] < levels["Limits"]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "gbk", "big5", "utf-32"],
)
def test_encodings_are_found(encoding: str, tmp_path: Path):
    path = tmp_path / "policy.txt"
    if encoding == "big5":
        traditional = "差旅制度：辦公軟體的採購限額為八百元，超出部分需要經理批准。\n"
        path.write_bytes((traditional * 3).encode("big5"))
        assert "採購限額為八百元" in read(path).blocks[0].text
        return
    documents.text(path, encoding)
    assert word_share(read(path)) == 1.0


def test_short_texts_of_old_encodings_are_found(tmp_path: Path):
    for name, encoding, words in (
        ("a.txt", "gbk", "你好"),
        ("b.txt", "gb18030", "我住在上海。"),
        ("c.txt", "shift_jis", "私は東京に住んでいます。"),
        ("d.txt", "cp1252", "Das Hotel in München kostet 140 €."),
        ("e.txt", "cp1252", "Le café est fermé à Noël."),
    ):
        path = tmp_path / name
        path.write_bytes(words.encode(encoding))
        assert read(path).blocks[0].text == words


@pytest.mark.parametrize("ending", ["xml", "csv"])
def test_declared_and_undeclared_gbk(ending: str, tmp_path: Path):
    path = tmp_path / f"policy.{ending}"
    (documents.xml if ending == "xml" else documents.csv_file)(path, encoding="gbk")
    assert "含早餐" in "\n".join(block.text for block in read(path).blocks)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found(delimiter: str, tmp_path: Path):
    path = tmp_path / ("t.tsv" if delimiter == "\t" else "t.csv")
    documents.csv_file(path, delimiter)
    assert table_share(read(path)) == 1.0


def test_markdown_keeps_code_and_levels(tmp_path: Path):
    path = tmp_path / "policy.md"
    documents.markdown(path)
    blocks = read(path).blocks
    assert [b.level for b in blocks if b.kind is BlockKind.HEADING] == [1, 2, 2, 3]
    assert [b.text for b in blocks if b.kind is BlockKind.CODE] == ["```python\nprint('tea')\n```"]


def test_pages_hide_what_a_reader_does_not_see(tmp_path: Path):
    path = tmp_path / "policy.html"
    documents.html(path)
    text = "\n".join(block.text for block in read(path).blocks)
    assert not any(word in text for word in ("alert", "menu", "unseen", "color"))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"", "empty"),
        ("a.txt", b"  \n\n ", "no text"),
        ("a.exe", b"MZ\x90", "not read"),
        ("noending", b"hello", "not read"),
        ("a.pdf", b"hello, I am text", "not what its ending"),
        ("a.txt", b"%PDF-1.4 ...", "not what its ending"),
        ("a.docx", b"just text", "not what its ending"),
        ("a.txt", b"abc\x00\x01\x02\x00def" * 9, "binary"),
        ("a.json", b'{"a": ', "well-formed JSON"),
        ("a.json", b"[" * 100_000, "nested|well-formed"),
        ("a.json", b'{"a":' * 300 + b"1" + b"}" * 300, "nested"),
        ("a.xml", b"<a><b></a>", "well-formed XML"),
        ("a.xml", b"<a>" * 300 + b"x" + b"</a>" * 300, "nested"),
        ("a.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer", "broken"),
        ("a.docx", b"PK\x03\x04 broken", "broken"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "broken"),
        ("a.html", b"<html><script>x</script></html>", "no text"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, data: bytes, reason: str, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=reason) as caught:
        read_document(path, name, LIMITS)
    assert caught.value.code == 50107


def test_a_file_under_its_siblings_ending_is_read(tmp_path: Path):
    path = tmp_path / "policy.doc"
    documents.docx(path)
    assert word_share(read(path)) == 1.0


def test_limits_of_pages_and_characters(tmp_path: Path):
    path = tmp_path / "long.pdf"
    documents.pdf(path, pages=4)
    with pytest.raises(DocumentError, match="4 pages, more than the 3"):
        read(path, ParseLimits(pages=3))
    with pytest.raises(DocumentError, match="more text"):
        read(path, ParseLimits(characters=100))
    text = tmp_path / "long.txt"
    text.write_text("tea " * 100)
    with pytest.raises(DocumentError, match="more text"):
        read(text, ParseLimits(characters=100))
