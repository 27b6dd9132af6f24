"""Understands feedback with a language model. The model names; code checks and decides."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_feedback.feedback import Feedback, FeedbackKind
from memos.mem_feedback.judge import NOTHING, judge
from memos.mem_feedback.undo import is_undo
from memos.mem_reader.repair import parse_reply
from memos.templates import load
from memos.types.memory import MemoryItem

logger = logging.getLogger(__name__)

_MAX_TOKENS = 400
_LONGEST_MEMORY = 600
_KINDS = ("none", "vote", "replacement", "correction", "addition", "forgetting")
_TARGETED = (FeedbackKind.CORRECTION, FeedbackKind.FORGETTING)

FEEDBACK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["kind", "old", "new", "statement", "vote", "numbers"],
    "properties": {
        "kind": {"type": "string", "enum": list(_KINDS)},
        "old": {"type": "string"},
        "new": {"type": "string"},
        "statement": {"type": "string"},
        "vote": {"type": "integer"},
        "numbers": {"type": "array", "items": {"type": "integer"}},
    },
}
"""Form of the answer."""


class ModelJudge:
    """Asks a model once; whatever is wrong with the answer, the rules judge.

    Args:
        llm: the model.
    """

    reads_memories = True

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def judge(self, text: str, memories: Sequence[MemoryItem]) -> Feedback:
        """What the feedback means. Targets are always among `memories`."""
        if is_undo(text):
            return Feedback(FeedbackKind.UNDO)
        shown = [
            {"number": n, "text": item.value[:_LONGEST_MEMORY]}
            for n, item in enumerate(memories, start=1)
        ]
        asked = json.dumps({"feedback": text, "memories": shown}, ensure_ascii=False)
        turns = [Turn("system", load("feedback")), Turn("user", asked)]
        try:
            reply = self._llm.complete(
                turns, schema=FEEDBACK_SCHEMA, max_tokens=_MAX_TOKENS, temperature=0.0
            )
            return understood(parse_reply(reply.text), text, memories)
        except (ModelUnavailableError, ModelReplyError) as error:
            logger.warning("feedback judged by rules", extra={"code": error.code})
            return judge(text)


def understood(answer: object, text: str, memories: Sequence[MemoryItem]) -> Feedback:
    """The model's answer as a feedback, checked against what the user wrote.

    Raises:
        ModelReplyError: it is not of the form asked for, lacks what its kind needs, or names a
            value the user did not write.
    """
    if not isinstance(answer, dict) or answer.get("kind") not in _KINDS:
        raise ModelReplyError("the model named no kind of feedback")
    kind = FeedbackKind(answer["kind"])
    if kind is FeedbackKind.NONE:
        return NOTHING
    old, new, statement = (_text(answer, name) for name in ("old", "new", "statement"))
    if any(value.casefold() not in text.casefold() for value in (old, new) if value):
        raise ModelReplyError("the model named a value that the feedback does not hold")
    vote = answer.get("vote")
    found = Feedback(kind, old=old, new=new, statement=statement)
    if kind is FeedbackKind.VOTE:
        if vote not in {1, -1}:
            raise ModelReplyError("the model's vote is none")
        return replace(found, vote=int(vote))
    if kind is FeedbackKind.REPLACEMENT and not (old and new):
        raise ModelReplyError("the model's replacement lacks a side")
    if kind is not FeedbackKind.REPLACEMENT and not (statement or (old and new)):
        raise ModelReplyError("the model's answer says nothing")
    if kind in _TARGETED:
        targets = _targets(answer.get("numbers"), memories)
        return replace(found, targets=targets, wrong=kind is FeedbackKind.CORRECTION)
    return found


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name) or ""
    if not isinstance(value, str):
        raise ModelReplyError("a field of the model's answer is not text")
    return value.strip()


def _targets(numbers: object, memories: Sequence[MemoryItem]) -> tuple[str, ...]:
    if not isinstance(numbers, list):
        return ()
    chosen = [n for n in numbers if isinstance(n, int) and 1 <= n <= len(memories)]
    return tuple(dict.fromkeys(memories[n - 1].id for n in chosen))
