"""A reranking service behind the guard of its endpoint."""

from collections.abc import Sequence

from memos.endpoints.guard import Caller, Guard
from memos.endpoints.usage import counting
from memos.reranker.base import Reranker
from memos.types.language import count_tokens


class GuardedReranker:
    """A `Reranker` around another one.

    Args:
        inner: the reranker; closed with this.
        guard: of its endpoint.
    """

    def __init__(self, inner: Reranker, guard: Guard) -> None:
        self._inner = inner
        self._guard = guard

    @property
    def name(self) -> str:
        """Backend and model."""
        return self._inner.name

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        """As the port. Raises ModelUnavailableError also while the endpoint rests after failures."""
        if not texts:
            return []
        caller = Caller("reranker", self._inner.name, wait_s=timeout_s)
        with self._guard.call(caller) as spent, counting(spent):
            scores = self._inner.rerank(query, texts, timeout_s=timeout_s)
            if not spent.input_tokens:
                spent.input_tokens = count_tokens(query) + sum(count_tokens(t) for t in texts)
        return scores

    def close(self) -> None:
        """Close the reranker."""
        self._inner.close()
