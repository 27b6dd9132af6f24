"""Files as clients send them: an address, Base64 or a data URL, with a name and a type, or not."""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from memos.errors import InvalidInputError, MissingFieldError
from memos.handlers.knowledge_base import IncomingFile
from memos.parsers.formats import HEAD_BYTES, guess_ending, named_format, usual_ending
from memos.records.knowledge import FileType

_MAX_NAME = 255
_MAX_ADDRESS = 4096
_ENDING = re.compile(r"(?=.*[a-z])[a-z0-9]{1,5}")
_SKILL_TYPES = {
    "text/markdown": "md",
    "application/zip": "zip",
    "application/x-zip-compressed": "zip",
}
_SKILLS = ("md", "zip")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_ESCAPED = re.compile(rb"\\u00([0-9a-fA-F]{2})")
_BLANK = b" \t\r\n"
_MAX_PREFIX = 1024
_LONGEST_ESCAPE = 6


@dataclass(frozen=True, slots=True)
class Described:
    """What a client says of a file besides its content; empty where it says nothing."""

    name: str
    type: FileType
    media_type: str = ""


def file_type(value: str) -> FileType:
    """The type a client names.

    Raises:
        InvalidInputError: it is not one (40006).
    """
    try:
        return FileType(value)
    except ValueError as error:
        raise InvalidInputError(
            "type of a file must be document or skill", code=40006, field="type"
        ) from error


def from_address(described: Described, address: str) -> IncomingFile:
    """A file that has to be fetched.

    Raises:
        InvalidInputError: the address is of another kind (40000), or the name has an ending that
            is not read (40007).
    """
    try:
        parts = urlsplit(address.strip())
        last = PurePosixPath(unquote(parts.path)).name
        host = parts.hostname
    except ValueError:
        host = last = ""
    if not host or len(address) > _MAX_ADDRESS:
        raise InvalidInputError("content of a file is not an address that can be read")
    named = format_of(described) if described.name else ""
    wanted = _SKILLS if described.type is FileType.SKILL else ()
    ending = PurePosixPath(last.lower()).suffix[1:]
    known = ending in wanted if wanted else named_format(last) is not None
    name = described.name or _plain_name(last) or host
    return IncomingFile(
        name, described.type, named or (ending if known else ""), url=address.strip()
    )


def from_bytes(described: Described, content: Iterable[bytes], number: int) -> IncomingFile:
    """A file whose bytes were sent; `number` names it when it has no name.

    Raises:
        InvalidInputError: its type is not read (40007).
    """
    pieces = iter(content)
    first = next(pieces, b"")
    ending = format_of(described) or _guessed(described.type, first[:HEAD_BYTES])
    name = described.name or f"{described.type.value}-{number}.{ending}"
    return IncomingFile(name, described.type, ending, _again(first, pieces))


def is_address(text: str) -> bool:
    """Whether a content is an address and no Base64.

    Raises:
        InvalidInputError: it is an address that is not fetched.
    """
    scheme, found, _ = text[:64].partition("://")
    if not found:
        return False
    if scheme.strip().lower() in {"http", "https"}:
        return True
    raise InvalidInputError("content of a file must be an http or https address, or Base64")


def format_of(described: Described) -> str:
    """Ending, without the dot, that name or media type tell; empty when they tell nothing.

    Raises:
        InvalidInputError: they tell a format that is not read (40007).
    """
    suffix = PurePosixPath(described.name.lower()).suffix[1:]
    if described.type is FileType.SKILL:
        if suffix in _SKILLS:
            return suffix
        by_type = _SKILL_TYPES.get(described.media_type, "")
        wanted = "a skill must be a .md or a .zip file"
    else:
        if named_format(described.name) is not None:
            return suffix
        by_type = (usual_ending(described.media_type) or "")[1:]
        wanted = "files of this type are not read; send .pdf, .docx, .doc, .txt, .json, .md or .xml"
    if not by_type and _ENDING.fullmatch(suffix):
        raise InvalidInputError(wanted, code=40007, field="file")
    return by_type


def checked_name(name: str) -> str:
    """The last part of a name that may be a path.

    Raises:
        InvalidInputError: it is too long.
    """
    plain = _plain_name(name)
    if len(plain) > _MAX_NAME:
        raise InvalidInputError(
            f"name of a file must not be longer than {_MAX_NAME} characters", field="name"
        )
    return plain


def data_prefix(head: str) -> tuple[str, int]:
    """Media type of a data URL and where its content begins; nothing and 0 when it is none.

    Raises:
        InvalidInputError: it is one without Base64 (40009).
    """
    if not head[:5].lower().startswith("data:"):
        return "", 0
    prefix, comma, _ = head[:_MAX_PREFIX].partition(",")
    if not comma or not prefix.lower().rstrip().endswith(";base64"):
        raise InvalidInputError(
            "a data URL must have the form data:<media type>;base64,<content>",
            code=40009,
            field="file",
        )
    return prefix[5:].split(";")[0].strip().lower(), len(prefix) + 1


def decoded(pieces: Iterable[bytes], *, escaped: bool = False) -> Iterator[bytes]:
    """Base64, both alphabets, as bytes.

    Args:
        pieces: the text, in pieces of any length.
        escaped: it is the inside of a JSON string that was not decoded.

    Raises:
        InvalidInputError: a character that is not of the alphabet (40008), or wrong padding (40009).
    """
    rest, padding = b"", 0
    for piece in _unescaped(pieces) if escaped else pieces:
        text = piece.translate(_URL_SAFE, _BLANK)
        if text.translate(None, _ALPHABET):
            raise InvalidInputError(
                "content of a file holds characters that are not Base64", code=40008, field="file"
            )
        body = text.rstrip(b"=")
        if b"=" in body or (padding and body):
            _refuse_form()
        padding += len(text) - len(body)
        rest += text
        whole = len(rest) - len(rest) % 4
        yield binascii.a2b_base64(rest[:whole]) if padding <= 2 else _refuse_form()
        rest = rest[whole:]
    if rest:
        _refuse_form()


def _refuse_form() -> NoReturn:
    raise InvalidInputError(
        "content of a file is not whole Base64; check that it was not cut off",
        code=40009,
        field="file",
    )


def _unescaped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text of a JSON string that holds escapes of plain characters only."""
    held = b""
    for piece in pieces:
        text = held + piece
        last = text.rfind(b"\\", max(0, len(text) - _LONGEST_ESCAPE + 1))
        held = text[last:] if last >= 0 else b""
        yield _plain(text[: len(text) - len(held)])
    yield _plain(held)


def _plain(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    text = _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), text)
    for escape, meant in ((b"\\/", b"/"), (b"\\n", b""), (b"\\r", b""), (b"\\t", b"")):
        text = text.replace(escape, meant)
    return text


def _guessed(kind: FileType, head: bytes) -> str:
    if kind is FileType.SKILL:
        return "zip" if head.startswith(b"PK") else "md"
    return guess_ending(head)[1:]


def _again(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _plain_name(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/").strip()).name.strip()


def require(value: str, field: str) -> str:
    """A text that is not blank.

    Raises:
        MissingFieldError: it is (40002).
    """
    if not value.strip():
        raise MissingFieldError(f"{field} is required and must not be empty", field=field)
    return value
