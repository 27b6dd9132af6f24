"""Leave no byte of deleted rows in the files.

SQLite zeroes what it frees (secure_delete=on), but balancing a tree leaves stale copies of cells
in the unallocated gap of its pages: one in a few hundred deleted texts stays readable. So after a
deletion the write-ahead log is emptied into the file and the gap of every page is overwritten with
zeros. That is done through SQLite's own file layer, holding the write lock, while the log is
empty: nobody can write the file then, and readers never look into a gap. See ADR 0002.
"""

import threading
from pathlib import Path

import apsw

from memos.errors import StoreUnavailableError
from memos.graph_dbs.sqlite.connection import connect, read_meta, write_meta
from memos.types.clock import Clock

_DUE = "erasure_due"
_PATIENCE_S = 30.0
_PAUSE_S = 0.005
_CHUNK_PAGES = 7
"""SQLite's file layer masks a write's length with 0x1ffff: a write of 128 KiB writes nothing."""
_FILE_HEADER = 100
_TREE_PAGES = {2: 12, 5: 12, 10: 8, 13: 8}
"""First byte of a tree page and the size of its header. Any other page is a list of overflow or
free pages, which starts with a page number: below `_MOST_PAGES` its first byte is 0."""
_MOST_PAGES = 2**24


def mark_due(connection: apsw.Connection) -> None:
    """Note inside a deleting transaction that the files are to be cleared, whatever happens next."""
    write_meta(connection, _DUE, "1")


def is_due(connection: apsw.Connection) -> bool:
    """Whether a deletion was committed whose bytes may still lie in the files."""
    return read_meta(connection, _DUE) == "1"


def settle(path: Path, writer: apsw.Connection, clock: Clock) -> None:
    """Clear the files of everything deleted, unless another process has done so since.

    Args:
        path: the store's file.
        writer: the writing connection, outside a transaction.
        clock: tells when to give up.

    Raises:
        StoreUnavailableError: a reader kept the log from being emptied; the deletion itself holds,
            and the next one, or the next start, clears the files.
    """
    deadline = clock.monotonic() + _PATIENCE_S
    pause = threading.Event()
    while is_due(writer):
        if _emptied(writer) and _scrubbed(path):
            return
        if clock.monotonic() >= deadline:
            raise StoreUnavailableError(
                "deleted, but a long reader keeps the files from being cleared"
            )
        pause.wait(_PAUSE_S)  # another process is clearing or writing just now


def _emptied(connection: apsw.Connection) -> bool:
    busy, _, _ = connection.execute("pragma wal_checkpoint(truncate)").fetchall()[0]
    return not busy


def _scrubbed(path: Path) -> bool:
    """Zero the gaps, unless someone wrote since the log was emptied."""
    # A connection of its own: its commit makes all others drop their cached copies of the pages,
    # which would bring the stale bytes back when they are next written.
    connection = connect(path)
    try:
        connection.execute("begin immediate")
        if _log_size(path):
            connection.execute("rollback")
            return False
        scrub(path, int(connection.execute("pragma page_size").get))
        connection.execute("delete from meta where name=?", (_DUE,))
        write_meta(connection, "erased", str(int(read_meta(connection, "erased") or 0) + 1))
        connection.execute("commit")
    finally:
        connection.close()
    return True


def _log_size(path: Path) -> int:
    log = path.with_name(path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def scrub(path: Path, page_size: int) -> int:
    """Zero the unallocated bytes of every tree page; the number of pages that had any.

    Only for a file that no one can write: write lock held, write-ahead log empty.
    """
    # Opened by SQLite's layer: closing a descriptor of our own would drop SQLite's locks (POSIX).
    flags = [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READWRITE, 0]
    file = apsw.VFSFile("", str(path.resolve()), flags)
    zeroed = 0
    try:
        size = file.xFileSize()
        if size // page_size >= _MOST_PAGES:
            raise StoreUnavailableError("deleted, but the file is too large to be cleared")
        chunk = page_size * _CHUNK_PAGES
        for start in range(0, size, chunk):
            data = bytearray(file.xRead(min(chunk, size - start), start))
            for at in range(0, len(data), page_size):
                # Page by page: SQLite's Unix layer writes less than 128 KiB at a time.
                if _clear_page(data, at, page_size, _FILE_HEADER if start + at == 0 else 0):
                    file.xWrite(bytes(data[at : at + page_size]), start + at)
                    zeroed += 1
        if zeroed:
            file.xSync(apsw.SQLITE_SYNC_FULL)
    finally:
        file.xClose()
    return zeroed


def _clear_page(data: bytearray, at: int, page_size: int, skip: int) -> bool:
    """Zero the gap between a page's cell pointers and its cells; whether it held anything.

    Source: https://www.sqlite.org/fileformat2.html#b_tree_pages
    """
    head = at + skip
    header = _TREE_PAGES.get(data[head])
    if header is None:
        return False
    cells = int.from_bytes(data[head + 3 : head + 5], "big")
    content = int.from_bytes(data[head + 5 : head + 7], "big") or 65536
    first, last = head + header + 2 * cells, at + content
    if first >= last or last > at + page_size or data.count(0, first, last) == last - first:
        return False
    data[first:last] = bytes(last - first)
    return True
