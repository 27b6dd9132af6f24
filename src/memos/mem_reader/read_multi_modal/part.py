"""A part of a message that is not text: what it is, what it is called, where its bytes are.

As stored, a part holds no payload: a URL, or the digest of what was sent (`STORED`), or the reason
why nothing of it was kept (`REFUSED`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from memos.errors import DocumentError
from memos.parsers.fetch import is_url
from memos.parsers.formats import HEAD_BYTES, guess_ending, named_format, usual_ending
from memos.parsers.inline import decode_inline
from memos.types.message import STORED, stored_digest

SIZE, MEDIA_TYPE, REFUSED = "size", "media_type", "refused"
"""Keys inside the body of a stored part."""
_PAYLOADS = ("url", "file_data", "data")
_NAMES = ("filename", "file_name", "name")
_MAX_NAME = 255


class PartKind(str, Enum):
    """What a part is. Values are the documented wire names."""

    IMAGE = "image_url"
    FILE = "file"
    AUDIO = "input_audio"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message that is not text.

    Args:
        kind: what it is.
        name: file name; empty when nobody gave one.
        media_type: as the sender or the server says; may be empty.
        url: where its bytes are to be fetched from.
        digest: SHA-256 of its stored bytes.
        refused: why there is nothing to be read.
    """

    kind: PartKind
    name: str = ""
    media_type: str = ""
    url: str | None = None
    digest: str | None = None
    refused: str | None = None

    def file_name(self, head: bytes = b"") -> str:
        """The name under which it is read: with an ending, guessed from type and first bytes."""
        if self.name and named_format(self.name) is not None:
            return self.name
        ending = usual_ending(self.media_type) or guess_ending(head[:HEAD_BYTES])
        if self.name and PurePosixPath(self.name).suffix and ending == ".txt":
            # An ending that is not read stays, so that the reason names the right thing.
            return self.name
        return (self.name or "file") + ending


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A part without its payload, and the payload when it came inside the request."""

    part: dict[str, Any]
    data: bytes | None = None


def take_out(part: Mapping[str, Any], most: int) -> TakenOut:
    """A part as it is stored, and its payload apart. A payload that cannot be used is dropped.

    Args:
        part: as sent.
        most: most bytes of a payload.
    """
    kind = str(part["type"])
    body = part.get(kind)
    body = dict(body) if isinstance(body, Mapping) else {"url": body}
    key = next((k for k in _PAYLOADS if isinstance(body.get(k), str) and body[k].strip()), None)
    # Only what is known is kept: another key may hold the payload as well.
    kept: dict[str, Any] = {
        k: body[k] for k in (*_NAMES, "file_id", "format", "detail") if k in body
    }
    data = None
    if key is None:
        kept[REFUSED] = "it holds neither a URL nor Base64 content"
    elif is_url(body[key].strip()):
        kept[key] = body[key].strip()
    else:
        try:
            inline = decode_inline(body[key], most)
            data = inline.data
            kept.update({MEDIA_TYPE: inline.media_type, SIZE: len(data)})
        except DocumentError as error:
            kept[REFUSED] = error.message
    return TakenOut({"type": kind, kind: kept}, data)


def stored(part: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """A part taken out, with the digest under which its payload was stored."""
    kind = str(part["type"])
    return {**part, kind: {**part[kind], STORED: digest}}


def read_part(part: Mapping[str, Any]) -> Part:
    """A stored part."""
    kind = PartKind(part["type"])
    body = part.get(kind.value)
    body = body if isinstance(body, Mapping) else {}
    name = next((str(body[k]) for k in _NAMES if isinstance(body.get(k), str)), "")
    url = next((str(body[k]) for k in _PAYLOADS if isinstance(body.get(k), str)), None)
    refused = body.get(REFUSED)
    return Part(
        kind=kind,
        name=_plain_name(name),
        media_type=str(body.get(MEDIA_TYPE) or ""),
        url=url,
        digest=stored_digest(part),
        refused=refused if isinstance(refused, str) else None,
    )


def named(part: Part, name: str, media_type: str, digest: str) -> Part:
    """A part whose bytes were fetched; what the sender said of it is kept."""
    return replace(
        part,
        name=part.name or _plain_name(name),
        media_type=part.media_type or media_type,
        digest=digest,
    )


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:_MAX_NAME]
