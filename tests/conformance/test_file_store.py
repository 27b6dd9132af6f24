"""Stored files: kept once by content, read back, overwritten when nobody needs them."""

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.errors import NotFoundError, StoreUnavailableError
from memos.records.file_folder import FileFolder
from memos.records.files import FileStore


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileFolder(tmp_path / "files")


def test_content_is_kept_under_its_digest(files: FileStore) -> None:
    digest = files.put(b"The limit is 800 yuan.")
    assert digest == hashlib.sha256(b"The limit is 800 yuan.").hexdigest()
    assert files.path(digest).read_bytes() == b"The limit is 800 yuan."
    assert files.put(b"The limit is 800 yuan.") == digest


def test_a_stream_is_kept_like_bytes(files: FileStore) -> None:
    stored = files.put_stream(bytes([n]) * 1000 for n in range(50))
    assert stored.size == 50_000
    assert files.path(stored.digest).stat().st_size == 50_000
    assert files.put_stream(iter(())).digest == files.put(b"")


def test_a_stream_that_breaks_off_keeps_nothing(files: FileStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half of a secret"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        files.put_stream(broken())
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []


def test_files_are_the_owners_alone(files: FileStore, tmp_path: Path) -> None:
    path = files.path(files.put(b"x"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_unknown_content_and_odd_digests_are_not_found(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    for digest in ("0" * 64, "../secret", "", "/etc/passwd", "0" * 63 + "/"):
        with pytest.raises(NotFoundError):
            files.path(digest)
        files.remove(digest)
    assert (tmp_path / "secret").exists()


def test_removed_content_is_overwritten(files: FileStore) -> None:
    digest = files.put(b"secret" * 100)
    # Another name of the same bytes on disk shows what became of them.
    shadow = files.path(digest).with_name("shadow")
    os.link(files.path(digest), shadow)
    files.remove(digest)
    assert shadow.read_bytes() == bytes(600)
    with pytest.raises(NotFoundError):
        files.path(digest)
    files.remove(digest)


def test_a_sweep_removes_what_nobody_needs(files: FileStore, tmp_path: Path) -> None:
    kept, gone = files.put(b"kept"), files.put(b"gone")
    (tmp_path / "files" / "incoming" / "broken-off").write_bytes(b"left by a crash")
    assert files.sweep(lambda: {kept}) == 1
    assert files.path(kept).read_bytes() == b"kept"
    with pytest.raises(NotFoundError):
        files.path(gone)
    assert list((tmp_path / "files" / "incoming").iterdir()) == []


def test_a_sweep_waits_for_those_who_hold_the_store(files: FileStore, tmp_path: Path) -> None:
    """What is kept and noted while the store is held is never swept away in between."""
    needed: set[str] = set()
    other = FileFolder(tmp_path / "files")  # as another process would see it
    began = threading.Event()

    def sweep() -> None:
        began.set()
        other.sweep(lambda: set(needed))

    with files.hold(), files.hold():
        digest = files.put(b"needed")
        thread = threading.Thread(target=sweep)
        thread.start()
        began.wait()
        needed.add(digest)
    thread.join()
    assert files.path(digest).read_bytes() == b"needed"


def test_a_copy_holds_all_content(files: FileStore, tmp_path: Path) -> None:
    digests = [files.put(text) for text in (b"one", b"two")]
    files.backup(tmp_path / "copy")
    copy = FileFolder(tmp_path / "copy")
    assert [copy.path(d).read_bytes() for d in digests] == [b"one", b"two"]
    assert copy.path(digests[0]).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_told(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "files" / "incoming").rmdir()
    with pytest.raises(StoreUnavailableError):
        files.put(b"x")
