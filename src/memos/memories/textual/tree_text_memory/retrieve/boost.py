"""Small additions to a score from what is known about a memory besides the question.

All are small against the score itself (a hit that answers scores above 1): they order equals, they
do not overrule what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from memos.graph_dbs.base import RecallHit
from memos.types.memory import MemoryItem

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class BoostWeights:
    """Weights of the boosts.

    Args:
        conversation: for memories of the current conversation.
        recency: for a memory told now; halves every `half_life_days`.
        half_life_days: see `recency`.
        confidence: taken off a memory of confidence 0, proportionally less above.
    """

    conversation: float = 0.05
    recency: float = 0.02
    half_life_days: float = 90.0
    confidence: float = 0.10


@dataclass(frozen=True, slots=True)
class Moment:
    """What a question is asked in."""

    now_ms: int
    conversation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A memory found.

    Args:
        item: the memory.
        relativity: calibrated relevance, 0..1.
        hit: the parts of its score.
        boosts: additions to its score by name.
    """

    item: MemoryItem
    relativity: float
    hit: RecallHit
    boosts: Mapping[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Score it is ranked by."""
        return self.hit.score + sum(self.boosts.values())

    def with_boost(self, name: str, value: float) -> "Ranked":
        """The same with one more addition; none of value 0."""
        return replace(self, boosts={**self.boosts, name: value}) if value else self


def boosted(ranked: Ranked, moment: Moment, weights: BoostWeights | None = None) -> Ranked:
    """Add what speaks for or against a memory besides the question."""
    weights = weights or BoostWeights()
    item = ranked.item
    boosts = dict(ranked.boosts)
    if moment.conversation_id and item.conversation_id == moment.conversation_id:
        boosts["conversation"] = weights.conversation
    told = item.event_from if item.event_from is not None else item.created_at
    age_days = max(0.0, (moment.now_ms - told) / _DAY_MS)
    boosts["recency"] = weights.recency * 0.5 ** (age_days / weights.half_life_days)
    if item.confidence < 1:
        boosts["confidence"] = -weights.confidence * (1 - item.confidence)
    return replace(ranked, boosts=boosts)
