"""Files that come inside a request: Base64, with or without a data URL around it."""

import base64
import binascii
import re
from dataclasses import dataclass

from memos.errors import DocumentError, DocumentTooLargeError

_ALPHABET = re.compile(r"[A-Za-z0-9+/_=-]*\Z")
_WHITE = re.compile(r"\s+")
_BAD_CHARACTERS = 40008
_BAD_FORM = 40009
_TOO_LARGE = 50104


@dataclass(frozen=True, slots=True)
class Inline:
    """Bytes that came inside a request, and their media type when it was said."""

    data: bytes
    media_type: str


def decode_inline(text: str, most: int = 100 * 2**20) -> Inline:
    """Bytes of a Base64 text or a `data:TYPE;base64,...` URL. The URL-safe alphabet is read as well.

    Args:
        text: as sent; white space between characters is allowed.
        most: most bytes.

    Raises:
        DocumentError: characters that are not Base64 (40008); a wrong prefix, length or padding
            (40009); larger than `most` (50104).
    """
    media_type, body = _split(text)
    body = _WHITE.sub("", body)
    if len(body) // 4 * 3 > most + 2:
        raise DocumentTooLargeError(
            f"the file is larger than the {most // 2**20} MB that are read", code=_TOO_LARGE
        )
    if not _ALPHABET.match(body):
        raise DocumentError(
            "the Base64 text holds characters that are not Base64", code=_BAD_CHARACTERS
        )
    bare = body.rstrip("=")
    padding = len(body) - len(bare)
    wrong_end = padding and (len(body) % 4 or padding > 2)
    if not bare or "=" in bare or wrong_end or len(bare) % 4 == 1:
        raise DocumentError("the Base64 text is cut or wrongly padded", code=_BAD_FORM)
    bare = bare.replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except binascii.Error as error:
        raise DocumentError("the Base64 text is cut or wrongly padded", code=_BAD_FORM) from error
    return Inline(data, media_type)


def _split(text: str) -> tuple[str, str]:
    text = text.strip()
    if text[:5].lower() != "data:":
        return "", text
    head, comma, body = text.partition(",")
    media_type, *options = head[5:].split(";")
    if not comma or options[-1:] != ["base64"]:
        raise DocumentError(
            "a data URL must have the form data:TYPE;base64,CONTENT", code=_BAD_FORM
        )
    return media_type.strip().lower(), body
