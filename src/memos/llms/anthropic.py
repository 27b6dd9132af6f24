"""Claude through Anthropic's own library, or any endpoint of its Messages protocol.

Needs the extra `anthropic`, imported at the first call. Must not: log prompts or answers, or pass
on the library's error texts.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memos.endpoints.bounded import bounded_client
from memos.endpoints.refusal import caught, translated
from memos.endpoints.usage import count
from memos.errors import ConfigError, ModelReplyError, ModelUnavailableError
from memos.llms.base import Piece, Reply, Turn
from memos.llms.prompt import Manner, base64_of, log_answer, sendable, with_form
from memos.llms.reasoning import ReasoningFilter
from memos.types.clock import Clock

if TYPE_CHECKING:
    from anthropic import Anthropic, APIStatusError

_MAX_TOKENS = 4096
"""The protocol wants a limit; this one holds where nobody names one."""
_TOOL = "reply"
_OPENER = "Please begin."
_FORMS = ("output_config", "tool_choice")
"""Ways to ask for structured output, the better first; without them the schema is in the prompt."""
_DROPPABLE = ("temperature", "top_p", *_FORMS)


@dataclass(frozen=True, slots=True)
class AnthropicEndpoint:
    """Where Claude answers.

    Args:
        model: model name.
        api_key: key.
        api_base: base URL; None for Anthropic's.
        timeout_s: longest wait for an answer, and for it to come whole; of a stream, for the next
            piece (it may take ten times that).
        max_retries: further tries after a passing failure.
    """

    model: str
    api_key: str | None = None
    api_base: str | None = None
    timeout_s: float = 60.0
    max_retries: int = 2

    def __repr__(self) -> str:
        """Text without the key."""
        return f"AnthropicEndpoint(model={self.model!r}, api_base={self.api_base!r})"


class AnthropicChat:
    """A chat model of the Messages protocol. Safe to call from several threads.

    With a schema its output is constrained; a model that refuses that is made to call a tool whose
    input has that form, then asked in plain words. Parameters that a model refuses (newer ones take
    no temperature) are left out from then on.

    Args:
        endpoint: where it answers.
        clock: for durations.
        manner: how it answers unless a call says otherwise.
    """

    def __init__(
        self, endpoint: AnthropicEndpoint, clock: Clock, manner: Manner | None = None
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._manner = manner or Manner()
        self._lock = threading.Lock()
        self._client: Anthropic | None = None
        self._left_out: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Model name, for logs and records."""
        return self._endpoint.model

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Reply:
        """As the port. Raises ConfigError when the extra is missing."""
        library = _library()
        manner = self._manner.over(max_tokens, temperature, top_p)
        started = self._clock.monotonic()
        try:
            answer = self._negotiated(turns, manner, schema, stream=False)
        except caught(library) as error:
            raise translated("the model", error, library) from error
        reply = _read(answer, manner)
        log_answer(self.name, turns, reply, self._clock.monotonic() - started)
        return reply

    def stream(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
    ) -> Iterator[Piece]:
        """As the port. An answer that ends without its end mark raises after the pieces that came."""
        library = _library()
        manner = self._manner.over(max_tokens, temperature, top_p)
        filtered = ReasoningFilter()
        said = ended = False
        asked = answered = 0
        try:
            with self._negotiated(turns, manner, None, stream=True) as events:
                for event in events:
                    ended = ended or event.type == "message_stop"
                    usage = getattr(event, "usage", None) or getattr(
                        getattr(event, "message", None), "usage", None
                    )
                    asked = count(getattr(usage, "input_tokens", None)) or asked
                    answered = count(getattr(usage, "output_tokens", None)) or answered
                    for piece in _pieces(event, filtered):
                        said = said or not piece.reasoning
                        yield piece
        except caught(library) as error:
            raise translated("the model", error, library) from error
        _check_end(ended=ended, said=said)
        yield Piece("", prompt_tokens=asked, completion_tokens=answered)

    def close(self) -> None:
        """Release connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _negotiated(
        self,
        turns: Sequence[Turn],
        manner: Manner,
        schema: Mapping[str, Any] | None,
        *,
        stream: bool,
    ) -> Any:  # noqa: ANN401 - the library's message, or its stream of events
        """Ask, leaving out parameters the model refuses, until it takes the request."""
        library = _library()
        left_out = self._left_out
        while True:
            body = _body(turns, manner, schema, left_out)
            try:
                answer = self._connected().messages.create(
                    model=self._endpoint.model,
                    max_tokens=manner.max_tokens or _MAX_TOKENS,
                    messages=body.pop("messages"),
                    stream=stream,
                    extra_body=body,  # the library's own parameters come and go with its versions
                )
            except library.APIStatusError as error:
                refused = _refused(error, body)
                if refused is None:
                    raise
                left_out |= {refused}
                continue
            self._left_out = left_out
            return answer

    def _connected(self) -> "Anthropic":
        with self._lock:
            if self._client is None:
                library = _library()
                self._client = library.Anthropic(
                    api_key=self._endpoint.api_key or "none",
                    base_url=self._endpoint.api_base,
                    timeout=self._endpoint.timeout_s,
                    max_retries=self._endpoint.max_retries,
                    http_client=bounded_client(library, self._clock, self._endpoint.timeout_s),
                )
            return self._client


def _library() -> Any:  # noqa: ANN401 - the module, which may be missing
    try:
        import anthropic
    except ImportError as error:
        raise ConfigError(
            "the anthropic backend needs one more package; pip install 'MemoryOS[anthropic]'"
        ) from error
    return anthropic


def _body(
    turns: Sequence[Turn],
    manner: Manner,
    schema: Mapping[str, Any] | None,
    left_out: frozenset[str],
) -> dict[str, Any]:
    form = next((f for f in _FORMS if f not in left_out), None) if schema is not None else None
    if schema is not None and form is None:
        turns = with_form(turns, schema)
    system = "\n\n".join(sendable(t.content) for t in turns if t.role == "system")
    messages = [_message(turn) for turn in turns if turn.role != "system"]
    if not messages or messages[0]["role"] != "user":
        # The protocol begins with the user.
        messages.insert(0, {"role": "user", "content": _OPENER})
    body: dict[str, Any] = {"messages": messages} | _structured(form, schema or {})
    body |= {"system": system} if system else {}
    said = {"temperature": manner.temperature, "top_p": manner.top_p}
    if manner.temperature is not None:
        del said["top_p"]  # newer models take one of the two
    body |= {name: value for name, value in said.items() if value is not None}
    return {name: value for name, value in body.items() if name not in left_out}


def _structured(form: str | None, schema: Mapping[str, Any]) -> dict[str, Any]:
    if form == "output_config":
        return {form: {"format": {"type": "json_schema", "schema": dict(schema)}}}
    if form == "tool_choice":
        tool = {"name": _TOOL, "description": "Give the answer.", "input_schema": dict(schema)}
        return {"tools": [tool], form: {"type": "tool", "name": _TOOL}}
    return {}


def _message(turn: Turn) -> dict[str, Any]:
    role = "assistant" if turn.role == "assistant" else "user"
    text = sendable(turn.content)
    if not turn.pictures:
        return {"role": role, "content": text}
    parts: list[dict[str, Any]] = [
        {
            "type": "image",
            "source": {
                "type": "base64",
                "media_type": picture.media_type,
                "data": base64_of(picture),
            },
        }
        for picture in turn.pictures
    ]
    return {"role": role, "content": [*parts, {"type": "text", "text": text}] if text else parts}


def _refused(error: "APIStatusError", body: Mapping[str, Any]) -> str | None:
    """The parameter a refusal names, if the request can be made without it."""
    if error.status_code != 400:
        return None
    named = [name for name in _DROPPABLE if name in body and name in str(error.message)]
    return next(iter([*named, *(form for form in _FORMS if form in body)]), None)


def _read(answer: Any, manner: Manner) -> Reply:  # noqa: ANN401 - built from what the server sent
    blocks = getattr(answer, "content", None)
    if not isinstance(blocks, list):
        raise ModelReplyError("the model answered something that is not of the protocol")
    tools = [b for b in blocks if getattr(b, "type", None) == "tool_use"]
    if tools:
        text, thought = json.dumps(getattr(tools[0], "input", None), ensure_ascii=False), ""
    else:
        text, thought = manner.parted(_joined(blocks, "text"))
    if not text:
        raise ModelReplyError("the model answered nothing")
    usage = getattr(answer, "usage", None)
    return Reply(
        text,
        thought or _joined(blocks, "thinking"),
        count(getattr(usage, "input_tokens", None)),
        count(getattr(usage, "output_tokens", None)),
    )


def _joined(blocks: Sequence[Any], kind: str) -> str:
    found = [getattr(b, kind, None) for b in blocks if getattr(b, "type", None) == kind]
    return "".join(text for text in found if isinstance(text, str))


def _pieces(event: Any, filtered: ReasoningFilter) -> Iterator[Piece]:  # noqa: ANN401 - the library's
    """Thinking and text that an event adds."""
    delta = getattr(event, "delta", None)
    found = (getattr(delta, "thinking", None), getattr(delta, "text", None))
    apart, text = (value if isinstance(value, str) else "" for value in found)
    thought, answer = filtered.end() if event.type == "message_stop" else filtered.feed(text)
    if apart or thought:
        yield Piece(apart + thought, reasoning=True)
    if answer:
        yield Piece(answer)


def _check_end(*, ended: bool, said: bool) -> None:
    if not ended:
        raise ModelUnavailableError("the model broke off its answer")
    if not said:
        raise ModelReplyError("the model answered nothing")
