"""Calibrated relevance: how likely a hit helps to answer the question, 0..1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from memos.graph_dbs.base import RecallHit
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two witnesses, either of which is enough: the words, and the meaning.

        words   = sigmoid(slope * (L - words_half))
        meaning = sigmoid(slope * ((1 - own) * C + own * O - meaning_half))
        relativity = 1 - (1 - words) * (1 - meaning)

    L is the coverage of the question's words; C and O are the cosines of the evidence and of the
    memory itself above that of unrelated texts, scaled to the default embedder. A sum of the parts
    under one sigmoid keeps as many relevant memories only at the price of half as many unrelated
    ones again (scripts/fit_relativity.py prints both).

    Args:
        words_half: coverage at which the words alone give one half.
        meaning_half: cosine at which the meaning alone gives one half.
        slope: steepness of both.
        own: share of the memory's own cosine in the meaning.
    """

    words_half: float
    meaning_half: float
    slope: float = 25.0
    own: float = 0.7


FACTS = Calibration(words_half=0.20, meaning_half=0.26)
"""Facts, tools, skills and document chunks."""

PREFERENCES = Calibration(words_half=0.20, meaning_half=0.15)
"""A preference shares few words with the questions it bears on, so less is asked of it."""

_OTHER_SPEAKER = 0.6


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
    by_words = _sigmoid(calibration.slope * (hit.lexical - calibration.words_half))
    by_meaning = _sigmoid(calibration.slope * (meaning - calibration.meaning_half))
    return 1 - (1 - by_words) * (1 - by_meaning)


def answerable(found: Sequence[Ranked], speakers: Sequence[str]) -> float:
    """Probability, 0..1, that memory holds an answer at all.

    It is the relativity of the best hit, less when the question names a speaker and nothing found
    was said by that speaker.

    Args:
        found: hits of all lists.
        speakers: speakers named in the question.
    """
    best = max((r.relativity for r in found), default=0.0)
    if not speakers or any(r.item.speaker in speakers for r in found):
        return best
    return _OTHER_SPEAKER * best


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, x))))
