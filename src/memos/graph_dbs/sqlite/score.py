"""The score of every node of a snapshot for one question. Arrays in, arrays out.

    row   = lexical + dense_weight * dense + time cue + speaker cues - question + after question
    node  = best row of its evidence + own_weight * own cosine, or its own row without evidence

Source: docs/retrieval.md sections 2.3 to 2.6, where every constant was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.base import RecallQuery, TimeTarget
from memos.graph_dbs.sqlite.postings import Counts, Hashes
from memos.graph_dbs.sqlite.snapshot import Snapshot
from memos.graph_dbs.sqlite.windows import (
    DENSE_AFTER,
    DENSE_BEFORE,
    LEXICAL_AFTER,
    LEXICAL_BEFORE,
    Windows,
)

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
_K1 = 0.9
_B = 0.4
_DAY_MS = 86_400_000
_GRAIN = 2.0**17
"""Scores are rounded to 1 / _GRAIN, so that equal content scores equal wherever it is stored."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the score of every node, float32 (n,) each; see `RecallHit`.

    Args:
        total: the node's score; -inf for a node that cannot be found.
        lexical, dense, time, speaker: of the node's own row; read them at `resting_on`.
        own: cosine of the node's own vector minus the mean cosine.
    """

    total: Floats
    lexical: Floats
    dense: Floats
    time: Floats
    speaker: Floats
    own: Floats


def score(snapshot: Snapshot, query: RecallQuery, tokens: tuple[Hashes, Counts]) -> Parts:
    """Score all nodes of a snapshot.

    Args:
        snapshot: one cube.
        query: vector, cues and weights.
        tokens: hashes of the query's words and how often each occurs.
    """
    weights = query.weights
    count = len(snapshot.nodes)
    nothing = np.zeros(count, np.float32)
    lexical = lexical_scores(snapshot, *tokens)
    has_dense = query.vector is not None and bool(snapshot.vectors.shape[1])
    own = own_cosines(snapshot, query) if has_dense else nothing
    dense = smoothed(snapshot.windows, own) if has_dense else nothing
    time = time_cue(snapshot.nodes.when, query) if query.times else nothing
    spoken = _spoken(snapshot, query.speakers) if query.speakers else nothing
    total = np.float32(weights.dense) * dense
    total += lexical
    total -= np.float32(weights.question) * snapshot.nodes.question
    total += np.float32(weights.after_question) * snapshot.after_question
    alone = len(query.speakers) == 1
    if query.times:
        total += np.float32(weights.time) * time
    if query.speakers:
        total += np.float32(weights.speaker + (weights.only_speaker if alone else 0)) * spoken
    total = _over_evidence(snapshot, total, np.float32(weights.own) * own)
    return Parts(total, lexical, dense, time, spoken * np.float32(2 if alone else 1), own)


def resting_on(snapshot: Snapshot, parts: Parts, places: Ints) -> Ints:
    """Places of the rows that nodes' scores rest on: the best segment (earliest of equals) or itself."""
    evidence = snapshot.evidence
    rows = places.copy()
    first = evidence.node.searchsorted(places, "left")
    last = evidence.node.searchsorted(places, "right")
    for i in np.flatnonzero(last > first):
        pairs = evidence.segment[first[i] : last[i]]
        rows[i] = pairs[np.argmax(parts.total[pairs])]
    return rows


def lexical_scores(snapshot: Snapshot, hashes: Hashes, counts: Counts) -> Floats:
    """Windowed, coverage-normalised BM25 of every row: float32 (n,) in 0..1."""
    total = np.zeros(len(snapshot.nodes) + 1, np.float32)
    if not len(hashes) or not snapshot.rows:
        return total[1:]
    saturation = np.empty_like(total)
    saturation[0] = 1
    mean = max(snapshot.mean_window_length, 1e-9)
    saturation[1:] = _K1 * (1 - _B) + np.float32(_K1 * _B / mean) * snapshot.window_length
    weighted = np.zeros_like(total)
    coverage = 0.0
    for token, repeats in zip(hashes, counts, strict=True):
        slots, frequencies = snapshot.postings.find(token)
        found = len(slots)
        idf = float(repeats) * np.log1p((snapshot.rows - found + 0.5) / (found + 0.5))
        coverage += idf
        if found:
            reached = _spread(snapshot.windows, slots, frequencies, weighted)
            if len(reached) > len(total):  # most rows: one pass over all is cheaper than indexing
                total += np.float32(idf) * weighted / (weighted + saturation)
                weighted[:] = 0
            else:
                gained = weighted[reached]
                total[reached] += np.float32(idf) * gained / (gained + saturation[reached])
                weighted[reached] = 0
    total /= np.float32(coverage)
    return total[1:]


def _spread(
    windows: Windows, slots: npt.NDArray[np.int32], frequencies: Floats, weighted: Floats
) -> npt.NDArray[np.intp]:
    """Add a word's frequencies to its rows and their windows; the slots reached, with repeats.

    Within one hop no row is reached twice, so plain indexed addition is exact; slot 0 (nobody)
    is, and is cleared at the end.
    """
    weighted[slots] = frequencies
    reached = [slots.astype(np.intp)]
    for neighbours, weights in (
        (windows.following, LEXICAL_AFTER),
        (windows.previous, LEXICAL_BEFORE),
    ):
        hop = reached[0]
        for weight in weights:
            hop = neighbours[hop]
            weighted[hop] += np.float32(weight) * frequencies
            reached.append(hop)
    weighted[0] = 0
    return np.concatenate(reached)


def own_cosines(snapshot: Snapshot, query: RecallQuery) -> Floats:
    """Cosine with every vector minus the mean cosine; 0 for a node without a vector."""
    cosines: Floats = np.empty(len(snapshot.nodes), np.float32)
    np.dot(snapshot.vectors, np.asarray(query.vector, np.float32), out=cosines)
    cosines -= np.float32(query.weights.mean_cosine) * snapshot.nodes.has_vector
    return cosines


def smoothed(windows: Windows, cosines: Floats) -> Floats:
    """Cosines averaged over the conversation's neighbours that exist."""
    padded = _padded(cosines)
    total = cosines.copy()
    for neighbours, weight in zip(
        (windows.previous, windows.previous2, windows.following, windows.following2),
        DENSE_AFTER + DENSE_BEFORE,
        strict=True,
    ):
        total += np.float32(weight) * padded[neighbours[1:]]
    total /= windows.dense_norm
    return total


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
    if speakers[0] not in names:
        return np.zeros(len(snapshot.nodes), np.float32)
    spoken: Floats = (snapshot.nodes.speaker == names.index(speakers[0])).astype(np.float32)
    return spoken


def _over_evidence(snapshot: Snapshot, rows: Floats, own: Floats) -> Floats:
    """Nodes' scores from rows' scores, rounded."""
    total: Floats = np.where(snapshot.nodes.is_row, rows, np.float32(-np.inf)).astype(np.float32)
    evidence = snapshot.evidence
    if len(evidence.derived):
        best = np.maximum.reduceat(total[evidence.segment], evidence.starts)
        total[evidence.derived] = best + own[evidence.derived]
    rounded: Floats = np.rint(total * np.float32(_GRAIN)) / np.float32(_GRAIN)
    return rounded


def _padded(values: Floats) -> Floats:
    padded = np.zeros(len(values) + 1, np.float32)
    padded[1:] = values
    return padded
