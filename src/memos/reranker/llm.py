"""A chat model as judge: one prompt with numbered texts, one answer with a score a text."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from memos.errors import ModelReplyError
from memos.llms.base import LLM, Turn
from memos.templates import load

_OBJECT = re.compile(r"\{[^{}]*\}")
_TRAILING_COMMA = re.compile(r",\s*\}")
_NEUTRAL = 0.5
_LONGEST = 1200
"""Characters kept of one text."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["scores"],
    "properties": {
        "scores": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["n", "score"],
                "properties": {"n": {"type": "integer"}, "score": {"type": "number"}},
            },
        }
    },
}
"""Form of the answer, strict enough for servers that constrain decoding."""


class LlmReranker:
    """Relevance judged by a chat model.

    The port of a chat model has no time limit of a call: give this one a model whose own timeout is
    the reranker's, and no retries. `timeout_s` is not looked at.

    Args:
        llm: the judge.
        close: called by `close`, to release the model when it belongs to this reranker alone.
    """

    def __init__(self, llm: LLM, close: Callable[[], None] = lambda: None) -> None:
        self._llm = llm
        self._close = close

    @property
    def name(self) -> str:
        """`llm` and the model's name."""
        return f"llm:{self._llm.name}"

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:  # noqa: ARG002 - see the class
        """As the port. A text the answer leaves out counts as 0.5 while at least half have scores."""
        if not texts:
            return []
        notes = [{"n": n, "text": text[:_LONGEST]} for n, text in enumerate(texts, start=1)]
        data = json.dumps({"question": query, "notes": notes}, ensure_ascii=False)
        turns = (Turn("system", load("rerank")), Turn("user", data))
        reply = self._llm.complete(turns, schema=SCHEMA, temperature=0.0)
        return read_scores(reply.text, len(texts))

    def close(self) -> None:
        """Release the model when it is this reranker's own."""
        self._close()


def read_scores(reply: str, count: int) -> list[float]:
    """Scores by number from a model's reply, also a fenced, chatty or cut off one.

    Args:
        reply: the text.
        count: N, number of texts; they are numbered 1..N.

    Returns:
        N scores, cut to 0..1; 0.5 for a text without one.

    Raises:
        ModelReplyError: fewer than half of the texts have a score.
    """
    scores: dict[int, float] = {}
    for found in _OBJECT.findall(reply):
        entry = _loaded(found)
        number, score = entry.get("n"), entry.get("score")
        # Not isinstance: True and False are integers to Python.
        if type(number) is int and type(score) in {int, float} and 1 <= number <= count:
            scores.setdefault(number, min(1.0, max(0.0, float(score or 0))))
    if 2 * len(scores) < count:
        raise ModelReplyError("the model scored fewer than half of the texts")
    return [scores.get(number, _NEUTRAL) for number in range(1, count + 1)]


def _loaded(text: str) -> dict[str, Any]:
    try:
        found = json.loads(_TRAILING_COMMA.sub("}", text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
