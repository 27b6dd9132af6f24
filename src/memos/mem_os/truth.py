"""Connects what keeps memory true: history, and the life of memories."""

from dataclasses import dataclass

from memos.graph_dbs.base import GraphStore
from memos.handlers.history import MemoryHistory
from memos.handlers.view import Viewer


@dataclass(frozen=True, slots=True)
class Truth:
    """The use cases about versions and states of memories."""

    history: MemoryHistory


def build_truth(graph: GraphStore, viewer: Viewer) -> Truth:
    """Connect them."""
    return Truth(history=MemoryHistory(graph, viewer))
