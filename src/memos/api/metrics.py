"""Counters for Prometheus: paths, codes and seconds; never text, users or keys."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from memos.types.clock import Clock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)


@dataclass(slots=True)
class Outcome:
    """Code a call ended with; 0 unless it is set."""

    code: int = 0


class Metrics:
    """One registry per application, so that two in one process do not collide.

    Args:
        clock: measures durations.
        unfinished: reads the number of tasks not finished.
    """

    def __init__(self, clock: Clock, unfinished: Callable[[], int]) -> None:
        self._clock = clock
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "memos_calls_total",
            "Calls by endpoint and code",
            ["path", "code"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "memos_call_seconds",
            "Duration by endpoint",
            ["path"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        Gauge(
            "memos_tasks_unfinished", "Tasks waiting or running", registry=self._registry
        ).set_function(unfinished)

    @contextmanager
    def timed(self, path: str) -> Iterator[Outcome]:
        """Count one call; set `code` on the outcome when it is not 0."""
        outcome = Outcome()
        started = self._clock.monotonic()
        try:
            yield outcome
        finally:
            self._calls.labels(path, str(outcome.code)).inc()
            self._seconds.labels(path).observe(self._clock.monotonic() - started)

    def render(self) -> bytes:
        """Everything in the text format of Prometheus."""
        return generate_latest(self._registry)
