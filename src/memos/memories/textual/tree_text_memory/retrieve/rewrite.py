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
from memos.templates import load

logger = logging.getLogger(__name__)

SHORTEST_S = 1.5
"""Below this much time a model is not asked: few answer sooner, and the search itself needs some."""
MOST_QUERIES = 4
"""Queries of one rewrite, the question itself among them."""
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


def rewrite(query: str, llm: LLM, deadline_s: float) -> list[str]:
    """Queries to search for instead of one question.

    The call itself cannot be broken off here: give an `llm` whose timeout fits the deadline.

    Args:
        query: the question.
        llm: the model to ask, once.
        deadline_s: seconds left for the whole search.

    Returns:
        The question first, then at most three more queries, distinct; only the question when time
        is short, the question is blank or too long to be one, or the model fails.
    """
    if deadline_s < SHORTEST_S or not query.strip() or len(query) > _LONGEST_QUESTION:
        return [query]
    turns = [Turn("system", load("rewrite_query")), Turn("user", _asked(query))]
    try:
        reply = llm.complete(turns, schema=REWRITE_SCHEMA, max_tokens=_MAX_TOKENS, temperature=0.0)
        queries = _read(reply.text)
    except (ModelUnavailableError, ModelReplyError) as error:
        logger.warning("search without rewriting", extra={"code": error.code})
        return [query]
    return _distinct([query, *queries])


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
