"""Large request bodies: received onto disk, and read from there piece by piece.

An upload of 300 MB is written once to a nameless file and mapped into memory; neither the body nor
a file in it ever exists as one object of Python.
"""

import asyncio
import io
import json
import mmap
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from typing_extensions import Self

from memos.errors import InvalidInputError, MemosError, StoreUnavailableError

PIECE = 2**20
_IN_MEMORY = 2**20
_MOST_JSON = 8 * 2**20
"""Bytes of a JSON body besides the long strings in it."""
_LONG_STRING = re.compile(
    rb'"(?:data:[^"\\,]{0,200}(?:\\/[^"\\,]{0,200}){0,4},)?'
    rb'[A-Za-z0-9+/=_\\-]{65535,}[A-Za-z0-9+/=_-]"'
)
"""A JSON string that can only be Base64. `\\/` and `\\u002B` are how some programs write its
characters; no quotation mark inside a string is mistaken for its end, as the one before is none."""
_PART_NAME = re.compile(r'\bname="([^"]*)"|\bname=([^;\s"]+)', re.IGNORECASE)
_FILE_NAME = re.compile(r'\bfilename="((?:[^"\\]|\\.)*)"|\bfilename=([^;\s"]+)', re.IGNORECASE)
_FILE_NAME_STAR = re.compile(r"\bfilename\*=([\w-]+)''([^;\s]+)", re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,200})"|([^;\s"]{1,200}))', re.IGNORECASE)
_LONGEST_HEAD = 8192
_MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a body: from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a multipart body.

    Args:
        name: name of the field.
        filename: name of the file; None for a plain field.
        media_type: as sent, without parameters; empty when not sent.
        span: its content.
    """

    name: str
    filename: str | None
    media_type: str
    span: Span


class Body:
    """A received body. Close it when done.

    Args:
        file: where it lies.
        content_type: of the request.
        error: why it was not received whole.
    """

    def __init__(self, file: BinaryIO, content_type: str, error: MemosError | None = None) -> None:
        self._file = file
        self.content_type = content_type
        self._error = error
        self._data: bytes | mmap.mmap | None = None

    @property
    def data(self) -> "bytes | mmap.mmap":
        """Its bytes.

        Raises:
            InvalidInputError: it was too large.
        """
        if self._error is not None:
            raise self._error
        if self._data is None:
            if isinstance(self._file, io.BytesIO):
                self._data = self._file.getvalue()
            elif self._file.seek(0, io.SEEK_END):
                self._data = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            else:
                self._data = b""
        return self._data

    @property
    def is_multipart(self) -> bool:
        """Whether it is a form with files."""
        return self.content_type.lower().startswith("multipart/form-data")

    def pieces(self, span: Span) -> Iterator[bytes]:
        """A span of it, about a megabyte at a time."""
        for start in range(span.start, span.end, PIECE):
            yield self.data[start : min(start + PIECE, span.end)]

    def json(self) -> tuple[object, Mapping[str, Span]]:
        """The decoded JSON; a long Base64 string in it is a key of the spans that come with it.

        Raises:
            InvalidInputError: it is not JSON.
        """
        token, data = secrets.token_hex(16), self.data
        spans: dict[str, Span] = {}
        kept, end = [], 0
        for match in _LONG_STRING.finditer(data):
            key = f"{token}-{len(spans)}"
            spans[key] = Span(match.start() + 1, match.end() - 1)
            kept += [data[end : match.start()], f'"{key}"'.encode()]
            end = match.end()
        if len(data) - end + sum(map(len, kept)) > _MOST_JSON:
            raise InvalidInputError(
                f"the request holds more than {_MOST_JSON // 2**20} MB besides Base64 content",
                code=40305,
            )
        try:
            return json.loads(b"".join([*kept, data[end:]])), spans
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(
                "the request body must be JSON, or a form with files"
            ) from error

    def parts(self) -> list[Part]:
        """The parts of a multipart body.

        Raises:
            InvalidInputError: it is not one, or broken off.
        """
        found = _BOUNDARY.search(self.content_type)
        if found is None:
            raise InvalidInputError("the form names no boundary; send it with an HTTP library")
        line = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
        return [self._part(span) for span in _between(self.data, line)]

    def _part(self, span: Span) -> Part:
        data = self.data
        head_end = data.find(b"\r\n\r\n", span.start, min(span.end, span.start + _LONGEST_HEAD))
        if head_end < 0:
            raise InvalidInputError("a part of the form has no headers")
        head = data[span.start : head_end].decode("utf-8", "replace")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n"))
        }
        disposition = headers.get("content-disposition", "")
        name = _PART_NAME.search(_FILE_NAME.sub("", disposition))
        media_type = headers.get("content-type", "").split(";")[0].strip().lower()
        return Part(
            (name[1] or name[2] or "") if name else "",
            _file_name(disposition),
            media_type,
            Span(head_end + 4, span.end),
        )

    def close(self) -> None:
        """Release the memory and the disk."""
        if isinstance(self._data, mmap.mmap):
            self._data.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


async def receive(request: Request, folder: Path, limit: int) -> Body:
    """The body of a request, on disk from a megabyte on.

    Args:
        request: not yet read.
        folder: where the nameless file lies.
        limit: most bytes; a larger body is told when it is used.
    """
    file: BinaryIO = io.BytesIO()
    content_type = request.headers.get("content-type", "")
    if declared_size(request) > limit:
        return Body(file, content_type, _too_large(limit))
    size, pending = 0, []
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                return Body(file, content_type, _too_large(limit))
            pending.append(chunk)
            if sum(map(len, pending)) >= PIECE:
                file = await asyncio.to_thread(_append, file, pending, folder)
                pending = []
        file = await asyncio.to_thread(_append, file, pending, folder)
    except ClientDisconnect:
        return Body(file, content_type, broken_off())
    except OSError as error:
        return Body(file, content_type, _not_kept(error))
    return Body(file, content_type)


def declared_size(request: Request) -> int:
    """Bytes of the body as its headers tell; 0 when they do not."""
    declared = request.headers.get("content-length", "")
    return int(declared) if re.fullmatch(r"[0-9]{1,18}", declared) else 0


def broken_off() -> InvalidInputError:
    """The client left before its body was whole; nobody reads the answer."""
    return InvalidInputError("the request broke off before its body was whole")


def _append(file: BinaryIO, chunks: list[bytes], folder: Path) -> BinaryIO:
    """Write behind what is there; moves from memory to disk when it gets long."""
    if isinstance(file, io.BytesIO) and file.tell() + sum(map(len, chunks)) > _IN_MEMORY:
        # Without a name, so that a crash leaves nothing.
        disk: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by Body
        disk.write(file.getvalue())
        file = disk
    file.writelines(chunks)
    file.flush()
    return file


def _not_kept(error: OSError) -> StoreUnavailableError:
    return StoreUnavailableError(
        f"an upload cannot be kept: {error.strerror}; is the disk of the data folder full?"
    )


def _too_large(limit: int) -> InvalidInputError:
    return InvalidInputError(
        f"the upload is larger than {limit // 2**20} MB; upload the files one part after the other",
        code=50105,
        field="file",
    )


def _between(data: "bytes | mmap.mmap", line: bytes) -> Iterator[Span]:
    """Spans between boundary lines."""
    at = 0 if data[: len(line)] == line else data.find(b"\r\n" + line)
    if at > 0:
        at += 2
    for _ in range(_MOST_PARTS):
        start = at + len(line)
        if at < 0 or start + 2 > len(data):
            raise InvalidInputError("the form breaks off")
        if data[start : start + 2] == b"--":
            return
        start = data.find(b"\r\n", start) + 2
        end = data.find(b"\r\n" + line, start - 2)
        if start < 2 or end < 0:
            raise InvalidInputError("the form breaks off")
        yield Span(start, max(start, end))
        at = end + 2
    raise InvalidInputError(f"the form has more than {_MOST_PARTS} parts", code=50103)


def _file_name(disposition: str) -> str | None:
    starred = _FILE_NAME_STAR.search(disposition)
    if starred:
        try:
            return unquote(starred[2], encoding=starred[1], errors="replace")
        except LookupError:
            return unquote(starred[2], errors="replace")
    plain = _FILE_NAME.search(disposition)
    if plain is None:
        return None
    return re.sub(r"\\(.)", r"\1", plain[1]) if plain[1] is not None else plain[2]
