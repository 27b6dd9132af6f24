"""Port of a reranker, and the arithmetic its adapters share."""

import math
from collections.abc import Sequence
from typing import Protocol

from memos.errors import ModelReplyError


class Reranker(Protocol):
    """Judges how well texts answer a query. Safe to call from several threads at once."""

    @property
    def name(self) -> str:
        """Backend and model, for logs and reports."""
        ...

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        """Relevance of each text, 0..1, in the order of the texts; empty for no texts.

        Args:
            query: the question.
            texts: any number; long ones are cut by the model.
            timeout_s: how long it may take, in seconds, > 0. An adapter that cannot be interrupted
                says so; its caller must not wait for it.

        Raises:
            ModelUnavailableError: the model cannot be loaded or reached, or ran out of time.
            ModelReplyError: it answered, but not one usable number a text.
            ConfigError: its files or settings cannot be used.
        """
        ...

    def close(self) -> None:
        """Release connections, threads and memory."""
        ...


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, x))))


def as_relevance(scores: Sequence[float], *, logits: bool = False) -> list[float]:
    """Scores as relevances.

    Args:
        scores: what a model answered.
        logits: squash them also when all of them lie in 0..1.

    Returns:
        The scores; through a logistic function when `logits`, or when one is outside 0..1.

    Raises:
        ModelReplyError: a score is not finite.
    """
    if not all(math.isfinite(score) for score in scores):
        raise ModelReplyError("the reranker answered a score that is no number")
    if logits or any(not 0.0 <= score <= 1.0 for score in scores):
        return [logistic(score) for score in scores]
    return list(scores)
