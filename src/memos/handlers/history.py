"""The history of a memory: every version of it and of what it replaced, and why each came."""

from collections.abc import Iterable
from dataclasses import dataclass

from memos.errors import NotFoundError
from memos.graph_dbs.base import GraphStore
from memos.handlers.caller import Caller
from memos.handlers.view import MemoryView, Viewer
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.types.history import Reason, Version
from memos.types.lifecycle import Transition, stage_of
from memos.types.memory import LIVE, EdgeKind, MemoryItem, MemoryKind, MemoryStatus
from memos.types.scope import Cube, Scope

_MOST_RELATIVES = 200
_RELATING = frozenset({EdgeKind.SUPERSEDES, EdgeKind.MERGED_FROM})


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A version as clients see it.

    Args:
        version: the memory as it was, when it was recorded so, and why.
        view: its text.
        message_ids: messages that brought the change, as far as they are known.
    """

    version: Version
    view: MemoryView
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a memory over time.

    Args:
        entries: every version of it and of those it replaced, oldest first.
        stage: its state, generated when it was never handed out.
        uses: how often it was handed out.
        transitions: changes of state of all of them, oldest first.
    """

    entries: tuple[HistoryEntry, ...]
    stage: MemoryStatus
    uses: int
    transitions: tuple[Transition, ...]


class MemoryHistory:
    """The use case behind `get/memory/history`."""

    def __init__(self, graph: GraphStore, viewer: Viewer) -> None:
        self._graph = graph
        self._viewer = viewer

    def __call__(self, caller: Caller, memory_id: str) -> History:
        """A memory and those it replaced or was replaced by, over time.

        Raises:
            NotFoundError: the project has no memory of this id (40001).
        """
        cube = self._graph.locate(caller.project, [memory_id]).get(memory_id)
        items = self._graph.get(Scope.of(cube), [memory_id]) if cube else []
        if cube is None or not items or items[0].kind is MemoryKind.SEGMENT:
            raise NotFoundError(
                "no memory of this id; take the id from search/memory or get/memory",
                field="memory_id",
            )
        relatives = self._relatives(cube, items[0])
        scope = Scope.of(cube)
        used = self._graph.uses(scope, [memory_id]).get(memory_id)
        count = used.count if used else 0
        return History(
            tuple(self._entries(cube, relatives)),
            stage_of(items[0].status, count),
            count,
            tuple(self._graph.trail(scope, [*relatives])),
        )

    def _relatives(self, cube: Cube, item: MemoryItem) -> dict[str, MemoryItem]:
        """The memory and all that superseding and merging connects it with."""
        scope = Scope.of(cube)
        found = {item.id: item}
        fresh = [item.id]
        while fresh and len(found) < _MOST_RELATIVES:
            ends = {
                end
                for edge in self._graph.edges(scope, fresh)
                if edge.kind in _RELATING
                for end in (edge.source, edge.target)
            }
            more = self._graph.get(scope, sorted(ends - found.keys()))
            more = [i for i in more if not is_rough(i)][: _MOST_RELATIVES - len(found)]
            found |= {i.id: i for i in more}
            fresh = [i.id for i in more]
        return found

    def _entries(self, cube: Cube, relatives: dict[str, MemoryItem]) -> list[HistoryEntry]:
        histories = self._graph.versions(Scope.of(cube), [*relatives])
        versions = [v for history in histories.values() for v in history]
        versions.sort(key=_order)
        entries = []
        for version in versions:
            views = self._viewer.views([version.item])
            if views:
                messages = _messages(version, relatives)
                entries.append(HistoryEntry(version, views[0], messages))
        return entries


def _order(version: Version) -> tuple[int, bool, bool, str]:
    """By record time; of what came at once, first what was new, then what ended, then what began."""
    item = version.item
    changed = version.change.reason is not Reason.ADDED
    return version.recorded_from, changed, item.status in LIVE, item.id


def _messages(version: Version, relatives: dict[str, MemoryItem]) -> tuple[str, ...]:
    """Messages behind a version: named by the change, or those its cause was taken from."""
    kind, _, name = version.change.by.partition(":")
    if kind == "message":
        return (name,)
    if kind == "memory":
        return _sources(relatives[name]) if name in relatives else ()
    return _sources(version.item)


def _sources(item: MemoryItem) -> tuple[str, ...]:
    return _distinct(source.message_id for source in item.sources)


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
