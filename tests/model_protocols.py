"""The same answers in the words of each model protocol, for suites that run over all of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scripted_model import Answer, Request, refusal, reply, stream

PROMPT_TOKENS, ANSWER_TOKENS = 7, 3


@dataclass(frozen=True)
class Told:
    """What a request asked for, whatever its protocol."""

    model: str
    texts: list[str]
    system: str
    max_tokens: int | None
    temperature: float | None
    pictures: list[str]
    key: str


class OpenAIProtocol:
    """`/chat/completions`."""

    name = "openai"
    counts_streams = False

    def reply(self, text: str, thinking: str = "") -> Answer:
        return reply(text, **({"reasoning_content": thinking} if thinking else {}))

    def stream(self, pieces: Sequence[str], *, break_off: bool = False) -> Answer:
        return stream(*pieces, break_off=break_off)

    def structured(self, value: Any) -> Answer:
        return reply(json.dumps(value))

    def told(self, request: Request) -> Told:
        body = request.body
        texts, pictures = [], []
        for message in body["messages"]:
            parts = message["content"]
            parts = [{"type": "text", "text": parts}] if isinstance(parts, str) else parts
            texts += [p["text"] for p in parts if p["type"] == "text"]
            pictures += [p["image_url"]["url"] for p in parts if p["type"] == "image_url"]
        system = next((m["content"] for m in body["messages"] if m["role"] == "system"), "")
        return Told(
            body["model"], texts, system, body.get("max_tokens"), body.get("temperature"),
            pictures, request.headers.get("authorization", ""),
        )  # fmt: skip


class OllamaProtocol:
    """`/api/chat`."""

    name = "ollama"
    counts_streams = True

    def reply(self, text: str, thinking: str = "") -> Answer:
        return Answer(body=self._part(text, thinking, done=True))

    def stream(self, pieces: Sequence[str], *, break_off: bool = False) -> Answer:
        parts = [self._part(piece) for piece in pieces]
        parts += [] if break_off else [self._part("", done=True)]
        return Answer(chunks=[json.dumps(part) + "\n" for part in parts], break_off=break_off)

    def structured(self, value: Any) -> Answer:
        return self.reply(json.dumps(value))

    def told(self, request: Request) -> Told:
        body = request.body
        messages = body["messages"]
        system = next((m["content"] for m in messages if m["role"] == "system"), "")
        return Told(
            body["model"], [m["content"] for m in messages], system,
            body["options"].get("num_predict"), body["options"].get("temperature"),
            [p for m in messages for p in m.get("images", ())],
            request.headers.get("authorization", ""),
        )  # fmt: skip

    def _part(self, text: str, thinking: str = "", *, done: bool = False) -> dict[str, Any]:
        message = {"role": "assistant", "content": text}
        message |= {"thinking": thinking} if thinking else {}
        counts = {"prompt_eval_count": PROMPT_TOKENS, "eval_count": ANSWER_TOKENS}
        return {"model": "m", "message": message, "done": done} | (counts if done else {})


class AnthropicProtocol:
    """`/v1/messages`."""

    name = "anthropic"
    counts_streams = True

    def reply(self, text: str, thinking: str = "") -> Answer:
        blocks: list[dict[str, Any]] = []
        if thinking:
            blocks.append({"type": "thinking", "thinking": thinking, "signature": "s"})
        blocks.append({"type": "text", "text": text})
        return Answer(body=self._message(blocks))

    def stream(self, pieces: Sequence[str], *, break_off: bool = False) -> Answer:
        start = {"type": "text", "text": ""}
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": self._message([])},
            {"type": "content_block_start", "index": 0, "content_block": start},
        ]
        events += [
            {"type": "content_block_delta", "index": 0,
             "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces
        ]  # fmt: skip
        if not break_off:
            events += [
                {"type": "content_block_stop", "index": 0},
                {"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                 "usage": {"output_tokens": ANSWER_TOKENS}},
                {"type": "message_stop"},
            ]  # fmt: skip
        chunks = [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events]
        return Answer(chunks=chunks, break_off=break_off)

    def structured(self, value: Any) -> Answer:
        return self.reply(json.dumps(value))

    def told(self, request: Request) -> Told:
        body = request.body
        texts, pictures = [body["system"]] if "system" in body else [], []
        for message in body["messages"]:
            parts = message["content"]
            parts = [{"type": "text", "text": parts}] if isinstance(parts, str) else parts
            texts += [p["text"] for p in parts if p["type"] == "text"]
            pictures += [p["source"]["data"] for p in parts if p["type"] == "image"]
        return Told(
            body["model"], texts, body.get("system", ""), body["max_tokens"],
            body.get("temperature"), pictures,
            request.headers.get("authorization") or request.headers.get("x-api-key", ""),
        )  # fmt: skip

    def _message(self, blocks: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": "m", "type": "message", "role": "assistant", "model": "m", "content": blocks,
            "stop_reason": "end_turn", "stop_sequence": None,
            "usage": {"input_tokens": PROMPT_TOKENS, "output_tokens": ANSWER_TOKENS},
        }  # fmt: skip


Protocol = OpenAIProtocol | OllamaProtocol | AnthropicProtocol
PROTOCOLS: tuple[Protocol, ...] = (OpenAIProtocol(), OllamaProtocol(), AnthropicProtocol())


def configuration(protocol: Protocol, url: str, **more: Any) -> dict[str, Any]:
    """A documented configuration of a model at a scripted server (its address ends in `/v1`)."""
    base = url.removesuffix("/v1") if protocol.name == "anthropic" else url
    config = {"model_name_or_path": "m-1", "api_base": base, "api_key": "sk-secret"}
    return {"backend": protocol.name, "config": {**config, "timeout_s": 5, **more}}


__all__ = ["PROTOCOLS", "Protocol", "Told", "configuration", "refusal"]
