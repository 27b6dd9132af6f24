"""Connects what keeps memory true: history, the life of memories, and their care."""

import os
import socket
from dataclasses import dataclass

from memos.configs.settings import Settings
from memos.handlers.history import MemoryHistory
from memos.handlers.lifecycle import ChangeMemory
from memos.handlers.search import SearchMemory
from memos.handlers.view import Viewer
from memos.mem_os.feedback import Stores
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.maintain import Maintenance
from memos.mem_scheduler.periodic import Periodic
from memos.mem_scheduler.uses import UseNotes
from memos.types.clock import Clock
from memos.types.lifecycle import Policy

_MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Truth:
    """The use cases about versions and states of memories, and what cares for them."""

    history: MemoryHistory
    change: ChangeMemory
    uses: UseNotes
    maintenance: Maintenance
    nightly: Periodic

    def close(self) -> None:
        """Stop, and write what was counted."""
        self.nightly.stop()
        self.uses.stop()


def build_truth(
    settings: Settings,
    stores: Stores,
    viewer: Viewer,
    search: SearchMemory,
    *,
    gate: SubjectGate,
    clock: Clock,
) -> Truth:
    """Connect them; what a search hands out is counted."""
    graph, records = stores.graph, stores.records
    history = MemoryHistory(graph, viewer)
    uses = UseNotes(graph, clock)
    search.listen(uses.note)
    maintenance = Maintenance(
        graph, records, default_policy(settings), gate=gate, clock=clock, before=uses.flush
    )
    return Truth(
        history,
        ChangeMemory(graph, stores.embedder, history, gate=gate, clock=clock),
        uses,
        maintenance,
        Periodic(
            records,
            maintenance.run,
            name=_MAINTENANCE,
            holder=process_name(),
            hours=settings.maintain_hours,
            clock=clock,
        ),
    )


def default_policy(settings: Settings) -> Policy:
    """The policy of a project without one of its own."""
    return Policy(
        working_capacity=settings.working_capacity,
        user_capacity=settings.user_capacity,
        long_term_capacity=settings.long_term_capacity,
    )


def process_name() -> str:
    """Name of this process among all on the stores; its workers' names begin with it."""
    return f"{socket.gethostname()}-{os.getpid()}"
