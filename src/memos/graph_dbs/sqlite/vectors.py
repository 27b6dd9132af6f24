"""The vectors of a snapshot's nodes: exactly and as codes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.sqlite.code import CodeBuffer

Halves = npt.NDArray[np.float16]
Mask = npt.NDArray[np.bool_]


class VectorBuffer:
    """float16 rows with room to grow, shared by successive snapshots of a cube.

    A snapshot sees the rows that were there when it was made; later ones are written behind them.
    """

    def __init__(self, vectors: Halves, used: int) -> None:
        self._rows = vectors
        self._used = used

    def view(self, count: int) -> Halves:
        """The first rows."""
        return self._rows[:count]

    def appended(self, count: int, more: Halves) -> "VectorBuffer":
        """A buffer with `more` behind the first `count` rows: this one when they are its last."""
        end = count + len(more)
        if count == self._used and end <= len(self._rows):
            self._rows[count:end] = more
            self._used = end
            return self
        grown = np.empty((end + max(64, end // 4), more.shape[1]), np.float16)
        grown[:count] = self._rows[:count]
        grown[count:end] = more
        return VectorBuffer(grown, end)

    @property
    def nbytes(self) -> int:
        """Memory held, spare room too."""
        return self._rows.nbytes


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of nodes, rows of zeros where there is none.

    Args:
        exact: of all nodes.
        rows: codes of the nodes that are rows, in their order.
        others: codes of the nodes that are none, in their order.
    """

    exact: VectorBuffer
    rows: CodeBuffer
    others: CodeBuffer

    @classmethod
    def of(cls, vectors: Halves, is_row: Mask) -> "Vectors":
        """Of nodes; `vectors` may have room for more behind them."""
        return cls(
            VectorBuffer(vectors, len(is_row)),
            CodeBuffer.of(vectors, np.flatnonzero(is_row)),
            CodeBuffer.of(vectors, np.flatnonzero(~is_row)),
        )

    def appended(self, before: Mask, more: Halves, is_row: Mask) -> "Vectors":
        """With vectors of more nodes behind those there; both with the mask of rows among them."""
        rows = int(np.count_nonzero(before))
        return Vectors(
            self.exact.appended(len(before), more),
            self.rows.appended(rows, more[is_row]),
            self.others.appended(len(before) - rows, more[~is_row]),
        )

    def kept(self, mask: Mask, is_row: Mask) -> "Vectors":
        """Vectors of the nodes under the mask."""
        kept = self.exact.view(len(mask))[mask]
        rows = int(np.count_nonzero(is_row))
        return Vectors(
            VectorBuffer(kept, len(kept)),
            self.rows.kept(rows, mask[is_row]),
            self.others.kept(len(mask) - rows, mask[~is_row]),
        )

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.exact.nbytes + self.rows.nbytes + self.others.nbytes
