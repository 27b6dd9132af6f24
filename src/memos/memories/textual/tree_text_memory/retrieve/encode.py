"""Vectors of questions, never waited for longer than a request may take."""

import logging
from collections.abc import Callable
from typing import TypeVar

from memos.embedders.base import Embedder, EmbedderProfile
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
        self._profiled = False

    def begin(self, deadline: float | None = None) -> "Encoding":
        """The vectors of one search, to be had by a deadline of the clock's `monotonic`."""
        if deadline is None:
            return Encoding(self, None)
        now = self._clock.monotonic()
        return Encoding(self, now + _SHARE * (deadline - now))

    def profile(self, until: float | None) -> EmbedderProfile | None:
        """The embedder's profile, which may take a call when it is asked for the first time.

        Args:
            until: by when to be back, seconds of the clock's `monotonic`; None waits.

        Returns:
            None when it cannot be had by then.

        Raises:
            ModelUnavailableError, ModelReplyError: as the embedder.
        """
        found = self._made(lambda: self._embedder.profile, None if self._profiled else until)
        self._profiled = self._profiled or found is not None
        return found

    def vector(self, words: str, until: float | None) -> Vector | None:
        """Vector of a question; arguments, result and errors as of `profile`."""
        vectors = self._made(lambda: self._embedder.embed([words], query=True), until)
        return None if vectors is None else vectors[0]

    def _made(self, work: Callable[[], Made], until: float | None) -> Made | None:
        if until is None:
            return work()
        call = self._calls.run(work, until)
        return None if call is None else call.result()


class Encoding:
    """What one search asks of the embedder. Once it was in vain, it is not asked again.

    Args:
        encoder: is asked.
        until: by when to be back, seconds of the clock's `monotonic`; None waits.

    Attributes:
        outcome: one of this module's constants.
    """

    def __init__(self, encoder: QuestionEncoder, until: float | None) -> None:
        self._encoder = encoder
        self._until = until
        self.outcome = DONE

    def weights(self) -> RecallWeights:
        """The embedder's constants; the bundled one's when it cannot be asked."""
        profile = self._had(lambda: self._encoder.profile(self._until))
        if profile is None:
            return RecallWeights()
        return RecallWeights(
            dense=profile.dense_weight,
            mean_cosine=profile.mean_cosine,
            own=_OWN_SHARE * profile.dense_weight,
        )

    def vector(self, words: str) -> Vector | None:
        """Vector of a question; None when it cannot be had in time, and words must do."""
        return self._had(lambda: self._encoder.vector(words, self._until))

    def _had(self, ask: Callable[[], Made | None]) -> Made | None:
        if self.outcome != DONE:
            return None
        try:
            found = ask()
        except (ModelUnavailableError, ModelReplyError) as error:
            unreachable = isinstance(error, ModelUnavailableError)
            self.outcome = UNAVAILABLE if unreachable else UNUSABLE
            logger.warning("search without vectors", extra={"code": error.code})
            return None
        if found is None:
            self.outcome = NO_TIME
        return found
