"""Which nodes may be among the best for a question, told from the codes of their vectors.

Rows are estimated from their codes. What a derived node adds by its own vector is first bounded by
how that lies to its segment's (`leaning.py`); only for nodes that could then still be among the
best are their own codes read.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.base import RecallWeights
from memos.graph_dbs.sqlite.choice import Choice
from memos.graph_dbs.sqlite.code import CodedQuery
from memos.graph_dbs.sqlite.snapshot import Snapshot
from memos.graph_dbs.sqlite.windows import DENSE_AFTER, DENSE_BEFORE, Windows

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
_SLOP = 2e-5
"""More than rounding to the grain, and sums in another order, can change a score."""
_COLUMNS = 8
"""So many columns a node wanted, of which the highest are looked at to find the best nodes."""


class Estimates:
    """Scores within bounds of all nodes of a snapshot.

    Args:
        snapshot: one cube.
        weights: constants of the score.
        sure: float32 (r,), scores of the rows without their cosines.
        vector: the question's; None when there is none to compare.
    """

    def __init__(
        self, snapshot: Snapshot, weights: RecallWeights, sure: Floats, vector: CodedQuery | None
    ) -> None:
        self._snapshot = snapshot
        self._weights = weights
        self._vector = vector
        self._slack = np.float32(_SLOP)
        # Without what a node adds itself, with the likeliest of it, with the most of it.
        self._base, self._likely, self._most = np.empty((3, self._size), np.float32)
        if vector is None:
            self._place(sure, None)
        else:
            self._estimate(sure, vector)

    @property
    def _size(self) -> int:
        """One estimate for each derived node and row, and one for whatever is neither."""
        return len(self._snapshot.evidence.derived) + len(self._snapshot.rows) + 1

    def _estimate(self, sure: Floats, vector: CodedQuery) -> None:
        snapshot, weights = self._snapshot, self._weights
        codes, others = snapshot.vectors.rows, snapshot.vectors.others
        products = np.zeros(len(snapshot.rows) + 1, np.float32)
        products[1:] = codes.cosines(vector, len(snapshot.rows))
        cosines = products[1:].copy()
        cosines -= np.float32(weights.mean_cosine) * snapshot.nodes.has_vector[snapshot.rows]
        rows = smoothed(snapshot.windows, cosines)
        rows *= np.float32(weights.dense)
        rows += sure
        self._place(rows, products)
        error = max(codes.slack(vector), others.slack(vector))
        self._slack += np.float32(error * (abs(weights.dense) + abs(weights.own)))

    def _place(self, rows: Floats, products: Floats | None) -> None:
        snapshot, leaning, own = self._snapshot, self._snapshot.leaning, self._weights.own
        derived = snapshot.evidence.derived
        best = best_evidence(snapshot, rows)
        values = [best, best, best]
        if products is not None and self._vector is not None:
            likely = leaning.along * products[leaning.slot]
            likely -= np.float32(self._weights.mean_cosine) * snapshot.nodes.has_vector[derived]
            likely *= np.float32(own)
            likely += best
            width = np.float32(abs(own) * self._vector.length)
            values = [best, likely, likely + width * leaning.across]
        for estimate, value in zip((self._base, self._likely, self._most), values, strict=True):
            estimate[: len(derived)] = value
            estimate[len(derived) : -1] = rows
            estimate[-1] = -np.inf

    def best(self, asked: Sequence[tuple[Choice, int]]) -> list[Ints]:
        """For each list asked for the places that may be among its best; no order.

        Nodes that cannot be found are never among them.

        Args:
            asked: nodes a list may hold, and how many of the best are wanted.
        """
        first = [self._likeliest(choice, limit) for choice, limit in asked]
        able = [
            choice.only(self._most[choice.entries] >= self._least(sharp, limit))
            for (choice, limit), sharp in zip(asked, self._sharp(first), strict=True)
        ]
        return [
            choice.places[(sharp >= self._least(sharp, limit)) & (sharp > -np.inf)]
            for (_, limit), choice, sharp in zip(asked, able, self._sharp(able), strict=True)
        ]

    def _likeliest(self, choice: Choice, limit: int) -> Choice:
        """The `limit` likeliest, and perhaps some more."""
        if not 0 < limit < len(choice):
            return choice if limit > 0 else choice.only(slice(0))
        likely = self._likely[choice.entries]
        width = _COLUMNS * limit
        depth = len(likely) // width
        if depth < 2:
            cut = len(likely) - limit
            return choice.only(np.argpartition(likely, cut)[cut:])
        # As many columns have a highest that is no lower than the lowest of the best columns', so
        # the likeliest are among those that reach it. It takes a tenth of the time of a partition.
        highest = likely[: depth * width].reshape(depth, width).max(axis=0)
        return choice.only(likely >= np.partition(highest, -limit)[-limit])

    def _least(self, scores: Floats, limit: int) -> np.float32:
        """What an estimate must reach to be among the best `limit` when so many are estimated so."""
        if not 0 < limit <= len(scores):
            return np.float32(-np.inf if limit > 0 else np.inf)
        cut = len(scores) - limit
        reached: np.float32 = np.partition(scores, cut)[cut] - 2 * self._slack
        return reached

    def _sharp(self, lists: Sequence[Choice]) -> list[Floats]:
        """Estimates from the codes of the nodes themselves."""
        estimates = self._base[np.concatenate([one.entries for one in lists])]
        if self._vector is not None:
            places = np.concatenate([one.places for one in lists])
            self._add_own(estimates, places, self._vector)
        ends = np.cumsum([len(one) for one in lists])
        return np.split(estimates, ends[:-1])

    def _add_own(self, estimates: Floats, places: Ints, vector: CodedQuery) -> None:
        nodes, weights = self._snapshot.nodes, self._weights
        other = np.flatnonzero(~nodes.is_row[places])
        if not len(other):
            return
        places = places[other]
        numbers = places - self._snapshot.number[places] - 1
        cosines = self._snapshot.vectors.others.cosines_of(vector, numbers)
        cosines -= np.float32(weights.mean_cosine) * nodes.has_vector[places]
        estimates[other] += np.float32(weights.own) * cosines


def smoothed(windows: Windows, cosines: Floats) -> Floats:
    """Cosines averaged over the conversation's neighbours that exist."""
    padded = np.zeros(len(cosines) + 1, np.float32)
    padded[1:] = cosines
    total = cosines.copy()
    near = np.empty_like(total)
    for neighbours, weight in zip(windows.around, DENSE_AFTER + DENSE_BEFORE, strict=True):
        # Neighbours are always within bounds; to be told so saves numpy a buffer.
        np.take(padded, neighbours[1:], out=near, mode="clip")
        near *= np.float32(weight)
        total += near
    total /= windows.dense_norm
    return total


def best_evidence(snapshot: Snapshot, rows: Floats) -> Floats:
    """The best score of each derived node's segments; -inf when none of them is a row."""
    evidence = snapshot.evidence
    padded = np.empty(len(rows) + 1, np.float32)
    padded[0], padded[1:] = -np.inf, rows
    best: Floats = padded[evidence.segment]
    if len(evidence.derived) < len(best):
        best = np.maximum.reduceat(best, evidence.starts)
    return best
