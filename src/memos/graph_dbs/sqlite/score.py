"""The scores of a snapshot's nodes for one question. Arrays in, arrays out.

    row   = lexical + dense_weight * dense + time cue + speaker cues - question + after question
    node  = best row of its evidence + own_weight * own cosine, or its own row without evidence

Every part but the cosines is computed for all rows. Cosines are estimated from the codes, with a
bound on the error; what the bound leaves among the best is scored exactly, so that the result is
that of scoring everything exactly.

Source: docs/retrieval.md sections 2.3 to 2.6, where every constant was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.base import RecallQuery, TimeTarget
from memos.graph_dbs.sqlite.code import CodedQuery, widened
from memos.graph_dbs.sqlite.estimate import Estimates
from memos.graph_dbs.sqlite.lexical import AskedWords, lexical_scores
from memos.graph_dbs.sqlite.snapshot import Snapshot
from memos.graph_dbs.sqlite.windows import DENSE_AFTER, DENSE_BEFORE

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
_BLOCK = 128
"""Vectors widened at a time, so that they stay in the processor's cache."""
_DAY_MS = 86_400_000
_GRAIN = 2.0**17
"""Scores are rounded to 1 / _GRAIN, so that equal content scores equal wherever it is stored."""


class Scores:
    """Scores of a snapshot's nodes for one question: estimates of all, exact ones of those asked for.

    Args:
        snapshot: one cube.
        query: vector, cues and weights.
        words: the query's words.
    """

    def __init__(self, snapshot: Snapshot, query: RecallQuery, words: AskedWords) -> None:
        self.snapshot = snapshot
        self._weights = query.weights
        nothing = np.zeros(len(snapshot.rows), np.float32)
        self._lexical = lexical_scores(snapshot, words)
        self._time = time_cue(snapshot.nodes.when[snapshot.rows], query) if query.times else nothing
        asked = query.speakers if query.together else query.speakers[:1]
        self._spoken = _spoken(snapshot, asked) if asked else nothing
        self._alone = len(query.speakers) == 1
        self._sure = self._without_cosines(query)
        self._vector: CodedQuery | None = None
        if query.vector is not None and snapshot.dim:
            self._vector = CodedQuery(np.asarray(query.vector, np.float32))
        self.estimates = Estimates(snapshot, query.weights, self._sure, self._vector)

    def _without_cosines(self, query: RecallQuery) -> Floats:
        weights, snapshot = query.weights, self.snapshot
        sure: Floats = self._lexical.copy()
        sure -= np.float32(weights.question) * snapshot.question
        if query.times:
            sure += np.float32(weights.time) * self._time
        if query.speakers:
            cue = weights.speaker + (weights.only_speaker if self._alone else 0)
            sure += np.float32(cue) * self._spoken
        return sure

    def exact(self, places: Ints) -> Floats:
        """Exact scores of nodes that can be found, and their parts.

        Returns:
            float32 (6, n): score, lexical, dense, own, time and speaker, see `RecallHit`.
        """
        snapshot, weights = self.snapshot, self._weights
        if not len(places):
            return np.zeros((6, 0), np.float32)
        pairs = _evidence_of(snapshot, places)
        own, dense = self._meant(places, pairs.rows)
        scored = self._sure[pairs.rows] + np.float32(weights.dense) * dense
        best = np.maximum.reduceat(scored, pairs.starts)
        leads = _rounded(scored) == np.repeat(_rounded(best), pairs.counts)
        # The row a score rests on: the best one, the earliest of equals.
        leading = np.where(leads, np.arange(len(leads)), len(leads))
        rows = pairs.rows[np.minimum.reduceat(leading, pairs.starts)]
        best += np.where(
            snapshot.nodes.is_row[places], np.float32(0), np.float32(weights.own) * own
        )
        parts = np.empty((6, len(places)), np.float32)
        parts[0] = _rounded(best)
        parts[1] = np.maximum.reduceat(self._lexical[pairs.rows], pairs.starts)
        parts[2] = np.maximum.reduceat(dense, pairs.starts)
        parts[3] = own
        parts[4] = self._time[rows]
        parts[5] = self._spoken[rows] * np.float32(2 if self._alone else 1)
        return parts

    def _meant(self, places: Ints, rows: Ints) -> tuple[Floats, Floats]:
        """Own cosines of nodes, and smoothed cosines of rows; each vector is read once."""
        if self._vector is None:
            return np.zeros(len(places), np.float32), np.zeros(len(rows), np.float32)
        windows, slots = self.snapshot.windows, rows + 1
        around = np.concatenate((slots, *(neighbours[slots] for neighbours in windows.around)))
        there = around > 0
        wanted = np.concatenate((places, self.snapshot.rows[around[there] - 1]))
        distinct, at = _once(wanted, len(self.snapshot.nodes))
        cosines = self._cosines(distinct, self._vector)[at]
        near = np.zeros((5, len(rows)), np.float32)
        near.reshape(-1)[there] = cosines[len(places) :]
        smooth: Floats = near[0]
        for cosine, weight in zip(near[1:], DENSE_AFTER + DENSE_BEFORE, strict=True):
            smooth += np.float32(weight) * cosine
        smooth /= windows.dense_norm[rows]
        return cosines[: len(places)], smooth

    def _cosines(self, places: Ints, vector: CodedQuery) -> Floats:
        """Cosine with each vector minus the mean cosine; 0 for a node without a vector."""
        nodes = self.snapshot.nodes
        vectors = self.snapshot.vectors.exact.view(len(nodes))
        cosines = np.empty(len(places), np.float32)
        for start in range(0, len(places), _BLOCK):
            part = slice(start, start + _BLOCK)
            cosines[part] = widened(vectors[places[part]]) @ vector.vector
        cosines -= np.float32(self._weights.mean_cosine) * nodes.has_vector[places]
        return cosines


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Rows that nodes rest on, node by node: `counts` rows each, the first at `starts`."""

    rows: Ints
    starts: Ints
    counts: Ints


def _evidence_of(snapshot: Snapshot, places: Ints) -> _Pairs:
    """The segments of nodes that have any which are rows; else the node's own row."""
    evidence = snapshot.evidence
    first = evidence.node.searchsorted(places, "left")
    counts = evidence.node.searchsorted(places, "right") - first
    owner = np.repeat(np.arange(len(places)), counts)
    slots = evidence.segment[_ranges(first, counts)]
    owner, slots = owner[slots > 0], slots[slots > 0]
    plain = np.flatnonzero(snapshot.nodes.is_row[places])
    owner = np.concatenate((owner, plain))
    rows = np.concatenate((slots - 1, snapshot.number[places[plain]].astype(np.intp)))
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(places))
    return _Pairs(rows[order], np.cumsum(counts) - counts, counts)


def _once(places: Ints, count: int) -> tuple[Ints, Ints]:
    """Places below `count`, each once and ascending, and where each of those given is among them."""
    there = np.zeros(count, np.bool_)
    there[places] = True
    distinct = np.flatnonzero(there)
    number = np.empty(count, np.intp)
    number[distinct] = np.arange(len(distinct))
    return distinct, number[places]


def _ranges(first: Ints, counts: Ints) -> Ints:
    """first[0], first[0] + 1, ... counts[0] of them, then those of the next."""
    ends = np.cumsum(counts)
    ranges: Ints = np.arange(ends[-1] if len(ends) else 0)
    ranges += np.repeat(first - (ends - counts), counts)
    return ranges


def _rounded(scores: Floats) -> Floats:
    rounded: Floats = np.rint(scores * np.float32(_GRAIN)) / np.float32(_GRAIN)
    return rounded


def time_cue(when: npt.NDArray[np.int64], query: RecallQuery) -> Floats:
    """Closeness to the nearest span asked about: float32 (n,), 1 inside a span of full weight."""
    best = np.zeros(len(when), np.float32)
    for target in query.times:
        np.maximum(best, _closeness(when, target, query).astype(np.float32), out=best)
    return best


def _closeness(
    when: npt.NDArray[np.int64], target: TimeTarget, query: RecallQuery
) -> npt.NDArray[np.float64]:
    # Days are counted as begun ones: a span of whole days gives the distance of calendar dates.
    before = np.ceil((target.start - when).clip(min=0) / _DAY_MS)
    after = np.ceil((when - target.end).clip(min=0) / _DAY_MS)
    decay = before / query.weights.time_before_days + after / query.weights.time_after_days
    closeness: npt.NDArray[np.float64] = target.weight * np.exp(-decay)
    return closeness


def _spoken(snapshot: Snapshot, speakers: Sequence[str]) -> Floats:
    names = snapshot.names.speakers
    codes = [names.index(name) for name in speakers if name in names]
    spoken = np.isin(snapshot.nodes.speaker[snapshot.rows], codes)
    cue: Floats = spoken.astype(np.float32)
    return cue
