"""Waiting for the work behind adds, through the SDK."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from memos.errors import NotFoundError, QuotaExceededError

UNKNOWN = "unknown"
_POLL_S = 0.1
_RATE_PAUSE_S = 5.0


class _Status(Protocol):
    @property
    def status(self) -> str: ...


class TaskSource(Protocol):
    """The part of the SDK that tells how far a task is; it raises on error codes."""

    def get_task_status(self, task_id: str) -> _Status:
        """State of a task."""
        ...


def wait_for_tasks(
    client: TaskSource, task_ids: Sequence[str], on_done: Callable[[], None] = lambda: None
) -> Counter[str]:
    """Wait until no task is running.

    Args:
        client: SDK client that raises on error codes.
        task_ids: tasks, in the order they were queued.
        on_done: called once for each task that is done.

    Returns:
        Number of tasks by final state: completed, failed, or unknown to the server.
    """
    counts: Counter[str] = Counter()
    for task_id in task_ids:
        while (state := _state(client, task_id)) == "running":
            time.sleep(_POLL_S)
        counts[state] += 1
        on_done()
    return counts


def _state(client: TaskSource, task_id: str) -> str:
    try:
        return client.get_task_status(task_id=task_id).status
    except NotFoundError:
        return UNKNOWN
    except QuotaExceededError:
        time.sleep(_RATE_PAUSE_S)
        return "running"
