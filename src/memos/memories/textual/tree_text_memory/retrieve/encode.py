"""Vectors of questions, never waited for longer than a request may take."""

import logging
from collections.abc import Callable
from typing import TypeVar

from memos.embedders.base import Embedder
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.graph_dbs.base import RecallWeights, Vector
from memos.memories.textual.tree_text_memory.retrieve.bounded import BoundedCalls
from memos.types.clock import Clock

logger = logging.getLogger(__name__)

DONE = "done"
NO_TIME = "skipped: deadline"
UNAVAILABLE = "failed: unavailable"
UNUSABLE = "failed: reply"

_OWN_SHARE = 0.25
_SHARE = 0.8
"""Of the time left, what an encoder may take; the rest is for the search by words."""
_THREADS = 32

Made = TypeVar("Made")


class QuestionEncoder:
    """Asks the embedder within a deadline. Safe to call from several threads.

    Args:
        embedder: makes the vectors.
        clock: source of time.
    """

    def __init__(self, embedder: Embedder, clock: Clock) -> None:
        self._embedder = embedder
        self._clock = clock
        self._calls = BoundedCalls("memos-question", clock, _THREADS)

    def begin(self, deadline: float | None = None) -> "Encoding":
        """The vectors of one search, to be had by a deadline of the clock's `monotonic`."""
        if deadline is None:
            return Encoding(self._embedder)
        now = self._clock.monotonic()
        return Encoding(self._embedder, self._calls, now + _SHARE * (deadline - now))


class Encoding:
    """What one search asks of the embedder. Once it was in vain, it is not asked again.

    Args:
        embedder: makes the vectors.
        calls: where it is asked; None asks it here, however long that takes.
        until: by when to be back, with `calls`.

    Attributes:
        outcome: one of this module's constants.
    """

    def __init__(
        self, embedder: Embedder, calls: BoundedCalls | None = None, until: float = 0.0
    ) -> None:
        self._embedder = embedder
        self._calls = calls
        self._until = until
        self.outcome = DONE

    def weights(self) -> RecallWeights:
        """The embedder's constants; the bundled one's when it cannot be asked."""
        profile = self._made(lambda: self._embedder.profile)
        if profile is None:
            return RecallWeights()
        return RecallWeights(
            dense=profile.dense_weight,
            mean_cosine=profile.mean_cosine,
            own=_OWN_SHARE * profile.dense_weight,
        )

    def vector(self, words: str) -> Vector | None:
        """Vector of a question; None when it cannot be had in time, and words must do."""
        vectors = self._made(lambda: self._embedder.embed([words], query=True))
        return None if vectors is None else vectors[0]

    def _made(self, work: Callable[[], Made]) -> Made | None:
        if self.outcome != DONE:
            return None
        try:
            if self._calls is None:
                return work()
            call = self._calls.run(work, self._until)
            if call is not None:
                return call.result()
        except (ModelUnavailableError, ModelReplyError) as error:
            unreachable = isinstance(error, ModelUnavailableError)
            self.outcome = UNAVAILABLE if unreachable else UNUSABLE
            logger.warning("search without vectors", extra={"code": error.code})
        else:
            self.outcome = NO_TIME
        return None
