"""The encoder whose vectors are in use now, which is not the configured one while it is changed."""

import threading
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from memos.embedders.base import Embedder, EmbedderProfile
from memos.errors import ModelUnavailableError
from memos.graph_dbs.base import GraphStore


class ActiveEmbedder:
    """An `Embedder` that always speaks the vector space of the store.

    A fresh store adopts the configured encoder. In a store made by another one, that one answers
    until every vector was remade (see `Reembedder`); when it cannot be had any more, embedding is
    unavailable meanwhile and search works by words alone.

    Args:
        graph: remembers which encoder made its vectors.
        target: the configured encoder.
        fallback: makes the bundled encoder, which may be the one the store was made with.
    """

    def __init__(
        self, graph: GraphStore, target: Embedder, fallback: Callable[[], Embedder]
    ) -> None:
        self._graph = graph
        self.target = target
        self._fallback = fallback
        self._lock = threading.Lock()
        self._active: Embedder | None = None
        self._spare: Embedder | None = None

    @property
    def profile(self) -> EmbedderProfile:
        """Profile of the encoder in use. Raises ModelUnavailableError as `embed`."""
        return self._current().profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """As `Embedder.embed`.

        Raises:
            ModelUnavailableError: it cannot be reached, or it is gone and its successor's vectors
                are not complete yet.
        """
        return self._current().embed(texts, query=query)

    def close(self) -> None:
        """Close the encoders."""
        self.target.close()
        if self._spare is not None:
            self._spare.close()

    def switched(self) -> None:
        """Look anew which encoder made the store's vectors."""
        with self._lock:
            self._active = None

    def _current(self) -> Embedder:
        active = self._active
        if active is not None:
            return active
        with self._lock:
            if self._active is None:
                self._active = self._choose()
            return self._active

    def _choose(self) -> Embedder:
        name = self._graph.embedder_name()
        profile = self.target.profile
        if name is None:
            self._graph.adopt_embedder(profile.name, profile.dim)
            return self.target
        if name == profile.name:
            return self.target
        if self._spare is None:
            self._spare = self._fallback()
        if self._spare.profile.name == name:
            return self._spare
        raise ModelUnavailableError(
            "the embedder changed and the vectors of the new one are not complete yet"
        )
