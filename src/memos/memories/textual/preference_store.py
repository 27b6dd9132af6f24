"""Keeps preferences as nodes: nothing twice, and the later word in place of the former."""

from collections.abc import Sequence

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.memories.textual.preference_items import PROJECT, cube_of
from memos.memories.textual.tree_text_memory.organize.duplicate import (
    match_of,
    neighbours,
    strengthened,
)
from memos.memories.textual.tree_text_memory.organize.timeline import Timeline
from memos.memories.textual.tree_text_memory.retrieve.retriever import (
    Question,
    Retriever,
    Source,
    Wanted,
)
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import LIVE, PREFERENCE_KINDS, Draft, MemoryItem
from memos.types.scope import Cube, Scope

_EVERYTHING = 10**9


class PreferenceStore:
    """Preferences of several users, each in a cube of their own.

    Args:
        graph: keeps them.
        embedder: makes their vectors.
        retriever: finds them.
        clock: record times.
    """

    def __init__(
        self, graph: GraphStore, embedder: Embedder, retriever: Retriever, clock: Clock
    ) -> None:
        self._graph = graph
        self._embedder = embedder
        self._retriever = retriever
        self._clock = clock
        self._timeline = Timeline(graph, clock)

    def add(self, nodes: Sequence[MemoryItem]) -> list[str]:
        """Store memories one after the other; the id of what says it already, or the new one."""
        return [self._add(node) for node in nodes]

    def restore(self, nodes: Sequence[MemoryItem]) -> None:
        """Store memories as they are, under their ids."""
        for node in nodes:
            self._put(node)
            self._timeline.settle(node.cube, [node])

    def search(self, query: str, limit: int, user: str | None) -> list[tuple[MemoryItem, float]]:
        """The memories that bear most on a query, best first, with their relevance."""
        cubes = self._cubes() if user is None else [cube_of(user)]
        if not cubes:
            return []
        asked = Question(
            query, [Source(Scope.of(*cubes))], [Wanted(PREFERENCE_KINDS, limit)], threshold=0.0
        )
        (found,) = self._retriever.search(asked).lists
        return [(hit.item, hit.relativity) for hit in found[:limit]]

    def by_ids(self, ids: Sequence[str]) -> list[MemoryItem]:
        """Memories by id, in the order asked."""
        cubes = self._cubes()
        return self._graph.get(Scope.of(*cubes), list(ids)) if cubes and ids else []

    def every(self) -> list[MemoryItem]:
        """All memories in the order in which they were learnt."""
        cubes = self._cubes()
        if not cubes:
            return []
        found = self._graph.find(Scope.of(*cubes), PREFERENCE_KINDS, limit=_EVERYTHING).items
        return sorted(found, key=lambda item: (item.event_from or 0, item.created_at, item.id))

    def delete(self, ids: Sequence[str]) -> None:
        """Delete memories; what they had superseded holds again."""
        for item in self.by_ids(ids):
            self._graph.delete(Scope.of(item.cube), [item.id])
            self._timeline.settle(item.cube, [item])

    def delete_all(self) -> None:
        """Delete the memories of everybody."""
        cubes = self._cubes()
        if cubes:
            self._graph.delete_cubes(Scope.of(*cubes))

    def _add(self, node: MemoryItem) -> str:
        scope = Scope.of(node.cube)
        known = self._known(scope, node)
        if known is not None:
            again = strengthened(known, node.sources, node.tags, self._clock.now_ms())
            self._graph.put(scope, [NodeWrite(again, keep=True)])
            self._timeline.settle(node.cube, [again])
            return known.id
        self._put(node)
        self._timeline.settle(node.cube, [node])
        return node.id

    def _known(self, scope: Scope, node: MemoryItem) -> MemoryItem | None:
        """What says the same already and holds."""
        where = all_of(
            Condition(Field.CONTENT_HASH, Operator.EQ, node.content_hash),
            Condition(Field.STATUS, Operator.IN, tuple(status.value for status in LIVE)),
        )
        same = self._graph.find(scope, PREFERENCE_KINDS, where, limit=1).items
        if same:
            return same[0]
        vectors = self._embedder.embed([_words(node)])
        profile = self._embedder.profile
        (near,) = neighbours(self._graph, scope, vectors, profile)
        draft = Draft(node.kind, node.value, _words(node), node.sources, speaker=node.speaker)
        match = match_of(draft, near, profile)
        return None if match is None else match.item

    def _put(self, node: MemoryItem) -> None:
        (vector,) = self._embedder.embed([_words(node)])
        words = f"{node.value}\n{node.background}".strip()
        self._graph.put(Scope.of(node.cube), [NodeWrite(node, words, vector)])

    def _cubes(self) -> list[Cube]:
        return self._graph.cubes(PROJECT)


def _words(node: MemoryItem) -> str:
    """The words a memory rests on, which are what gets embedded."""
    return node.background or node.value
