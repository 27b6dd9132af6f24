"""Writing skills with a language model; what it writes is checked."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_reader.repair import parse_reply
from memos.mem_reader.speaker import speaker_of
from memos.mem_reader.tools.blob import without_blobs
from memos.mem_reader.tools.distil import distil
from memos.memories.textual.skill_compose import MODEL, Written
from memos.memories.textual.skill_evidence import Evidence
from memos.templates import load
from memos.types.language import count_tokens, is_chinese
from memos.types.message import Message
from memos.types.skill import Clue, Skill

logger = logging.getLogger(__name__)

_ATTEMPTS = 2
_MOST_TOKENS = 6000
_LONGEST_TEXT = 1500
_LINES = {"type": "array", "items": {"type": "string"}}
_TEXT = {"type": "string"}
SKILL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["skill", "retired"],
    "properties": {
        "skill": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "required": [
                "name", "description", "procedure", "experience", "preferences", "examples",
            ],
            "properties": {
                "name": _TEXT,
                "description": _TEXT,
                "procedure": _LINES,
                "experience": _LINES,
                "preferences": _LINES,
                "examples": _LINES,
            },
        },
        "retired": {"type": "boolean"},
    },
}  # fmt: skip
"""Form of the answer."""

_Line = Annotated[str, Field(min_length=1, max_length=400)]


class _Skill(BaseModel):
    name: str = Field(min_length=2, max_length=80)
    description: str = Field(min_length=5, max_length=600)
    procedure: list[_Line] = Field(min_length=1, max_length=12)
    experience: list[_Line] = Field(default=[], max_length=10)
    preferences: list[_Line] = Field(default=[], max_length=12)
    examples: list[Annotated[str, Field(min_length=1, max_length=1200)]] = Field(
        default=[], max_length=3
    )


class _Reply(BaseModel):
    skill: _Skill | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """What a skill is written from.

    Args:
        messages: the task's messages.
        evidence: all tasks of the kind, this one included.
        known: the skill as it is so far.
        related: preferences of the user told elsewhere.
    """

    messages: Sequence[Message]
    evidence: Evidence
    known: Skill | None = None
    related: Sequence[Clue] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the model decided: a skill, none, or that the known one has ended."""

    written: Written | None
    retired: bool = False


class ModelWriter:
    """Writes skills with a model.

    Args:
        llm: the model.
    """

    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    def write(self, material: Material) -> Verdict | None:
        """What the model makes of it; None when it is away or wrote nothing that can be used."""
        for attempt in range(_ATTEMPTS):
            verdict, again = self._attempt(material, attempt)
            if verdict is not None or not again:
                return verdict
        return None

    def _attempt(self, material: Material, attempt: int) -> tuple[Verdict | None, bool]:
        try:
            reply = parse_reply(self._ask(material))
            return _checked(reply, material.evidence), False
        except (ModelReplyError, ModelUnavailableError) as error:
            logger.warning(
                "skill not written by the model",
                extra={
                    "model": self._llm.name,
                    "error": type(error).__name__,
                    "attempt": attempt + 1,
                },
            )
            return None, isinstance(error, ModelReplyError)

    def _ask(self, material: Material) -> str:
        evidence = material.evidence
        data = {
            "language": "zh" if evidence.chinese else "en",
            "conversation": _conversation(material.messages, chinese=evidence.chinese),
            "known_skill": material.known.to_json() if material.known else None,
            "wishes": [{"kind": c.kind.value, "text": c.text} for c in evidence.standing()],
            "preferences": [clue.text for clue in material.related],
            "requests": [run.goal for run in evidence.runs],
        }
        turns = (
            Turn("system", load("skill")),
            Turn("user", json.dumps(data, ensure_ascii=False)),
        )
        return self._llm.complete(turns, schema=SKILL_SCHEMA, temperature=0.0).text


def _conversation(messages: Sequence[Message], *, chinese: bool) -> list[dict[str, str]]:
    """The last messages of the task, as far as the model's window is worth it."""
    shown: list[dict[str, str]] = []
    tokens = 0
    for message in reversed(messages):
        text = distil(message.text, chinese=chinese) if message.role == "tool" else message.text
        text = text[:_LONGEST_TEXT]
        tokens += count_tokens(text)
        if tokens > _MOST_TOKENS:
            break
        if text.strip():
            shown.append({"speaker": speaker_of(message), "text": text})
    return shown[::-1]


def _checked(found: object, evidence: Evidence) -> Verdict:
    """The model's answer.

    Raises:
        ModelReplyError: it is of another form, in the other language, or holds an encoded file.
    """
    try:
        reply = _Reply.model_validate(found)
    except ValidationError as error:
        raise ModelReplyError("the model's skill is not of the agreed form") from error
    if reply.skill is None:
        return Verdict(None, reply.retired)
    written = reply.skill
    lines = [*written.procedure, *written.experience, *written.preferences]
    whole = "\n".join([written.name, written.description, *lines])
    if is_chinese(whole) != evidence.chinese:
        raise ModelReplyError("the model's skill is in another language")
    if without_blobs(whole) != whole:
        raise ModelReplyError("the model's skill holds an encoded file")
    skill = Skill(
        name=" ".join(written.name.split()),
        description=" ".join(written.description.split()),
        procedure=_lines(written.procedure),
        experience=_lines(written.experience),
        preference=_lines(written.preferences),
        examples=tuple(dict.fromkeys(example.strip() for example in written.examples)),
    )
    confidence = min(0.97, 0.8 + 0.03 * evidence.support)
    return Verdict(Written(skill, round(confidence, 4), MODEL))


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))
