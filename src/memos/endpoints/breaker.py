"""A circuit breaker: after repeated failures an endpoint is left alone, then tried once."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from memos.errors import ModelUnavailableError
from memos.types.clock import Clock

CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """When a breaker opens and how long it stays open.

    Args:
        failures: failures in a row that open it.
        rest_s: first rest, in seconds; doubled after each probe that fails.
        longest_rest_s: longest rest, in seconds, also of one that the endpoint asked for.
    """

    failures: int = 5
    rest_s: float = 5.0
    longest_rest_s: float = 120.0


class Breaker:
    """State of one endpoint. Safe to use from several threads.

    Closed, calls pass. Open, they are refused at once. When the rest is over one call passes as a
    probe (half-open): its success closes the breaker, its failure opens it for twice as long.

    Args:
        name: the endpoint, for error texts.
        clock: source of time.
        options: see `BreakerOptions`.
        jitter: factor of a rest, so that many processes do not probe at once.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        options: BreakerOptions | None = None,
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),
    ) -> None:
        self._name = name
        self._clock = clock
        self._options = options or BreakerOptions()
        self._jitter = jitter
        self._lock = threading.Lock()
        self._failures = 0
        self._rests = 0
        self._until: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        with self._lock:
            if self._until is None:
                return CLOSED
            return OPEN if self._clock.monotonic() < self._until else HALF_OPEN

    def admit(self) -> None:
        """Let a call pass; each must end in `succeeded`, `failed` or `abandoned`.

        Raises:
            ModelUnavailableError: the breaker is open, or a probe is under way.
        """
        with self._lock:
            if self._until is None:
                return
            left = self._until - self._clock.monotonic()
            if left > 0 or self._probing:
                raise ModelUnavailableError(
                    f"{self._name} failed repeatedly and is left alone for a while;"
                    " it will be tried again by itself",
                    retry_after_s=max(left, 1.0),
                )
            self._probing = True

    def succeeded(self) -> None:
        """A call was answered, if only by a refusal of that very request."""
        with self._lock:
            self._failures = self._rests = 0
            self._until, self._probing = None, False

    def failed(self, retry_after_s: float | None = None) -> None:
        """A call was not answered.

        Args:
            retry_after_s: how long the endpoint asked to be left alone; opens the breaker at once.
        """
        with self._lock:
            self._failures += 1
            probe, self._probing = self._probing, False
            if probe or retry_after_s or self._failures >= self._options.failures:
                self._open(retry_after_s or 0.0)

    def abandoned(self) -> None:
        """A call ended without telling anything of the endpoint."""
        with self._lock:
            self._probing = False

    def _open(self, asked_s: float) -> None:
        rest = self._options.rest_s * 2 ** min(self._rests, 10) * self._jitter()
        rest = min(max(rest, asked_s), self._options.longest_rest_s)
        self._rests += 1
        self._until = self._clock.monotonic() + rest
