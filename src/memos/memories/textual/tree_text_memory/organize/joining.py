"""Writes combined memories, and finds the parts of them that are told again."""

from collections.abc import Mapping, Sequence

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore, NodeWrite, RecallHit
from memos.memories.textual.tree_text_memory.organize.combine import (
    Combination,
    absorbed,
    combined,
    combining_edges,
    is_combined,
    parts_of,
    same_context,
    wholes_of,
)
from memos.memories.textual.tree_text_memory.organize.duplicate import Pending, strengthened
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.sameness import says_the_same
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import LIVE, Draft, Edge, EdgeKind, MemoryItem, MemoryStatus
from memos.types.scope import Cube, Scope


class Parts:
    """Which drafts of an add say what a part of a combined memory says.

    Args:
        graph: where the memories are.
        cube: whose.
        drafts: what was read.
        near: neighbours of those whose text is not known, by the hash of the text.
    """

    def __init__(
        self,
        graph: GraphStore,
        cube: Cube,
        drafts: Sequence[Draft],
        near: Mapping[str, Sequence[RecallHit]],
    ) -> None:
        self._graph = graph
        self._cube = cube
        wholes = {h.item.id: h.item for hits in near.values() for h in hits if is_combined(h.item)}
        parts = self._below(list(wholes.values()))
        self._again: dict[str, MemoryItem] = {}
        for draft in drafts if parts else ():
            digest = content_hash(draft.value)
            same = (part for part in parts if _says(part, draft, digest))
            if digest in near and (part := next(same, None)) is not None:
                self._again[digest] = part

    def told_again(self, digest: str) -> MemoryItem | None:
        """The part that the draft with this hash repeats."""
        return self._again.get(digest)

    def strengthen(self, part: MemoryItem, draft: Draft, pending: Pending, now_ms: int) -> None:
        """Add a draft's sources to a part and to all that is made of it."""
        for item in [part, *wholes_of(self._graph, self._cube, [part.id])]:
            pending.put(item.content_hash, strengthened(item, draft.sources, (), now_ms), None)

    def _below(self, wholes: Sequence[MemoryItem]) -> list[MemoryItem]:
        """All parts, those of parts as well."""
        found: dict[str, MemoryItem] = {}
        fresh = list(wholes)
        while fresh:
            parts = parts_of(self._graph, self._cube, fresh)
            parts = [p for p in parts if p.id not in found and p.status is MemoryStatus.MERGED]
            found |= {part.id: part for part in parts}
            fresh = [part for part in parts if is_combined(part)]
        return list(found.values())


def _says(part: MemoryItem, draft: Draft, digest: str) -> bool:
    if part.speaker.casefold() != draft.speaker.casefold():
        return False
    same = says_the_same(part.value, draft.value, draft.speaker)
    return part.content_hash == digest or same is not None


class Joining:
    """The combined memories of one add.

    Args:
        graph: where the parts are.
        embedder: makes the vectors.
        clock: record times.
    """

    def __init__(self, graph: GraphStore, embedder: Embedder, clock: Clock) -> None:
        self._graph = graph
        self._embedder = embedder
        self._clock = clock
        self._told: list[tuple[MemoryItem, Combination]] = []

    def add(self, item: MemoryItem, told: Combination | None) -> None:
        """Note that a new memory is to be combined with others."""
        if told is not None and item.status is MemoryStatus.ACTIVATED:
            self._told.append((item, told))

    def writes(
        self, task_id: str, pending: Pending, edges: Sequence[Edge]
    ) -> tuple[list[NodeWrite], list[Edge]]:
        """What to write after the memories themselves, in the same transaction.

        Args:
            task_id: of the add; ids derive from it.
            pending: the memories themselves.
            edges: their edges.
        """
        nodes: list[NodeWrite] = []
        links: list[Edge] = []
        used: set[str] = set()
        for item, told in self._told:
            parts = [*told.parts, item]
            if any(pending.writes(part.id) for part in told.parts) or used & {p.id for p in parts}:
                continue
            if pending.heir(item.id) != item.id or not same_context(parts):
                continue
            whole = combined(task_id, parts, told, self._clock.now_ms())
            if self._is_known(whole):
                continue
            used |= {part.id for part in parts}
            nodes += self._nodes(whole, parts)
            stored = [part.id for part in told.parts]
            links += combining_edges(self._graph, Scope.of(whole.cube), whole.id, stored)
            links.append(Edge(whole.id, EdgeKind.MERGED_FROM, item.id))
            links += [
                Edge(whole.id, EdgeKind.DERIVED_FROM, edge.target)
                for edge in edges
                if edge.kind is EdgeKind.DERIVED_FROM and edge.source == item.id
            ]
        return nodes, links

    def _nodes(self, whole: MemoryItem, parts: Sequence[MemoryItem]) -> list[NodeWrite]:
        (vector,) = self._embedder.embed([whole.value])
        written = NodeWrite(whole, vector=vector)
        if whole.status is MemoryStatus.QUARANTINED:
            return [written]
        return [written, *absorbed(parts, whole, self._clock.now_ms())]

    def _is_known(self, whole: MemoryItem) -> bool:
        where = all_of(
            Condition(Field.CONTENT_HASH, Operator.EQ, whole.content_hash),
            Condition(Field.STATUS, Operator.IN, tuple(status.value for status in LIVE)),
        )
        found = self._graph.find(Scope.of(whole.cube), frozenset({whole.kind}), where, limit=1)
        return found.total > 0
