"""Finds the memory that says already what a draft says, among those nearest by meaning.

The vector only proposes: `says_the_same` decides. One recall a draft, so what an add costs does not
depend on how many memories are alike, and grows with the cube only as a search does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memos.embedders.base import EmbedderProfile
from memos.graph_dbs.base import (
    Bucket,
    GraphReader,
    NodeWrite,
    RecallHit,
    RecallQuery,
    RecallWeights,
    Vector,
)
from memos.memories.textual.tree_text_memory.organize.sameness import Better, says_the_same
from memos.types.memory import (
    FACT_KINDS,
    PREFERENCE_KINDS,
    Draft,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryStatus,
    Source,
)
from memos.types.scope import Scope

NEAREST = 12
"""Memories looked at for each draft."""
_LOOKED_AT = 2 * NEAREST
_LEAST_COSINE = 0.70
"""Pairs that say the same lie at 0.80 and more (docs/organising.md)."""
_KINDS = FACT_KINDS | PREFERENCE_KINDS
_MAX_SOURCES = 50


@dataclass(frozen=True, slots=True)
class Match:
    """A memory that says what a draft says; `better` tells whose text is kept."""

    item: MemoryItem
    better: Better


def neighbours(
    graph: GraphReader, scope: Scope, vectors: Vector, profile: EmbedderProfile
) -> list[list[RecallHit]]:
    """The live memories nearest by their own vectors, nearest first, for each vector.

    Taken from the best by evidence and own vector together, which are found about four times as
    fast as by the own vector alone (docs/organising.md).

    Args:
        graph: where they are.
        scope: cubes looked at.
        vectors: float32 (n, dim), rows of unit length.
        profile: of the embedder that made them.
    """
    weights = RecallWeights(dense=1.0, mean_cosine=profile.mean_cosine, own=0.5, question=0.0)
    bucket = Bucket(_KINDS, _LOOKED_AT)
    found = (
        graph.recall(scope, RecallQuery("", vector, (bucket,), weights))[0] for vector in vectors
    )
    return [sorted(hits, key=lambda hit: (-hit.own, hit.item.id))[:NEAREST] for hits in found]


def match_of(draft: Draft, near: Sequence[RecallHit], profile: EmbedderProfile) -> Match | None:
    """The nearest memory that says what the draft says.

    Args:
        draft: what was read.
        near: its `neighbours`.
        profile: of the embedder.
    """
    least = _LEAST_COSINE - profile.mean_cosine
    for hit in near:
        if hit.own < least:
            break
        if hit.item.speaker.casefold() != draft.speaker.casefold():
            continue
        better = says_the_same(hit.item.value, draft.value, draft.speaker)
        if better is Better.SECOND and hit.item.status is MemoryStatus.FROZEN:
            continue
        if better is not None:
            return Match(hit.item, better)
    return None


def strengthened(
    item: MemoryItem, sources: Sequence[Source], tags: Sequence[str], now_ms: int
) -> MemoryItem:
    """A memory that was told again; the same when it cites these sources already."""
    known = {(s.message_id, s.start, s.end) for s in item.sources}
    fresh = tuple(s for s in sources if (s.message_id, s.start, s.end) not in known)
    if not fresh:
        return item
    return replace(
        item,
        sources=(*item.sources, *fresh)[-_MAX_SOURCES:],
        tags=tuple(dict.fromkeys((*item.tags, *tags))),
        updated_at=now_ms,
    )


def merged(former: MemoryItem, new: MemoryItem) -> MemoryItem:
    """The new memory with all that the former one rested on, from its earlier beginning.

    Its first source is the one it began with: the others are times at which it was said again.
    """
    begins = [t for t in (former.event_from, new.event_from) if t is not None]
    known = {(s.message_id, s.start, s.end) for s in new.sources}
    others = [s for s in former.sources if (s.message_id, s.start, s.end) not in known]
    began = new if begins and begins[0] != min(begins) else former
    sources = (*new.sources, *others) if began is new else (*others, *new.sources)
    return replace(
        new,
        version=former.version + 1,
        tags=tuple(dict.fromkeys((*new.tags, *former.tags))),
        entities=tuple(dict.fromkeys((*new.entities, *former.entities))),
        event_from=min(begins) if begins else None,
        confidence=max(former.confidence, new.confidence),
        sources=sources[-_MAX_SOURCES:] if began is former else sources[:_MAX_SOURCES],
        info={**former.info, **new.info},
    )


def retired(item: MemoryItem, now_ms: int) -> MemoryItem:
    """A memory whose text was taken up by a better one. Its id keeps resolving."""
    return replace(item, status=MemoryStatus.MERGED, updated_at=now_ms)


def inherited_edges(
    graph: GraphReader, scope: Scope, pairs: Sequence[tuple[str, str]]
) -> list[Edge]:
    """MERGED_FROM edges, and the evidence of the former memories for the new ones.

    Args:
        graph: where the edges are.
        scope: their cube.
        pairs: ids of new memories with the ids of those they were merged from.
    """
    if not pairs:
        return []
    heir = {old: new for new, old in pairs}
    found = graph.edges(scope, list(heir))
    evidence = [
        Edge(heir[edge.source], EdgeKind.DERIVED_FROM, edge.target)
        for edge in found
        if edge.kind is EdgeKind.DERIVED_FROM and edge.source in heir
    ]
    return [*(Edge(new, EdgeKind.MERGED_FROM, old) for new, old in pairs), *evidence]


class Pending:
    """Memories of one add on their way into the graph.

    Args:
        known: activated memories by the hash of their text.
        profile: of the embedder.
    """

    def __init__(self, known: dict[str, MemoryItem], profile: EmbedderProfile) -> None:
        self._known = known
        self._profile = profile
        self._writes: dict[str, NodeWrite] = {}
        self._heirs: dict[str, str] = {}

    def match(self, draft: Draft, digest: str, near: Sequence[RecallHit]) -> Match | None:
        """What says the draft already: in memory, or among the drafts before it."""
        if digest in self._known:
            return Match(self._known[digest], Better.FIRST)
        for write in self._writes.values():
            item = write.item
            if item.status is MemoryStatus.ACTIVATED and item.speaker == draft.speaker:
                better = says_the_same(item.value, draft.value, draft.speaker)
                if better is not None:
                    return Match(item, better)
        fresh = [hit for hit in near if hit.item.id not in self._writes]
        return match_of(draft, fresh, self._profile)

    def put(self, digest: str, item: MemoryItem, vector: Vector | None) -> None:
        """Write a memory; without a vector it keeps the one it has. A frozen one stays as it is."""
        self._known[digest] = item
        if item.status is MemoryStatus.FROZEN:
            return
        before = self._writes.get(item.id)
        if before is not None:
            self._writes[item.id] = replace(before, item=item)
        else:
            self._writes[item.id] = NodeWrite(item, vector=vector, keep=vector is None)

    def replace(self, former: MemoryItem, heir: MemoryItem, now_ms: int) -> None:
        """Retire a memory in favour of one that is written too."""
        before = self._writes.get(former.id)
        gone = retired(former, now_ms)
        self._writes[gone.id] = replace(before, item=gone) if before else NodeWrite(gone, keep=True)
        self._heirs[former.id] = heir.id

    def close(self, writes: Sequence[NodeWrite]) -> None:
        """Write memories that ended; one that is written already is left as it is."""
        for write in writes:
            self._writes.setdefault(write.item.id, write)

    def writes(self, memory_id: str) -> bool:
        """Whether a memory is among those to write."""
        return memory_id in self._writes

    def heir(self, memory_id: str) -> str:
        """The memory that stands for this one now."""
        while memory_id in self._heirs:
            memory_id = self._heirs[memory_id]
        return memory_id

    @property
    def nodes(self) -> list[NodeWrite]:
        """Everything to write."""
        return list(self._writes.values())

    @property
    def merges(self) -> list[tuple[str, str]]:
        """Pairs of a new memory's id and the id of one it was merged from."""
        return [(heir, former) for former, heir in self._heirs.items()]
