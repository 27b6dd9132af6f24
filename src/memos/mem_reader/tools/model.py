"""Putting uses of tools into words with a language model; what it writes is checked."""

import json
import logging
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_reader.repair import parse_reply
from memos.mem_reader.tools.blob import without_blobs
from memos.templates import load
from memos.types.language import is_chinese
from memos.types.tool import Telling, ToolUse

logger = logging.getLogger(__name__)

_TEXT = {"type": "string"}
TELLING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value", "experience", "tools"],
    "properties": {
        "value": _TEXT,
        "experience": _TEXT,
        "tools": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["used_tool", "tool_experience"],
                "properties": {"used_tool": _TEXT, "tool_experience": _TEXT},
            },
        },
    },
}
"""Form of the answer."""
_ATTEMPTS = 2


class _ToolLine(BaseModel):
    used_tool: str
    tool_experience: str = Field(min_length=1, max_length=600)


class _Told(BaseModel):
    value: str = Field(min_length=1, max_length=1500)
    experience: str = Field(min_length=1, max_length=800)
    tools: list[_ToolLine] = []


class ModelTeller:
    """Tells of uses with a model.

    Args:
        llm: the model.
    """

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def tell(self, use: ToolUse) -> Telling | None:
        """The use in words; None when the model is away or wrote nothing that can be used."""
        for attempt in range(_ATTEMPTS):
            told, again = self._attempt(use, attempt)
            if told is not None or not again:
                return told
        return None

    def _attempt(self, use: ToolUse, attempt: int) -> tuple[Telling | None, bool]:
        """What the model wrote, or None and whether asking again may help."""
        try:
            return _checked(parse_reply(self._ask(use)), use), False
        except (ModelReplyError, ModelUnavailableError) as error:
            logger.warning(
                "use of tools not told by the model",
                extra={
                    "model": self._llm.name,
                    "error": type(error).__name__,
                    "attempt": attempt + 1,
                },
            )
            return None, isinstance(error, ModelReplyError)

    def _ask(self, use: ToolUse) -> str:
        data = {
            "language": "zh" if use.chinese else "en",
            "asked": use.asked,
            "steps": [
                {
                    "tool": step.tool,
                    "arguments": dict(step.arguments),
                    "result": step.result,
                    "failed": step.failed,
                    "error_type": step.error_type,
                }
                for step in use.steps
            ],
        }
        turns = (
            Turn("system", load("tool_experience")),
            Turn("user", json.dumps(data, ensure_ascii=False)),
        )
        return self._llm.complete(turns, schema=TELLING_SCHEMA, temperature=0.0).text


def _checked(found: object, use: ToolUse) -> Telling:
    """What the model wrote, when it is about this use.

    Raises:
        ModelReplyError: it is of another form, names none of the tools, is in the other language,
            or gives an encoded file back.
    """
    try:
        told = _Told.model_validate(found)
    except ValidationError as error:
        raise ModelReplyError("the model's telling is not of the agreed form") from error
    names = {step.tool for step in use.steps}
    if not any(name in told.value or name in told.experience for name in names):
        raise ModelReplyError("the model's telling names no tool that was used")
    if is_chinese(told.value) != use.chinese or is_chinese(told.experience) != use.chinese:
        raise ModelReplyError("the model's telling is in another language")
    whole = told.value + told.experience
    if without_blobs(whole) != whole:
        raise ModelReplyError("the model's telling holds an encoded file")
    lines = {t.used_tool: " ".join(t.tool_experience.split()) for t in told.tools}
    return Telling(
        " ".join(told.value.split()),
        " ".join(told.experience.split()),
        {name: line for name, line in lines.items() if name in names},
    )
