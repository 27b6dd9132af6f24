"""The words' part of a score: windowed BM25, divided by what a row that holds everything would reach.

Source: docs/retrieval.md section 2.3, where every constant was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.base import RecallQuery
from memos.graph_dbs.sqlite.postings import Counts, Hashes
from memos.graph_dbs.sqlite.snapshot import Snapshot
from memos.graph_dbs.sqlite.windows import ANSWER, LEXICAL_AFTER, LEXICAL_BEFORE
from memos.graph_dbs.tokenize import query_hashes, token_hashes

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
MIN_ROWS = 200
"""A cube counts as at least this large when words are weighed: in one of three rows a word it does
not hold would weigh nearly three times as much as one it does, and no question were ever covered."""
_INDEXING = 6
"""An indexed number costs about as much as so many in a pass over all."""


@dataclass(frozen=True, slots=True)
class AskedWords:
    """The words of a question.

    Args:
        hashes: distinct tokens, uint32 (t,).
        counts: how often each occurs, uint16 (t,).
        kin: by token hash the hashes of what counts as it, ascending.
        weight: what such a one counts.
    """

    hashes: Hashes
    counts: Counts
    kin: dict[int, Hashes]
    weight: float

    @classmethod
    def of(cls, query: RecallQuery) -> "AskedWords":
        """The words of a query."""
        kin = {
            int(token_hashes((one.token,))[0]): token_hashes(one.members)
            for one in query.kin
            if one.members
        }
        return cls(*query_hashes(query.words), kin, query.weights.kin)


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a token is: its slots, how often, and how many of them hold the very token."""

    slots: npt.NDArray[np.int32]
    frequencies: Floats
    holders: int


def lexical_scores(snapshot: Snapshot, words: AskedWords) -> Floats:
    """Windowed, coverage-normalised BM25 of every row: float32 (n,) in 0..1."""
    total = np.zeros(len(snapshot.rows) + 1, np.float32)
    if not len(words.hashes) or not len(snapshot.rows):
        return total[1:]
    saturation = snapshot.saturation
    found = [_find(snapshot, token, words) for token in words.hashes]
    holders = np.array([one.holders for one in found], np.float32)
    weights = words.counts * _weight(snapshot, holders)
    reached, weighted = _spread(snapshot, found)
    end = 0
    for one, weight, held in zip(found, weights.astype(np.float32), weighted, strict=True):
        start, end = end, end + len(one.slots)
        near = reached[:, start:end]
        if near.size * _INDEXING > len(total):
            gained = held + saturation
            np.divide(held, gained, out=gained)
            gained *= weight
            total += gained
        elif near.size:
            gained = held[near]
            total[near] += weight * gained / (gained + saturation[near])
    total /= np.float32(weights.sum())
    return total[1:]


def _weight(snapshot: Snapshot, holders: Floats) -> Floats:
    """What words weigh that are held by so many rows: inverse document frequency to the power 1.5."""
    rows = max(len(snapshot.rows), MIN_ROWS)
    idf: Floats = np.log1p((rows - holders + 0.5) / (holders + 0.5), dtype=np.float32)
    return idf * np.sqrt(idf)


def _find(snapshot: Snapshot, token: np.uint32, words: AskedWords) -> _Found:
    """A token's rows, and with them those of its kin.

    Its weight stays that of the word itself: a class asked for by a rare name is as telling as the
    name, however common its members are. But a member commoner than the name counts less for it.
    """
    slots, frequencies = snapshot.postings.find(token)
    found = _Found(slots, frequencies, len(slots))
    members = words.kin.get(int(token))
    if members is None or words.weight <= 0:
        return found
    near, often, which = snapshot.postings.find_each(members)
    if not len(near):
        return found
    holders = np.append(np.bincount(which, minlength=len(members)), found.holders)
    rarity = _weight(snapshot, holders.astype(np.float32))
    worth = np.float32(words.weight) * np.minimum(1, rarity[:-1] / rarity[-1])
    return _joined(found, near, worth[which].astype(np.float32) * often)


def _joined(found: _Found, near: npt.NDArray[np.int32], often: Floats) -> _Found:
    """With the slots of kin, each once: what counts most of what it holds."""
    slots = np.concatenate((found.slots, near))
    counts = np.concatenate((found.frequencies, often))
    order = np.argsort(slots, kind="stable")
    slots, counts = slots[order], counts[order]
    starts = np.flatnonzero(np.append(True, slots[1:] != slots[:-1]))
    return _Found(slots[starts], np.maximum.reduceat(counts, starts), found.holders)


def _spread(snapshot: Snapshot, found: Sequence[_Found]) -> tuple[Ints, Floats]:
    """The rows and windows of words, all words at once.

    Within one hop no row is reached twice by a word, so plain indexed addition is exact; slot 0
    (nobody) is, and is cleared at the end.

    Args:
        snapshot: n rows with their windows.
        found: slots and frequencies of t words.

    Returns:
        Slots reached, intp (8, all slots), with repeats; frequencies with their share for the
        window, float32 (t, n + 1).
    """
    windows = snapshot.windows
    weighted = np.zeros((len(found), len(windows.previous)), np.float32)
    flat = weighted.reshape(-1)
    sizes = np.array([len(one.slots) for one in found])
    offsets = np.repeat(np.arange(len(found)) * weighted.shape[1], sizes)
    frequencies = np.concatenate([one.frequencies for one in found])
    reached = np.empty((1 + len(LEXICAL_AFTER) + len(LEXICAL_BEFORE), len(offsets)), np.intp)
    reached[0] = np.concatenate([one.slots for one in found])
    flat[reached[0] + offsets] = frequencies
    asks = snapshot.question[reached[0] - 1]
    answers = np.where(asks, np.float32(ANSWER), np.float32(LEXICAL_AFTER[0]))
    line = 0
    for neighbours, weights in (
        (windows.following, (answers, *LEXICAL_AFTER[1:])),
        (windows.previous, LEXICAL_BEFORE),
    ):
        hop = reached[0]
        for weight in weights:
            line += 1
            hop = np.take(neighbours, hop, out=reached[line])
            flat[hop + offsets] += np.float32(weight) * frequencies
    weighted[:, 0] = 0
    return reached, weighted
