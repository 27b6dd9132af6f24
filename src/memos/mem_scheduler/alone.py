"""Works on a subject alone, in this process and in all others on the same stores."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol

from memos.errors import StoreUnavailableError
from memos.mem_scheduler.gate import SubjectGate
from memos.records.keeping import HoldRecords, holding
from memos.types.clock import Clock
from memos.types.lease import Lease

_HOLD_S = 60.0
_STEP_S = 0.05
_WAIT_S = 60.0


class Exclusive(Protocol):
    """Lets one erasure at a time work on a subject, and nothing else."""

    def exclusive(self, subject: str) -> AbstractContextManager[None]:
        """Hold a subject alone."""
        ...


class AloneEverywhere:
    """The gate of this process, and a hold that the workers of all others respect.

    A task that another process works on is waited for, until it ends or its lease does; while the
    hold lasts no worker anywhere takes one of the subject's tasks. A process that dies leaves its
    hold to end by itself.

    Args:
        gate: of this process.
        holds: of the stores.
        name: begins the names of this process's workers, whose tasks the gate looks after.
        clock: measures how long the others were waited for.
        fence: makes the store of memories refuse what workers still write that stalled past their
            leases.
    """

    def __init__(
        self,
        gate: SubjectGate,
        holds: HoldRecords,
        name: str,
        clock: Clock,
        *,
        fence: Callable[[Lease], None] = lambda _: None,
    ) -> None:
        self._fence = fence
        self._gate = gate
        self._holds = holds
        self._name = name
        self._clock = clock

    @contextmanager
    def exclusive(self, subject: str) -> Iterator[None]:
        """Hold a subject alone. Not reentrant.

        Raises:
            StoreUnavailableError: another process has worked on it for a minute.
        """
        with self._gate.exclusive(subject):
            # One holder per use: two erasures of one process take turns at the gate.
            name, holder = holding(subject), f"{self._name}erasing"
            deadline = self._clock.monotonic() + _WAIT_S
            self._until(lambda: self._holds.take_hold(name, holder, _HOLD_S), deadline)
            try:
                self._until(
                    lambda: not self._holds.worked_on_elsewhere(subject, self._name), deadline
                )
                self._holds.take_hold(name, holder, _HOLD_S)
                for lapsed in self._holds.lapsed(subject):
                    self._fence(replace(lapsed, number=lapsed.number + 1))
                yield
            finally:
                self._holds.drop_hold(name, holder)

    def _until(self, ready: Callable[[], bool], deadline: float) -> None:
        pause = threading.Event()
        while not ready():
            if self._clock.monotonic() >= deadline:
                raise StoreUnavailableError(
                    "another process is working on these memories; try again in a minute"
                )
            pause.wait(_STEP_S)
