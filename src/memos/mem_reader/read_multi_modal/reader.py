"""Reads the parts of messages, one by one; what becomes of one part touches no other."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from memos.errors import DocumentError, DocumentTooLargeError, NotFoundError, UnavailableError
from memos.mem_reader.read_multi_modal.finding import Finding, PartStatus
from memos.mem_reader.read_multi_modal.part import Part, PartKind, named
from memos.parsers.fetch import Fetcher
from memos.parsers.formats import HEAD_BYTES

logger = logging.getLogger(__name__)

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")
_DOCUMENT_MAGIC = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")


class TellsDocuments(Protocol):
    """Reads documents."""

    def tell(self, path: Path, name: str) -> Finding:
        """As `DocumentTeller.tell`."""
        ...


class TellsPictures(Protocol):
    """Reads pictures."""

    def tell(self, path: Path, name: str, context: str, speaker: str) -> Finding:
        """As `PictureTeller.tell`."""
        ...


class Content(Protocol):
    """The stored bytes of the parts of one message."""

    def keep(self, data: bytes) -> str | None:
        """Store bytes that were fetched; their digest, or None when the message is gone."""
        ...

    def path(self, digest: str) -> Path:
        """Where stored bytes lie. Raises NotFoundError when they are gone."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """What surrounds a part: the text of its message, and the name or role of its speaker."""

    text: str
    speaker: str


class PartReader:
    """Reads parts.

    Args:
        documents: reads documents.
        pictures: reads pictures.
        fetcher: fetches what a URL names.
    """

    def __init__(
        self, documents: TellsDocuments, pictures: TellsPictures, fetcher: Fetcher
    ) -> None:
        self._documents = documents
        self._pictures = pictures
        self._fetcher = fetcher

    def read(self, part: Part, said: Said, content: Content, *, last_try: bool) -> Finding:
        """What a part says, or why it was not read.

        Args:
            part: the part.
            said: what surrounds it.
            content: stored bytes.
            last_try: give up what cannot be reached now, instead of raising.

        Raises:
            UnavailableError: its URL cannot be reached now, and there are attempts left.
        """
        if part.refused is not None:
            return Finding(PartStatus.FAILED, part.refused)
        if part.kind is PartKind.AUDIO:
            return Finding(PartStatus.NOT_READ, "sound is kept with the message and not read")
        try:
            return self._read(part, said, content)
        except DocumentTooLargeError as error:
            return Finding(PartStatus.FAILED, error.message, too_large=True)
        except DocumentError as error:
            return Finding(PartStatus.FAILED, error.message)
        except NotFoundError:
            return Finding(PartStatus.FAILED, "its content was deleted")
        except UnavailableError as error:
            if not last_try:
                raise
            return Finding(PartStatus.FAILED, error.message)

    def _read(self, part: Part, said: Said, content: Content) -> Finding:
        if part.digest is None:
            if part.url is None:
                return Finding(PartStatus.FAILED, "it holds neither a URL nor Base64 content")
            fetched = self._fetcher.fetch(part.url)
            digest = content.keep(fetched.data)
            if digest is None:
                return Finding(PartStatus.FAILED, "its message was deleted")
            part = named(part, fetched.name, fetched.media_type, digest)
        path = content.path(part.digest or "")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if _is_picture(part, head):
            return self._pictures.tell(path, part.name, said.text, said.speaker)
        return self._documents.tell(path, part.file_name(head))


def _is_picture(part: Part, head: bytes) -> bool:
    """Whether to read a part as a picture: its bytes decide, whatever it was sent as."""
    if head.startswith(_DOCUMENT_MAGIC):
        return False
    if head.startswith(_MAGIC) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    named_so = part.name.lower().endswith(_PICTURES) or part.media_type.startswith("image/")
    return part.kind is PartKind.IMAGE or named_so
