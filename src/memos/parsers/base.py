"""Ports of what reads files: documents, and pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from memos.types.document import Block, Document


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What a file may ask of a parser.

    Args:
        pages: most pages.
        expanded_bytes: most bytes of a container once unpacked.
        characters: most characters of text.
        seconds: longest time for one file.
    """

    pages: int = 500
    expanded_bytes: int = 512 * 2**20
    characters: int = 20_000_000
    seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """What the pages of a file that are pictures may ask for.

    Args:
        pages: most of them in one file.
        page_seconds: longest time for one.
        seconds: longest time for all of one file.
    """

    pages: int = 100
    page_seconds: float = 120.0
    seconds: float = 900.0


class PageReader(Protocol):
    """Reads pages of PDFs that are pictures. Safe to call from several threads at once."""

    def read_page(self, path: Path, number: int, seconds: float) -> tuple[Block, ...] | None:
        """What stands on a page; None when there is nothing here that reads pictures.

        Args:
            path: the PDF.
            number: of the page, from 1.
            seconds: longest time.

        Raises:
            DocumentError: it cannot be read.
        """
        ...


class Parser(Protocol):
    """Reads files of some formats. Safe to call from several threads at once."""

    def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
        """The file as a document.

        Args:
            path: the file on this machine.
            name: its name as uploaded; the ending tells the format, the content confirms it.
            limits: what it may ask for.

        Raises:
            DocumentError: it is encrypted, broken, empty, too large, or of a format that is not
                read; the message says which and is fit to be shown.
        """
        ...


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may ask of its reader.

    Args:
        pixels: most pixels, whatever the file's size.
        seconds: longest time for one.
        location: whether the place it was taken at is read from its metadata.
    """

    pixels: int = 64_000_000
    seconds: float = 120.0
    location: bool = False


@dataclass(frozen=True, slots=True)
class ImageContent:
    """What can be told of a picture without a model that sees.

    Args:
        format: `PNG`, `JPEG`, `GIF`, `WEBP`, `BMP` or `TIFF`.
        width, height: in pixels.
        taken_at: when a camera took it, `YYYY-MM-DD HH:MM:SS` in the camera's own time.
        place: latitude and longitude in degrees, when asked for and known.
        lines: text found in it, from top to bottom; None when no engine looked for any.
        small: the picture as a JPEG of moderate size and without metadata, for a model that sees.
    """

    format: str
    width: int
    height: int
    small: bytes
    taken_at: str | None = None
    place: tuple[float, float] | None = None
    lines: tuple[str, ...] | None = None


class ImageReader(Protocol):
    """Reads pictures. Safe to call from several threads at once."""

    def read(self, path: Path, limits: ImageLimits) -> ImageContent:
        """What a picture shows.

        Raises:
            DocumentError: it is broken, too large, or of a format that is not read.
        """
        ...
