"""Connects what decides what becomes of drafts, and what is on a user's mind, to the stores."""

from collections.abc import Sequence
from typing import Protocol

from memos.configs.settings import Settings
from memos.handlers.erase import EraseMemories
from memos.handlers.search import SearchMemory
from memos.mem_feedback.tombstones import Tombstones
from memos.mem_os.feedback import Stores
from memos.mem_os.models import configured_llm
from memos.mem_reader.relate import ModelRelations
from memos.mem_scheduler.choice import ChoiceLearning
from memos.mem_scheduler.ingest import Ingest
from memos.mem_scheduler.returned import ReturnedMemories
from memos.mem_scheduler.working_set import WorkingLifter, WorkingSet
from memos.memories.textual.tree_text_memory.organize.echo import Echoes
from memos.memories.textual.tree_text_memory.organize.organizer import Forgotten, Organizer
from memos.memories.textual.tree_text_memory.retrieve.agenda import AgendaLifter
from memos.memories.textual.tree_text_memory.retrieve.lift import PreferenceLifter
from memos.memories.textual.tree_text_memory.retrieve.retriever import Retriever
from memos.types.clock import Clock
from memos.types.memory import Draft
from memos.types.scope import Cube


class Admission:
    """Several reasons to keep a draft out, one after the other."""

    def __init__(self, *reasons: Forgotten) -> None:
        self._reasons = reasons

    def allowed(self, cube: Cube, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts that every one of them lets through."""
        kept = list(drafts)
        for reason in self._reasons:
            kept = reason.allowed(cube, kept)
        return kept


class Searching(Protocol):
    """The parts of search."""

    @property
    def retriever(self) -> Retriever:
        """Finds memories."""
        ...

    @property
    def search(self) -> SearchMemory:
        """Answers searches."""
        ...


def build_organizer(
    settings: Settings, stores: Stores, returned: ReturnedMemories, clock: Clock
) -> Organizer:
    """The organiser of adds: what was forgotten stays so, and echoes are let pass."""
    admission = Admission(Tombstones(stores.graph, clock), Echoes(stores.graph, returned, clock))
    llm = configured_llm(settings, clock, stores.spending.guards, "organise")
    judge = None if llm is None else ModelRelations(llm)
    return Organizer(stores.graph, stores.embedder, clock, admission, judge=judge)


def connect_scheduling(
    stores: Stores,
    returned: ReturnedMemories,
    clock: Clock,
    *,
    ingest: Ingest,
    erase: EraseMemories,
    searching: Searching,
) -> None:
    """Count what searches hand out, learn from choices, and look at what is on."""
    organizer = Organizer(stores.graph, stores.embedder, clock, Tombstones(stores.graph, clock))
    choices = ChoiceLearning(stores.graph, organizer, clock)
    ingest.companions += (choices,)
    erase.dependents += (choices,)
    searching.search.listen(returned.note)
    working = WorkingSet(stores.graph, returned)
    searching.retriever.lifters += (
        PreferenceLifter(),
        WorkingLifter(working),
        AgendaLifter(searching.search.zone),
    )
