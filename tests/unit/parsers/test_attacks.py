"""Files made to do harm: each is refused with a reason, and the next file is read as ever."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import documents
from memos.errors import DocumentError
from memos.parsers.base import ParseLimits
from memos.parsers.process import ProcessOptions, ProcessParser
from memos.parsers.process_image import ProcessImageReader

LIMITS = ParseLimits(pages=500, expanded_bytes=64 * 2**20, seconds=30)


@pytest.fixture(scope="module")
def parser() -> Iterator[ProcessParser]:
    images = ProcessImageReader()
    made = ProcessParser(images, ProcessOptions(processes=1, memory=2**30))
    yield made
    made.close()
    images.close()


@pytest.fixture(autouse=True)
def reads_on(parser: ProcessParser, tmp_path: Path) -> Iterator[None]:
    """After each attack an honest file is read."""
    yield
    path = tmp_path / "honest.txt"
    path.write_text("Tea costs four euros.")
    assert parser.parse(path, path.name, LIMITS).blocks[0].text == "Tea costs four euros."


def refuse(parser: ProcessParser, path: Path, reason: str, limits: ParseLimits = LIMITS) -> None:
    with pytest.raises(DocumentError, match=reason):
        parser.parse(path, path.name, limits)


def package(path: Path, document: bytes, more: dict[str, bytes] | None = None) -> Path:
    """A Word file around a main part of one's own."""
    documents.docx(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = document
    parts.update(more or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def word(body: bytes, before: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>' + before + b"<w:document xmlns:w="
        b'"http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r='
        b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        b"<w:body>" + body + b"</w:body></w:document>"
    )


def said(text: bytes) -> bytes:
    return b"<w:p><w:r><w:t>" + text + b"</w:t></w:r></w:p>"


LAUGHS = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY %s "%s">' % (name, b"&%s;" % before * 10)
        for before, name in zip(b"a b c d e f g h".split(), b"b c d e f g h i".split(), strict=True)
    )
    + b"]>"
)
OUTSIDE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
REMOTE = b'<!DOCTYPE l SYSTEM "http://127.0.0.1:1/evil.dtd" [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'


@pytest.mark.parametrize("document_type", [LAUGHS, OUTSIDE, REMOTE])
def test_entities_of_xml_are_refused(parser, tmp_path: Path, document_type: bytes):
    path = tmp_path / "bomb.xml"
    path.write_bytes(document_type + b"<l>&i;&a;</l>")
    refuse(parser, path, "entities")


@pytest.mark.parametrize("document_type", [LAUGHS, OUTSIDE])
def test_entities_inside_a_word_file_do_not_expand(parser, tmp_path: Path, document_type: bytes):
    path = package(tmp_path / "bomb.docx", word(said(b"Tea &i; &a;"), document_type))
    try:
        read = parser.parse(path, path.name, LIMITS)
    except DocumentError:
        return
    text = "\n".join(block.text for block in read.blocks)
    assert len(text) < 200
    assert "root:" not in text


def test_a_zip_bomb_is_refused_before_it_is_unpacked(parser, tmp_path: Path):
    path = package(tmp_path / "bomb.docx", word(said(b" " * (200 * 2**20))))
    assert path.stat().st_size < 2**20
    refuse(parser, path, "unpacks to more")


def test_a_zip_bomb_that_lies_about_its_size_is_stopped(parser, tmp_path: Path):
    path = package(tmp_path / "liar.docx", word(said(b" " * (200 * 2**20))))
    data = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = -1
        while (place := data.find(magic, place + 1)) >= 0:
            (size,) = struct.unpack_from("<I", data, place + offset)
            if size > 2**27:
                struct.pack_into("<I", data, place + offset, 100)
    path.write_bytes(data)
    refuse(parser, path, "broken|unpacks|memory")


def test_a_package_of_a_hundred_thousand_parts_is_refused(parser, tmp_path: Path):
    path = tmp_path / "many.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30_000):
            archive.writestr(f"word/{number}.xml", b"")
    refuse(parser, path, "unpacks to more")


def test_parts_that_climb_out_of_the_archive_write_nothing(parser, tmp_path: Path):
    target = tmp_path / "evil.txt"
    more = {f"../../../../..{target}": b"owned", f"{target}": b"owned", "..\\evil.txt": b"owned"}
    path = package(tmp_path / "slip.docx", word(said(b"Tea")), more)
    assert parser.parse(path, path.name, LIMITS).blocks[0].text == "Tea"
    assert not target.exists()
    assert not (tmp_path.parent / "evil.txt").exists()


def test_links_and_remote_templates_of_a_word_file_are_not_followed(parser, tmp_path: Path):
    from file_server import file_server

    with file_server() as server:
        relations = (
            b'<?xml version="1.0"?><Relationships xmlns='
            b'"http://schemas.openxmlformats.org/package/2006/relationships">'
            + b"".join(
                b'<Relationship Id="r%d" Type="http://schemas.openxmlformats.org/officeDocument'
                b'/2006/relationships/%s" Target="%s" TargetMode="External"/>'
                % (n, kind, f"{server.url}/{kind.decode()}".encode())
                for n, kind in enumerate((b"attachedTemplate", b"image", b"oleObject", b"frame"))
            )
            + b"</Relationships>"
        )
        more = {
            "word/_rels/document.xml.rels": relations,
            "word/_rels/settings.xml.rels": relations,
            "_rels/extra.rels": relations,
        }
        path = package(tmp_path / "remote.docx", word(said(b"Tea")), more)
        assert parser.parse(path, path.name, LIMITS).blocks[0].text == "Tea"
        assert server.seen == []


def test_pictures_and_scripts_of_a_page_are_not_fetched(parser, tmp_path: Path):
    from file_server import file_server

    with file_server() as server:
        path = tmp_path / "page.html"
        path.write_text(
            f"<base href={server.url}><link rel=stylesheet href=/s.css><img src=/i.png>"
            f"<script src=/s.js></script><iframe src=/f></iframe><p>Tea</p>"
        )
        assert parser.parse(path, path.name, LIMITS).blocks[0].text == "Tea"
        assert server.seen == []


def long_pdf(path: Path, pages: int) -> Path:
    """A PDF whose one page is named again and again: 10^5 pages in a file of a megabyte."""
    kids = b" ".join([b"3 0 R"] * pages)
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 4\n0000000000 65535 f \n"
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    path.write_bytes(data)
    return path


def test_a_pdf_of_a_hundred_thousand_pages_is_refused_at_once(parser, tmp_path: Path):
    path = long_pdf(tmp_path / "long.pdf", 100_000)
    refuse(parser, path, "100000 pages, more than the 500", ParseLimits(seconds=10))


def stream_pdf(path: Path, content: bytes, filters: bytes = b"/FlateDecode") -> Path:
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>",
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters, content),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 5\n0000000000 65535 f \n"
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    path.write_bytes(data)
    return path


def test_a_pdf_whose_content_unpacks_to_gigabytes_does_no_harm(parser, tmp_path: Path):
    once = zlib.compress(b"\0" * (256 * 2**20), 1)
    path = stream_pdf(tmp_path / "bomb.pdf", zlib.compress(once, 9), b"/FlateDecode/FlateDecode")
    assert path.stat().st_size < 2**20
    refuse(parser, path, "no text|memory|broken|longer")


def test_an_encrypted_pdf_says_so(parser, tmp_path: Path):
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    path = tmp_path / "secret.pdf"
    canvas = Canvas(str(path), encrypt=StandardEncryption("user", "owner"))
    canvas.drawString(50, 700, "Tea")
    canvas.save()
    refuse(parser, path, "encrypted; remove its password")


def test_an_encrypted_word_file_says_so(parser, tmp_path: Path):
    path = tmp_path / "secret.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    refuse(parser, path, "encrypted")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("word/document.xml", b"x")
    data = bytearray(inner.getvalue())
    for magic, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.find(magic) + offset] |= 1
    path.write_bytes(data)
    refuse(parser, path, "encrypted")


def test_a_table_of_a_million_columns_and_a_page_of_deep_boxes_end_in_time(parser, tmp_path: Path):
    sheet = tmp_path / "wide.csv"
    sheet.write_bytes(b"a," * 1_000_000 + b"\n" + b"b\n" * 10)
    refuse(parser, sheet, "table too large")
    page = tmp_path / "deep.html"
    page.write_bytes(b"<div>" * 5_000 + b"Tea")
    assert parser.parse(page, page.name, LIMITS).blocks[0].text == "Tea"
