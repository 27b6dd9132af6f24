"""Calibrated relevance: how likely a hit helps to answer the question, 0..1."""

import math
from dataclasses import dataclass

from memos.graph_dbs.base import RecallHit


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model over the parts of a hit's score.

    `relativity = 1 / (1 + exp(-(bias + lexical*L + dense*C + own*O)))`, where C and O are cosines
    above that of unrelated texts, scaled to the default embedder (so that one fit serves all).

    Source: fitted by scripts/fit_relativity.py; figures in docs/retrieval.md.
    """

    bias: float
    lexical: float
    dense: float
    own: float


FACTS = Calibration(bias=-2.4, lexical=6.0, dense=6.0, own=3.0)
"""Facts, tools, skills and document chunks."""

PREFERENCES = Calibration(bias=-1.0, lexical=3.0, dense=5.0, own=3.0)
"""A preference shares few words with the questions it bears on, so less is asked of it."""


def relativity(hit: RecallHit, calibration: Calibration, cosine_scale: float = 1.0) -> float:
    """Relevance of a hit, 0..1.

    Args:
        hit: a hit with the parts of its score.
        calibration: the fitted model of its kind.
        cosine_scale: factor that brings the embedder's cosines to the default embedder's spread.
    """
    # A rough memory has no vector of its own: its evidence speaks for it.
    own = hit.own or hit.dense
    evidence = (
        calibration.bias
        + calibration.lexical * hit.lexical
        + calibration.dense * cosine_scale * hit.dense
        + calibration.own * cosine_scale * own
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, evidence))))
