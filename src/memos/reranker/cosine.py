"""Relevance by the embedder's cosine: no model of its own. Mostly for comparison.

The score of recall holds the same cosine already, so as a nudge it says little that is new.
"""

from collections.abc import Sequence

from memos.embedders.base import Embedder
from memos.errors import ModelUnavailableError
from memos.types.clock import Clock


class CosineReranker:
    """Cosine of query and text above that of unrelated texts, scaled to 0..1.

    Args:
        embedder: not closed by this.
        clock: measures the time taken.
    """

    def __init__(self, embedder: Embedder, clock: Clock) -> None:
        self._embedder = embedder
        self._clock = clock

    @property
    def name(self) -> str:
        """`cosine`."""
        return "cosine"

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        """As the port; `(cosine - mu0) / (1 - mu0)`, cut to 0..1.

        The embedder cannot be interrupted: the time is looked at between its calls.
        """
        if not texts:
            return []
        until = self._clock.monotonic() + timeout_s
        mean = self._embedder.profile.mean_cosine
        question = self._embedder.embed([query], query=True)[0]
        if self._clock.monotonic() > until:
            raise ModelUnavailableError("the embedder took too long to rerank")
        cosines = self._embedder.embed(texts) @ question
        scaled = (cosines - mean) / max(1e-6, 1.0 - mean)
        return [float(value) for value in scaled.clip(0.0, 1.0)]

    def close(self) -> None:
        """Nothing to release: the embedder belongs to someone else."""
