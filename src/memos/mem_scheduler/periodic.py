"""Runs care at intervals, in one process at a time."""

import logging
import threading
from collections.abc import Callable

from memos.errors import MemosError
from memos.log import origin_of
from memos.records.keeping import HoldRecords
from memos.types.clock import Clock

logger = logging.getLogger(__name__)

_POLL_S = 60.0


class Periodic:
    """Runs a job every so often, whichever of the processes on a store comes first.

    Args:
        holds: says which process has run it last: the hold lasts for the interval.
        job: what to run; it may be repeated.
        name: name of the hold.
        holder: name of this process.
        hours: the interval; 0 never runs it.
        clock: measures how long this process has been up.
    """

    def __init__(
        self,
        holds: HoldRecords,
        job: Callable[[], object],
        *,
        name: str,
        holder: str,
        hours: float,
        clock: Clock,
    ) -> None:
        self._holds = holds
        self._job = job
        self._name = name
        self._holder = holder
        self._hours = hours
        self._due = clock.monotonic() + hours * 3600
        self._clock = clock
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run by itself from now on."""
        if self._hours <= 0:
            return
        self._thread = threading.Thread(target=self._loop, name="memos-periodic", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the run in progress."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def poll(self) -> bool:
        """Run when it is due and no other process has run it within the interval; whether it ran."""
        if self._clock.monotonic() < self._due:
            return False
        self._due = self._clock.monotonic() + self._hours * 3600
        # A little shorter than the interval, so that its holder is not late for the next one.
        if not self._holds.take_hold(self._name, self._holder, self._hours * 3600 - _POLL_S):
            return False
        self._job()
        return True

    def _loop(self) -> None:
        while not self._stopped.wait(_POLL_S):
            self._try()

    def _try(self) -> None:
        try:
            self.poll()
        except MemosError as error:
            logger.warning(
                "periodic work failed", extra={"code": error.code, "at": origin_of(error)}
            )
