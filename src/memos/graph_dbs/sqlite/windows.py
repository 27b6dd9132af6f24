"""Neighbours of rows inside their conversation, as index arrays.

Slots are places plus one; slot 0 is nobody and points to itself. Arrays keep their meaning when
rows are added at the end.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Slots = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]

LEXICAL_AFTER = (0.4, 0.3, 0.2, 0.1)
"""A word counts this much for the 1st to 4th row after it."""
ANSWER = 0.8
"""A word of a question counts this much for the row after it, which may well answer. The row's length
counts as elsewhere: an answer is not made small by a long question."""
LEXICAL_BEFORE = (0.3, 0.2, 0.1)
"""And this much for the 1st to 3rd row before it."""
DENSE_AFTER = (0.4, 0.2)
"""A cosine counts this much for the 1st and 2nd row after it."""
DENSE_BEFORE = (0.3, 0.1)
"""And this much for the 1st and 2nd row before it."""
_K1 = 0.9
_B = 0.4
MAX_GAP_MS = 6 * 3_600_000
"""Rows further apart than this are no neighbours: a conversation taken up days later is another
talk, and its words say nothing about the earlier one."""


@dataclass(frozen=True, slots=True)
class Order:
    """What decides a row's place in its conversation; all (n,), one entry per node.

    Args:
        conversation: conversation number; -1 for none, or for a node that is no row.
        when: event time, ms.
        ordinal: breaks ties of time.
        row_ids: breaks ties of both.
    """

    conversation: npt.NDArray[np.int32]
    when: npt.NDArray[np.int64]
    ordinal: npt.NDArray[np.int64]
    row_ids: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Neighbours of every slot, intp (n + 1,) each, and the weights present around it.

    Args:
        previous, following: direct neighbours.
        previous2, following2: the ones after those.
        dense_norm: float32 (n,), 1 + the smoothing weights of the neighbours that exist.
    """

    previous: Slots
    following: Slots
    previous2: Slots
    following2: Slots
    dense_norm: Floats

    @property
    def around(self) -> tuple[Slots, Slots, Slots, Slots]:
        """The neighbours of the smoothed cosine, in the order of its weights."""
        return self.previous, self.previous2, self.following, self.following2

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return 4 * self.previous.nbytes + self.dense_norm.nbytes


def build_windows(order: Order) -> Windows:
    """Neighbours of all rows."""
    size = len(order.conversation) + 1
    return _finish(*_linked(order, np.zeros(size, np.intp), np.zeros(size, np.intp), None))


def extend_windows(old: Windows, order: Order, first: int) -> Windows:
    """Neighbours after rows from place `first` on were added to the ones `old` knows."""
    added = order.conversation[first:]
    touched = np.unique(added[added >= 0])
    grown = np.zeros(len(order.conversation) - first, np.intp)
    previous = np.concatenate((old.previous, grown))
    following = np.concatenate((old.following, grown))
    return _finish(*_linked(order, previous, following, touched))


def _linked(
    order: Order, previous: Slots, following: Slots, touched: npt.NDArray[np.int32] | None
) -> tuple[Slots, Slots]:
    """Set the links of the touched conversations (None = all) in place."""
    if touched is None:
        places = np.flatnonzero(order.conversation >= 0)
    else:
        meant = np.zeros(max(order.conversation.max(initial=-1), -1) + 2, np.bool_)
        meant[touched] = True  # the last one stands for -1, none, and is never meant
        places = np.flatnonzero(meant[order.conversation])
    conversation = order.conversation[places]
    ranked = np.lexsort(
        (order.row_ids[places], order.ordinal[places], order.when[places], conversation)
    )
    slots = places[ranked] + 1
    when = order.when[places][ranked]
    same = conversation[ranked][1:] == conversation[ranked][:-1]
    same &= when[1:] - when[:-1] <= MAX_GAP_MS
    previous[slots] = 0
    following[slots] = 0
    previous[slots[1:][same]] = slots[:-1][same]
    following[slots[:-1][same]] = slots[1:][same]
    return previous, following


def _finish(previous: Slots, following: Slots) -> Windows:
    previous2, following2 = previous[previous], following[following]
    norm = np.ones(len(previous), np.float32)
    for neighbours, weight in zip(
        (previous, previous2, following, following2), DENSE_AFTER + DENSE_BEFORE, strict=True
    ):
        norm += np.float32(weight) * (neighbours > 0)
    return Windows(previous, following, previous2, following2, norm[1:])


def saturations(lengths: Floats) -> Floats:
    """What BM25 adds to a word's count in the denominator: float32 (n + 1,), 1 for slot 0.

    Args:
        lengths: float32 (n,), see `windowed_lengths`.
    """
    mean = max(float(lengths.mean()), 1e-9) if len(lengths) else 1.0
    added = np.ones(len(lengths) + 1, np.float32)
    added[1:] = _K1 * (1 - _B) + np.float32(_K1 * _B / mean) * lengths
    return added


def windowed_lengths(windows: Windows, lengths: Floats) -> Floats:
    """Token counts summed over the keyword window: float32 (n,) from float32 (n,)."""
    padded = np.zeros(len(lengths) + 1, np.float32)
    padded[1:] = lengths
    total = padded.copy()
    for neighbours, weights in (
        (windows.previous, LEXICAL_AFTER),
        (windows.following, LEXICAL_BEFORE),
    ):
        reached = neighbours
        for weight in weights:
            total += np.float32(weight) * padded[reached]
            reached = neighbours[reached]
    return total[1:]
