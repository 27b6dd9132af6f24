"""Calibrated relevance: how likely a hit helps to answer the question, 0..1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from memos.graph_dbs.base import RecallHit
from memos.memories.textual.tree_text_memory.retrieve.boost import STATED, Ranked


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two witnesses, either of which is enough: the words, and the meaning.

        words   = sigmoid(slope * (L - words_half))
        meaning = sigmoid(slope * ((1 - own) * C + own * O - meaning_half))
        relativity = 1 - (1 - words) * (1 - meaning)

    On a day that is asked for both halves are lower by up to `time`: a third witness, never enough
    alone.

    L is the coverage of the question's words; C and O are the cosines of the evidence and of the
    memory itself above that of unrelated texts, scaled to the default embedder. A sum of the parts
    under one sigmoid keeps as many relevant memories only at the price of half as many unrelated
    ones again (scripts/fit_relativity.py prints both).

    Args:
        words_half: coverage at which the words alone give one half.
        meaning_half: cosine at which the meaning alone gives one half.
        slope: steepness of both.
        own: share of the memory's own cosine in the meaning.
        time: what a day that is asked for takes off both halves.
    """

    words_half: float
    meaning_half: float
    slope: float = 25.0
    own: float = 0.7
    time: float = 0.1


FACTS = Calibration(words_half=0.22, meaning_half=0.26)
"""Facts, tools, skills and document chunks."""

PREFERENCES = Calibration(words_half=0.22, meaning_half=0.15)
"""A preference shares few words with the questions it bears on, so less is asked of it."""

FIRST = 10
"""So many of the best hits tell whether there is an answer."""
_MOST_LEAD = 0.5
_OWN_WEIGHT = 1.3
_STEEP = 30.0
"""A sigmoid does not change any more beyond it."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What the best hits tell about there being an answer.

    Args:
        relativity: highest relativity.
        told: highest sum of the words' coverage and the weighted own cosine.
        lead: by how much the named speaker's best hit is ahead of the others' best, within
            +-0.5; None when not exactly one speaker is named.
    """

    relativity: float
    told: float
    lead: float | None

    @property
    def values(self) -> tuple[float, ...]:
        """What is weighed, in the order of the weights; without the lead when there is none."""
        parts = (1.0, self.relativity, self.told)
        return parts if self.lead is None else (*parts, self.lead)


NAMED = (-4.73, 2.22, 2.78, 5.36)
"""Weights of 1, relativity, told and lead where one speaker is named: of all questions half have an
answer, a quarter ask one speaker for what the other said, a quarter are about somebody else."""
UNNAMED = (-8.35, 3.77, 8.45)
"""The same without a lead: half have an answer, half are about somebody else. The first is 2
below the fit: questions with and without a name stand on one scale then, and tell best together."""


def relativity(hit: RecallHit, calibration: Calibration, cosine_scale: float = 1.0) -> float:
    """Relevance of a hit, 0..1.

    Args:
        hit: a hit with the parts of its score.
        calibration: the fitted model of its kind.
        cosine_scale: factor that brings the embedder's cosines to the default embedder's spread.
    """
    # A rough memory has no vector of its own: its evidence speaks for it.
    own = hit.own or hit.dense
    meaning = cosine_scale * ((1 - calibration.own) * hit.dense + calibration.own * own)
    eased = calibration.time * hit.time
    by_words = _sigmoid(calibration.slope * (hit.lexical - calibration.words_half + eased))
    by_meaning = _sigmoid(calibration.slope * (meaning - calibration.meaning_half + eased))
    return 1 - (1 - by_words) * (1 - by_meaning)


def answerable(
    found: Sequence[Ranked], speakers: Sequence[str], cosine_scale: float = 1.0
) -> float:
    """Probability, 0..1, that memory holds an answer at all.

    A question about somebody else finds little that is close. One that asks a speaker for what
    another said finds just that: it shows in whose memories are closest. Fitted by
    scripts/fit_relativity.py on dialogues 0 to 2 of LoCoMo; docs/evaluation.md has the figures.

    Args:
        found: hits of all lists, whatever their relativity, with their boosts.
        speakers: speakers named in the question.
        cosine_scale: as in `relativity`.
    """
    signs = signs_of(found, speakers, cosine_scale)
    if signs is None:
        return 0.0
    weights = UNNAMED if signs.lead is None else NAMED
    weighed = sum(w * v for w, v in zip(weights, signs.values, strict=True))
    # A statement of the very state that is asked for answers, however it is worded.
    stated = max((r.relativity for r in found if r.boosts.get(STATED, 0) > 0), default=0.0)
    return max(_sigmoid(weighed), stated)


def signs_of(
    found: Sequence[Ranked], speakers: Sequence[str], cosine_scale: float = 1.0
) -> Signs | None:
    """What the best `FIRST` hits tell; None without any. Arguments as of `answerable`."""
    distinct = {r.item.id: r for r in found}.values()
    best = sorted(distinct, key=lambda r: (-r.hit.score, r.item.id))[:FIRST]
    if not best:
        return None
    mine, others = 0.0, 0.0
    for r in best:
        told = r.hit.lexical + _OWN_WEIGHT * cosine_scale * (r.hit.own or r.hit.dense)
        if r.item.speaker in speakers:
            mine = max(mine, told)
        else:
            others = max(others, told)
    lead = max(-_MOST_LEAD, min(_MOST_LEAD, mine - others)) if len(speakers) == 1 else None
    return Signs(max(r.relativity for r in best), max(mine, others), lead)


def _sigmoid(x: float) -> float:
    if -_STEEP < x < _STEEP:
        return 1.0 / (1.0 + math.exp(-x))
    return 1.0 / (1.0 + math.exp(-_STEEP if x > 0 else _STEEP))
