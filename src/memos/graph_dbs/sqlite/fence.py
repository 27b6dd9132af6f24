"""Refuses what a worker writes after another took its task over."""

from collections.abc import Callable
from typing import TypeVar

import apsw

from memos.errors import LeaseLostError
from memos.types.lease import Lease, current_lease

T = TypeVar("T")
Change = Callable[[apsw.Connection], T]

_KEPT_MS = 30 * 86_400_000
"""No process that stalled for longer than this is expected to wake up."""


def under_lease(change: Change[T]) -> Change[T]:
    """A change that is refused when the lease this thread works under was lost meanwhile."""
    lease = current_lease()
    if lease is None:
        return change

    def checked(connection: apsw.Connection) -> T:
        least = connection.execute("select number from fence where task=?", (lease.task_id,)).get
        if least is not None and least > lease.number:
            raise LeaseLostError("another worker has taken this task over")
        return change(connection)

    return checked


def raise_fence(connection: apsw.Connection, lease: Lease, now_ms: int) -> None:
    """Let no earlier lease of the task write from now on."""
    connection.execute("delete from fence where at < ?", (now_ms - _KEPT_MS,))
    connection.execute(
        "insert into fence values (?,?,?) on conflict(task) do update"
        " set number=max(number, excluded.number), at=excluded.at",
        (lease.task_id, lease.number, now_ms),
    )
