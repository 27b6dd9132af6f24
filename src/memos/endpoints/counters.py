"""Totals of model calls since the process started, for metrics: no projects, no texts."""

import threading
from dataclasses import dataclass

from memos.endpoints.usage import ModelUse


@dataclass(frozen=True, slots=True)
class Total:
    """Totals of one model in one role."""

    calls: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    milliseconds: int = 0


class Counters:
    """Adds up what models took. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._totals: dict[tuple[str, str], Total] = {}

    def note(self, use: ModelUse) -> None:
        """Count a use."""
        key = (use.role, use.model)
        with self._lock:
            held = self._totals.get(key, Total())
            self._totals[key] = Total(
                held.calls + use.calls,
                held.failures + use.failures,
                held.input_tokens + use.input_tokens,
                held.output_tokens + use.output_tokens,
                held.milliseconds + use.milliseconds,
            )

    def totals(self) -> dict[tuple[str, str], Total]:
        """Totals by role and model."""
        with self._lock:
            return dict(self._totals)
