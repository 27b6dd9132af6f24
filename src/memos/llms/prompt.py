"""What adapters share in preparing a prompt, logging an answer, and choosing how to answer."""

import base64
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memos.llms.base import Picture, Reply, Turn
from memos.llms.reasoning import split_reasoning
from memos.templates import load

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model answers unless a call says otherwise.

    Args:
        max_tokens: longest answer, in the model's tokens; None for the server's own limit.
        temperature: 0..2; None for the server's own.
        top_p: 0..1; None for the server's own.
        keep_reasoning: leave reasoning that stands before the answer in its text.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    keep_reasoning: bool = False

    def over(
        self, max_tokens: int | None, temperature: float | None, top_p: float | None
    ) -> "Manner":
        """The manner of one call: what it says, else what stands here."""
        return Manner(
            self.max_tokens if max_tokens is None else max_tokens,
            self.temperature if temperature is None else temperature,
            self.top_p if top_p is None else top_p,
            self.keep_reasoning,
        )

    def parted(self, text: str) -> tuple[str, str]:
        """Answer and reasoning of a whole reply."""
        if self.keep_reasoning:
            return text.strip(), ""
        return split_reasoning(text)


def sendable(text: str) -> str:
    """The text without lone surrogates, which the store may hold when a client did send them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def base64_of(picture: Picture) -> str:
    """A picture's bytes as text."""
    return base64.b64encode(picture.data).decode("ascii")


def with_form(turns: Sequence[Turn], schema: Mapping[str, Any]) -> list[Turn]:
    """The prompt with the schema written out, for servers that do not take it by itself."""
    wanted = load("json_form").replace("{schema}", json.dumps(schema, ensure_ascii=False)).strip()
    last = turns[-1]
    return [*turns[:-1], Turn(last.role, f"{last.content}\n\n{wanted}", last.pictures)]


def log_answer(model: str, turns: Sequence[Turn], reply: Reply, took_s: float) -> None:
    """Say in the log that a model answered: counts and a hash, never text."""
    _LOG.info(
        "model answered",
        extra={
            "model": model,
            "prompt_hash": prompt_hash(turns),
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "took_ms": round(took_s * 1000),
        },
    )


def prompt_hash(turns: Sequence[Turn]) -> str:
    """Sixteen hexadecimal digits that are the same for the same prompt."""
    whole = "\x1f".join(f"{turn.role}\x1e{turn.content}" for turn in turns)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]
