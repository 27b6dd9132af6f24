"""Prompts of the evaluation: instructions from files, everything else as quoted data."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import cache
from importlib import resources

from memos.errors import ModelReplyError
from memos.evaluation.corpus import Question
from memos.evaluation.subject import Found
from memos.llms.base import Turn

STRICT = "judge_strict"
LENIENT = "judge_lenient"
NOT_KNOWN = "not known"
_VERDICT = re.compile(r"\b(correct|incorrect|wrong)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\(([a-z])\)", re.IGNORECASE)


@cache
def instructions(name: str) -> str:
    """Text of `prompts/NAME.md`."""
    return resources.files(__package__).joinpath("prompts", f"{name}.md").read_text("utf-8")


def answer_prompt(question: Question, memories: Sequence[Found]) -> list[Turn]:
    """The prompt of the answering model; memories as JSON lines, oldest first."""
    dated = sorted(memories, key=lambda found: found.event_ms or 0)
    lines = [json.dumps(_note(found), ensure_ascii=False) for found in dated]
    parts = ["Notes:", *(lines or ["(none)"])]
    if question.as_of:
        parts.append(f"Day of the question: {_day(question.as_of)}")
    parts.append(f"Question: {json.dumps(question.text, ensure_ascii=False)}")
    if question.options:
        parts += ["Choices:", *question.options]
    return [Turn("system", instructions("answer")), Turn("user", "\n".join(parts))]


def judge_prompt(manner: str, question: Question, answer: str) -> list[Turn]:
    """The prompt of a judge: `STRICT` or `LENIENT`."""
    data = {"question": question.text, "expected": expected(question), "answer": answer}
    lines = [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in data.items()]
    return [Turn("system", instructions(manner)), Turn("user", "\n".join(lines))]


def expected(question: Question) -> str:
    """What a right answer says."""
    return "; ".join(question.answers) if question.answerable else NOT_KNOWN


def verdict(text: str) -> bool:
    """What a judge said: the last of the words it was asked to choose from.

    Raises:
        ModelReplyError: it said neither.
    """
    said = _VERDICT.findall(text)
    if not said:
        raise ModelReplyError("the judge said neither CORRECT nor WRONG")
    return str(said[-1]).lower() == "correct"


def chosen(text: str) -> str | None:
    """Letter of the choice an answer names, lower case; None when it names none or several."""
    letters = {letter.lower() for letter in _CHOICE.findall(text)}
    return letters.pop() if len(letters) == 1 else None


def _note(found: Found) -> dict[str, str]:
    note = {"memory": found.text}
    return {"day": _day(found.event_ms), **note} if found.event_ms else note


def _day(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, timezone.utc).date().isoformat()
