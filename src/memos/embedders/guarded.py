"""An encoder that answers over HTTP, behind the guard of its endpoint."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from memos.embedders.base import Embedder, EmbedderProfile
from memos.endpoints.guard import Caller, Guard
from memos.endpoints.usage import counting
from memos.types.language import count_tokens


class GuardedEmbedder:
    """An `Embedder` around another one. Stands inside the batching queue, so a cached text is free.

    Args:
        inner: the encoder; closed with this.
        guard: of its endpoint.
        model: its name, for the ledger.
        wait_s: longest wait for a place at the endpoint, in seconds.
    """

    def __init__(self, inner: Embedder, guard: Guard, model: str, *, wait_s: float = 20.0) -> None:
        self._inner = inner
        self._guard = guard
        # Not budgeted: a batch is of several projects, and who is over would stop the others.
        self._caller = Caller("embedder", model, budgeted=False, wait_s=wait_s)

    @property
    def profile(self) -> EmbedderProfile:
        """As the port."""
        return self._inner.profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """As the port. Raises ModelUnavailableError also while the endpoint rests after failures."""
        if not texts:
            return self._inner.embed(texts, query=query)
        with self._guard.call(self._caller) as spent, counting(spent):
            vectors = self._inner.embed(texts, query=query)
            if not spent.input_tokens:
                spent.input_tokens = sum(count_tokens(text) for text in texts)
        return vectors

    def admit(self) -> None:
        """Raises ModelBudgetError when the embedder budget of who pays is used up."""
        self._guard.admit(self._caller)

    def close(self) -> None:
        """Close the encoder."""
        self._inner.close()
