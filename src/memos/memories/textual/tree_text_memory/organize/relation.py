"""What becomes of drafts that a model relates to memories. The model names; code decides.

Rules settle what they can before; the model is asked once about the rest, and only about memories
that are near. Whatever it says, a duplicate with another figure or a "not" more is none, states are
left to their timeline, and frozen memories stay as they are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol

from memos.graph_dbs.base import GraphReader, NodeWrite, RecallHit
from memos.memories.textual.tree_text_memory.organize.combine import Combination, may_combine
from memos.memories.textual.tree_text_memory.organize.duplicate import Match, Pending
from memos.memories.textual.tree_text_memory.organize.sameness import Better
from memos.memories.textual.tree_text_memory.organize.timeline import STATE_TAG, SUPERSEDED
from memos.types.memory import LIVE, Draft, Edge, EdgeKind, MemoryItem, MemoryStatus
from memos.types.scope import Scope

NEAR_COSINE = 0.40
"""Memories below this cosine are not shown to the model."""
MOST_DRAFTS = 12
MOST_EACH = 4
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_DENIAL = re.compile(
    r"\b(?:not|no|never|without|longer|stopped|quit|former|used to)\b|n't\b|不(?!仅|断|管|错)|[没未停]|无(?!论)|非(?!常)",
    re.IGNORECASE,
)


class Relation(str, Enum):
    """How a statement relates to a fact."""

    DUPLICATE = "duplicate"
    CONTRADICTS = "contradicts"
    ADDS = "adds"


@dataclass(frozen=True, slots=True)
class Related:
    """A draft, by its place, and the memory it relates to.

    Args:
        draft: the place.
        item: the memory.
        relation: how they relate.
        combined: of what adds, one text that says both; empty when there is none.
        sound: names, numbers and dates of that text stand in the two.
    """

    draft: int
    item: MemoryItem
    relation: Relation
    combined: str = ""
    sound: bool = True


class RelationJudge(Protocol):
    """Says how drafts relate to memories."""

    def concerns(self, draft: Draft) -> bool:
        """Whether it may have something to say of this draft."""
        ...

    def relate(
        self, drafts: Sequence[Draft], candidates: Sequence[Sequence[MemoryItem]]
    ) -> list[Related]:
        """Relations of drafts to their candidates; empty when it cannot tell. Raises nothing."""
        ...


@dataclass(slots=True)
class Relations:
    """What was found out about the drafts of one add, by the hash of their text."""

    duplicates: dict[str, Match] = field(default_factory=dict)
    contradicted: dict[str, list[MemoryItem]] = field(default_factory=dict)
    added: dict[str, list[MemoryItem]] = field(default_factory=dict)
    combinations: dict[str, Combination] = field(default_factory=dict)

    def present(self, graph: GraphReader, scope: Scope) -> "Relations":
        """The same with the memories as they are now; those gone or archived left out."""
        ids = {m.item.id for m in self.duplicates.values()}
        ids |= {
            i.id for found in (self.contradicted, self.added) for g in found.values() for i in g
        }
        ids |= {part.id for told in self.combinations.values() for part in told.parts}
        if not ids:
            return self
        live = {i.id: i for i in graph.get(scope, sorted(ids)) if i.status in LIVE}

        def still(found: Mapping[str, Sequence[MemoryItem]]) -> dict[str, list[MemoryItem]]:
            return {d: [live[i.id] for i in items if i.id in live] for d, items in found.items()}

        duplicates = {
            digest: Match(live[match.item.id], match.better)
            for digest, match in self.duplicates.items()
            if match.item.id in live
        }
        combinations = {
            digest: replace(told, parts=tuple(live[part.id] for part in told.parts))
            for digest, told in self.combinations.items()
            if all(part.id in live for part in told.parts)
        }
        return Relations(duplicates, still(self.contradicted), still(self.added), combinations)

    def match(self, digest: str, pending: Pending) -> Match | None:
        """The memory a draft repeats, unless another draft took its place just now."""
        match = self.duplicates.get(digest)
        return None if match is None or pending.writes(match.item.id) else match

    def settle(self, digest: str, item: MemoryItem, now_ms: int) -> "Settled":
        """What follows for a memory that is written: it, others to write, edges.

        Of two that contradict each other the one that began earlier is archived, whichever came
        first.
        """
        writes, edges = [], []
        for other in self.contradicted.get(digest, ()):
            if _since(other) <= _since(item):
                writes.append(NodeWrite(_superseded(other, item, now_ms), keep=True))
                edges.append(Edge(item.id, EdgeKind.SUPERSEDES, other.id))
            else:
                edges.append(Edge(other.id, EdgeKind.SUPERSEDES, item.id))
                item = _superseded(item, other, now_ms)
        edges += [
            Edge(item.id, EdgeKind.RELATED_TO, other.id) for other in self.added.get(digest, ())
        ]
        return Settled(item, tuple(writes), tuple(edges))


@dataclass(frozen=True, slots=True)
class Settled:
    """A memory to write, the writes of others it closed, and its edges."""

    item: MemoryItem
    writes: tuple[NodeWrite, ...]
    edges: tuple[Edge, ...]


def relations_of(
    judge: RelationJudge | None,
    drafts: Mapping[str, Draft],
    near: Mapping[str, Sequence[RecallHit]],
    mean_cosine: float,
) -> Relations:
    """Ask the judge about drafts and the memories near them.

    Args:
        judge: the judge; None finds nothing.
        drafts: drafts the rules found no duplicate of, by the hash of their text.
        near: their neighbours.
        mean_cosine: of the embedder.
    """
    found = Relations()
    if judge is None:
        return found
    asked = {
        digest: _candidates(draft, near.get(digest, ()), mean_cosine)
        for digest, draft in drafts.items()
    }
    digests = [digest for digest, items in asked.items() if items][:MOST_DRAFTS]
    if not digests:
        return found
    told = judge.relate([drafts[d] for d in digests], [asked[d] for d in digests])
    for related in told:
        _note(found, digests[related.draft], drafts[digests[related.draft]], related)
    return found


def _candidates(draft: Draft, near: Iterable[RecallHit], mean_cosine: float) -> list[MemoryItem]:
    least = NEAR_COSINE - mean_cosine
    items = [
        hit.item
        for hit in near
        if hit.own >= least and hit.item.speaker.casefold() == draft.speaker.casefold()
    ]
    return items[:MOST_EACH]


def _note(found: Relations, digest: str, draft: Draft, related: Related) -> None:
    """Take one relation, if code agrees."""
    item = related.item
    if related.relation is Relation.DUPLICATE:
        if digest not in found.duplicates and _agree(draft.value, item.value):
            longer = len(draft.value) > len(item.value)
            better = Better.SECOND if longer else Better.FIRST
            if item.status is MemoryStatus.FROZEN:
                better = Better.FIRST
            found.duplicates[digest] = Match(item, better)
    elif related.relation is Relation.ADDS:
        found.added.setdefault(digest, []).append(item)
        if related.combined and may_combine(draft, item, related.combined):
            told = Combination(related.combined, (item,), related.sound)
            before = found.combinations.get(digest)
            found.combinations[digest] = before.with_part(told) if before else told
    elif item.status is not MemoryStatus.FROZEN and not _is_state(item):
        found.contradicted.setdefault(digest, []).append(item)


def _agree(first: str, second: str) -> bool:
    """Whether figures and denials are the same in both."""
    figures = sorted(_FIGURE.findall(first)) == sorted(_FIGURE.findall(second))
    return figures and denies(first) == denies(second)


def denies(text: str) -> bool:
    """Whether a text denies something."""
    return bool(_DENIAL.search(text))


def _is_state(item: MemoryItem) -> bool:
    return any(tag.startswith(STATE_TAG) for tag in item.tags)


def _superseded(item: MemoryItem, by: MemoryItem, now_ms: int) -> MemoryItem:
    return replace(
        item,
        status=MemoryStatus.ARCHIVED,
        tags=tuple(dict.fromkeys((*item.tags, SUPERSEDED))),
        event_until=_since(by),
        updated_at=now_ms,
    )


def _since(item: MemoryItem) -> int:
    return item.event_from if item.event_from is not None else item.created_at
