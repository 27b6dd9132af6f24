"""Ollama's own protocol (`/api/chat`), which takes a schema and tells tokens on every model.

Must not: log prompts or answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memos.endpoints.http import JsonClient
from memos.endpoints.ollama import OllamaEndpoint
from memos.endpoints.usage import count
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import Piece, Reply, Turn
from memos.llms.prompt import Manner, base64_of, log_answer, sendable
from memos.llms.reasoning import ReasoningFilter
from memos.types.clock import Clock

_CONTEXT_TOKENS = 16384
"""Ollama's own default cuts longer prompts at their beginning, without a word."""


class OllamaChat:
    """A chat model of Ollama. Safe to call from several threads.

    Args:
        endpoint: where it answers.
        clock: for the durations in the log.
        manner: how it answers unless a call says otherwise.
    """

    def __init__(
        self, endpoint: OllamaEndpoint, clock: Clock, manner: Manner | None = None
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._manner = manner or Manner()
        self._http = JsonClient(endpoint.connection("the model"), clock)

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
        """As the port; `schema` constrains the answer."""
        manner = self._manner.over(max_tokens, temperature, top_p)
        started = self._clock.monotonic()
        body = self._body(turns, manner, stream=False)
        if schema is not None:
            body["format"] = dict(schema)
        answer = self._http.post("/api/chat", body)
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
        manner = self._manner.over(max_tokens, temperature, top_p)
        filtered = ReasoningFilter()
        said = done = False
        last: Mapping[str, Any] = {}
        for part in self._http.lines("/api/chat", self._body(turns, manner, stream=True)):
            if not isinstance(part, dict) or "error" in part:
                raise ModelUnavailableError("the model broke off its answer")
            last, done = part, part.get("done") is True
            apart, text = _parts(part)
            thought, answer = filtered.feed(text)
            for piece in _pieces(apart + thought, answer):
                said = said or not piece.reasoning
                yield piece
        for piece in _pieces(*filtered.end()):
            said = said or not piece.reasoning
            yield piece
        if not done:
            raise ModelUnavailableError("the model broke off its answer")
        if not said:
            raise ModelReplyError("the model answered nothing")
        yield Piece(
            "",
            prompt_tokens=count(last.get("prompt_eval_count")),
            completion_tokens=count(last.get("eval_count")),
        )

    def close(self) -> None:
        """Release connections."""
        self._http.close()

    def _body(self, turns: Sequence[Turn], manner: Manner, *, stream: bool) -> dict[str, Any]:
        said = {
            "num_predict": manner.max_tokens,
            "temperature": manner.temperature,
            "top_p": manner.top_p,
        }
        options = {"num_ctx": _CONTEXT_TOKENS, **self._endpoint.options}
        options |= {name: value for name, value in said.items() if value is not None}
        messages = [_message(turn) for turn in turns]
        return {
            "model": self._endpoint.model,
            "messages": messages,
            "stream": stream,
            "options": options,
        }


def _message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": turn.role, "content": sendable(turn.content)}
    if turn.pictures:
        message["images"] = [base64_of(picture) for picture in turn.pictures]
    return message


def _parts(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Thinking and text of an answer or of a part of it."""
    message = answer.get("message")
    found = message if isinstance(message, dict) else {}
    thought, text = (
        value if isinstance(value, str) else ""
        for value in (found.get("thinking"), found.get("content"))
    )
    return thought, text


def _pieces(thought: str, answer: str) -> Iterator[Piece]:
    if thought:
        yield Piece(thought, reasoning=True)
    if answer:
        yield Piece(answer)


def _read(answer: object, manner: Manner) -> Reply:
    if not isinstance(answer, dict):
        raise ModelReplyError("the model answered something that is not of the protocol")
    apart, content = _parts(answer)
    text, thought = manner.parted(content)
    if not text:
        raise ModelReplyError("the model answered nothing")
    return Reply(
        text,
        thought or apart,
        count(answer.get("prompt_eval_count")),
        count(answer.get("eval_count")),
    )
