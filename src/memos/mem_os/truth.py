"""Connects what keeps memory true: history, and the life of memories."""

from dataclasses import dataclass

from memos.handlers.history import MemoryHistory
from memos.handlers.lifecycle import ChangeMemory
from memos.handlers.view import Viewer
from memos.mem_os.feedback import Stores
from memos.mem_scheduler.gate import SubjectGate
from memos.types.clock import Clock


@dataclass(frozen=True, slots=True)
class Truth:
    """The use cases about versions and states of memories."""

    history: MemoryHistory
    change: ChangeMemory


def build_truth(stores: Stores, viewer: Viewer, *, gate: SubjectGate, clock: Clock) -> Truth:
    """Connect them."""
    history = MemoryHistory(stores.graph, viewer)
    change = ChangeMemory(stores.graph, stores.embedder, history, gate=gate, clock=clock)
    return Truth(history, change)
