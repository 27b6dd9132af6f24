"""Nudges what was recalled by a reranker's judgement, never longer than the request may take.

A cross-encoder that replaces the order makes it worse, one that nudges it makes it a little better
(docs/reranking.md has the figures), so its judgement is one more part of the score.
"""

import contextvars
import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Protocol

from memos.errors import ConfigError, MemosError, ModelReplyError, ModelUnavailableError
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.reranker.base import Reranker
from memos.types.clock import Clock
from memos.types.memory import MemoryItem

logger = logging.getLogger(__name__)

DONE = "done"
OFF = "skipped: off"
NOTHING = "skipped: nothing found"
NO_TIME = "skipped: deadline"
BUSY = "skipped: busy"
UNAVAILABLE = "failed: unavailable"
UNUSABLE = "failed: reply"
BROKEN = "failed: error"

_NEW_SHARE = 0.2
_FORGET = 0.9
_FIRST_REST_S = 1.0
_LONGEST_REST_S = 30.0
_CLOSING_S = 1.0


class TextSource(Protocol):
    """Turns memories into what the reranker reads; see `texts.MemoryTexts`."""

    def texts(self, items: Sequence[MemoryItem]) -> list[str]:
        """One text a memory, in order."""
        ...


@dataclass(frozen=True, slots=True)
class RerankOptions:
    """How much a reranker may say.

    Args:
        weight: a relevance p adds `weight * (p - 0.5)` to the score; 0 switches it off.
        candidates: most memories judged per request, over all its lists.
        timeout_s: most time of one call, however late the deadline is.
        threads: most calls at once, those included that nobody waits for any more.
    """

    weight: float = 0.1
    candidates: int = 20
    timeout_s: float = 2.0
    threads: int = 4


class RerankStage:
    """Asks the reranker within a deadline. Safe to call from several threads.

    Each call runs in a thread of its own (at most `threads` at once), so that the caller leaves at
    its deadline whatever the reranker does. How long calls take is learnt: one that would not fit
    is not begun. After a failure the reranker rests, 1 s at first and 30 s at most.

    Args:
        reranker: the judge; None switches the stage off.
        texts: what it reads of a memory; called in the thread.
        clock: source of time; deadlines are values of its `monotonic`.
        options: see `RerankOptions`.
    """

    def __init__(
        self, reranker: Reranker | None, texts: TextSource, clock: Clock, options: RerankOptions
    ) -> None:
        self._reranker = reranker
        self._texts = texts
        self._clock = clock
        self._options = options
        self._pace = Pace(clock)
        self._slots = threading.BoundedSemaphore(options.threads)

    @property
    def reranker(self) -> Reranker | None:
        """The judge, if there is one."""
        return self._reranker

    @property
    def timeout_s(self) -> float:
        """Most time of one call, in seconds; for a caller that has no deadline of its own."""
        return self._options.timeout_s

    def rerank_hits(
        self, ranked: Sequence[Ranked], query: str, *, deadline: float
    ) -> tuple[list[Ranked], str]:
        """`rerank_lists` for one list."""
        lists, outcome = self.rerank_lists([ranked], query, deadline=deadline)
        return lists[0], outcome

    def rerank_lists(
        self, lists: Sequence[Sequence[Ranked]], query: str, *, deadline: float
    ) -> tuple[list[list[Ranked]], str]:
        """Nudge the scores of the best candidates of all lists by one call.

        Args:
            lists: hits in any order; the first places of every list are judged first.
            query: the question.
            deadline: by when to be back, seconds of the clock's `monotonic`.

        Returns:
            The lists, each best first, with new scores when the outcome is `done` and their old
            ones otherwise; and the outcome, one of this module's constants.
        """
        sorted_lists = [sorted(ranked, key=_best_first) for ranked in lists]
        chosen = candidates(sorted_lists, self._options.candidates)
        relevance, outcome = self._judge(chosen, query, deadline)
        if outcome != DONE:
            return sorted_lists, outcome
        gains = {
            r.item.id: self._options.weight * (p - 0.5)
            for r, p in zip(chosen, relevance, strict=True)
        }
        nudged = [[_raised(r, gains.get(r.item.id, 0.0)) for r in found] for found in sorted_lists]
        return [sorted(found, key=_best_first) for found in nudged], DONE

    def close(self) -> None:
        """Close the reranker; calls under way are waited for a second."""
        if self._reranker is None:
            return
        self._reranker.close()
        until = self._clock.monotonic() + _CLOSING_S
        for _ in range(self._options.threads):
            self._slots.acquire(timeout=max(0.0, until - self._clock.monotonic()))

    def _judge(
        self, chosen: Sequence[Ranked], query: str, deadline: float
    ) -> tuple[list[float], str]:
        if self._reranker is None or not self._options.weight:
            return [], OFF
        if not chosen:
            return [], NOTHING
        if self._pace.resting():
            return [], UNAVAILABLE
        if not self._pace.fits(deadline - self._clock.monotonic()):
            return [], NO_TIME
        if not self._slots.acquire(blocking=False):
            return [], BUSY
        call = _Call(self._reranker, [r.item for r in chosen], query)
        context = contextvars.copy_context()
        # A daemon: a reranker that hangs must not keep the process from ending.
        thread = threading.Thread(
            target=context.run, args=(self._run, call, deadline), name="memos-rerank", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            self._slots.release()
            return [], BUSY
        if not call.done.wait(max(0.0, deadline - self._clock.monotonic())):
            return [], NO_TIME
        return call.relevance, call.outcome

    def _run(self, call: "_Call", deadline: float) -> None:
        """One call, in its thread; also when nobody waits any more, its duration is learnt."""
        started = self._clock.monotonic()
        try:
            texts = self._texts.texts(call.items)
            left = deadline - self._clock.monotonic()
            if left > 0:
                call.ask(texts, min(left, self._options.timeout_s))
                self._pace.took(self._clock.monotonic() - started)
        except MemosError as error:
            call.outcome = _outcome_of(error)
            self._pace.failed()
            logger.warning(
                "reranking failed",
                extra={"reranker": call.reranker.name, "error": type(error).__name__},
            )
        except Exception:  # task edge: a fault of a library must not take the answer away
            call.outcome = BROKEN
            self._pace.failed()
            logger.exception("reranking broke", extra={"reranker": call.reranker.name})
        finally:
            self._slots.release()
            call.done.set()


class _Call:
    """A question on its way through the reranker."""

    __slots__ = ("done", "items", "outcome", "query", "relevance", "reranker")

    def __init__(self, reranker: Reranker, items: Sequence[MemoryItem], query: str) -> None:
        self.reranker = reranker
        self.items = items
        self.query = query
        self.relevance: list[float] = []
        self.outcome = NO_TIME
        self.done = threading.Event()

    def ask(self, texts: Sequence[str], timeout_s: float) -> None:
        """Fill in the relevance and the outcome."""
        self.relevance = self.reranker.rerank(self.query, texts, timeout_s=timeout_s)
        if len(self.relevance) != len(texts):
            raise ModelReplyError("the reranker answered another number of scores than texts")
        self.outcome = DONE


class Pace:
    """What is known of a reranker's speed and health. Safe to use from several threads.

    Args:
        clock: for the rest after failures.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._expected_s: float | None = None
        self._failures = 0
        self._rests_until = 0.0

    @property
    def expected_s(self) -> float | None:
        """Moving average of the durations of calls, in seconds; None before the first."""
        return self._expected_s

    def fits(self, remaining_s: float) -> bool:
        """Whether a call is likely to end in time.

        True while nothing is known. Every no makes the average shrink by a tenth, so that one slow
        call (a cold start, say) does not switch reranking off for good.
        """
        if remaining_s <= 0:
            return False
        with self._lock:
            if self._expected_s is None or self._expected_s <= remaining_s:
                return True
            self._expected_s *= _FORGET
            return False

    def took(self, duration_s: float) -> None:
        """Learn from a call that was answered; it also ends a series of failures."""
        with self._lock:
            known = duration_s if self._expected_s is None else self._expected_s
            self._expected_s = known + _NEW_SHARE * (duration_s - known)
            self._failures = 0

    def failed(self) -> None:
        """Rest, twice as long after each further failure."""
        with self._lock:
            rest = min(_LONGEST_REST_S, _FIRST_REST_S * 2**self._failures)
            self._failures = min(self._failures + 1, 10)
            self._rests_until = self._clock.monotonic() + rest

    def resting(self) -> bool:
        """Whether the last failure is too recent to try again."""
        return self._failures > 0 and self._clock.monotonic() < self._rests_until


def candidates(lists: Sequence[Sequence[Ranked]], most: int) -> list[Ranked]:
    """At most `most` hits, best places of every list first; one that is in two lists counts once."""
    by_place: Iterable[tuple[Ranked | None, ...]] = zip_longest(*lists)
    found = {r.item.id: r for place in by_place for r in place if r is not None}
    return list(islice(found.values(), most))


def _outcome_of(error: MemosError) -> str:
    if isinstance(error, ModelUnavailableError | ConfigError):
        return UNAVAILABLE
    return UNUSABLE if isinstance(error, ModelReplyError) else BROKEN


def _raised(ranked: Ranked, gain: float) -> Ranked:
    if not gain:
        return ranked
    return ranked._replace(hit=ranked.hit._replace(score=ranked.hit.score + gain))


def _best_first(ranked: Ranked) -> tuple[float, str]:
    return -ranked.score, ranked.item.id
