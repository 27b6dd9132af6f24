"""Relevance by the embedder and the words together: the judge that needs nothing.

    relevance = logistic(-3.1 + 8.3 * coverage + 6.65 * cosine)

Coverage is the share of the query's words, weighted by how rare they are among the texts, that a text
holds. The weights were fitted on dialogues 0 to 3 of LoCoMo with as much weight on relevant texts as on
others; scripts/measure_rerank.py fits and measures again, docs/chat.md has the figures.
"""

import math
from collections.abc import Sequence

from memos.embedders.base import Embedder
from memos.errors import ModelUnavailableError
from memos.graph_dbs.tokenize import tokenize, tokenize_query
from memos.reranker.base import logistic
from memos.types.clock import Clock

_BIAS, _COVERAGE, _COSINE = -3.1, 8.3, 6.65
_REFERENCE_MEAN, _REFERENCE_WEIGHT = 0.07, 1.3
"""Of the encoder the weights were fitted with; another one's cosines are brought to its scale."""
_UNSEEN_TEXTS = 2
"""As if there were two more texts without any of the words: one text alone tells nothing of rarity."""
_CHARACTER_WEIGHT = 0.25
"""A single CJK character says less than a word."""
_EVERYWHERE = frozenset(tokenize("user users assistant 用户 助手"))


class EmbeddedReranker:
    """Coverage of the query's words and cosine to the query.

    Args:
        embedder: not closed by this; while it cannot be had the words judge alone.
        clock: measures the time taken.
    """

    def __init__(self, embedder: Embedder, clock: Clock) -> None:
        self._embedder = embedder
        self._clock = clock

    @property
    def name(self) -> str:
        """`embedded`."""
        return "embedded"

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        """As the port. The embedder cannot be interrupted: the time is looked at after it."""
        if not texts:
            return []
        until = self._clock.monotonic() + timeout_s
        cosines = self._cosines(query, texts)
        if self._clock.monotonic() > until:
            raise ModelUnavailableError("the embedder took too long to rerank")
        return [
            logistic(_BIAS + _COVERAGE * held + _COSINE * cosine)
            for held, cosine in zip(coverage(query, texts), cosines, strict=True)
        ]

    def close(self) -> None:
        """Nothing to release: the embedder belongs to someone else."""

    def _cosines(self, query: str, texts: Sequence[str]) -> list[float]:
        """Cosines on the reference encoder's scale; those of unrelated texts without an encoder."""
        try:
            question = self._embedder.embed([query], query=True)[0]
            found = self._embedder.embed(texts) @ question
            profile = self._embedder.profile
        except ModelUnavailableError:
            return [_REFERENCE_MEAN] * len(texts)
        scale = profile.dense_weight / _REFERENCE_WEIGHT
        return [_REFERENCE_MEAN + scale * (float(c) - profile.mean_cosine) for c in found]


def coverage(query: str, texts: Sequence[str]) -> list[float]:
    """Share, 0..1, of the query's words that each text holds; rare ones weigh more.

    weight(word) = ln((N + 3) / (n + 0.5)), N texts, n of them with the word.
    """
    words = [word for word in dict.fromkeys(tokenize_query(query)) if word not in _EVERYWHERE]
    held = [frozenset(tokenize(text)) for text in texts]
    weights = {
        word: math.log(
            (len(texts) + 1 + _UNSEEN_TEXTS) / (sum(word in text for text in held) + 0.5)
        )
        * (_CHARACTER_WEIGHT if len(word) == 1 else 1.0)
        for word in words
    }
    total = sum(weights.values())
    if not total:
        return [0.0] * len(texts)
    return [sum(weights[word] for word in words if word in text) / total for text in held]
