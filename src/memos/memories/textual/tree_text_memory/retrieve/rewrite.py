"""Asks a language model for better search queries. Only for searches that asked for it (`fine`).

A question such as "Did I travel more after the job I got through Anna?" needs several searches; a
model can name them. It costs a call, so the plain search never comes here. Whatever the model does,
the question itself is searched.
"""

import json
import logging
import re
from typing import Any

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.memories.textual.tree_text_memory.retrieve.bounded import BoundedCalls
from memos.memories.textual.tree_text_memory.retrieve.rerank import Pace
from memos.templates import load
from memos.types.clock import Clock

logger = logging.getLogger(__name__)

DONE = "done"
OFF = "skipped: off"
NO_MODEL = "skipped: no model"
NO_QUESTION = "skipped: no question"
NO_TIME = "skipped: deadline"
UNAVAILABLE = "failed: unavailable"
UNUSABLE = "failed: reply"
BROKEN = "failed: error"

LONGEST_S = 10.0
"""Longest wait for the model where the search has no deadline."""
SHORTEST_S = 1.5
"""Below this much time a model is not asked: few answer sooner, and the search itself needs some."""
MOST_QUERIES = 4
"""Queries of one rewrite, the question itself among them."""
SEARCH_S = 0.5
"""Kept of the deadline for the search after the rewriting."""
_THREADS = 4
_LONGEST_QUESTION = 2000
_LONGEST_QUERY = 200
_MAX_TOKENS = 300

REWRITE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["queries"],
    "properties": {"queries": {"type": "array", "items": {"type": "string"}}},
}
"""Form of the answer."""

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


class RewriteStage:
    """Asks the model within a deadline. Safe to call from several threads.

    Each call runs in a thread of its own (at most four at once), so that the caller leaves in time
    whatever the model does. How long calls take is learnt: one that would not fit is not begun.
    After a failure the model rests, 1 s at first and 30 s at most.

    Args:
        llm: the model; None when there is none.
        clock: source of time; deadlines are values of its `monotonic`.
    """

    def __init__(self, llm: LLM | None, clock: Clock) -> None:
        self._llm = llm
        self._clock = clock
        self._pace = Pace(clock)
        self._calls = BoundedCalls("memos-rewrite", clock, _THREADS)

    def further(self, question: str, deadline: float | None) -> tuple[tuple[str, ...], str]:
        """Further queries for a question, and one of this module's outcomes.

        Args:
            question: what is asked; not among the queries returned.
            deadline: by when the whole search is to be done, seconds of the clock's `monotonic`;
                without one the model may take ten seconds.
        """
        if self._llm is None:
            return (), NO_MODEL
        now = self._clock.monotonic()
        left_s = LONGEST_S if deadline is None else deadline - now
        until = now + (left_s if deadline is None else min(left_s - SEARCH_S, LONGEST_S))
        if self._pace.resting():
            return (), UNAVAILABLE
        if not self._pace.fits(until - now):
            return (), NO_TIME
        llm = self._llm
        call = self._calls.run(lambda: self._ask(question, llm, left_s), until)
        if call is None:
            return (), NO_TIME
        broken = call.exception()
        if broken is not None:
            logger.error("rewriting broke", exc_info=broken)
            return (), BROKEN
        queries, outcome = call.result()
        return tuple(queries[1:]), outcome

    def _ask(self, question: str, llm: LLM, left_s: float) -> tuple[list[str], str]:
        """One call, in its thread; also when nobody waits any more, its duration is learnt."""
        started = self._clock.monotonic()
        queries, outcome = rewrite(question, llm, left_s)
        if outcome == DONE:
            self._pace.took(self._clock.monotonic() - started)
        elif outcome in {UNAVAILABLE, UNUSABLE}:
            self._pace.failed()
        return queries, outcome


def rewrite(query: str, llm: LLM, deadline_s: float) -> tuple[list[str], str]:
    """Queries to search for instead of one question.

    The call itself cannot be broken off here: `RewriteStage` leaves it at the deadline.

    Args:
        query: the question.
        llm: the model to ask, once.
        deadline_s: seconds left for the whole search.

    Returns:
        The question first, then at most three more queries, distinct; only the question when time
        is short, the question is blank or too long to be one, or the model fails. And the outcome,
        one of this module's constants.
    """
    if not query.strip() or len(query) > _LONGEST_QUESTION:
        return [query], NO_QUESTION
    if deadline_s < SHORTEST_S:
        return [query], NO_TIME
    turns = [Turn("system", load("rewrite_query")), Turn("user", _asked(query))]
    try:
        reply = llm.complete(turns, schema=REWRITE_SCHEMA, max_tokens=_MAX_TOKENS, temperature=0.0)
        queries = _read(reply.text)
    except (ModelUnavailableError, ModelReplyError) as error:
        logger.warning("search without rewriting", extra={"code": error.code})
        return [query], UNAVAILABLE if isinstance(error, ModelUnavailableError) else UNUSABLE
    return _distinct([query, *queries]), DONE


def _asked(query: str) -> str:
    return json.dumps({"question": query}, ensure_ascii=False)


def _read(text: str) -> list[str]:
    """Queries of an answer; what surrounds the object (a code fence, say) is ignored.

    Raises:
        ModelReplyError: there is no object of the form asked for.
    """
    found = _OBJECT.search(text)
    try:
        value = json.loads(found[0]) if found else None
    except (ValueError, RecursionError) as error:
        raise ModelReplyError("the model's queries are not JSON") from error
    queries = value.get("queries") if isinstance(value, dict) else None
    if not isinstance(queries, list):
        raise ModelReplyError("the model answered without queries")
    return [q for q in queries if isinstance(q, str)]


def _distinct(queries: list[str]) -> list[str]:
    kept = {_folded(queries[0]): queries[0]}
    for query in queries[1:]:
        tidy = " ".join(query.split())
        if tidy and len(tidy) <= _LONGEST_QUERY:
            kept.setdefault(_folded(tidy), tidy)
    return list(kept.values())[:MOST_QUERIES]


def _folded(query: str) -> str:
    return " ".join(query.split()).strip(" ?？。.!！").casefold()
