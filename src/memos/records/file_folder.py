"""Stored files as a folder: `files/ab/<sha-256>`, each written beside its place and renamed into it.

Not for secrets of the file system: the content lies as it was uploaded, readable by its owner
only. Removing overwrites first, so that the bytes are gone where the file system writes in place.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from memos.errors import ConfigError, NotFoundError, StoreUnavailableError
from memos.records.files import Needed, Stored

_DIGEST = re.compile("[0-9a-f]{64}")
_INCOMING = "incoming"
_LOCK = "lock"
_PIECE = 2**20


class FileFolder:
    """Implements `FileStore` over a folder, which is made when it is not there.

    Args:
        folder: where the files are.

    Raises:
        ConfigError: the folder cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / _INCOMING
        try:
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        except OSError as error:
            raise ConfigError(f"the folder of files cannot be made: {error.strerror}") from error

    def put(self, data: bytes) -> str:
        """Keep bytes durably; their SHA-256 in hex. Equal content is kept once."""
        return self.put_stream([data]).digest

    def put_stream(self, chunks: Iterable[bytes]) -> Stored:
        """As `put`, of content that need not fit into memory. An error of `chunks` keeps nothing.

        Raises:
            StoreUnavailableError: the disk is full or the folder cannot be written.
        """
        partial = self._incoming / secrets.token_hex(16)
        try:
            with _available():
                stored = _write(partial, chunks)
                self._place(partial, stored.digest)
        finally:
            _overwrite(partial)
        return stored

    def path(self, digest: str) -> Path:
        """Where the content lies, to be read.

        Raises:
            NotFoundError: nothing with this digest is kept.
        """
        path = self._at(digest) if _DIGEST.fullmatch(digest) else None
        if path is None or not path.is_file():
            raise NotFoundError("the content of this file is not kept any more")
        return path

    def remove(self, digest: str) -> None:
        """Overwrite and remove the content; nothing happens when it is not there."""
        if _DIGEST.fullmatch(digest):
            with _available():
                _overwrite(self._at(digest))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """While held, `sweep` waits. Several may hold it at once; not reentrant with `sweep`."""
        with self._locked(fcntl.LOCK_SH):
            yield

    def sweep(self, needed: Needed) -> int:
        """Remove all content that nobody needs, uploads broken off by a crash too; how much."""
        with self._locked(fcntl.LOCK_EX), _available():
            wanted = needed()
            unwanted = [path for path in self._files() if path.name not in wanted]
            for path in [*unwanted, *self._incoming.iterdir()]:
                _overwrite(path)
        return len(unwanted)

    def backup(self, target: Path) -> None:
        """Copy all content into a new folder while in use.

        Raises:
            StoreUnavailableError: the copy cannot be written.
        """
        with self.hold(), _available():
            copy = FileFolder(target)
            for path in self._files():
                place = copy._at(path.name)
                place.parent.mkdir(mode=0o700, exist_ok=True)
                shutil.copyfile(path, place)
                place.chmod(0o600)
                _sync(place)

    def _files(self) -> list[Path]:
        return sorted(p for p in self._folder.glob("??/*") if _DIGEST.fullmatch(p.name))

    def _at(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _place(self, partial: Path, digest: str) -> None:
        path = self._at(digest)
        if path.is_file():
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        partial.replace(path)
        _sync(path.parent)
        _sync(self._folder)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Locks belong to the open file, so they hold between threads as between processes."""
        with _available():
            handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            f"a file cannot be kept or removed: {error.strerror}; is the disk full?"
        ) from error


def _write(path: Path, chunks: Iterable[bytes]) -> Stored:
    digest, size = hashlib.sha256(), 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size)


def _overwrite(path: Path) -> None:
    """Zero a file's bytes on disk, then unlink it."""
    try:
        left = path.stat().st_size
        with path.open("r+b") as file:
            while left > 0:
                left -= file.write(b"\0" * min(left, _PIECE))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
