"""What projects may use in a day, and whether they still may."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from memos.errors import ModelBudgetError, QuotaExceededError
from memos.records.base import Ledger
from memos.types.clock import Clock

CALLS = "calls_per_day"
TOKENS = "tokens_per_day"
MODEL_TOKENS = "model_tokens_per_day"
EMBEDDER_TOKENS = "embedder_tokens_per_day"
MINUTE = "tokens_per_minute"
BUDGETS = (CALLS, TOKENS, MODEL_TOKENS, EMBEDDER_TOKENS, MINUTE)
"""Names of what can be limited; an amount of 0 is no limit."""

_BELIEVE_S = 5.0
"""How long what another process wrote may go unseen."""
_DAY_MS = 86_400_000
_LONGEST_WAIT_S = 7200.0
"""Work that waits for its budget looks again after so long: somebody may have raised it."""
_SPENT = {MODEL_TOKENS: "model tokens", EMBEDDER_TOKENS: "embedder tokens"}
_RENEWAL = "it is renewed at midnight UTC, or raise it with `memos projects budget`"


@dataclass(slots=True)
class _Today:
    """What a project has used on a day: as the ledger said last, and since then."""

    day: int
    limits: Mapping[str, int]
    until: float
    calls: int = 0
    tokens: int = 0
    spent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SPENT, 0))
    pending_calls: int = 0
    pending_tokens: int = 0


class Budgets:
    """Hard limits a day, per project. Safe to use from several threads.

    Within a process no call too many passes; what other processes spend is seen within 5 seconds.
    Only calls that succeed count. Days are UTC.

    Args:
        ledger: knows what was used, and the budgets of projects.
        clock: time.
        defaults: amounts by name for projects without their own.
    """

    def __init__(self, ledger: Ledger, clock: Clock, defaults: Mapping[str, int]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._defaults = {name: defaults.get(name, 0) for name in BUDGETS}
        self._lock = threading.Lock()
        self._today: dict[str, _Today] = {}

    def limit(self, project: str, name: str) -> int:
        """What the project may use of one of `BUDGETS`; 0 is no limit."""
        with self._lock:
            return self._of(project).limits[name]

    def take(self, project: str, tokens: int) -> None:
        """Set a call aside; end it with `settle` or `give_back`.

        Raises:
            QuotaExceededError: 40304 when the calls of the day are used up, 40300 the tokens.
        """
        with self._lock:
            today = self._of(project)
            calls, most = today.limits[CALLS], today.limits[TOKENS]
            if calls and today.calls + today.pending_calls >= calls:
                raise QuotaExceededError(
                    f"the project's {calls} calls of today are used up; {_RENEWAL}", code=40304
                )
            if most and today.tokens + today.pending_tokens + tokens > most:
                raise QuotaExceededError(
                    f"the project's {most} input tokens of today do not suffice; {_RENEWAL}",
                    code=40300,
                )
            today.pending_calls += 1
            today.pending_tokens += tokens

    def settle(self, project: str, tokens: int) -> None:
        """A call that was set aside has succeeded and is in the ledger."""
        self._end(project, tokens, used=True)

    def give_back(self, project: str, tokens: int) -> None:
        """A call that was set aside has failed and costs nothing."""
        self._end(project, tokens, used=False)

    def admit_model(self, project: str, role: str) -> None:
        """Raises ModelBudgetError (40300) when the project's tokens of today for a role are used up."""
        name = _budget_of(role)
        with self._lock:
            today = self._of(project)
            most = today.limits[name]
            if most and today.spent[name] >= most:
                left_s = (_DAY_MS - self._clock.now_ms() % _DAY_MS) / 1000
                raise ModelBudgetError(
                    f"the project's {most} {_SPENT[name]} of today are used up; {_RENEWAL}",
                    retry_after_s=min(left_s, _LONGEST_WAIT_S),
                )

    def note_model(self, project: str, role: str, tokens: int) -> None:
        """Tokens were spent in a role, and are in the ledger."""
        with self._lock:
            self._of(project).spent[_budget_of(role)] += tokens

    def used(self, project: str) -> dict[str, int]:
        """What the project has used today, by name, as the ledger has it."""
        since = _text_of(self._clock.now_ms() // _DAY_MS)
        rows = self._ledger.usage(project, since)
        return {
            CALLS: sum(row.calls for row in rows),
            TOKENS: sum(row.tokens for row in rows),
            **self._spent(project, since),
        }

    def _end(self, project: str, tokens: int, *, used: bool) -> None:
        with self._lock:
            today = self._today.get(project)
            if today is None:
                return
            today.pending_calls = max(0, today.pending_calls - 1)
            today.pending_tokens = max(0, today.pending_tokens - tokens)
            if used:
                today.calls += 1
                today.tokens += tokens

    def _of(self, project: str) -> _Today:
        """The project's day, read anew when it is stale. Called with the lock held."""
        today = self._today.get(project)
        now = self._clock.monotonic()
        day = self._clock.now_ms() // _DAY_MS
        if today is None or today.day != day or now >= today.until:
            today = self._today[project] = self._read(project, day, today)
        return today

    def _read(self, project: str, day: int, known: _Today | None) -> _Today:
        limits = {**self._defaults, **self._ledger.budgets(project)}
        today = _Today(day, limits, self._clock.monotonic() + _BELIEVE_S)
        if known is not None:
            today.pending_calls, today.pending_tokens = known.pending_calls, known.pending_tokens
        since = _text_of(day)
        if limits[CALLS] or limits[TOKENS]:
            rows = self._ledger.usage(project, since)
            today.calls = sum(row.calls for row in rows)
            today.tokens = sum(row.tokens for row in rows)
        if any(limits[name] for name in _SPENT):
            today.spent = self._spent(project, since)
        return today

    def _spent(self, project: str, since: str) -> dict[str, int]:
        """Tokens of models by the budget they count against."""
        spent = dict.fromkeys(_SPENT, 0)
        for row in self._ledger.model_usage(project, since):
            spent[_budget_of(row.role)] += row.input_tokens + row.output_tokens
        return spent


def _budget_of(role: str) -> str:
    """Embedding costs a fraction of what a language model does, so that it has a budget of its own."""
    return EMBEDDER_TOKENS if role == "embedder" else MODEL_TOKENS


def _text_of(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
