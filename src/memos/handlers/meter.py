"""Counts what each project uses and refuses what is over its tokens per minute."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from memos.errors import QuotaExceededError
from memos.records.base import Ledger
from memos.types.clock import Clock

_WINDOW_S = 60.0


class _Minute:
    """Tokens of the last calls of a project: (moment, tokens), oldest first, and their sum."""

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()
        self.tokens = 0

    def add(self, entry: tuple[float, int]) -> None:
        self._entries.append(entry)
        self.tokens += entry[1]

    def remove(self, entry: tuple[float, int]) -> None:
        if entry in self._entries:
            self._entries.remove(entry)
            self.tokens -= entry[1]

    def forget(self, until: float) -> None:
        while self._entries and self._entries[0][0] <= until:
            self.tokens -= self._entries.popleft()[1]


class Meter:
    """Usage and rate of every project in this process.

    Args:
        ledger: where usage is kept.
        clock: time.
        tokens_per_minute: input tokens a project may send in any 60 s; 0 = no limit.
    """

    def __init__(self, ledger: Ledger, clock: Clock, tokens_per_minute: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._limit = tokens_per_minute
        self._lock = threading.Lock()
        self._spent: dict[str, _Minute] = {}

    @contextmanager
    def measure(self, project: str, operation: str, tokens: int) -> Iterator[None]:
        """Count a call when it succeeds; a refused or failed one costs nothing.

        Raises:
            QuotaExceededError: the project's tokens of the last minute are used up.
        """
        taken = self._take(project, tokens)
        started = self._clock.monotonic()
        try:
            yield
        except BaseException:
            self._give_back(project, taken)
            raise
        elapsed = int((self._clock.monotonic() - started) * 1000)
        self._ledger.add_usage(project, operation, tokens, elapsed)

    def _take(self, project: str, tokens: int) -> tuple[float, int]:
        now = self._clock.monotonic()
        entry = (now, tokens)
        with self._lock:
            spent = self._spent.setdefault(project, _Minute())
            spent.forget(now - _WINDOW_S)
            if self._limit and spent.tokens + tokens > self._limit:
                raise QuotaExceededError(
                    f"more than {self._limit} input tokens within a minute; slow down and retry, "
                    "or raise MEMOS_TOKENS_PER_MINUTE"
                )
            spent.add(entry)
        return entry

    def _give_back(self, project: str, entry: tuple[float, int]) -> None:
        with self._lock:
            spent = self._spent.get(project)
            if spent is not None:
                spent.remove(entry)
