"""Any OpenAI-compatible `/chat/completions` endpoint, through the `openai` library (imported late).

Must not: log prompts or answers, or pass on the library's error texts, which may repeat the key.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import Piece, Reply, Turn
from memos.llms.reasoning import ReasoningFilter, split_reasoning
from memos.types.clock import Clock

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletion, ChatCompletionChunk

_LOG = logging.getLogger(__name__)
_JSON_SCHEMA, _JSON_OBJECT, _PLAIN = "json_schema", "json_object", "plain"
_WEAKER = {_JSON_SCHEMA: _JSON_OBJECT, _JSON_OBJECT: _PLAIN}
_REFUSED_FORM = frozenset({400, 422})
OPENAI_BASE = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where a chat model answers.

    Args:
        model: name at the endpoint.
        api_base: base URL, without `/chat/completions`.
        api_key: key; None for endpoints that ask for none.
        timeout_s: longest wait for one answer, or for the next piece of a stream.
        max_retries: further tries after 408, 409, 429, 5xx or a broken connection, with growing
            and jittered pauses.
        extra_body: sent along with every request.
    """

    model: str
    api_base: str = OPENAI_BASE
    api_key: str | None = None
    timeout_s: float = 60.0
    max_retries: int = 2
    extra_body: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        """Text without the key."""
        return f"ChatEndpoint(model={self.model!r}, api_base={self.api_base!r})"


class OpenAIChat:
    """A chat model at an endpoint. Safe to call from several threads.

    With a schema it asks for `json_schema`; a server that refuses that form of request is asked
    for `json_object`, then for plain text with the schema in the prompt. What it took is
    remembered for later calls.

    Args:
        endpoint: where the model answers.
        clock: for the durations in the log.
    """

    def __init__(self, endpoint: ChatEndpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._lock = threading.Lock()
        self._client: OpenAI | None = None
        self._form = _JSON_SCHEMA

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
            ModelUnavailableError: not reachable, refused or timed out after retries.
            ModelReplyError: reachable but the answer is empty or not text.
        """
        from openai import OpenAIError

        options = self._options(max_tokens, temperature, top_p)
        started = self._clock.monotonic()
        try:
            if schema is None:
                answer = self._ask(turns, options)
            else:
                answer = self._ask_json(turns, schema, options, self._form)
        except (OpenAIError, ValueError) as error:
            raise _translated(error) from error
        reply = _read(answer)
        _LOG.info(
            "model answered",
            extra={
                "model": self.name,
                "prompt_hash": _prompt_hash(turns),
                "prompt_tokens": reply.prompt_tokens,
                "completion_tokens": reply.completion_tokens,
                "took_ms": round((self._clock.monotonic() - started) * 1000),
            },
        )
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
        from openai import OpenAIError

        options = self._options(max_tokens, temperature, top_p)
        said = False
        try:
            with self._connected().chat.completions.create(
                model=self._endpoint.model,
                messages=_messages(turns),
                stream=True,
                extra_body={**(self._endpoint.extra_body or {}), **options},
            ) as chunks:
                for piece in _parted(chunks):
                    said = said or not piece.reasoning
                    yield piece
        except (OpenAIError, ValueError) as error:
            raise _translated(error) from error
        if not said:
            raise ModelReplyError("the model answered nothing")

    def close(self) -> None:
        """Release connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _ask_json(
        self,
        turns: Sequence[Turn],
        schema: Mapping[str, Any],
        options: Mapping[str, Any],
        form: str,
    ) -> "ChatCompletion":
        """Ask in a form, or in the weaker ones if the server refuses it; remember what it took."""
        from openai import APIStatusError

        try:
            answer = self._ask(_with_form(turns, schema, form), options, _response(form, schema))
        except APIStatusError as error:
            if error.status_code not in _REFUSED_FORM or form not in _WEAKER:
                raise
            return self._ask_json(turns, schema, options, _WEAKER[form])
        self._form = form
        return answer

    def _ask(
        self,
        turns: Sequence[Turn],
        options: Mapping[str, Any],
        response: Mapping[str, Any] | None = None,
    ) -> "ChatCompletion":
        answer: ChatCompletion = self._connected().chat.completions.create(
            model=self._endpoint.model,
            messages=_messages(turns),
            extra_body={**(self._endpoint.extra_body or {}), **options, **(response or {})},
        )
        return answer

    def _options(
        self, max_tokens: int | None, temperature: float | None, top_p: float | None = None
    ) -> dict[str, Any]:
        # OpenAI's newer models refuse the old name; other servers may know only that one.
        own = self._endpoint.api_base.startswith("https://api.openai.com")
        options = {
            "max_completion_tokens" if own else "max_tokens": max_tokens,
            "temperature": temperature,
            "top_p": top_p,
        }
        return {name: value for name, value in options.items() if value is not None}

    def _connected(self) -> "OpenAI":
        with self._lock:
            if self._client is None:
                from openai import OpenAI

                self._client = OpenAI(
                    api_key=self._endpoint.api_key or "none",
                    base_url=self._endpoint.api_base,
                    timeout=self._endpoint.timeout_s,
                    max_retries=self._endpoint.max_retries,
                )
            return self._client


def _messages(turns: Sequence[Turn]) -> list[Any]:
    # Surrogates cannot be sent; the store may hold them when a client did send them.
    return [
        {"role": turn.role, "content": turn.content.encode("utf-8", "replace").decode("utf-8")}
        for turn in turns
    ]


def _response(form: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if form == _JSON_SCHEMA:
        named = {"name": "reply", "schema": dict(schema)}
        return {"response_format": {"type": form, "json_schema": named}}
    return {"response_format": {"type": form}} if form == _JSON_OBJECT else {}


def _with_form(turns: Sequence[Turn], schema: Mapping[str, Any], form: str) -> Sequence[Turn]:
    """The prompt, with the schema written out where the server does not take it by itself."""
    if form == _JSON_SCHEMA:
        return turns
    template = files("memos.templates").joinpath("json_form.md").read_text(encoding="utf-8")
    wanted = template.replace("{schema}", json.dumps(schema, ensure_ascii=False)).strip()
    last = turns[-1]
    return [*turns[:-1], Turn(last.role, f"{last.content}\n\n{wanted}")]


def _read(answer: "ChatCompletion") -> Reply:
    """Our reply of the library's, whose objects are built from whatever the server sent."""
    try:
        message = answer.choices[0].message
        content, more = message.content, message.model_extra or {}
    except (AttributeError, IndexError, TypeError) as error:
        raise ModelReplyError("the model answered something that is not of the protocol") from error
    text, thought = split_reasoning(content if isinstance(content, str) else "")
    if not text:
        raise ModelReplyError("the model answered nothing")
    apart = more.get("reasoning_content") or more.get("reasoning")
    return Reply(
        text=text,
        reasoning=thought or (apart if isinstance(apart, str) else ""),
        prompt_tokens=getattr(answer.usage, "prompt_tokens", None) or 0,
        completion_tokens=getattr(answer.usage, "completion_tokens", None) or 0,
    )


def _parted(chunks: Iterable["ChatCompletionChunk"]) -> Iterator[Piece]:
    """Thinking and text of a stream, whichever way the server tells them apart."""
    filtered = ReasoningFilter()
    for chunk in chunks:
        apart, text = _delta(chunk)
        thought, answer = filtered.feed(text)
        yield from _pieces(apart + thought, answer)
    yield from _pieces(*filtered.end())


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


def _prompt_hash(turns: Sequence[Turn]) -> str:
    whole = "\x1f".join(f"{turn.role}\x1e{turn.content}" for turn in turns)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _translated(error: Exception) -> ModelUnavailableError | ModelReplyError:
    """Our error for the library's; its own text may repeat the key or the prompt."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailableError("the model did not answer in time")
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailableError("the model cannot be reached; check its address")
    if isinstance(error, openai.APIStatusError):
        return ModelUnavailableError(_reason(error.status_code))
    if isinstance(error, openai.APIResponseValidationError | ValueError):
        return ModelReplyError("the model answered something that is not of the protocol")
    return ModelUnavailableError("the model broke off its answer")


def _reason(status: int) -> str:
    if status in {401, 403}:
        return f"the model refused the key (HTTP {status})"
    if status == 404:
        return "no such model or address (HTTP 404)"
    if status == 429:
        return "the model is over its rate limit (HTTP 429)"
    return f"the model refused the request (HTTP {status})"
