"""Runs calls in threads of their own, so that who waits for one can leave at a deadline."""

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from memos.types.clock import Clock

Result = TypeVar("Result")


class BoundedCalls:
    """Calls that nobody waits for longer than agreed. Safe to use from several threads.

    A call that is left goes on until it ends by itself and takes one of the threads until then.

    Args:
        name: name of the threads.
        clock: source of time; deadlines are values of its `monotonic`.
        threads: most calls at once, those included that nobody waits for any more.
    """

    def __init__(self, name: str, clock: Clock, threads: int) -> None:
        self._name = name
        self._clock = clock
        self._slots = threading.BoundedSemaphore(threads)

    def run(self, work: Callable[[], Result], until: float) -> "Future[Result] | None":
        """Do `work` and wait for it; the finished call, or None when it is not done by then.

        Args:
            work: what to do; its error is raised by the `result` of the call.
            until: by when to be back, seconds of the clock's `monotonic`.
        """
        left = until - self._clock.monotonic()
        if left <= 0 or not self._slots.acquire(timeout=left):
            return None
        call: Future[Result] = Future()
        context = contextvars.copy_context()
        # A daemon: a call that hangs must not keep the process from ending.
        thread = threading.Thread(
            target=context.run, args=(self._do, work, call), name=self._name, daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # no more threads to be had
            self._slots.release()
            return None
        wait([call], timeout=max(0.0, until - self._clock.monotonic()))
        return call if call.done() else None

    def _do(self, work: Callable[[], Result], call: "Future[Result]") -> None:
        try:
            call.set_result(work())
        except BaseException as error:  # noqa: BLE001 - task edge: who waits gets it
            call.set_exception(error)
        finally:
            self._slots.release()
