"""A worker's lease of a task, carried by the context of the thread that works on it.

Leases of one task are numbered. A worker that stalls past its lease may wake up when another has
taken the task over; the stores compare the number of the lease a write is made under with the last
one they know of, and refuse what comes too late.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lease:
    """One taking of a task.

    Args:
        task_id: the task.
        worker: who took it.
        number: counts how often the task was taken, from 1.
    """

    task_id: str
    worker: str
    number: int


_CURRENT: ContextVar[Lease | None] = ContextVar("memos_lease", default=None)


@contextmanager
def working_under(lease: Lease) -> Iterator[None]:
    """Make the writes of this thread inside count as made under the lease."""
    before = _CURRENT.get()
    _CURRENT.set(lease)
    try:
        yield
    finally:
        _CURRENT.set(before)


def current_lease() -> Lease | None:
    """The lease this thread works under; None outside a task."""
    return _CURRENT.get()
