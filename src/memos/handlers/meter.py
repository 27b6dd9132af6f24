"""Counts what each project uses and refuses what is over its budgets or looks like a loop."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from memos.endpoints.usage import charged_to
from memos.errors import QuotaExceededError
from memos.handlers.budget import MINUTE, Budgets
from memos.handlers.loop import LoopBreaker
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
        budgets: what projects may use.
        loops: notices callers that send the same again and again.
    """

    def __init__(self, ledger: Ledger, clock: Clock, budgets: Budgets, loops: LoopBreaker) -> None:
        self.loops = loops
        self._ledger = ledger
        self._clock = clock
        self._budgets = budgets
        self._lock = threading.Lock()
        self._spent: dict[str, _Minute] = {}

    @contextmanager
    def measure(self, project: str, operation: str, tokens: int) -> Iterator[None]:
        """Count a call when it succeeds; a refused or failed one costs nothing.

        Calls of models inside are charged to the project.

        Raises:
            QuotaExceededError: the project's tokens of the last minute (40309), or its calls
                (40304) or tokens (40300) of the day are used up.
        """
        taken = self._take(project, tokens)
        try:
            self._budgets.take(project, tokens)
        except BaseException:
            self._give_back(project, taken)
            raise
        started = self._clock.monotonic()
        try:
            with charged_to(project, operation):
                yield
        except BaseException:
            self._budgets.give_back(project, tokens)
            self._give_back(project, taken)
            raise
        elapsed = int((self._clock.monotonic() - started) * 1000)
        self._ledger.add_usage(project, operation, tokens, elapsed)
        self._budgets.settle(project, tokens)

    def _take(self, project: str, tokens: int) -> tuple[float, int]:
        now = self._clock.monotonic()
        entry = (now, tokens)
        limit = self._budgets.limit(project, MINUTE)
        with self._lock:
            spent = self._spent.setdefault(project, _Minute())
            spent.forget(now - _WINDOW_S)
            if limit and spent.tokens + tokens > limit:
                raise QuotaExceededError(
                    f"more than {limit} input tokens within a minute; slow down and retry, "
                    "or raise MEMOS_TOKENS_PER_MINUTE"
                )
            spent.add(entry)
        return entry

    def _give_back(self, project: str, entry: tuple[float, int]) -> None:
        with self._lock:
            spent = self._spent.get(project)
            if spent is not None:
                spent.remove(entry)
