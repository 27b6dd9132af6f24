"""Where an Ollama answers, for chat and for embeddings alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memos.endpoints.http import HttpEndpoint

OLLAMA_BASE = "http://127.0.0.1:11434"


@dataclass(frozen=True, slots=True)
class OllamaEndpoint:
    """A model of an Ollama.

    Args:
        model: name as `ollama list` shows it.
        api_base: its address; a trailing `/v1` is left out.
        api_key: key, for Ollama behind a proxy that asks for one.
        timeout_s: longest wait for an answer, and for it to come whole; of a stream, for the next
            piece (it may take ten times that). A model that is not in memory is loaded first.
        max_retries: further tries after a passing failure.
        options: Ollama's model options (`num_ctx`, `seed`, ...) beside those of a call.
    """

    model: str
    api_base: str = OLLAMA_BASE
    api_key: str | None = None
    timeout_s: float = 60.0
    max_retries: int = 2
    options: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Text without the key."""
        return f"OllamaEndpoint(model={self.model!r}, api_base={self.api_base!r})"

    def connection(self, what: str) -> HttpEndpoint:
        """How to reach it; `what` is the model in a sentence."""
        return HttpEndpoint(
            ollama_address(self.api_base),
            what,
            {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {},
            self.timeout_s,
            self.max_retries,
            when_missing=f"`ollama pull {self.model}` fetches it",
        )


def ollama_address(api_base: str | None) -> str:
    """Its own address, also where the one of its OpenAI-compatible side is given."""
    return (api_base or OLLAMA_BASE).rstrip("/").removesuffix("/v1")
