"""Small additions to a score from what is known about a memory besides the question.

All are small against the score itself (a hit that answers scores above 1): they order equals, they
do not overrule what was said.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from memos.graph_dbs.base import RecallHit
from memos.types.memory import MemoryItem
from memos.types.message import ROLES

_FIGURE = re.compile(r"\d")
_ALONE = "(?<![A-Za-z])(?<! and )(?<![和与])"
"""What two did together is no talk about the other."""
STATED = "state"
"""Name of the boost of a statement of the very state a question asks for."""
_DAY_MS = 86_400_000
VOTES = "memos:votes"
"""Reserved info key: good votes less bad ones."""
WEIGHT = "memos:weight"
"""Reserved info key: a memory that a user put right counts as if it had this many good votes."""
MOST_VOTES = 3
"""Votes for or against a memory beyond this many change nothing."""


@dataclass(frozen=True, slots=True)
class BoostWeights:
    """Weights of the boosts.

    Args:
        conversation: for memories of the current conversation.
        recency: for a memory told now; halves every `half_life_days`.
        half_life_days: see `recency`.
        confidence: taken off a memory of confidence 0, proportionally less above.
        figure: for a memory that states a figure or a date, when the question asks for one.
        addressed: taken off a memory that speaks of another speaker: praise and echoes are mostly
            of this kind, and what somebody did is told best by themselves.
        feedback: for each good vote, taken off for each bad one; at most three count.

    `figure` and `addressed` were set on dialogues 0 to 2 of LoCoMo and checked on 3 and 4;
    docs/evaluation.md has what they are worth.
    """

    conversation: float = 0.05
    recency: float = 0.02
    half_life_days: float = 90.0
    confidence: float = 0.10
    figure: float = 0.10
    addressed: float = 0.05
    feedback: float = 0.10


_WEIGHTS = BoostWeights()


@dataclass(frozen=True, slots=True)
class Moment:
    """What a question is asked in.

    Args:
        now_ms: when.
        conversation_id: the current conversation.
        speakers: speakers the question names.
        figure: the question asks when, how many or how long.
    """

    now_ms: int
    conversation_id: str | None = None
    speakers: tuple[str, ...] = ()
    figure: bool = False


class Ranked(NamedTuple):
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
    boosts: Mapping[str, float] = MappingProxyType({})

    @property
    def score(self) -> float:
        """Score it is ranked by."""
        return self.hit.score + sum(self.boosts.values())

    def with_boost(self, name: str, value: float) -> "Ranked":
        """The same with one more addition; none of value 0."""
        if not value:
            return self
        return Ranked(self.item, self.relativity, self.hit, {**self.boosts, name: value})


class Naming:
    """Tells which memories speak of another speaker.

    Args:
        speakers: names and roles of those who said something; roles are nobody's name.
    """

    def __init__(self, speakers: Iterable[str]) -> None:
        self._names = sorted({name for name in speakers if name and name not in ROLES})
        self._others: dict[str, re.Pattern[str] | None] = {}

    def of_another(self, item: MemoryItem) -> bool:
        """Whether the memory names a speaker who is not its own."""
        if item.speaker not in self._others:
            others = [re.escape(name) for name in self._names if name != item.speaker]
            pattern = rf"{_ALONE}(?:{'|'.join(others)})(?![A-Za-z])"
            self._others[item.speaker] = re.compile(pattern) if others else None
        found = self._others[item.speaker]
        return found is not None and found.search(item.value) is not None


def boosted(
    ranked: Ranked,
    moment: Moment,
    naming: Naming | None = None,
    weights: BoostWeights = _WEIGHTS,
) -> Ranked:
    """Add what speaks for or against a memory besides the question.

    Args:
        ranked: the memory.
        moment: what the question is asked in.
        naming: the speakers of all that was found; without it nobody counts as addressed.
        weights: weights of the boosts.
    """
    item = ranked.item
    boosts = dict(ranked.boosts)
    if moment.conversation_id and item.conversation_id == moment.conversation_id:
        boosts["conversation"] = weights.conversation
    told = item.event_from if item.event_from is not None else item.created_at
    age_days = max(0.0, (moment.now_ms - told) / _DAY_MS)
    boosts["recency"] = weights.recency * 0.5 ** (age_days / weights.half_life_days)
    if item.confidence < 1:
        boosts["confidence"] = -weights.confidence * (1 - item.confidence)
    if moment.figure and _FIGURE.search(item.value):
        boosts["figure"] = weights.figure
    votes = _votes(item)
    if votes:
        boosts["feedback"] = weights.feedback * votes
    # A question about two speakers may well be about what one says of the other.
    if naming is not None and len(moment.speakers) < 2 and naming.of_another(item):
        boosts["addressed"] = -weights.addressed
    return Ranked(item, ranked.relativity, ranked.hit, boosts)


def _votes(item: MemoryItem) -> int:
    """Good votes less bad ones, within -3..3."""
    if not item.info:
        return 0
    counts = [item.info.get(key) for key in (VOTES, WEIGHT)]
    total = sum(count for count in counts if isinstance(count, int))
    return max(-MOST_VOTES, min(MOST_VOTES, total))
