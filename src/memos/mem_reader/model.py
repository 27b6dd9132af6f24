"""Reading with a language model: one call a window, repaired, and never worse than the rules."""

import json
import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import LLM, Turn
from memos.mem_reader.base import Reader, Window
from memos.mem_reader.fast import is_named, speaker_of, split_windows
from memos.mem_reader.injection import as_quotation
from memos.mem_reader.locate import locate
from memos.mem_reader.provenance import vouched
from memos.mem_reader.repair import is_cut_off, parse_reply
from memos.mem_reader.rules.topic import entities_of
from memos.templates import load
from memos.types.chat_time import BEIJING
from memos.types.language import is_chinese
from memos.types.memory import PREFERENCE_KINDS, Draft, MemoryKind, Source
from memos.types.message import Message
from memos.types.time_expression import find_times

logger = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_KINDS = {
    "fact": MemoryKind.LONG_TERM,
    "profile": MemoryKind.USER,
    "explicit_preference": MemoryKind.EXPLICIT_PREFERENCE,
    "implicit_preference": MemoryKind.IMPLICIT_PREFERENCE,
}
_VIEW = re.compile(r"\[assistant(?: view|观点)\]")
_ATTEMPTS = 2
_TALKERS = ("user", "assistant")

EXTRACTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["memories"],
    "properties": {
        "memories": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": [
                    "kind", "value", "key", "tags", "messages", "quote", "reasoning",
                    "event_start", "event_end", "confidence",
                ],
                "properties": {
                    "kind": {"type": "string", "enum": list(_KINDS)},
                    "value": {"type": "string"},
                    "key": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "messages": {"type": "array", "items": {"type": "integer"}},
                    "quote": {"type": "string"},
                    "reasoning": {"type": "string"},
                    "event_start": {"type": ["string", "null"]},
                    "event_end": {"type": ["string", "null"]},
                    "confidence": {"type": "number"},
                },
            },
        }
    },
}  # fmt: skip
"""Form of the answer, strict enough for servers that constrain decoding."""


class _Extracted(BaseModel):
    """One memory as the model wrote it; fields it may forget have defaults."""

    kind: Literal["fact", "profile", "explicit_preference", "implicit_preference"] = "fact"
    value: str = Field(min_length=1, max_length=4000)
    key: str = ""
    tags: list[str] = []
    messages: list[int] = Field(min_length=1)
    quote: str = ""
    reasoning: str = ""
    event_start: str | None = None
    event_end: str | None = None
    confidence: float = Field(default=0.99, ge=0, le=1)

    @field_validator("value", "key", "quote", "reasoning", mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return "" if value is None else value

    @field_validator("value", "key", mode="after")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip()


class ModelReader:
    """Draws drafts with a language model; the rules read whatever the model does not.

    Args:
        llm: the model.
        rules: reads a window when the model is away or its answers cannot be used.
        zone: zone of dates in prompts and answers.
        max_tokens: windows longer than this are read in several calls.
        overlap: how many messages before a later part are shown with it as context.
    """

    def __init__(
        self,
        llm: LLM,
        rules: Reader,
        *,
        zone: tzinfo = BEIJING,
        max_tokens: int = 4000,
        overlap: int = 2,
    ) -> None:
        self._llm = llm
        self._rules = rules
        self._zone = zone
        self._max_tokens = max_tokens
        self._overlap = overlap

    def read(self, window: Window) -> Sequence[Draft]:
        """Self-contained, dated, attributed statements in the language of their source.

        Never raises for what a model does: an unreachable model or two unusable answers in a row
        are logged, and that part of the window is read by the rules.
        """
        drafts: dict[str, Draft] = {}
        for context, messages in split_windows(window.messages, self._max_tokens, self._overlap):
            part = Window(messages, context or window.context, window.tags)
            for draft in self._read_part(part):
                drafts.setdefault(draft.value, draft)
        return list(drafts.values())

    def _read_part(self, window: Window) -> Sequence[Draft]:
        numbered = [m for m in window.messages if m.role in _TALKERS and m.text.strip()]
        if not numbered:
            return ()
        saved: list[_Extracted] = []
        for attempt in range(_ATTEMPTS):
            extracted, again = self._attempt(window, numbered, attempt)
            if not again:
                break
            saved = extracted or saved
        if extracted is None or again:
            return self._with_rules(saved, window, numbered)
        return self._vouched(extracted, window, numbered)

    def _with_rules(
        self, saved: Sequence[_Extracted], window: Window, numbered: list[Message]
    ) -> Sequence[Draft]:
        """What was saved of replies that were cut off, and what the rules read in the other messages."""
        drafts = self._vouched(saved, window, numbered)
        read = {source.message_id for draft in drafts for source in draft.sources}
        others = [
            draft
            for draft in self._rules.read(window)
            if read.isdisjoint(source.message_id for source in draft.sources)
        ]
        return [*drafts, *others]

    def _vouched(
        self, extracted: Sequence[_Extracted], window: Window, numbered: list[Message]
    ) -> list[Draft]:
        drafts = [as_quotation(self._draft(e, numbered)) for e in extracted]
        return vouched(drafts, window, self._zone)

    def _attempt(
        self, window: Window, numbered: list[Message], attempt: int
    ) -> tuple[list[_Extracted] | None, bool]:
        """What the model extracted, or None, and whether asking again may help."""
        try:
            reply = self._ask(window, numbered)
            return _extracted(reply, len(numbered)), is_cut_off(reply)
        except ModelReplyError as error:
            self._log("model reply unusable", error, len(numbered), attempt)
            return None, True
        except ModelUnavailableError as error:
            self._log("model unavailable", error, len(numbered), attempt)
            return None, False

    def _log(self, event: str, error: Exception, messages: int, attempt: int) -> None:
        logger.warning(
            "model reading failed",
            extra={
                "event": event,
                "model": self._llm.name,
                "error": type(error).__name__,
                "messages": messages,
                "attempt": attempt + 1,
            },
        )

    def _ask(self, window: Window, numbered: list[Message]) -> str:
        chinese = is_chinese(" ".join(m.text for m in numbered))
        data = {
            "context": [self._shown(m) for m in window.context if m.role in _TALKERS],
            "messages": [{"n": n, **self._shown(m)} for n, m in enumerate(numbered, start=1)],
            "candidate_tags": list(window.tags),
        }
        turns = (
            Turn("system", load("extract_zh" if chinese else "extract_en")),
            Turn("user", json.dumps(data, ensure_ascii=False)),
        )
        return self._llm.complete(turns, schema=EXTRACTION_SCHEMA, temperature=0.0).text

    def _shown(self, message: Message) -> dict[str, str]:
        said = (_EPOCH + timedelta(milliseconds=message.chat_time)).astimezone(self._zone)
        return {
            "speaker": speaker_of(message),
            "said_at": f"{said:%Y-%m-%d %H:%M, %A}",
            "text": message.text,
        }

    def _draft(self, extracted: _Extracted, numbered: list[Message]) -> Draft:
        cited = [numbered[n - 1] for n in dict.fromkeys(extracted.messages)]
        start, end = locate(extracted.quote or extracted.value, cited[0].text)
        sources = (
            Source(cited[0].id, cited[0].role, start, end, cited[0].chat_time),
            *(Source(m.id, m.role, *locate("", m.text), m.chat_time) for m in cited[1:]),
        )
        kind = _KINDS[extracted.kind]
        begin = _days(extracted.event_start, cited[0].chat_time, self._zone)
        until = _days(extracted.event_end, cited[0].chat_time, self._zone)
        if begin and until and until[1] <= begin[0]:
            until = None
        return Draft(
            kind=kind,
            value=_marked(extracted.value, cited),
            statement=cited[0].text[start:end],
            sources=sources,
            key=extracted.key[:120] or extracted.value[:60],
            reasoning=extracted.reasoning if kind in PREFERENCE_KINDS else "",
            speaker=speaker_of(cited[0]),
            tags=tuple(dict.fromkeys(t.strip()[:60] for t in extracted.tags if t.strip()))[:8],
            entities=entities_of(extracted.value),
            confidence=extracted.confidence,
            event_from=begin[0] if begin else cited[0].chat_time,
            event_until=until[1] if until else None,
        )


def _extracted(reply: str, messages: int) -> list[_Extracted]:
    """The memories of a reply; single wrong ones, which cite what was not there, are dropped.

    Args:
        reply: what the model wrote.
        messages: how many messages it was shown, numbered from 1.

    Raises:
        ModelReplyError: it is not of the agreed form, or every memory in it is wrong.
    """
    found = parse_reply(reply)
    items = found.get("memories") if isinstance(found, dict) else found
    if not isinstance(items, list):
        raise ModelReplyError("the model's reply has no list of memories")
    checked = [_checked(item) for item in items]
    kept = [item for item in checked if item and all(1 <= n <= messages for n in item.messages)]
    if items and not kept:
        raise ModelReplyError("no memory in the model's reply is of the agreed form")
    return kept


def _checked(item: object) -> _Extracted | None:
    try:
        return _Extracted.model_validate(item)
    except ValidationError:
        logger.debug("reading: one extracted memory is malformed")
        return None


def _marked(value: str, cited: list[Message]) -> str:
    """Mark what rests on an assistant's words alone as its view."""
    views = all(m.role == "assistant" and not is_named(m) for m in cited)
    if views == bool(_VIEW.match(value)):
        return value
    if not views:
        return _VIEW.sub("", value, count=1).strip()
    return ("[assistant观点] " if is_chinese(value) else "[assistant view] ") + value


def _days(text: str | None, reference_ms: int, zone: tzinfo) -> tuple[int, int] | None:
    """First moment and end of a date the model wrote; None when it is none."""
    match = re.fullmatch(r"\s*(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:[T ].*)?", text or "")
    if match is None:
        return None
    year, month, day = match.groups()
    plain = f"{year}年" + (f"{month}月" if month else "") + (f"{day}日" if day else "")
    found = find_times(plain, reference_ms, zone)
    return (found[0].start_ms, found[0].end_ms) if found else None
