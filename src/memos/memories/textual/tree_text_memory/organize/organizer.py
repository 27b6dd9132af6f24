"""Turns drafts into memories: one per distinct statement, linked to the evidence it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore, RecallHit, Vector
from memos.memories.textual.preference import mark_tags
from memos.memories.textual.tree_text_memory.organize.duplicate import (
    Pending,
    inherited_edges,
    match_of,
    merged,
    neighbours,
    strengthened,
)
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.relation import (
    RelationJudge,
    Relations,
    relations_of,
)
from memos.memories.textual.tree_text_memory.organize.sameness import Better
from memos.memories.textual.tree_text_memory.organize.tags import fitting_tags
from memos.memories.textual.tree_text_memory.organize.timeline import Timeline, state_tags
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import (
    FACT_KINDS,
    LIVE,
    PREFERENCE_KINDS,
    Draft,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryKind,
    Source,
)
from memos.types.scope import Cube, Scope

# A passage of a document that says the same is no statement of anybody.
_KINDS = (FACT_KINDS - {MemoryKind.DOCUMENT}) | PREFERENCE_KINDS


@dataclass(frozen=True, slots=True)
class Provenance:
    """What all memories of one add share.

    Args:
        task_id: the add's task; memory ids derive from it, so a repeated task rewrites them.
        conversation_id, agent_id, app_id, info: as the caller gave them.
        tags: the caller's candidate tags.
        segments: segment ids by message id, with their spans in the message text.
        ordinals: ordinal of each message's first segment, by message id.
        relations: what `Organizer.relate` found out about the drafts.
    """

    task_id: str
    conversation_id: str
    agent_id: str | None = None
    app_id: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    segments: Mapping[str, Sequence[tuple[str, int, int]]] = field(default_factory=dict)
    ordinals: Mapping[str, int] = field(default_factory=dict)
    relations: Relations = field(default_factory=Relations)


class Forgotten(Protocol):
    """What a user asked to forget."""

    def allowed(self, cube: Cube, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts that say nothing of it."""
        ...


class Organizer:
    """Writes drafts into one cube.

    Args:
        graph: the memory graph.
        embedder: makes the vectors.
        clock: gives record times.
        forgotten: keeps out what was asked to be forgotten.
        judge: relates drafts to memories where rules cannot tell.
    """

    def __init__(
        self,
        graph: GraphStore,
        embedder: Embedder,
        clock: Clock,
        forgotten: Forgotten | None = None,
        *,
        judge: RelationJudge | None = None,
    ) -> None:
        self._judge = judge
        self._forgotten = forgotten
        self._graph = graph
        self.embedder = embedder
        self._clock = clock
        self._timeline = Timeline(graph, clock)

    def write(self, cube: Cube, drafts: Sequence[Draft], provenance: Provenance) -> list[str]:
        """Store drafts as memories; ids in draft order, an existing memory's id for a duplicate.

        A draft that says what a live memory of the cube already says adds its sources to that
        memory, or takes its place when it says it better. Calling it again with the same arguments
        changes nothing.

        Raises:
            StoreUnavailableError: the graph cannot be written.
            ModelUnavailableError: the embedder cannot be reached.
        """
        kept = [draft for draft in drafts if content_hash(draft.value)]
        if self._forgotten is not None:
            kept = self._forgotten.allowed(cube, kept)
        if not kept:
            return []
        scope = Scope.of(cube)
        known = self._known(scope, [content_hash(d.value) for d in kept])
        vectors = self.embedder.embed([d.statement for d in kept])
        tags = self._tags(kept, vectors, provenance.tags)
        near = self._near(scope, kept, vectors, known)
        pending = Pending(known, self.embedder.profile)
        told = provenance.relations.present(self._graph, scope)
        edges: list[Edge] = []
        ids = []
        for index, draft in enumerate(kept):
            digest = content_hash(draft.value)
            match = pending.match(draft, digest, near.get(digest, ())) or told.match(
                digest, pending
            )
            if match is not None and match.better is Better.FIRST:
                item = self._seen_again(match.item, draft, tags[index])
                pending.put(digest, item, None)
            else:
                item = self._new(cube, draft, provenance, tags[index])
                if match is not None:
                    item = merged(match.item, item)
                    pending.replace(match.item, item, self._clock.now_ms())
                settled = told.settle(digest, item, self._clock.now_ms())
                item = settled.item
                pending.put(digest, item, vectors[index])
                pending.close(settled.writes)
                edges.extend(settled.edges)
            edges.extend(evidence_edges(item.id, draft.sources, provenance.segments))
            ids.append(item.id)
        edges.extend(inherited_edges(self._graph, scope, pending.merges))
        self._graph.put(scope, pending.nodes, edges)
        self._timeline.settle(cube, [write.item for write in pending.nodes])
        return [pending.heir(memory_id) for memory_id in ids]

    def relate(self, cube: Cube, drafts: Sequence[Draft]) -> Relations:
        """Ask the judge, if there is one, how drafts relate to what is near them in memory.

        It may take as long as a model does; `write` takes the answer in its provenance.
        """
        kept = [draft for draft in drafts if content_hash(draft.value)]
        if self._judge is None or not kept:
            return Relations()
        scope = Scope.of(cube)
        known = self._known(scope, [content_hash(d.value) for d in kept])
        near = self._near(scope, kept, self.embedder.embed([d.statement for d in kept]), known)
        profile = self.embedder.profile
        open_drafts = {content_hash(d.value): d for d in kept}
        asked = {
            digest: open_drafts[digest]
            for digest, hits in near.items()
            if match_of(open_drafts[digest], hits, profile) is None
        }
        return relations_of(self._judge, asked, near, profile.mean_cosine)

    def _near(
        self,
        scope: Scope,
        drafts: Sequence[Draft],
        vectors: Vector,
        known: Mapping[str, MemoryItem],
    ) -> dict[str, list[RecallHit]]:
        """Neighbours of the drafts whose text is not known, by the hash of the text."""
        rows = {content_hash(draft.value): index for index, draft in enumerate(drafts)}
        fresh = {digest: index for digest, index in rows.items() if digest not in known}
        if not fresh:
            return {}
        found = neighbours(self._graph, scope, vectors[list(fresh.values())], self.embedder.profile)
        return dict(zip(fresh, found, strict=True))

    def _known(self, scope: Scope, hashes: Sequence[str]) -> dict[str, MemoryItem]:
        where = all_of(
            Condition(Field.CONTENT_HASH, Operator.IN, tuple(dict.fromkeys(hashes))),
            Condition(Field.STATUS, Operator.IN, tuple(status.value for status in LIVE)),
        )
        page = self._graph.find(scope, _KINDS, where, limit=4 * len(hashes))
        return {item.content_hash: item for item in reversed(page.items)}

    def _tags(
        self, drafts: Sequence[Draft], vectors: Vector, candidates: tuple[str, ...]
    ) -> list[tuple[str, ...]]:
        if not candidates:
            return [draft.tags for draft in drafts]
        cosines = vectors @ self.embedder.embed(candidates).T
        mean = self.embedder.profile.mean_cosine
        return [
            tuple(
                dict.fromkeys((*fitting_tags(candidates, draft.statement, row, mean), *draft.tags))
            )
            for draft, row in zip(drafts, cosines, strict=True)
        ]

    def _new(
        self,
        cube: Cube,
        draft: Draft,
        provenance: Provenance,
        tags: tuple[str, ...],
    ) -> MemoryItem:
        now = self._clock.now_ms()
        digest = content_hash(draft.value)
        first = draft.sources[0]
        return MemoryItem(
            id=derived_id(provenance.task_id, cube.uid, digest),
            cube=cube,
            kind=draft.kind,
            value=draft.value,
            key=draft.key,
            reasoning=draft.reasoning,
            speaker=draft.speaker,
            tags=(
                *tags,
                *state_tags(draft.value, draft.speaker),
                *mark_tags(draft.kind, draft.value, draft.speaker),
            ),
            entities=draft.entities,
            confidence=draft.confidence,
            status=draft.status,
            event_from=draft.event_from if draft.event_from is not None else first.chat_time,
            event_until=draft.event_until,
            created_at=now,
            updated_at=now,
            ordinal=provenance.ordinals.get(first.message_id, 0),
            content_hash=digest,
            sources=draft.sources,
            conversation_id=provenance.conversation_id,
            agent_id=provenance.agent_id,
            app_id=provenance.app_id,
            info=dict(provenance.info),
        )

    def _seen_again(self, item: MemoryItem, draft: Draft, tags: tuple[str, ...]) -> MemoryItem:
        return strengthened(item, draft.sources, tags, self._clock.now_ms())


def evidence_edges(
    memory_id: str,
    sources: Sequence[Source],
    segments: Mapping[str, Sequence[tuple[str, int, int]]],
) -> list[Edge]:
    """DERIVED_FROM edges from a memory to every segment its source spans touch."""
    edges = []
    for source in sources:
        for segment_id, start, end in segments.get(source.message_id, ()):
            touches = source.start is None or (
                source.start < end and (source.end is None or source.end > start)
            )
            if touches:
                edges.append(Edge(memory_id, EdgeKind.DERIVED_FROM, segment_id))
    return edges


ROUGH_TAG = "mode:fast"


def is_rough(item: MemoryItem) -> bool:
    """Whether the item is a turn window waiting to be refined (its text is in its messages)."""
    return item.kind is MemoryKind.WORKING and ROUGH_TAG in item.tags
