"""Stands before every model: places, breaker, and the ledger. One guard an endpoint.

All adapters that speak to one address share its places and its breaker, whatever they ask there.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from memos.endpoints.breaker import Breaker, BreakerOptions
from memos.endpoints.usage import (
    Account,
    ModelLedger,
    ModelUse,
    Shares,
    Spent,
    payers,
    split,
)
from memos.errors import MemosError, ModelRefusedError, ModelReplyError, ModelUnavailableError
from memos.types.clock import Clock


class NoLedger:
    """Keeps nothing and admits everybody."""

    def admit(self, account: Account, role: str) -> None:
        """Let pass."""

    def note(self, use: ModelUse) -> None:
        """Forget."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What calls a model.

    Args:
        role: what for (`reader`, `chat`, `embedder`, ...).
        model: name of the model.
        budgeted: a call asks whether the budget of who pays is used up. One that gathers texts of
            several projects does not: each asks for itself, with `Guard.admit`.
        wait_s: longest wait for a place, in seconds.
    """

    role: str
    model: str
    budgeted: bool = True
    wait_s: float = 60.0


class Guard:
    """Places, breaker and ledger of one endpoint. Safe to use from several threads.

    Args:
        name: the endpoint, for error texts and metrics; holds no key.
        clock: source of time.
        places: most calls at once.
        ledger: where calls are counted.
        breaker: when it opens.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        places: int,
        ledger: ModelLedger,
        breaker: BreakerOptions | None = None,
    ) -> None:
        self.name = name
        self.breaker = Breaker(name, clock, breaker)
        self._clock = clock
        self._places = threading.BoundedSemaphore(places)
        self._ledger = ledger

    @contextmanager
    def call(self, caller: Caller, accounts: Shares | None = None) -> Iterator[Spent]:
        """Make one call inside; the tokens it took are filled into what this yields.

        Raises:
            ModelUnavailableError: the endpoint rests after failures, or no place came free.
            ModelBudgetError: the model budget of who pays is used up.
        """
        shares = accounts or payers()
        if caller.budgeted:
            self.admit(caller, shares)
        self.breaker.admit()
        if not self._places.acquire(timeout=caller.wait_s):
            self.breaker.abandoned()
            raise ModelUnavailableError(
                f"{self.name} is busy with other calls; raise MEMOS_MODEL_CONCURRENCY, or retry"
            )
        spent, failures = Spent(), 1
        started = self._clock.monotonic()
        try:
            yield spent
            failures = 0
            self.breaker.succeeded()
        except GeneratorExit:
            failures = 0
            self.breaker.abandoned()
            raise
        except BaseException as error:
            self._learn(error)
            raise
        finally:
            self._places.release()
            took_ms = round((self._clock.monotonic() - started) * 1000)
            self._note(caller, shares, spent, (failures, took_ms))

    def admit(self, caller: Caller, accounts: Shares | None = None) -> None:
        """Raises ModelBudgetError when the budget of who pays is used up."""
        for account, _ in accounts or payers():
            self._ledger.admit(account, caller.role)

    def _learn(self, error: BaseException) -> None:
        if isinstance(error, ModelRefusedError | ModelReplyError):
            self.breaker.succeeded()
        elif isinstance(error, ModelUnavailableError):
            self.breaker.failed(error.retry_after_s)
        elif isinstance(error, MemosError) or not isinstance(error, Exception):
            self.breaker.abandoned()
        else:
            self.breaker.failed()

    def _note(self, caller: Caller, shares: Shares, spent: Spent, outcome: tuple[int, int]) -> None:
        failures, took_ms = outcome
        use = ModelUse(
            Account(),
            caller.role,
            caller.model,
            failures=failures,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            milliseconds=took_ms,
        )
        for part in split(use, shares):
            self._ledger.note(part)


class Guards:
    """The guards of a process, one an endpoint, made when first asked for.

    Args:
        clock: source of time.
        places: most calls at once of each endpoint.
        ledger: where calls are counted; None keeps nothing.
        breaker: when breakers open.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        places: int = 8,
        ledger: ModelLedger | None = None,
        breaker: BreakerOptions | None = None,
    ) -> None:
        self._clock = clock
        self._places = places
        self._ledger = ledger or NoLedger()
        self._breaker = breaker
        self._lock = threading.Lock()
        self._guards: dict[str, Guard] = {}
        self._closing: list[Callable[[], None]] = []

    def at_close(self, close: Callable[[], None]) -> None:
        """Have something ended with the process: what reaches an endpoint keeps connections."""
        with self._lock:
            self._closing.append(close)

    def close(self) -> None:
        """End everything that was noted, the latest first."""
        with self._lock:
            closing, self._closing = self._closing, []
        for close in reversed(closing):
            close()

    def of(self, name: str) -> Guard:
        """The guard of an endpoint.

        Args:
            name: its address or, for a model that runs here, what it is; holds no key.
        """
        with self._lock:
            if name not in self._guards:
                self._guards[name] = Guard(
                    name,
                    self._clock,
                    places=self._places,
                    ledger=self._ledger,
                    breaker=self._breaker,
                )
            return self._guards[name]

    def states(self) -> dict[str, str]:
        """State of every breaker by endpoint."""
        with self._lock:
            guards = list(self._guards.values())
        return {guard.name: guard.breaker.state for guard in guards}
