"""Port of a sentence encoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class EmbedderProfile:
    """What the rest of the system needs to know of an encoder.

    Args:
        name: identifies the vector space; changes when the vectors would.
        dim: length of a vector.
        dense_weight: weight of the cosine against the keyword score (lambda, retrieval page).
        mean_cosine: cosine of unrelated texts (mu0).
    """

    name: str
    dim: int
    dense_weight: float
    mean_cosine: float


class Embedder(Protocol):
    """Turns texts into unit vectors. Safe to call from several threads at once."""

    @property
    def profile(self) -> EmbedderProfile:
        """Name, size and constants of the encoder."""
        ...

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of texts: float32 (len(texts), dim), rows of unit length (zero for blank text).

        Args:
            texts: any number, any length (long ones are cut by the encoder).
            query: the texts are questions, for encoders that treat them apart.

        Raises:
            ModelUnavailableError: the encoder cannot be loaded or reached.
        """
        ...

    def close(self) -> None:
        """Stop worker threads and release connections."""
        ...
