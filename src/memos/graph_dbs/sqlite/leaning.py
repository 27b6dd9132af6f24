"""How near the vector of a derived node lies to that of a segment it rests on.

It tells, from the product of a question with the segment alone, how large the node's own can be.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.sqlite.code import widened

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
_BLOCK = 1024
_SHORT = 1e-6
_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Leaning:
    """Nodes with vector m, each beside a row with vector s: |m - along * s| <= across.

    So the product of m and a question q is within `across * |q|` of `along * q.s`. Equally long
    columns; zeros for a node without a row.

    Args:
        slot: intp, of the row; 0 for none.
        along: float32, -1 to 1.
        across: float32.
    """

    slot: Ints
    along: Floats
    across: Floats

    @classmethod
    def none(cls, count: int) -> "Leaning":
        """Of nodes that were not measured yet."""
        return cls(np.zeros(count, np.intp), *np.zeros((2, count), np.float32))

    def spread(self, places: Ints, count: int) -> "Leaning":
        """Of `count` nodes, those at `places` being these."""
        wide = Leaning.none(count)
        wide.slot[places], wide.along[places] = self.slot, self.along
        wide.across[places] = self.across
        return wide

    def at(self, places: Ints) -> "Leaning":
        """Of the nodes at these places."""
        return Leaning(self.slot[places], self.along[places], self.across[places])

    def moved(self, slot_of: Ints) -> "Leaning":
        """With rows renumbered, 0 for one that went."""
        return Leaning(slot_of[self.slot], self.along, self.across)

    def measured(self, vectors: Halves, nodes: Ints, rows: Ints, slots: Ints) -> "Leaning":
        """With those that have no row yet measured against the one given.

        Args:
            vectors: float16 (n, dim).
            nodes: places of the nodes.
            rows: places of all rows.
            slots: a row for each node; 0 for none.
        """
        slot, along, across = self.slot.copy(), self.along.copy(), self.across.copy()
        new = np.flatnonzero((slot == 0) & (slots > 0))
        for start in range(0, len(new), _BLOCK):
            part = new[start : start + _BLOCK]
            slot[part] = slots[part]
            along[part], across[part] = _measure(
                widened(vectors[nodes[part]]), widened(vectors[rows[slots[part] - 1]])
            )
        return Leaning(slot, along, across)

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.slot.nbytes + self.along.nbytes + self.across.nbytes


def _measure(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """`along` and `across` of pairs of vectors; whatever `along` is, `across` holds for it."""
    square = np.einsum("ij,ij->i", other, other)
    along = np.einsum("ij,ij->i", one, other) / np.maximum(square, _SHORT)
    along = along.clip(-1, 1)
    rest = one - along[:, None] * other
    across = np.sqrt(np.einsum("ij,ij->i", rest, rest))
    across += _ROUNDING
    return along, across
