"""Pictures: format, size, date, the text in them, a small copy. Runs where bytes may do harm."""

import base64
import io
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from memos.errors import DocumentError, DocumentTooLargeError
from memos.parsers.base import ImageContent, ImageLimits
from memos.parsers.ocr import LARGEST_SIDE, read_words, rows_of
from memos.parsers.pdf.scan import read_scan

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
_SMALL_SIDE = 1568
"""Longest side of the copy for a model: what the usual ones see without scaling it themselves."""
_QUALITY = 85
_TAKEN = (36867, 306)
"""EXIF tags: when it was taken, else when the file was made."""
_EXIF, _GPS = 0x8769, 0x8825


def read_image(path: Path, limits: ImageLimits) -> ImageContent:
    """A picture's content; of an animation, that of its first frame.

    Raises:
        DocumentError: see `ImageReader`.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of large pictures; ours are refused by the limit below.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as opened:
                return _content(opened, limits)
    except UnidentifiedImageError as error:
        raise DocumentError(
            "the picture is broken or of a format that is not read; send PNG, JPEG, GIF, WebP, "
            "BMP or TIFF"
        ) from error
    except Image.DecompressionBombError as error:
        raise DocumentTooLargeError(_too_many(limits)) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DocumentError("the picture is broken") from error


def _content(opened: Image.Image, limits: ImageLimits) -> ImageContent:
    width, height = opened.size
    if width * height > limits.pixels:
        raise DocumentTooLargeError(_too_many(limits))
    found = _metadata(opened, limits)
    # A JPEG is unpacked at a fraction of its size when that is enough.
    opened.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
    picture = _flat(ImageOps.exif_transpose(opened))
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    lines = _lines(picture)
    picture.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
    small = io.BytesIO()
    picture.save(small, "JPEG", quality=_QUALITY)
    return ImageContent(
        format=str(opened.format),
        width=width,
        height=height,
        small=small.getvalue(),
        lines=lines,
        **found,
    )


def _too_many(limits: ImageLimits) -> str:
    return (
        f"the picture has more than the {limits.pixels // 1_000_000} million pixels that are read"
    )


def _flat(picture: Image.Image) -> Image.Image:
    """The picture in colours, what is transparent as white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    return picture.convert("RGB")


def _metadata(opened: Image.Image, limits: ImageLimits) -> dict[str, Any]:
    exif = opened.getexif()
    inner = exif.get_ifd(_EXIF)
    taken = next((str(v) for tag in _TAKEN if (v := inner.get(tag) or exif.get(tag))), "")
    place = _place(exif.get_ifd(_GPS)) if limits.location else None
    return {"taken_at": _time(taken), "place": place}


def _time(text: str) -> str | None:
    """`2025:12:10 09:44:00` as `2025-12-10 09:44:00`; None for anything else."""
    date, _, clock = text.strip("\x00 ").partition(" ")
    pieces = [*date.split(":"), *clock.split(":")]
    if len(pieces) != 6 or not all(piece.isdigit() for piece in pieces) or pieces[0] == "0000":
        return None
    return f"{date.replace(':', '-')} {clock}"


def _place(gps: Mapping[int, Any]) -> tuple[float, float] | None:
    try:
        latitude = _degrees(gps[2]) * (-1 if gps.get(1) == "S" else 1)
        longitude = _degrees(gps[4]) * (-1 if gps.get(3) == "W" else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _degrees(parts: Any) -> float:  # noqa: ANN401 - rationals of Pillow's own kind
    degrees, minutes, seconds = (float(part) for part in parts)
    return round(degrees + minutes / 60 + seconds / 3600, 6)


def _lines(picture: Image.Image) -> tuple[str, ...] | None:
    """Text in a picture, line by line; None when no engine is installed."""
    words = read_words(picture)
    if words is None:
        return None
    return tuple("  ".join(word.text for word in row) for row in rows_of(words))


def read_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """What a process does for `ProcessImageReader`: a picture, or a page that is one."""
    path = Path(request["path"])
    if "page" in request:
        blocks = read_scan(path, request["page"])
        return {"blocks": None if blocks is None else [asdict(each) for each in blocks]}
    found = read_image(path, ImageLimits(**request["limits"]))
    return {
        "format": found.format,
        "width": found.width,
        "height": found.height,
        "taken_at": found.taken_at,
        "place": found.place,
        "lines": found.lines,
        "small": base64.b64encode(found.small).decode(),
    }
