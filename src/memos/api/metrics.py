"""Counters for Prometheus: paths, codes and seconds; never text, users or keys."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from memos.endpoints.breaker import CLOSED, HALF_OPEN, OPEN
from memos.endpoints.counters import Counters
from memos.endpoints.guard import Guards
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
        models: reads what models took and the states of their breakers; None without models.
    """

    def __init__(
        self, clock: Clock, unfinished: Callable[[], int], models: "ModelMetrics | None" = None
    ) -> None:
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
        if models is not None:
            self._registry.register(models)

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


class ModelMetrics(Collector):
    """What models took since the start, and whether their endpoints are left alone.

    Args:
        counters: totals by role and model.
        guards: of the endpoints.
    """

    def __init__(self, counters: Counters, guards: Guards) -> None:
        self._counters = counters
        self._guards = guards

    def collect(self) -> Iterator[Metric]:
        """The families, read now."""
        labels = ["role", "model"]
        calls = CounterMetricFamily(
            "memos_model_calls", "Calls of models", labels=[*labels, "outcome"]
        )
        tokens = CounterMetricFamily(
            "memos_model_tokens", "Tokens of models", labels=[*labels, "direction"]
        )
        seconds = CounterMetricFamily(
            "memos_model_seconds", "Time spent waiting for models", labels=labels
        )
        for (role, model), total in sorted(self._counters.totals().items()):
            calls.add_metric([role, model, "ok"], total.calls - total.failures)
            calls.add_metric([role, model, "failed"], total.failures)
            tokens.add_metric([role, model, "input"], total.input_tokens)
            tokens.add_metric([role, model, "output"], total.output_tokens)
            seconds.add_metric([role, model], total.milliseconds / 1000)
        breakers = GaugeMetricFamily(
            "memos_model_breaker", "1 for the state an endpoint is in", labels=["endpoint", "state"]
        )
        for endpoint, state in sorted(self._guards.states().items()):
            for each in (CLOSED, OPEN, HALF_OPEN):
                breakers.add_metric([endpoint, each], float(each == state))
        yield from (calls, tokens, seconds, breakers)
