"""Vectors as one byte a number, and how far a cosine of them can be from the true one.

Reading a quarter of the bytes is what makes a pass over a large cube fast. The codes never decide
anything: they tell which nodes cannot be among the best, and the rest is scored from the vectors.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import simsimd

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Codes = npt.NDArray[np.int8]
Places = npt.NDArray[np.intp]
_LEVELS = 127
_BLOCK = 1024
_ROUNDING = 4e-6
"""Room for float32 sums of products of up to a few thousand numbers around 1."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Rows as int8 times a scale of their own.

    Args:
        codes: int8 (n, dim).
        scale: float32 (n,).
        error: longest distance between a row and its code.
        length: longest row.
    """

    codes: Codes
    scale: Floats
    error: float
    length: float


def widened(vectors: Halves) -> Floats:
    """The same numbers as float32, all finite; numpy's own conversion takes twice the time."""
    bits = vectors.view(np.int16).astype(np.int32)
    bits <<= 13
    bits &= -0x70002000  # the sign, which the shift spread over four bits, exponent and fraction
    wide: Floats = bits.view(np.float32)
    wide *= np.float32(2.0**112)  # difference of the two exponent biases
    return wide


def encode(vectors: Halves, places: Places) -> Coded:
    """Codes of some rows of float16 (n, dim); a row of zeros has scale 0."""
    codes = np.empty((len(places), vectors.shape[1]), np.int8)
    scale = np.empty(len(places), np.float32)
    error = length = 0.0
    for start in range(0, len(places), _BLOCK):
        part = slice(start, start + _BLOCK)
        block = widened(vectors[places[part]])
        largest = np.maximum(block.max(axis=1, initial=0), -block.min(axis=1, initial=0))
        scale[part] = largest / _LEVELS
        length = max(length, _longest(block))
        steps = np.divide(_LEVELS, largest, out=np.zeros_like(largest), where=largest > 0)
        rounded = block * steps[:, None]
        np.rint(rounded, out=rounded)
        codes[part] = rounded
        rounded *= scale[part, None]
        block -= rounded
        error = max(error, _longest(block))
    return Coded(codes, scale, error, length)


def _longest(rows: Floats) -> float:
    return float(np.sqrt(np.einsum("ij,ij->i", rows, rows).max(initial=0)))


class CodeBuffer:
    """Coded rows with room to grow, shared by successive snapshots of a cube.

    A snapshot sees the rows that were there when it was made; later ones are written behind them.
    """

    def __init__(self, coded: Coded, used: int | None = None) -> None:
        self._codes, self._scale = coded.codes, coded.scale
        self._used = len(coded.codes) if used is None else used
        self.error, self.length = coded.error, coded.length

    @classmethod
    def of(cls, vectors: Halves, places: Places) -> "CodeBuffer":
        """Buffer of the codes of some rows of float16 (n, dim)."""
        return cls(encode(vectors, places))

    def appended(self, count: int, more: Halves) -> "CodeBuffer":
        """A buffer with `more` behind the first `count` rows: this one when they are its last."""
        if not len(more):
            return self
        end = count + len(more)
        if count != self._used or end > len(self._codes):
            return self._grown(count, end + max(64, end // 4)).appended(count, more)
        coded = encode(more, np.arange(len(more)))
        self._codes[count:end] = coded.codes
        self._scale[count:end] = coded.scale
        self._used = end
        # Larger bounds are still bounds for those who see fewer rows.
        self.error = max(self.error, coded.error)
        self.length = max(self.length, coded.length)
        return self

    def _grown(self, count: int, room: int) -> "CodeBuffer":
        codes = np.empty((room, self._codes.shape[1]), np.int8)
        scale = np.empty(room, np.float32)
        codes[:count], scale[:count] = self._codes[:count], self._scale[:count]
        return CodeBuffer(Coded(codes, scale, self.error, self.length), count)

    def kept(self, count: int, mask: npt.NDArray[np.bool_]) -> "CodeBuffer":
        """A buffer of the rows under the mask, of the first `count`."""
        coded = Coded(self._codes[:count][mask], self._scale[:count][mask], self.error, self.length)
        return CodeBuffer(coded)

    def cosines(self, query: "CodedQuery", count: int) -> Floats:
        """Products of the first rows with the question, each within `slack` of the true one."""
        return _products(self._codes[:count], self._scale[:count], query)

    def cosines_of(self, query: "CodedQuery", numbers: Places) -> Floats:
        """Products of some rows with the question, as `cosines`."""
        return _products(self._codes[numbers], self._scale[numbers], query)

    def slack(self, query: "CodedQuery") -> float:
        """How far `cosines` can be from the true products."""
        return self.error * query.length + (self.length + self.error) * query.error + _ROUNDING

    @property
    def nbytes(self) -> int:
        """Memory held, spare room too."""
        return self._codes.nbytes + self._scale.nbytes


def _products(codes: Codes, scale: Floats, query: "CodedQuery") -> Floats:
    if not len(codes):
        return np.zeros(0, np.float32)
    product = simsimd.cdist(codes, query.code, metric="dot", out_dtype="float32")
    products: Floats = np.asarray(product, np.float32).reshape(len(codes))
    products *= scale
    products *= np.float32(query.scale)
    return products


class CodedQuery:
    """A question's vector, coded.

    Args:
        vector: float32 (dim,).
    """

    def __init__(self, vector: Floats) -> None:
        largest = float(np.abs(vector).max(initial=0))
        self.vector = vector
        self.scale = largest / _LEVELS
        steps = vector / self.scale if self.scale else vector
        self.code = np.rint(steps).astype(np.int8)[None, :]
        self.length = float(np.linalg.norm(vector))
        self.error = float(np.linalg.norm(vector - self.code[0] * np.float32(self.scale)))
