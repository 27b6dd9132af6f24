"""Several memories said in one: what may be combined, and how the parts and the whole are connected.

A combined memory carries a reserved tag and MERGED_FROM edges to its parts. The parts are kept, in
the state `merged`, so that the whole can be taken apart again: when one of them is restored,
corrected, replaced or erased, the others hold again by themselves.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from memos.graph_dbs.base import GraphReader, NodeWrite
from memos.memories.textual.constraint import CONSTRAINT_TAG, is_constraint
from memos.memories.textual.tendency import mark_tags
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.state import claims
from memos.types.clock import derived_id
from memos.types.history import Change, Reason
from memos.types.memory import (
    Draft,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
    Source,
)
from memos.types.scope import Cube, Scope
from memos.types.time_expression import find_times

COMBINED = "memos:combined"
"""Reserved tag of a memory whose text says what several memories said."""
PART = "memos:part"
"""Reserved tag of a memory that a combined one stands for."""
MOST_PARTS = 5
_MAX_SOURCES = 50
_RESERVED = "memos:"
_KINDS = frozenset(
    {MemoryKind.LONG_TERM, MemoryKind.USER, MemoryKind.WORKING, MemoryKind.EXPLICIT_PREFERENCE}
)
_PAST = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bbe )(?<!\bgets )(?<!\bvery )(?<!\bso )(?<!\ba )"
    r"(?<!\bthe )(?<!\ban )\b(?!need\b|speed\b|feed\b|breed\b|embed\b|seed\b|weed\b|indeed\b)\w{3,}ed\b"
    r"|\b(?:went|took|bought|got|had|met|saw|ate|drank|made|did|was|were|came|left|gave|lost|won|ran|flew"
    r"|drove|began|broke|wrote|told|said|sold|built|spent|found|been)\b",
    re.IGNORECASE,
)
_PAST_CHINESE = re.compile("[了过](?!敏|程|于|分)")
_VIEW = re.compile(r"\[assistant(?: view|观点)\]")


@dataclass(frozen=True, slots=True)
class Combination:
    """A text that says what a draft and some memories say.

    Args:
        text: the sentence.
        parts: the memories, beside the draft.
        sound: names, numbers and dates in it stand in what it was made of.
    """

    text: str
    parts: tuple[MemoryItem, ...]
    sound: bool = True

    def with_part(self, other: "Combination") -> "Combination":
        """Both, when they are the same text; else this one."""
        if other.text != self.text or len(self.parts) >= MOST_PARTS:
            return self
        known = {part.id for part in self.parts}
        fresh = tuple(part for part in other.parts if part.id not in known)
        return replace(self, parts=(*self.parts, *fresh), sound=self.sound and other.sound)


def is_lasting(text: str) -> bool:
    """Whether a statement tells what lasts, and no event: nothing in it is past or dated."""
    past = _PAST_CHINESE if re.search("[\u4e00-\u9fff]", text) else _PAST
    return not past.search(text) and not find_times(text, 0)


def may_combine(draft: Draft, item: MemoryItem, text: str) -> bool:
    """Whether a draft and a memory may become one.

    Events stay by themselves, states are left to their timeline, limits are never reworded, and what
    a user froze or put right stays as it is.
    """
    families = {kind is MemoryKind.EXPLICIT_PREFERENCE for kind in (draft.kind, item.kind)}
    return (
        len(families) == 1
        and {draft.kind, item.kind} <= _KINDS
        and draft.status is item.status is MemoryStatus.ACTIVATED
        and draft.event_until is item.event_until is None
        and draft.speaker.casefold() == item.speaker.casefold()
        and not any(key.startswith(_RESERVED) for key in item.info)
        and CONSTRAINT_TAG not in item.tags
        and all(_is_free(each, item.speaker) for each in (draft.value, item.value, text))
    )


def _is_free(text: str, speaker: str) -> bool:
    return (
        is_lasting(text)
        and not _VIEW.match(text)
        and not claims(text, speaker)
        and not is_constraint(text, speaker)
    )


def same_context(items: Sequence[MemoryItem]) -> bool:
    """Whether filters by agent, app and metadata find all of these or none."""
    first = items[0]
    return all(
        (i.agent_id, i.app_id, i.info) == (first.agent_id, first.app_id, first.info)
        for i in items[1:]
    )


def combined(
    task_id: str, parts: Sequence[MemoryItem], told: Combination, now_ms: int
) -> MemoryItem:
    """The memory that says what its parts say; the last of them is the newest."""
    last = parts[-1]
    status = MemoryStatus.ACTIVATED if told.sound else MemoryStatus.QUARANTINED
    tags = (t for part in parts for t in part.tags if not t.startswith(_RESERVED))
    sources: dict[tuple[str, int | None, int | None], Source] = {
        (s.message_id, s.start, s.end): s for part in parts for s in part.sources
    }
    digest = content_hash(told.text)
    return replace(
        last,
        id=derived_id(task_id, last.cube.uid, "combined", digest),
        value=told.text,
        key=last.key,
        tags=tuple(
            dict.fromkeys((*tags, *mark_tags(last.kind, told.text, last.speaker), COMBINED))
        ),
        entities=tuple(dict.fromkeys(e for part in parts for e in part.entities)),
        confidence=min(part.confidence for part in parts),
        status=status,
        version=max(part.version for part in parts) + 1,
        event_from=max(_since(part) for part in parts),
        created_at=now_ms,
        updated_at=now_ms,
        content_hash=digest,
        sources=tuple(sources.values())[-_MAX_SOURCES:],
    )


def combining_edges(
    graph: GraphReader, scope: Scope, whole: str, parts: Iterable[str]
) -> list[Edge]:
    """Edges of a combined memory: to its parts, and to the evidence of those that are stored."""
    ids = list(parts)
    evidence = [
        Edge(whole, EdgeKind.DERIVED_FROM, edge.target)
        for edge in graph.edges(scope, ids)
        if edge.kind is EdgeKind.DERIVED_FROM and edge.source in set(ids)
    ]
    return [*(Edge(whole, EdgeKind.MERGED_FROM, part) for part in ids), *evidence]


def absorbed(parts: Iterable[MemoryItem], whole: MemoryItem, now_ms: int) -> list[NodeWrite]:
    """Parts that stand no more by themselves since the whole says it. Their ids keep resolving."""
    change = Change(Reason.MERGED, f"memory:{whole.id}")
    return [
        NodeWrite(
            replace(
                part,
                status=MemoryStatus.MERGED,
                tags=tuple(dict.fromkeys((*part.tags, PART))),
                event_until=whole.event_from,
                updated_at=now_ms,
            ),
            keep=True,
            change=change,
        )
        for part in parts
    ]


def freed(parts: Iterable[MemoryItem], now_ms: int) -> list[NodeWrite]:
    """Merged parts, made to hold by themselves again."""
    change = Change(Reason.REINSTATED)
    return [
        NodeWrite(standing(part, now_ms), keep=True, change=change)
        for part in parts
        if part.status is MemoryStatus.MERGED
    ]


def standing(part: MemoryItem, now_ms: int) -> MemoryItem:
    """A part as a memory by itself."""
    return replace(
        part,
        status=MemoryStatus.ACTIVATED,
        tags=tuple(tag for tag in part.tags if tag != PART),
        event_until=None,
        updated_at=now_ms,
    )


def wholes_of(graph: GraphReader, cube: Cube, ids: Iterable[str]) -> list[MemoryItem]:
    """Memories that say what these say beside other things, and what those became, nearest first."""
    scope = Scope.of(cube)
    asked = set(ids)
    found: dict[str, MemoryItem] = {}
    below = list(asked)
    while below:
        targets = set(below)
        above = {
            edge.source
            for edge in graph.edges(scope, below)
            if edge.kind is EdgeKind.MERGED_FROM and edge.target in targets
        }
        fresh = [
            item
            for item in graph.get(scope, sorted(above - asked - found.keys()))
            if COMBINED in item.tags or not targets.isdisjoint(found)
        ]
        found |= {item.id: item for item in fresh}
        below = [item.id for item in fresh]
    return list(found.values())


def parts_of(graph: GraphReader, cube: Cube, wholes: Sequence[MemoryItem]) -> list[MemoryItem]:
    """What combined memories were made of directly, without those that are wholes themselves."""
    scope = Scope.of(cube)
    ids = [whole.id for whole in wholes]
    if not ids:
        return []
    sources = set(ids)
    below = {
        edge.target
        for edge in graph.edges(scope, ids)
        if edge.kind is EdgeKind.MERGED_FROM and edge.source in sources
    }
    # A rough memory, whose text is rendered from its messages, is no part.
    return [item for item in graph.get(scope, sorted(below - sources)) if item.value]


def taken_apart(
    graph: GraphReader, cube: Cube, ids: Iterable[str], change: Change, *, now_ms: int
) -> list[NodeWrite]:
    """What to write when some parts stand by themselves again or changed: no whole, the others too.

    Args:
        graph: where they are.
        cube: whose.
        ids: the parts.
        change: why, for the history of the wholes.
        now_ms: record time.
    """
    known = set(ids)
    wholes = wholes_of(graph, cube, known)
    gone = known | {whole.id for whole in wholes}
    others = [part for part in parts_of(graph, cube, wholes) if part.id not in gone]
    closed = [
        NodeWrite(
            replace(whole, status=MemoryStatus.ARCHIVED, updated_at=now_ms),
            keep=True,
            change=change,
        )
        for whole in wholes
        if whole.status in {MemoryStatus.ACTIVATED, MemoryStatus.MERGED, MemoryStatus.QUARANTINED}
    ]
    return [*closed, *freed(others, now_ms)]


def is_combined(item: MemoryItem) -> bool:
    """Whether a memory says what several said."""
    return COMBINED in item.tags


def _since(item: MemoryItem) -> int:
    return item.event_from if item.event_from is not None else item.created_at
