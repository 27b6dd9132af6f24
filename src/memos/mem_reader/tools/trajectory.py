"""Following what was done with tools: who asked, what was called with what, and what came back."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from memos.mem_reader.rules.question import is_question, is_request
from memos.mem_reader.rules.sentence import sentences
from memos.mem_reader.speaker import spoken_text
from memos.mem_reader.tools.blob import without_blobs
from memos.mem_reader.tools.distil import distil, shortened
from memos.mem_reader.tools.outcome import outcome_of
from memos.types.clock import derived_id
from memos.types.language import is_chinese
from memos.types.memory import Source
from memos.types.message import Message
from memos.types.tool import ToolStep, ToolUse

_LONGEST_ASKED = 240
_LONGEST_ARGUMENT = 120
_MOST_ARGUMENTS = 12
_MOST_STEPS = 20
_LONGEST_SEARCHED = 4000


def uses_of(messages: Sequence[Message], fresh: Collection[str]) -> list[ToolUse]:
    """Uses of tools in a run of messages.

    Args:
        messages: of one conversation, in order; the earlier ones tell who asked.
        fresh: ids of the messages to read; a use none of them belongs to is left out.

    Returns:
        One use for each request that led to calls, in order.
    """
    turns: list[_Turn] = []
    for message in messages:
        if _asks(message) or not turns:
            turns.append(_Turn(message if _asks(message) else None))
        turns[-1].follow(message)
    return [turn.use() for turn in turns if turn.calls and turn.touched(fresh)]


def _asks(message: Message) -> bool:
    return message.role == "user" and bool(message.text.strip())


@dataclass(slots=True)
class _Call:
    """A call, and what came of it."""

    tool: str
    arguments: str
    call_id: str
    result: str | None = None
    flagged: bool = False


@dataclass(slots=True)
class _Turn:
    """A request and everything up to the next one."""

    ask: Message | None
    calls: list[_Call] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def follow(self, message: Message) -> None:
        """Take in the next message."""
        called = self._called(message)
        answered = self._answered(message)
        if called or answered:
            self.messages.append(message)

    def touched(self, fresh: Collection[str]) -> bool:
        """Whether one of these messages called a tool or brought a result."""
        return any(message.id in fresh for message in self.messages)

    def use(self) -> ToolUse:
        """The use as it is known so far."""
        asked = (
            "" if self.ask is None else " ".join(without_blobs(spoken_text(self.ask)[0]).split())
        )
        heard = asked or " ".join(call.result or call.arguments for call in self.calls)
        chinese = is_chinese(heard[:2000])
        first = self.ask or self.messages[0]
        cited = [*([self.ask] if self.ask else []), *self.messages]
        return ToolUse(
            id=derived_id("tool use", first.id),
            asked=shortened(asked, _LONGEST_ASKED, chinese=chinese),
            request=shortened(_request(asked), _LONGEST_ASKED, chinese=chinese),
            steps=tuple(_step(call, chinese=chinese) for call in self.calls[:_MOST_STEPS]),
            sources=tuple(Source(m.id, m.role, chat_time=m.chat_time) for m in cited),
            at=first.chat_time,
            chinese=chinese,
        )

    def _called(self, message: Message) -> bool:
        found = [_from_tool_call(call) for call in message.tool_calls]
        found += [_from_part(part) for part in message.parts if part.get("type") == "tool_use"]
        calls = [call for call in found if call is not None]
        self.calls.extend(calls)
        return bool(calls)

    def _answered(self, message: Message) -> bool:
        if message.role == "tool":
            text = message.text or _text_of([*message.parts])
            return self._answer(message.tool_call_id, text, flagged=False)
        results = [part for part in message.parts if part.get("type") == "tool_result"]
        for part in results:
            text, flagged = _text_of(part.get("content")), part.get("is_error") is True
            self._answer(part.get("tool_use_id"), text, flagged=flagged)
        return bool(results)

    def _answer(self, call_id: object, text: str, *, flagged: bool) -> bool:
        """Give a result to the call it names, else to the first that has none."""
        open_calls = [call for call in self.calls if call.result is None]
        named = [call for call in self.calls if call_id and call.call_id == call_id]
        for call in named or (open_calls[:1] if not call_id else []):
            call.result, call.flagged = text, flagged
            return True
        return False


def _request(asked: str) -> str:
    """The last sentence that asks for something; all of it when none does."""
    if len(asked) > _LONGEST_SEARCHED:
        asked = asked[-_LONGEST_SEARCHED:]
    asking = [s.text for s in sentences(asked) if is_question(s.text) or is_request(s.text)]
    return asking[-1] if asking else asked


def _from_tool_call(call: Mapping[str, Any]) -> _Call | None:
    function = call.get("function")
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        return None
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return _Call(function["name"], text, str(call.get("id") or ""))


def _from_part(part: Mapping[str, Any]) -> _Call | None:
    if not isinstance(part.get("name"), str):
        return None
    text = json.dumps(part.get("input") or {}, ensure_ascii=False)
    return _Call(part["name"], text, str(part.get("id") or ""))


def _text_of(content: object) -> str:
    """The text of a result, whose content is a text or a list of parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return "" if content is None else json.dumps(content, ensure_ascii=False)
    texts = []
    for part in content:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict) and isinstance(part.get("type"), str):
            texts.append(f"[{part['type']}]")
        elif isinstance(part, str):
            texts.append(part)
    return "\n".join(texts)


def _step(call: _Call, *, chinese: bool) -> ToolStep:
    arguments = _arguments(call.arguments, chinese=chinese)
    tool = shortened(call.tool, _LONGEST_ARGUMENT)
    if call.result is None:
        return ToolStep(tool, arguments)
    outcome = outcome_of(call.result, flagged=call.flagged)
    result = distil(call.result, chinese=chinese)
    return ToolStep(tool, arguments, result, outcome.failed, outcome.error_type)


def _arguments(text: str, *, chinese: bool) -> tuple[tuple[str, str], ...]:
    try:
        value = json.loads(without_blobs(text))
    except (ValueError, RecursionError):
        value = text
    if not isinstance(value, dict):
        return () if value in (None, "", []) else (("", _argument(value, chinese=chinese)),)
    return tuple(
        (shortened(name, _LONGEST_ARGUMENT), _argument(entry, chinese=chinese))
        for name, entry in list(value.items())[:_MOST_ARGUMENTS]
    )


def _argument(value: object, *, chinese: bool) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict | list) and len(text) <= _LONGEST_ARGUMENT:
        return without_blobs(text)
    return distil(text, chinese=chinese, longest=_LONGEST_ARGUMENT)
