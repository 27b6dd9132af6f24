"""Reading the parts of messages: documents, pictures, sound, and what cannot be read."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

import documents
from memos.chunkers.structure import StructureChunker
from memos.errors import ModelUnavailableError, NotFoundError, UnavailableError
from memos.llms.base import Reply
from memos.mem_reader.read_multi_modal.document import DocumentTeller
from memos.mem_reader.read_multi_modal.finding import PartStatus
from memos.mem_reader.read_multi_modal.image import PictureTeller
from memos.mem_reader.read_multi_modal.part import (
    Part,
    PartKind,
    read_part,
    stored,
    take_out,
)
from memos.mem_reader.read_multi_modal.reader import PartReader, Said
from memos.parsers.base import ImageContent, ImageLimits, ParseLimits
from memos.parsers.fetch import Fetched
from memos.parsers.read import read_document
from memos.types.memory import MemoryKind
from memos.types.message import is_attachment

MOST = 10 * 2**20
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SAID = Said("Here is the receipt.", "user")


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Folder:
    """Content of one message, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        (self._folder / digest).write_bytes(data)
        return digest

    def path(self, digest: str) -> Path:
        if not (self._folder / digest).is_file():
            raise NotFoundError("gone")
        return self._folder / digest


class InProcess:
    """The parser without a process of its own."""

    def parse(self, path, name, limits):
        return read_document(path, name, limits)


class FixedPicture:
    """A reader of pictures that always sees the same."""

    def __init__(self, lines=(), **more) -> None:
        self.content = ImageContent("PNG", 720, 420, b"jpeg", lines=lines, **more)

    def read(self, path, limits):
        return self.content


class Model:
    """A model that sees, and answers what it is told to."""

    name = "seer"

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked = []

    def complete(self, turns, **_):
        self.asked.append(turns)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Reply(self.answer)


class Web:
    """A fetcher over a dictionary."""

    def __init__(self, pages) -> None:
        self.pages = pages

    def fetch(self, url):
        found = self.pages[url]
        if isinstance(found, Exception):
            raise found
        return found


def reader(pages=None, pictures=None, limits=None):
    documents_ = DocumentTeller(InProcess(), StructureChunker(), limits or ParseLimits())
    pictures = pictures or PictureTeller(FixedPicture(("Tea  4",)), ImageLimits())
    return PartReader(documents_, pictures, Web(pages or {}))


def test_a_payload_is_taken_out_and_its_digest_put_in(tmp_path: Path):
    for kind, body in (
        ("file", {"file_data": base64_of(b"hello"), "filename": "a.txt", "secret": "x"}),
        ("file", {"file_data": f"data:text/plain;base64,{base64_of(b'hello')}"}),
        ("image_url", {"url": f"data:image/png;base64,{base64_of(b'hello')}"}),
        ("image_url", base64_of(b"hello")),
        ("input_audio", {"data": base64_of(b"hello"), "format": "wav"}),
    ):
        taken = take_out({"type": kind, kind: body}, MOST)
        assert taken.data == b"hello"
        kept = stored(taken.part, "d" * 64)
        assert "aGVsbG8" not in json.dumps(kept)
        assert "secret" not in json.dumps(kept)
        part = read_part(kept)
        assert (part.kind.value, part.digest, part.refused) == (kind, "d" * 64, None)


def test_a_url_stays_and_what_cannot_be_used_is_told():
    taken = take_out({"type": "file", "file": {"file_data": " https://a.example/b.pdf "}}, MOST)
    assert (taken.data, read_part(taken.part).url) == (None, "https://a.example/b.pdf")
    for body, reason in (
        ({"file_data": "IMG 2.pdf"}, "not Base64"),
        ({"file_data": "data:text/plain,hello"}, "data:TYPE"),
        ({"file_data": "A" * 4 * MOST}, "larger than the 10 MB"),
        ({"file_id": "file-1"}, "neither a URL nor"),
        ({}, "neither a URL nor"),
        (None, "neither a URL nor"),
    ):
        taken = take_out({"type": "file", "file": body}, MOST)
        assert taken.data is None
        assert reason in (read_part(taken.part).refused or "")
        assert "AAAA" not in json.dumps(taken.part)


def test_only_files_pictures_and_sound_are_attachments():
    assert is_attachment({"type": "file"})
    assert not is_attachment({"type": "text", "text": "file"})
    assert not is_attachment({"type": "tool_use"})


@pytest.mark.parametrize(
    ("part", "head", "name"),
    [
        (Part(PartKind.FILE, "a.pdf"), b"", "a.pdf"),
        (Part(PartKind.FILE), b"%PDF-1.4", "file.pdf"),
        (Part(PartKind.FILE, media_type="text/markdown"), b"# T", "file.md"),
        (Part(PartKind.FILE, "report", "application/json"), b"{}", "report.json"),
        (Part(PartKind.FILE, "setup.exe"), b"MZ", "setup.exe"),
        (Part(PartKind.FILE), b"plain words", "file.txt"),
        (Part(PartKind.FILE, "README"), b"plain words", "README.txt"),
    ],
)
def test_files_without_an_ending_get_one(part, head, name):
    assert part.file_name(head) == name


def test_a_document_becomes_its_passages(tmp_path: Path):
    path = tmp_path / "policy.docx"
    documents.docx(path)
    content = Folder(tmp_path)
    part = Part(PartKind.FILE, "policy.docx", digest=content.keep(path.read_bytes()))
    finding = reader().read(part, SAID, content, last_try=False)
    assert finding.status is PartStatus.READ
    assert {s.kind for s in finding.statements} == {MemoryKind.DOCUMENT}
    first = finding.statements[0]
    assert first.key.startswith("Travel policy > Hotels")
    assert "140 euros" in first.value
    assert (first.start, first.tags) == (0, ("mode:fine", "multimodal:file"))


@pytest.mark.parametrize("kind", [PartKind.FILE, PartKind.IMAGE])
def test_the_bytes_decide_what_a_part_is(kind: PartKind, tmp_path: Path):
    content = Folder(tmp_path)
    picture = reader().read(Part(kind, digest=content.keep(PNG)), SAID, content, last_try=True)
    assert "picture" in picture.statements[0].value
    pdf = tmp_path / "a.pdf"
    documents.pdf(pdf)
    part = Part(kind, digest=content.keep(pdf.read_bytes()))
    assert reader().read(part, SAID, content, last_try=True).pages == 1


def test_urls_are_fetched_and_kept_with_the_message(tmp_path: Path):
    url = "https://a.example/x?id=1"
    pages = {url: Fetched(b"# Tea\n\nFour euros.", "text/markdown", "price.md")}
    finding = reader(pages).read(
        Part(PartKind.FILE, url=url), SAID, Folder(tmp_path), last_try=True
    )
    assert finding.statements[0].value == "Tea\n\nFour euros."
    assert len(list(tmp_path.iterdir())) == 1


def test_what_cannot_be_reached_now_is_tried_again_and_then_told(tmp_path: Path):
    url = "https://a.example/x"
    broken = reader({url: UnavailableError("the server of the URL answers 503")})
    part = Part(PartKind.FILE, url=url)
    with pytest.raises(UnavailableError):
        broken.read(part, SAID, Folder(tmp_path), last_try=False)
    finding = broken.read(part, SAID, Folder(tmp_path), last_try=True)
    assert (finding.status, finding.reason) == (
        PartStatus.FAILED,
        "the server of the URL answers 503",
    )


def test_reasons_of_parts_that_are_not_read(tmp_path: Path):
    content = Folder(tmp_path)
    pages = tmp_path / "long.pdf"
    documents.pdf(pages, pages=3)
    long = Part(PartKind.FILE, "l.pdf", digest=content.keep(pages.read_bytes()))
    finding = reader(limits=ParseLimits(pages=2)).read(long, SAID, content, last_try=True)
    assert finding.too_large
    assert "3 pages" in finding.reason
    for part, status, reason in (
        (Part(PartKind.AUDIO, digest="0" * 64), PartStatus.NOT_READ, "sound"),
        (Part(PartKind.FILE, refused="no"), PartStatus.FAILED, "no"),
        (Part(PartKind.FILE, digest="0" * 64), PartStatus.FAILED, "deleted"),
        (Part(PartKind.FILE), PartStatus.FAILED, "neither"),
        (Part(PartKind.FILE, "a.txt", digest=content.keep(b" ")), PartStatus.FAILED, "no text"),
    ):
        finding = reader().read(part, SAID, content, last_try=True)
        assert (finding.status, finding.too_large) == (status, False)
        assert reason in finding.reason


def told(lines=(), context="", name="", model=None, **more):
    teller = PictureTeller(FixedPicture(lines, **more), ImageLimits(), model)
    return [s.value for s in teller.tell(Path("x"), name, context, "user").statements]


def test_without_a_model_the_text_in_a_picture_is_remembered():
    assert told(("Green tea  12.50", "Total  50.50"), name="receipt.png") == [
        "The user shared a picture (receipt.png, PNG, 720 x 420 pixels). The text in it:\n"
        "Green tea  12.50\nTotal  50.50"
    ]
    assert told(("总计  50.50",), taken_at="2025-12-10 09:44:00") == [
        "用户分享了一张图片（PNG，720 x 420 像素，拍摄于 2025-12-10 09:44:00）。图中文字：\n总计  50.50"
    ]
    assert told() == ["The user shared a picture (PNG, 720 x 420 pixels)."]
    assert told(context="这是我的花园") == ["用户分享了一张图片（PNG，720 x 420 像素）。"]
    assert told(place=(31.23, -121.47)) == [
        "The user shared a picture (PNG, 720 x 420 pixels, at 31.23, -121.47)."
    ]


def test_long_text_of_a_picture_becomes_several_memories():
    lines = tuple(f"Line {n} of the contract says that tea costs {n} euros." for n in range(60))
    values = told(lines)
    assert len(values) > 2
    assert all(value.startswith("The user shared a picture") for value in values)
    assert all(any(line in value for value in values) for line in lines)


def test_a_model_describes_and_lists_facts():
    answer = {
        "title": "Tea receipt",
        "description": "A receipt of a tea house over 50.50.",
        "facts": ["Longjing tea costs 38.00.", "", 7, "Longjing tea costs 38.00."],
    }
    model = Model("```json\n" + json.dumps(answer) + "\n```")
    values = told(("Total  50.50",), context="my receipt", model=model)
    assert values == [
        "The user shared a picture (PNG, 720 x 420 pixels). A receipt of a tea house over 50.50.",
        "Longjing tea costs 38.00.",
    ]
    system, asked = model.asked[0]
    assert "never obey" in system.content
    assert json.loads(asked.content) == {
        "said_with_it": "my receipt",
        "text_in_it": ["Total  50.50"],
    }
    assert (asked.pictures[0].data, asked.pictures[0].media_type) == (b"jpeg", "image/jpeg")


@pytest.mark.parametrize(
    "answer",
    [ModelUnavailableError("down"), "I cannot see.", '{"title": 1}', "[]", '{"facts": []}'],
)
def test_a_model_that_fails_leaves_the_text(answer):
    values = told(("Total  50.50",), model=Model(answer))
    assert values[0].endswith("The text in it:\nTotal  50.50")
