"""The snapshots held in memory: least recently used ones go first, counted in bytes."""

import threading
from collections import OrderedDict, defaultdict

import apsw

from memos.graph_dbs.sqlite.load import up_to_date
from memos.graph_dbs.sqlite.snapshot import Snapshot


class SnapshotCache:
    """Snapshots by cube. One thread at a time brings a cube up to date; reading one never waits.

    Args:
        limit: bytes to hold at most; the snapshot just used stays, however large.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[int, Snapshot] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        self._refreshing: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)

    def get(self, connection: apsw.Connection, cube: int) -> Snapshot:
        """The cube as the connection's transaction sees it."""
        with self._refresh_lock(cube):
            with self._lock:
                old = self._held.get(cube)
            snapshot = up_to_date(connection, cube, old)
            if snapshot is None:
                # Another transaction has seen more: ours gets a snapshot of its own, unshared.
                whole = up_to_date(connection, cube, None)
                assert whole is not None  # noqa: S101 - only an old snapshot can be too new
                return whole
            self._keep(snapshot)
            return snapshot

    def holds(self, cube: int) -> bool:
        """Whether a snapshot of the cube is in memory."""
        with self._lock:
            return cube in self._held

    def drop(self, cube: int) -> None:
        """Forget a cube."""
        with self._lock:
            self._held.pop(cube, None)
            self._bytes -= self._sizes.pop(cube, 0)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._sizes.clear()
            self._bytes = 0

    def _refresh_lock(self, cube: int) -> threading.Lock:
        with self._lock:
            return self._refreshing[cube]

    def _keep(self, snapshot: Snapshot) -> None:
        cube = snapshot.cube
        with self._lock:
            if self._held.get(cube) is not snapshot:
                self._held[cube] = snapshot
                size = snapshot.nbytes
                self._bytes += size - self._sizes.get(cube, 0)
                self._sizes[cube] = size
            self._held.move_to_end(cube)
            while self._bytes > self._limit and len(self._held) > 1:
                gone, _ = self._held.popitem(last=False)
                self._bytes -= self._sizes.pop(gone)
