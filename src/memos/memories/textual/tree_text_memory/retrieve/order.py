"""Orders what was recalled: the current conversation weighs more, no turn crowds out the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memos.graph_dbs.base import RecallHit
from memos.types.memory import MemoryItem

SAME_CONVERSATION = 0.05
"""Added to the score of hits of the current conversation: a weight, not a condition."""
SIBLING = 0.5
"""Taken from a memory's score for each better one of the same turn. One turn often yields two or
three memories that score alike; without this they fill the first places (R@10 .782 with 0, .815
with 0.1, .834 with 0.5 on 759 questions; scripts and figures in docs/evaluation.md)."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A memory found, with its relevance and the parts of its score."""

    item: MemoryItem
    relativity: float
    hit: RecallHit

    @property
    def score(self) -> float:
        """Score it is ranked by."""
        return self.hit.score


def ordered(ranked: Sequence[Ranked], conversation_id: str | None) -> list[Ranked]:
    """Hits in the order they are returned: best first, repetitions left out, turns spread.

    Args:
        ranked: hits in any order.
        conversation_id: the current conversation, if known.
    """
    boosted = [_boost(r, conversation_id) for r in ranked] if conversation_id else list(ranked)
    boosted.sort(key=_best_first)
    return spread(distinct(boosted))


def distinct(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Leave out a memory that says exactly what a better one says (a public copy, say)."""
    seen: set[str] = set()
    kept = []
    for r in ranked:
        digest = r.item.content_hash
        if digest and digest in seen:
            continue
        seen.add(digest)
        kept.append(r)
    return kept


def spread(ranked: Sequence[Ranked], penalty: float = SIBLING) -> list[Ranked]:
    """Lower each memory by `penalty` for every better one that rests on the same messages.

    A memory that rests on several messages counts as told by the least told of them.
    """
    told: dict[str, int] = {}
    lowered = []
    for r in ranked:
        messages = {source.message_id for source in r.item.sources}
        better = min((told.get(m, 0) for m in messages), default=0)
        for message in messages:
            told[message] = told.get(message, 0) + 1
        lowered.append((r.score - penalty * better, r))
    lowered.sort(key=lambda pair: (-pair[0], pair[1].item.id))
    return [r for _, r in lowered]


def _boost(ranked: Ranked, conversation_id: str) -> Ranked:
    if ranked.item.conversation_id != conversation_id:
        return ranked
    return replace(ranked, hit=replace(ranked.hit, score=ranked.hit.score + SAME_CONVERSATION))


def _best_first(ranked: Ranked) -> tuple[float, str]:
    return -ranked.score, ranked.item.id
