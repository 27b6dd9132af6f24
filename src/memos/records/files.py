"""Port of the stored files: bytes of uploads, kept by content until nothing names them."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """Content that is kept: its SHA-256 in hex and its length in bytes."""

    digest: str
    size: int


class FileStore(Protocol):
    """Files by the SHA-256 of their content. Safe to call from several threads and processes.

    Whoever keeps content notes in the records that it is needed (`FileReferences`), and holds the
    store from before the `put` until that is done; else it may be swept away in between.
    """

    def put(self, data: bytes) -> str:
        """Keep bytes durably; their SHA-256 in hex. Equal content is kept once."""
        ...

    def put_stream(self, chunks: Iterable[bytes]) -> Stored:
        """As `put`, of content that need not fit into memory. An error of `chunks` keeps nothing."""
        ...

    def path(self, digest: str) -> Path:
        """Where the content lies, to be read.

        Raises:
            NotFoundError: nothing with this digest is kept.
        """
        ...

    def remove(self, digest: str) -> None:
        """Overwrite and remove the content; nothing happens when it is not there."""
        ...

    def hold(self) -> AbstractContextManager[None]:
        """While held, `sweep` waits. Several may hold it at once; not reentrant with `sweep`."""
        ...

    def sweep(self, needed: "Needed") -> int:
        """Remove all content that nobody needs; how much. Asks `needed` while nobody holds it."""
        ...

    def backup(self, target: Path) -> None:
        """Copy all content into a new folder while in use."""
        ...


class Needed(Protocol):
    """Tells which content is needed."""

    def __call__(self) -> set[str]:
        """Every digest somebody needs."""
        ...
