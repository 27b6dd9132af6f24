"""Figures of one ranked list, and their summary over questions. Numbers in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RESAMPLES = 1000
_BINS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `n` questions with the ends of its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Results whose relativity lies in one tenth of 0..1: mean said, share that cited evidence."""

    low: float
    said: float
    cited: float
    n: int


def recall_at(cited: Sequence[Sequence[str]], evidence: Sequence[str], k: int) -> float:
    """Share of the evidence turns that the first `k` results cite.

    Args:
        cited: turns each result cites, best result first.
        evidence: distinct turn ids, at least one.
        k: number of results looked at.
    """
    seen = {turn for turns in cited[:k] for turn in turns}
    return sum(turn in seen for turn in evidence) / len(evidence)


def first_hit(cited: Sequence[Sequence[str]], evidence: Sequence[str]) -> int | None:
    """Rank, from 1, of the first result that cites any of the evidence; None when none does."""
    wanted = set(evidence)
    for rank, turns in enumerate(cited, start=1):
        if wanted.intersection(turns):
            return rank
    return None


def within_budget(sizes: Sequence[int], budget: int) -> int:
    """How many results, taken in order, fit a budget: it ends before the first that does not."""
    used = 0
    for count, size in enumerate(sizes):
        used += size
        if used > budget:
            return count
    return len(sizes)


def estimate(values: Sequence[float], seed: int) -> Estimate:
    """Mean and 95 % percentile interval over `RESAMPLES` resamples of the questions."""
    if not values:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    column = np.asarray(values, np.float64)
    chosen = np.random.default_rng(seed).integers(0, len(column), (RESAMPLES, len(column)))
    means = column[chosen].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(column.mean()), float(low), float(high), len(column))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance that a positive value exceeds a negative one; ties count half. NaN without either.

    Source: Mann and Whitney, Annals of Mathematical Statistics 18 (1947).
    """
    if not positive or not negative:
        return float("nan")
    ordered = np.sort(np.asarray(negative, np.float64))
    values = np.asarray(positive, np.float64)
    below = np.searchsorted(ordered, values, "left")
    upto = np.searchsorted(ordered, values, "right")
    return float((below + upto).sum() / 2 / (len(values) * len(ordered)))


def calibration(said: Sequence[float], cited: Sequence[bool]) -> list[Bin]:
    """Non-empty tenths of 0..1, with the mean relativity and the share of hits in each."""
    p = np.asarray(said, np.float64)
    y = np.asarray(cited, np.float64)
    place = np.clip((p * _BINS).astype(int), 0, _BINS - 1)
    bins = []
    for index in range(_BINS):
        chosen = place == index
        if chosen.any():
            bins.append(
                Bin(
                    index / _BINS,
                    float(p[chosen].mean()),
                    float(y[chosen].mean()),
                    int(chosen.sum()),
                )
            )
    return bins


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance of said and cited, weighted by size.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.
    """
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.said - b.cited) for b in bins) / total if total else float("nan")
