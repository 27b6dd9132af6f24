"""Nodes of a snapshot that a list may hold, by place and by where their estimates stand."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Choice:
    """Some nodes of a snapshot.

    Args:
        places: ascending.
        entries: of the same nodes, see `Snapshot.entry`.
    """

    places: Ints
    entries: Ints

    def __len__(self) -> int:
        return len(self.places)

    def only(self, chosen: npt.NDArray[Any] | slice) -> "Choice":
        """Those chosen by a mask, numbers or a slice."""
        return Choice(self.places[chosen], self.entries[chosen])

    def among(self, places: Ints) -> "Choice":
        """Those at one of these places, which are ascending."""
        if not len(self.places) or not len(places):
            return self.only(slice(0))
        at = self.places.searchsorted(places)
        at[at == len(self.places)] = 0
        return self.only(at[self.places[at] == places])


def entries_of(count: int, derived: Ints, rows: Ints) -> Ints:
    """Where estimates stand: of derived nodes first, then of rows, then of all that are neither."""
    entry = np.full(count, len(derived) + len(rows), np.intp)
    entry[rows] = np.arange(len(derived), len(derived) + len(rows))
    entry[derived] = np.arange(len(derived))
    return entry
