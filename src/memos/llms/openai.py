"""Any OpenAI-compatible `/chat/completions` endpoint, through the `openai` library (imported late).

Must not: log prompts or answers, or pass on the library's error texts, which may repeat the key.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from memos.endpoints.bounded import bounded_client
from memos.endpoints.refusal import caught, translated
from memos.endpoints.usage import count
from memos.errors import ModelReplyError
from memos.llms.base import Piece, Reply, Turn
from memos.llms.capability import (
    ANY_SERVER,
    JSON_OBJECT,
    JSON_SCHEMA,
    MAX_COMPLETION_TOKENS,
    MAX_TOKENS,
    PLAIN,
    PRESETS,
    Capability,
)
from memos.llms.prompt import Manner, base64_of, log_answer, sendable, with_form
from memos.llms.reasoning import ReasoningFilter
from memos.types.clock import Clock

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI
    from openai.types.chat import ChatCompletion, ChatCompletionChunk

_WEAKER = {JSON_SCHEMA: JSON_OBJECT, JSON_OBJECT: PLAIN}
_REFUSED_FORM = frozenset({400, 422})
_DROPPABLE = ("temperature", "top_p", "stream_options")
_COUNTED = {"stream_options": {"include_usage": True}}
OPENAI_BASE = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where a chat model answers.

    Args:
        model: name at the endpoint.
        api_base: base URL, without `/chat/completions`.
        api_key: key; None for endpoints that ask for none.
        timeout_s: longest wait for an answer, and for it to come whole; of a stream, for the next
            piece (it may take ten times that).
        max_retries: further tries after 408, 409, 429, 5xx or a broken connection, with growing
            and jittered pauses, or those the server asks for.
        extra_body: sent along with every request.
        headers: sent along with every request; may hold a key.
        query: parameters of every address.
    """

    model: str
    api_base: str = OPENAI_BASE
    api_key: str | None = None
    timeout_s: float = 60.0
    max_retries: int = 2
    extra_body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Text without the key."""
        return f"ChatEndpoint(model={self.model!r}, api_base={self.api_base!r})"


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What the server is asked in: the form of structured output, and what is left out."""

    form: str
    token_field: str
    left_out: frozenset[str] = frozenset()


class OpenAIChat:
    """A chat model at an endpoint. Safe to call from several threads.

    It starts from what is known of the server. A server that refuses a form of structured output is
    asked in a weaker one (`json_schema`, `json_object`, then plain text with the schema in the
    prompt); one that refuses a parameter is asked without it. What it took is remembered.

    Args:
        endpoint: where the model answers.
        clock: for durations.
        capability: what the server takes; None for what is known of its address.
        manner: how it answers unless a call says otherwise.
    """

    def __init__(
        self,
        endpoint: ChatEndpoint,
        clock: Clock,
        capability: Capability | None = None,
        manner: Manner | None = None,
    ) -> None:
        known = capability or _known(endpoint.api_base)
        self._endpoint = endpoint
        self._clock = clock
        self._manner = manner or Manner()
        self._lock = threading.Lock()
        self._client: OpenAI | None = None
        left_out = frozenset() if known.counts_streams else frozenset({"stream_options"})
        self._accepted = _Accepted(known.form, known.token_field, left_out)

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
        """Answer once. With `schema` (JSON Schema) the text should be JSON of that form.

        Args:
            turns: the prompt; at least one.
            schema: JSON Schema of the answer; servers differ in how strictly they keep to it.
            max_tokens: longest answer, in the model's tokens; None for the server's own limit.
            temperature: 0..2; None for the server's own.
            top_p: 0..1; None for the server's own.

        Raises:
            ModelRefusedError: the request itself was refused: too long, or pictures to a model that
                sees none.
            ModelUnavailableError: not reachable, refused or timed out after retries.
            ModelReplyError: reachable but the answer is empty or not text.
        """
        import openai

        manner = self._manner.over(max_tokens, temperature, top_p)
        started = self._clock.monotonic()
        try:
            answer = self._negotiated(turns, manner, schema)
        except caught(openai) as error:
            raise translated("the model", error, openai) from error
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
        """Answer piece by piece, thinking first. Raises as `complete`, at the first piece.

        A connection that breaks midway raises after the pieces that came; nothing is repeated.
        """
        import openai

        manner = self._manner.over(max_tokens, temperature, top_p)
        said = False
        try:
            with self._negotiated(turns, manner, None, stream=True) as chunks:
                for piece in _parted(chunks):
                    said = said or bool(piece.text and not piece.reasoning)
                    yield piece
        except caught(openai) as error:
            raise translated("the model", error, openai) from error
        if not said:
            raise ModelReplyError("the model answered nothing")

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
        stream: bool = False,
    ) -> Any:  # noqa: ANN401 - the library's completion, or its stream of chunks
        """Ask, leaving out what the server refuses, until it takes the request; remember that."""
        from openai import APIStatusError

        accepted = self._accepted
        while True:
            body = self._body(manner, schema, accepted, stream=stream)
            written_out = schema is not None and accepted.form != JSON_SCHEMA
            asked = with_form(turns, schema or {}) if written_out else turns
            try:
                answer = self._connected().chat.completions.create(
                    model=self._endpoint.model,
                    messages=[_message(turn) for turn in asked],
                    stream=stream,
                    extra_body=body,
                )
            except APIStatusError as error:
                weaker = _weaker(accepted, error, body)
                if weaker is None:
                    raise
                accepted = weaker
                continue
            self._accepted = accepted
            return answer

    def _body(
        self,
        manner: Manner,
        schema: Mapping[str, Any] | None,
        accepted: _Accepted,
        *,
        stream: bool,
    ) -> dict[str, Any]:
        options = {
            accepted.token_field: manner.max_tokens,
            "temperature": manner.temperature,
            "top_p": manner.top_p,
        }
        body = dict(self._endpoint.extra_body or {})
        body |= {name: value for name, value in options.items() if value is not None}
        body |= _COUNTED if stream else {}
        body |= _response(accepted.form, schema) if schema is not None else {}
        return {name: value for name, value in body.items() if name not in accepted.left_out}

    def _connected(self) -> "OpenAI":
        with self._lock:
            if self._client is None:
                import openai

                self._client = openai.OpenAI(
                    api_key=self._endpoint.api_key or "none",
                    base_url=self._endpoint.api_base,
                    timeout=self._endpoint.timeout_s,
                    max_retries=self._endpoint.max_retries,
                    default_headers=dict(self._endpoint.headers),
                    default_query=dict(self._endpoint.query),
                    http_client=bounded_client(openai, self._clock, self._endpoint.timeout_s),
                )
            return self._client


def _known(api_base: str) -> Capability:
    """Capability of a server that is known by its address."""
    found = [p for p in PRESETS.values() if p.api_base and api_base.startswith(p.api_base)]
    return found[0].capability if found else ANY_SERVER


def _weaker(
    accepted: _Accepted, error: "APIStatusError", body: Mapping[str, Any]
) -> _Accepted | None:
    """What to ask in after a refusal; None when nothing is left to give up."""
    if error.status_code not in _REFUSED_FORM:
        return None
    blamed = _blamed(error)
    if blamed == MAX_TOKENS and accepted.token_field == MAX_TOKENS and MAX_TOKENS in body:
        return replace(accepted, token_field=MAX_COMPLETION_TOKENS)
    if blamed in _DROPPABLE and blamed in body:
        return replace(accepted, left_out=accepted.left_out | {blamed})
    if accepted.form in _WEAKER and ("response_format" in body):
        return replace(accepted, form=_WEAKER[accepted.form])
    return None


def _blamed(error: "APIStatusError") -> str | None:
    """The parameter a refusal names, in its field or its sentence."""
    if isinstance(error.param, str) and error.param:
        return error.param
    names = (*_DROPPABLE, MAX_TOKENS)
    return next((name for name in names if name in error.message), None)


def _message(turn: Turn) -> Any:  # noqa: ANN401 - a message of the protocol
    text = sendable(turn.content)
    if not turn.pictures:
        return {"role": turn.role, "content": text}
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    for picture in turn.pictures:
        url = f"data:{picture.media_type};base64,{base64_of(picture)}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": turn.role, "content": parts}


def _response(form: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if form == JSON_SCHEMA:
        named = {"name": "reply", "schema": dict(schema)}
        return {"response_format": {"type": form, "json_schema": named}}
    return {"response_format": {"type": form}} if form == JSON_OBJECT else {}


def _read(answer: "ChatCompletion", manner: Manner) -> Reply:
    """Our reply of the library's, whose objects are built from whatever the server sent."""
    try:
        message = answer.choices[0].message
        content, more = message.content, message.model_extra or {}
    except (AttributeError, IndexError, TypeError) as error:
        raise ModelReplyError("the model answered something that is not of the protocol") from error
    text, thought = manner.parted(content if isinstance(content, str) else "")
    if not text:
        raise ModelReplyError("the model answered nothing")
    apart = more.get("reasoning_content") or more.get("reasoning")
    return Reply(
        text=text,
        reasoning=thought or (apart if isinstance(apart, str) else ""),
        prompt_tokens=count(getattr(answer.usage, "prompt_tokens", None)),
        completion_tokens=count(getattr(answer.usage, "completion_tokens", None)),
    )


def _parted(chunks: Iterable["ChatCompletionChunk"]) -> Iterator[Piece]:
    """Thinking and text of a stream, whichever way the server tells them apart."""
    filtered = ReasoningFilter()
    counted = Piece("")
    for chunk in chunks:
        apart, text = _delta(chunk)
        thought, answer = filtered.feed(text)
        yield from _pieces(apart + thought, answer)
        counted = _counts(chunk) or counted
    yield from _pieces(*filtered.end())
    if counted.prompt_tokens or counted.completion_tokens:
        yield counted


def _counts(chunk: "ChatCompletionChunk") -> Piece | None:
    """Token counts of a chunk; most have none, some servers repeat them in each."""
    usage = getattr(chunk, "usage", None)
    asked, answered = (
        count(getattr(usage, name, None)) for name in ("prompt_tokens", "completion_tokens")
    )
    return Piece("", prompt_tokens=asked, completion_tokens=answered) if asked or answered else None


def _pieces(thought: str, answer: str) -> Iterator[Piece]:
    if thought:
        yield Piece(thought, reasoning=True)
    if answer:
        yield Piece(answer)


def _delta(chunk: "ChatCompletionChunk") -> tuple[str, str]:
    """Thinking and text a chunk adds; empty for role, usage and keep-alive chunks of any make."""
    delta = getattr(chunk.choices[0] if chunk.choices else None, "delta", None)
    more = getattr(delta, "model_extra", None) or {}
    found = (
        more.get("reasoning_content") or more.get("reasoning"),
        getattr(delta, "content", None),
    )
    thought, text = (value if isinstance(value, str) else "" for value in found)
    return thought, text
