"""Finishes what processes that died had begun to erase."""

import logging
import threading
from collections.abc import Callable

from memos.errors import MemosError
from memos.log import origin_of
from memos.types.clock import Clock

logger = logging.getLogger(__name__)

_POLL_S = 30.0
_PATIENCE_S = 60.0
"""What began longer ago and is not finished is taken for broken off: holds end after as long."""


class Resumer:
    """Looks every half minute, and at once when started.

    Args:
        job: finishes what began before a time (ms UTC); it may be repeated.
        clock: tells the time.
    """

    def __init__(self, job: Callable[[int], int], clock: Clock) -> None:
        self._job = job
        self._clock = clock
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Work by itself from now on."""
        self._thread = threading.Thread(target=self._loop, name="memos-resumer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the work in progress."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def poll(self) -> None:
        """Finish what is left, if anything is."""
        try:
            self._job(self._clock.now_ms() - round(_PATIENCE_S * 1000))
        except MemosError as error:
            logger.warning(
                "unfinished erasures stay", extra={"code": error.code, "at": origin_of(error)}
            )

    def _loop(self) -> None:
        self.poll()
        while not self._stopped.wait(_POLL_S):
            self.poll()
