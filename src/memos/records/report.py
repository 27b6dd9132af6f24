"""Port of the reports of tasks: what became of each part of what a task was given."""

from collections.abc import Sequence
from typing import Any, Protocol


class TaskReports(Protocol):
    """Reports hold codes, counts and reasons, and nothing that was sent. They go with their tasks."""

    def note_report(self, task_id: str, lines: Sequence[dict[str, Any]]) -> None:
        """Keep the report of a task in place of the one before."""
        ...

    def report(self, task_id: str) -> list[dict[str, Any]]:
        """The report of a task; empty when it has none."""
        ...
