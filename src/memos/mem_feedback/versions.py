"""New versions of memories beside the old ones, and the way back. Nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphReader, GraphStore, NodeWrite
from memos.mem_feedback.feedback import (
    CLOSED_BY,
    CORRECTED,
    TASK_MARK,
    VERSION,
    VOTED,
    FeedbackKind,
    Record,
    Updated,
)
from memos.mem_feedback.locate import Rewrite
from memos.mem_feedback.substitute import replaced
from memos.memories.textual.tree_text_memory.organize.combine import (
    PART,
    standing,
    taken_apart,
)
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.timeline import (
    STATE_TAG,
    SUPERSEDED,
    Timeline,
    state_tags,
)
from memos.memories.textual.tree_text_memory.retrieve.boost import MOST_VOTES, VOTES, WEIGHT
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Operator, all_of, any_of
from memos.types.history import Change, Reason
from memos.types.memory import (
    ALL_KINDS,
    SKILL_KINDS,
    TOOL_KINDS,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryStatus,
    Source,
)
from memos.types.scope import Cube, Scope

_EVERYTHING = 10**9
_MAX_SOURCES = 50


@dataclass(frozen=True, slots=True)
class Cause:
    """The feedback behind a change.

    Args:
        task_id: its task; ids of new versions derive from it, so a repeated task rewrites them.
        source: the feedback message.
        kind: a correction closes what was never true, a replacement what is worded anew.
        old, new: the names replaced, which also stand in titles and entities.
    """

    task_id: str
    source: Source
    kind: FeedbackKind
    old: str = ""
    new: str = ""

    @property
    def change(self) -> Change:
        """What the history of a memory says of it."""
        replaces = self.kind is FeedbackKind.REPLACEMENT
        reason = Reason.REPLACED if replaces else Reason.CORRECTED
        return Change(reason, f"message:{self.source.message_id}")


class Versions:
    """Writes new versions into one cube.

    Args:
        graph: the memories.
        embedder: makes the vectors.
        clock: record times.
    """

    def __init__(self, graph: GraphStore, embedder: Embedder, clock: Clock) -> None:
        self._graph = graph
        self._embedder = embedder
        self._clock = clock
        self._timeline = Timeline(graph, clock)

    def rewrite(self, cube: Cube, rewrites: Sequence[Rewrite], cause: Cause) -> None:
        """Archive memories and write their new versions, all in one transaction."""
        if not rewrites:
            return
        now = self._clock.now_ms()
        vectors = self._embedder.embed([r.value for r in rewrites])
        writes, edges, items = self._apart(cube, [r.item for r in rewrites], cause), [], []
        alone = [replace(rewrite, item=by_itself(rewrite.item)) for rewrite in rewrites]
        for rewrite, vector in zip(alone, vectors, strict=True):
            new = _version(rewrite, cause, now)
            old = closed(rewrite.item, cause, now)
            writes += [
                NodeWrite(old, keep=True, change=cause.change),
                NodeWrite(new, new.value, vector, change=cause.change),
            ]
            edges.append(Edge(new.id, EdgeKind.SUPERSEDES, old.id))
            items += [rewrite.item, new]
        self._graph.put(Scope.of(cube), writes, edges)
        self._timeline.settle(cube, items)

    def close(self, cube: Cube, items: Sequence[MemoryItem], cause: Cause) -> None:
        """Archive memories that were never true."""
        now = self._clock.now_ms()
        writes = self._apart(cube, items, cause)
        writes += [
            NodeWrite(closed(by_itself(item), cause, now), keep=True, change=cause.change)
            for item in items
        ]
        if writes:
            self._graph.put(Scope.of(cube), writes)
            self._timeline.settle(cube, items)

    def _apart(self, cube: Cube, items: Sequence[MemoryItem], cause: Cause) -> list[NodeWrite]:
        """What follows for texts that say what these say beside other things."""
        parts = [item.id for item in items if PART in item.tags]
        if not parts:
            return []
        return taken_apart(self._graph, cube, parts, cause.change, now_ms=self._clock.now_ms())

    def link(self, cube: Cube, new_ids: Sequence[str], task_id: str) -> None:
        """Say which memories took the place of those that `close` archived for a task."""
        archived = [i for i in self._of(cube, CLOSED_BY, task_id) if i.id not in set(new_ids)]
        edges = [Edge(new, EdgeKind.SUPERSEDES, i.id) for i in archived for new in new_ids]
        if edges:
            self._graph.put(Scope.of(cube), [], edges)

    def closed(self, cube: Cube, task_id: str) -> list[MemoryItem]:
        """Memories that a task archived."""
        return self._of(cube, CLOSED_BY, task_id)

    def vote(self, cube: Cube, items: Sequence[MemoryItem], vote: int, cause: Cause) -> None:
        """Count a vote for memories, once a task."""
        writes = []
        for item in items:
            if _cast(item, cause.task_id) is not None:
                continue
            before = int(item.info.get(VOTES) or 0)
            votes = max(-MOST_VOTES, min(MOST_VOTES, before + vote))
            by = [*(item.info.get(VOTED) or ()), f"{cause.task_id}:{votes - before:+d}"]
            info = {**item.info, VOTES: votes, VOTED: by[-_KEPT:]}
            writes.append(NodeWrite(replace(item, info=info), keep=True))
        if writes:
            self._graph.put(Scope.of(cube), writes)

    def record(
        self, cube: Cube, task_id: str, kind: FeedbackKind, *, undone_by: str | None = None
    ) -> Record:
        """What a task wrote and archived, read back from the graph.

        Args:
            cube: whose memories.
            task_id: the task.
            kind: what the record says it was.
            undone_by: what may have taken a part of it back already.
        """
        written = [i.id for i in self._of(cube, TASK_MARK, task_id)]
        archived = {i.id for i in self._of(cube, CLOSED_BY, task_id)}
        if undone_by is not None:
            archived |= {i.id for i in self._of(cube, UNDONE_BY, undone_by)} - set(written)
        edges = self._graph.edges(Scope.of(cube), sorted(archived)) if archived else []
        update = tuple(
            Updated(edge.source, edge.target)
            for edge in edges
            if edge.kind is EdgeKind.SUPERSEDES
            and edge.target in archived
            and edge.source in set(written)
        )
        updating = {u.id for u in update}
        add = tuple(sorted(i for i in written if i not in updating))
        return Record(kind, add=add, update=update)

    def touched(self, cube: Cube, task_id: str, named: Sequence[str]) -> list[str]:
        """Ids of memories that a task wrote or archived, and of the named ones it voted on."""
        marks = [
            Condition(None, Operator.EQ, task_id, info_key=key) for key in (TASK_MARK, CLOSED_BY)
        ]
        written = self._graph.find(
            Scope.of(cube), ALL_KINDS, any_of(*marks), limit=_EVERYTHING
        ).items
        items = self._graph.get(Scope.of(cube), named)
        voted = [item for item in items if _cast(item, task_id) is not None]
        return list(dict.fromkeys(item.id for item in (*written, *voted)))

    def take_back(self, cube: Cube, task_id: str, by: str) -> Record:
        """Make hold again what a task archived, and archive what it wrote.

        Erased memories do not come back. Repeating it changes nothing and gives the same record.

        Args:
            cube: whose memories.
            task_id: the feedback.
            by: what takes it back: the task of another feedback, or the same for a program.

        Returns:
            What the feedback had changed.
        """
        now = self._clock.now_ms()
        record = self.record(cube, task_id, FeedbackKind.UNDO, undone_by=by)
        back = {u.archived_id for u in record.update}
        gone = [*record.add, *(u.id for u in record.update)]
        items = self._graph.get(Scope.of(cube), [*sorted(back), *gone])
        changed = []
        for item in items:
            status = MemoryStatus.ACTIVATED if item.id in back else MemoryStatus.ARCHIVED
            if item.status is not status:
                changed.append(_reverted(item, status, now, by))
        why = Change(Reason.REVERTED)
        writes = [NodeWrite(item, keep=True, change=why) for item in changed]
        if writes:
            self._graph.put(Scope.of(cube), writes)
        self._timeline.settle(cube, [*items, *changed])
        return record

    def unvote(self, cube: Cube, ids: Sequence[str], task_id: str) -> None:
        """Take back the vote of a task. Repeating it changes nothing."""
        writes = []
        for item in self._graph.get(Scope.of(cube), ids):
            cast = _cast(item, task_id)
            if cast is None:
                continue
            by = [v for v in item.info[VOTED] if _voter(v) != task_id]
            votes = max(-MOST_VOTES, min(MOST_VOTES, int(item.info.get(VOTES) or 0) - cast))
            info = {**item.info, VOTES: votes, VOTED: by}
            writes.append(NodeWrite(replace(item, info=info), keep=True))
        if writes:
            self._graph.put(Scope.of(cube), writes)

    def _of(self, cube: Cube, key: str, task_id: str) -> list[MemoryItem]:
        where = all_of(Condition(None, Operator.EQ, task_id, info_key=key))
        found = self._graph.find(Scope.of(cube), ALL_KINDS, where, limit=_EVERYTHING)
        return list(found.items)


_KEPT = 20
"""Votes of which a memory remembers who cast them."""
UNDONE_BY = "memos:undone_by"
"""Reserved info key of memories that taking back a feedback changed: the id of that task."""
_VERSIONED = TOOL_KINDS | SKILL_KINDS
"""Kinds whose versions follow one another without anybody's feedback."""
_TAKING_OVER = frozenset({EdgeKind.SUPERSEDES, EdgeKind.MERGED_FROM})


def with_former_versions(
    graph: GraphReader, cube: Cube, items: Sequence[MemoryItem]
) -> list[MemoryItem]:
    """Memories and all that gave way to them, by feedback or merging, for whoever erases them.

    A former version rests on the same messages and says mostly the same.
    """
    found = {item.id: item for item in items}
    fresh = list(found)
    while fresh:
        edges = graph.edges(Scope.of(cube), fresh)
        targets = [
            edge.target for edge in edges if edge.kind in _TAKING_OVER and edge.source in found
        ]
        fresh = []
        for item in graph.get(Scope.of(cube), list(dict.fromkeys(targets))):
            gave_way = CLOSED_BY in item.info or item.status is MemoryStatus.MERGED
            if item.id not in found and (gave_way or item.kind in _VERSIONED):
                found[item.id] = item
                fresh.append(item.id)
    return list(found.values())


def by_itself(item: MemoryItem) -> MemoryItem:
    """A memory, as it is when no other says the same beside other things."""
    return standing(item, item.updated_at) if PART in item.tags else item


def closed(item: MemoryItem, cause: Cause, now_ms: int) -> MemoryItem:
    """A memory as archived by a feedback: it states nothing any more."""
    mark = VERSION if cause.kind is FeedbackKind.REPLACEMENT else CORRECTED
    return replace(
        item,
        status=MemoryStatus.ARCHIVED,
        tags=(*_plain_tags(item), mark),
        info={**item.info, CLOSED_BY: cause.task_id},
        updated_at=now_ms,
    )


def confirmed(info: dict[str, Any], cause: Cause) -> dict[str, Any]:
    """Metadata of a memory that a user put right."""
    kept = {k: v for k, v in info.items() if k not in {VOTES, VOTED, CLOSED_BY}}
    return {**kept, TASK_MARK: cause.task_id, WEIGHT: 1}


def _version(rewrite: Rewrite, cause: Cause, now_ms: int) -> MemoryItem:
    item, value = rewrite.item, rewrite.value
    corrects = cause.kind is FeedbackKind.CORRECTION

    def renamed(text: str) -> str:
        return replaced(text, cause.old, cause.new)

    speaker = renamed(item.speaker)
    tags = tuple(renamed(tag) for tag in _plain_tags(item))
    info = confirmed(item.info, cause) if corrects else {**item.info, TASK_MARK: cause.task_id}
    return replace(
        item,
        id=derived_id(cause.task_id, item.id, item.version + 1),
        value=value,
        key=renamed(item.key),
        background=renamed(item.background),
        reasoning=renamed(item.reasoning),
        speaker=speaker,
        entities=tuple(renamed(entity) for entity in item.entities),
        tags=(*tags, *state_tags(value, speaker)),
        confidence=1.0 if corrects else item.confidence,
        version=item.version + 1,
        created_at=now_ms,
        updated_at=now_ms,
        content_hash=content_hash(value),
        sources=(*item.sources, cause.source)[-_MAX_SOURCES:],
        info=info,
    )


def _cast(item: MemoryItem, task_id: str) -> int | None:
    """What the vote of a task changed of a memory's votes; None when it cast none."""
    votes = [str(v) for v in item.info.get(VOTED) or () if _voter(v) == task_id]
    return int(votes[-1].rpartition(":")[2]) if votes else None


def _voter(vote: object) -> str:
    return str(vote).rpartition(":")[0]


def _reverted(item: MemoryItem, status: MemoryStatus, now_ms: int, by: str) -> MemoryItem:
    tags = _plain_tags(item)
    info = {k: v for k, v in item.info.items() if k != CLOSED_BY} | {UNDONE_BY: by}
    if status is MemoryStatus.ACTIVATED:
        tags = (*tags, *state_tags(item.value, item.speaker))
    return replace(item, status=status, tags=tags, info=info, updated_at=now_ms)


def _plain_tags(item: MemoryItem) -> tuple[str, ...]:
    """Tags without those that say what the memory states or why it was archived."""
    marks = {CORRECTED, VERSION, SUPERSEDED}
    return tuple(t for t in item.tags if t not in marks and not t.startswith(STATE_TAG))
