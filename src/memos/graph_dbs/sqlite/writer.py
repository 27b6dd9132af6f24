"""The one thread of a process that writes. Requests that wait together share one commit."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import apsw

from memos.errors import MemosError, StoreUnavailableError
from memos.graph_dbs.sqlite.connection import translated
from memos.graph_dbs.sqlite.fence import under_lease

_log = logging.getLogger(__name__)
_MAX_GROUP = 256
T = TypeVar("T")


class _Request:
    def __init__(self, change: Callable[[apsw.Connection], Any], erases: bool) -> None:
        self.change = change
        self.erases = erases
        self.future: Future[Any] = Future()
        self.result: Any = None


class Writer:
    """Runs changes one after another, each in a savepoint, and commits them in groups.

    Args:
        connect: opens the writing connection, on the writer's thread.
        settle: called after a commit that erased, before the erasing callers go on.
    """

    def __init__(
        self,
        connect: Callable[[], apsw.Connection],
        settle: Callable[[apsw.Connection], None],
    ) -> None:
        self._connect = connect
        self._settle = settle
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None

    def run(self, change: Callable[[apsw.Connection], T], *, erases: bool = False) -> T:
        """Make a change and wait until it is on disk; what the change raises is raised here.

        Args:
            change: gets the writing connection inside a transaction.
            erases: wait also until the erased bytes have left the files.

        Raises:
            LeaseLostError: the caller works on a task that another worker has taken over.
            StoreUnavailableError: the store is closed, busy, full or cannot be written.
        """
        request = _Request(under_lease(change), erases)
        with self._lock:
            if self._closed:
                raise StoreUnavailableError("the memory store is closed")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._work, name="memos-graph-writer", daemon=True
                )
                self._thread.start()
            self._queue.put(request)
        result: T = request.future.result()
        return result

    def close(self) -> None:
        """Finish what is queued and stop the thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        connection: apsw.Connection | None = None
        while (group := self._next_group()) is not None:
            try:
                connection = connection or self._connect()
                _Group(connection, group).write()
                self._clear(connection, [request for request in group if request.erases])
            except Exception as error:  # noqa: BLE001 - a task's edge: the callers get it
                _fail(group, error)
                _abandon(connection)
                connection = None
            for request in group:
                if not request.future.done():
                    request.future.set_result(request.result)
        if connection is not None:
            connection.close()

    def _clear(self, connection: apsw.Connection, requests: Sequence[_Request]) -> None:
        if not requests:
            return
        try:
            with translated():
                self._settle(connection)
        except MemosError as error:
            _fail(requests, error)

    def _next_group(self) -> list[_Request] | None:
        request = self._queue.get()
        if request is None:
            return None
        group = [request]
        while len(group) < _MAX_GROUP and not self._queue.empty():
            request = self._queue.get()
            if request is None:
                self._queue.put(None)
                break
            group.append(request)
        return group


class _Group:
    def __init__(self, connection: apsw.Connection, requests: Sequence[_Request]) -> None:
        self._connection = connection
        self._requests = requests

    def write(self) -> None:
        with translated():
            self._connection.execute("begin immediate")
            for request in self._requests:
                self._change(request)
            self._connection.execute("commit")

    def _change(self, request: _Request) -> None:
        self._connection.execute("savepoint request")
        try:
            with translated():
                request.result = request.change(self._connection)
        except Exception as error:  # a request's edge: its caller gets it
            if not self._connection.in_transaction:
                raise  # a full or failing disk took the whole transaction with it
            self._connection.execute("rollback to request")
            request.future.set_exception(error)
        self._connection.execute("release request")


def _fail(group: Sequence[_Request], error: Exception) -> None:
    for request in group:
        if not request.future.done():
            request.future.set_exception(error)


def _abandon(connection: apsw.Connection | None) -> None:
    """Close a connection whose state is unknown; the next group opens another."""
    if connection is None:
        return
    try:
        connection.close(True)
    except apsw.Error:
        _log.exception("closing the writing connection failed")
