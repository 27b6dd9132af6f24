"""Rerank: order a caller's own texts by relevance to a query."""

from collections.abc import Sequence
from dataclasses import dataclass

from memos.errors import InvalidInputError, TooManyTokensError
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.reranker.base import Reranker
from memos.types.clock import IdSource
from memos.types.language import count_tokens

MAX_TOKENS = 8000
DOCUMENTED_MODELS = ("memos-reranker-0.6b", "memos-reranker-4b")
"""Names that clients send. Here they all mean the configured reranker."""
_TIMEOUT_S = 25.0
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class RerankCommand:
    """Texts to order. `top_n` keeps the best ones only; `model` is a documented name or None."""

    query: str
    documents: Sequence[str]
    top_n: int | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Relevant:
    """A text, its place in the request, and its relevance, 0..1."""

    index: int
    text: str
    relevance: float


@dataclass(frozen=True, slots=True)
class RerankOutcome:
    """The texts, most relevant first; the reranker that judged; tokens read."""

    id: str
    model: str
    tokens: int
    results: tuple[Relevant, ...]


class RerankDocuments:
    """The use case behind `rerank`."""

    def __init__(self, reranker: Reranker, *, meter: Meter, ids: IdSource) -> None:
        self._reranker = reranker
        self._meter = meter
        self._ids = ids

    def __call__(self, caller: Caller, command: RerankCommand) -> RerankOutcome:
        """Judge every text. Equal ones keep their order.

        Raises:
            InvalidInputError: the model is neither a documented name nor the configured one.
            TooManyTokensError: query and documents hold over 8000 tokens together.
            ModelUnavailableError, ModelReplyError: the configured reranker gave no answer.
            QuotaExceededError: the project's tokens per minute are used up.
        """
        names = (*DOCUMENTED_MODELS, self._reranker.name)
        if command.model is not None and command.model not in names:
            raise InvalidInputError(f"model must be one of {', '.join(names)}", field="model")
        tokens = count_tokens(command.query) + sum(map(count_tokens, command.documents))
        if tokens > MAX_TOKENS:
            raise TooManyTokensError(
                f"query and documents hold about {tokens} tokens, more than {MAX_TOKENS}; send "
                "fewer or shorter documents",
                field="documents",
            )
        with self._meter.measure(caller.project, "rerank", tokens):
            judged = self._reranker.rerank(
                command.query, list(command.documents), timeout_s=_TIMEOUT_S
            )
        # Rounded first: equal texts differ in the last bits by where they stood in a batch.
        scores = [round(score, _DIGITS) for score in judged]
        order = sorted(range(len(scores)), key=lambda at: (-scores[at], at))[: command.top_n]
        return RerankOutcome(
            id=self._ids.new_id(),
            model=self._reranker.name,
            tokens=tokens,
            results=tuple(Relevant(at, command.documents[at], scores[at]) for at in order),
        )
