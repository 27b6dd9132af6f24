"""Port of the stored files: bytes of uploads, kept by content until nothing names them."""

from pathlib import Path
from typing import Protocol


class FileStore(Protocol):
    """Files by the SHA-256 of their content. Safe to call from several threads at once."""

    def put(self, data: bytes) -> str:
        """Keep bytes durably; their SHA-256 in hex. Equal content is kept once."""
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
