"""A tiny deterministic encoder: words hashed into buckets. A second vector space for tests."""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from memos.embedders.base import EmbedderProfile
from memos.errors import ModelUnavailableError


class HashEmbedder:
    """Bag of hashed words as a unit vector; can be switched off like a broken endpoint."""

    def __init__(self, name: str = "hash", dim: int = 64) -> None:
        self._profile = EmbedderProfile(name, dim, dense_weight=1.0, mean_cosine=0.0)
        self.up = True
        self.embedded = 0

    @property
    def profile(self) -> EmbedderProfile:
        self._check()
        return self._profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        self._check()
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self._profile.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                vectors[row, zlib.crc32(word.strip(".,?!").encode()) % self._profile.dim] += 1
            length = float(np.linalg.norm(vectors[row]))
            if length:
                vectors[row] /= length
        return vectors

    def close(self) -> None:
        pass

    def _check(self) -> None:
        if not self.up:
            raise ModelUnavailableError("the endpoint is down")
