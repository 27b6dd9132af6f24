"""Turns drafts into memories: one per distinct statement, linked to the evidence it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore, RecallHit, Vector
from memos.memories.textual.tendency import mark_tags
from memos.memories.textual.tree_text_memory.organize.duplicate import (
    Match,
    Pending,
    inherited_edges,
    match_of,
    merged,
    neighbours,
    strengthened,
)
from memos.memories.textual.tree_text_memory.organize.joining import Joining, Parts
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.relation import (
    RelationJudge,
    Relations,
    Settled,
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
    MemoryStatus,
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


@dataclass(slots=True)
class _Work:
    """One add on its way into the graph."""

    pending: Pending
    told: Relations
    near: Mapping[str, Sequence[RecallHit]]
    parts: Parts
    joining: Joining
    edges: list[Edge] = field(default_factory=list)


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
        work = _Work(
            Pending(known, self.embedder.profile),
            provenance.relations.present(self._graph, scope),
            near,
            Parts(self._graph, cube, kept, near),
            Joining(self._graph, self.embedder, self._clock),
        )
        edges: list[Edge] = []
        past = self._past(cube, kept, provenance)
        ids = []
        for index, draft in enumerate(kept):
            item = self._new(cube, draft, provenance, tags[index])
            if item.id in past:
                ids.append(item.id)
                continue
            memory_id = self._place(item, draft, tags[index], (work, vectors[index]))
            edges.extend(evidence_edges(memory_id, draft.sources, provenance.segments))
            ids.append(memory_id)
        edges.extend(work.edges)
        edges.extend(inherited_edges(self._graph, scope, work.pending.merges))
        joined, links = work.joining.writes(provenance.task_id, work.pending, edges)
        nodes = work.pending.nodes
        self._graph.put(scope, [*nodes, *joined], [*edges, *links])
        self._timeline.settle(cube, [*past.values(), *(write.item for write in nodes)])
        return [work.pending.heir(memory_id) for memory_id in ids]

    def _place(
        self,
        item: MemoryItem,
        draft: Draft,
        tags: tuple[str, ...],
        at: "tuple[_Work, Vector]",
    ) -> str:
        """Find the place of a new memory among those there are; the id of what says it now."""
        (work, vector), digest = at, item.content_hash
        part = work.parts.told_again(digest)
        if part is not None:
            work.parts.strengthen(part, draft, work.pending, self._clock.now_ms())
            return part.id
        match = work.pending.match(draft, digest, work.near.get(digest, ())) or work.told.match(
            digest, work.pending
        )
        if match is not None and match.better is Better.FIRST:
            again = strengthened(match.item, draft.sources, tags, self._clock.now_ms())
            work.pending.put(digest, again, None)
            return again.id
        settled = self._settled(item, match, work.told, work.pending)
        work.pending.put(digest, settled.item, vector)
        work.pending.close(settled.writes)
        work.edges.extend(settled.edges)
        work.joining.add(settled.item, None if match else work.told.combinations.get(digest))
        return settled.item.id

    def _settled(
        self, item: MemoryItem, match: Match | None, told: Relations, pending: Pending
    ) -> Settled:
        """A new memory, after it took over what it says better and ended what it contradicts."""
        if match is not None:
            item = merged(match.item, item)
            pending.replace(match.item, item, self._clock.now_ms())
        return told.settle(content_hash(item.value), item, self._clock.now_ms())

    def relate(self, cube: Cube, drafts: Sequence[Draft]) -> Relations:
        """Ask the judge, if there is one, how drafts relate to what is near them in memory.

        It may take as long as a model does; `write` takes the answer in its provenance.
        """
        judge = self._judge
        if judge is None:
            return Relations()
        kept = [draft for draft in drafts if content_hash(draft.value) and judge.concerns(draft)]
        if not kept:
            return Relations()
        scope = Scope.of(cube)
        known = self._known(scope, [content_hash(d.value) for d in kept])
        near = self._near(scope, kept, self.embedder.embed([d.statement for d in kept]), known)
        profile = self.embedder.profile
        open_drafts = {content_hash(d.value): d for d in kept}
        parts = Parts(self._graph, cube, kept, near)
        asked = {
            digest: open_drafts[digest]
            for digest, hits in near.items()
            if parts.told_again(digest) is None
            and match_of(open_drafts[digest], hits, profile) is None
        }
        return relations_of(judge, asked, near, profile.mean_cosine)

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

    def _past(
        self, cube: Cube, drafts: Sequence[Draft], provenance: Provenance
    ) -> dict[str, MemoryItem]:
        """What this very add wrote before and is out of use since, by id.

        It stays so: a repeated task that wrote it anew would bring it back, only for its state to
        be settled once more. What was merged is found by its heir.
        """
        ids = [_own_id(cube, provenance, content_hash(draft.value)) for draft in drafts]
        found = self._graph.get(Scope.of(cube), list(dict.fromkeys(ids)))
        return {item.id: item for item in found if item.status not in LIVE | {MemoryStatus.MERGED}}

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
            id=_own_id(cube, provenance, digest),
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


def _own_id(cube: Cube, provenance: Provenance, digest: str) -> str:
    return derived_id(provenance.task_id, cube.uid, digest)


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
