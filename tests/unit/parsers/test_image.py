"""Pictures: what is told of them, and pictures made to do harm."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from memos.errors import DocumentError, DocumentTooLargeError
from memos.parsers.base import ImageLimits
from memos.parsers.image import read_image
from memos.parsers.process_image import ProcessImageReader

RECEIPT = Path(__file__).parents[2] / "fixtures" / "receipt.png"
LIMITS = ImageLimits()


@pytest.fixture(scope="module")
def reader() -> Iterator[ProcessImageReader]:
    made = ProcessImageReader()
    yield made
    made.close()


def photo(path: Path, **options: object) -> Path:
    Image.new("RGB", (64, 48), "green").save(path, **options)
    return path


def test_english_and_chinese_text_in_a_picture_is_read(reader):
    found = reader.read(RECEIPT, LIMITS)
    assert (found.format, found.width, found.height) == ("PNG", 720, 420)
    assert found.lines == (
        "Tea House Receipt",
        "Green tea  12.50",
        "龙井茶  38.00",
        "总计  50.50",
        "谢谢光临，欢迎再来",
    )
    with Image.open(io.BytesIO(found.small)) as small:
        assert (small.format, small.size) == ("JPEG", (720, 420))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_usual_formats_are_read(kind: str, tmp_path: Path):
    found = read_image(photo(tmp_path / "a", format=kind), LIMITS)
    assert (found.format, found.width, found.height) == (kind, 64, 48)
    assert found.lines in ((), None)


def test_date_is_read_and_place_only_when_asked_for(tmp_path: Path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[36867] = "2025:12:10 09:44:00"
    gps = {1: "N", 2: (31.0, 13.0, 48.0), 3: "W", 4: (121.0, 28.0, 12.0)}
    exif.get_ifd(0x8825).update(gps)
    path = photo(tmp_path / "a.jpg", format="JPEG", exif=exif)
    found = read_image(path, LIMITS)
    assert (found.taken_at, found.place) == ("2025-12-10 09:44:00", None)
    asked = read_image(path, ImageLimits(location=True))
    assert asked.place == (31.23, -121.47)
    with Image.open(io.BytesIO(found.small)) as small:
        assert not small.getexif()


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "yesterday", "2025:12:10", "a:b:c d:e:f"])
def test_dates_that_are_none_are_left_out(text: str, tmp_path: Path):
    exif = Image.Exif()
    exif[306] = text
    assert read_image(photo(tmp_path / "a.jpg", exif=exif), LIMITS).taken_at is None


def png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_a_picture_that_unpacks_to_gigabytes_is_refused_by_its_header(tmp_path: Path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png(50_000, 50_000, zlib.compress(b"\0" * 2**20)))
    with pytest.raises(DocumentTooLargeError, match="64 million pixels"):
        read_image(path, LIMITS)
    path.write_bytes(png(9_000, 9_000, zlib.compress(b"\0" * 2**20)))
    with pytest.raises(DocumentTooLargeError, match="64 million pixels"):
        read_image(path, LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no picture", b"\x89PNG\r\n\x1a\n", png(64, 64, b"broken"), png(64, 64, b"")[:60],
        b"\xff\xd8\xff\xe0" + b"\0" * 50, b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.4", b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
)  # fmt: skip
def test_what_is_no_picture_says_so(data: bytes, tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match="broken"):
        read_image(path, LIMITS)


def test_a_broken_picture_leaves_the_reader_alive(reader, tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(png(64, 64, b"broken"))
    with pytest.raises(DocumentError):
        reader.read(path, LIMITS)
    assert reader.read(photo(tmp_path / "b.png"), LIMITS).width == 64


def test_transparent_ground_is_white(tmp_path: Path):
    path = tmp_path / "a.png"
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(path)
    with Image.open(io.BytesIO(read_image(path, LIMITS).small)) as small:
        assert small.getpixel((5, 5)) == (255, 255, 255)
