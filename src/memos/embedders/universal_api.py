"""Any OpenAI-compatible `/embeddings` endpoint, through the `openai` library (imported at first use)."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from memos.embedders.encoding import Constants, EncodingEmbedder
from memos.endpoints.bounded import bounded_client
from memos.endpoints.refusal import translated
from memos.endpoints.usage import report
from memos.errors import ModelReplyError
from memos.types.clock import Clock, SystemClock

if TYPE_CHECKING:
    from openai import OpenAI

_BATCH = 64
OPENAI_BASE = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class EmbeddingEndpoint:
    """Where an embedding model answers.

    Args:
        model: name at the endpoint.
        api_base: base URL, without `/embeddings`.
        api_key: key; None for endpoints that ask for none.
        dimension: length of the vectors; None takes what the endpoint answers.
        timeout_s: longest wait for an answer, and for it to come whole.
        max_retries: further tries after 408, 409, 429, 5xx or a broken connection.
        headers: sent along with every request; may hold a key.
    """

    model: str
    api_base: str = OPENAI_BASE
    api_key: str | None = None
    dimension: int | None = None
    timeout_s: float = 20.0
    max_retries: int = 2
    headers: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Text without the key."""
        return f"EmbeddingEndpoint(model={self.model!r}, api_base={self.api_base!r})"


class UniversalApiEmbedder(EncodingEmbedder):
    """Embeds at an endpoint. Safe to call from several threads.

    When the endpoint answers longer vectors than configured, the length is asked for explicitly
    from then on (models that can shorten their vectors do so only on request). A text over about
    6000 tokens is cut: endpoints commonly take 8192.

    Args:
        endpoint: where the model answers.
        constants: prefixes and constants; unset ones are measured.
        clock: measures how long an answer takes; None for the machine's.
    """

    def __init__(
        self,
        endpoint: EmbeddingEndpoint,
        constants: Constants | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(constants)
        self._clock = clock or SystemClock()
        self._endpoint = endpoint
        self._dimension = self._dimension or endpoint.dimension
        self._ask_for_dimension = False
        self._lock = threading.Lock()
        self._client: OpenAI | None = None

    def close(self) -> None:
        """Release connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _space(self) -> str:
        return self._endpoint.model

    def _encode(self, texts: list[str], *, query: bool) -> npt.NDArray[np.float32]:  # noqa: ARG002 - the prefix tells questions apart
        parts = [
            self._request(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)
        ]
        if len({part.shape[1] for part in parts}) != 1:
            raise ModelReplyError("the embedder answered vectors of several lengths")
        return np.concatenate(parts)

    def _request(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors = self._call(texts)
        wanted = self._dimension or vectors.shape[1]
        if vectors.shape[1] > wanted and not self._ask_for_dimension:
            self._ask_for_dimension = True
            vectors = self._call(texts)
        return vectors

    def _call(self, texts: list[str]) -> npt.NDArray[np.float32]:
        import openai

        asked = {"dimensions": self._dimension} if self._ask_for_dimension else None
        try:
            answer = self._connected().embeddings.create(
                model=self._endpoint.model,
                input=texts,
                encoding_format="float",  # some servers do not know the library's own default
                extra_body=asked,
            )
        except openai.OpenAIError as error:
            raise translated("the embedder", error, openai) from error
        except ValueError as error:  # the library's words for an answer without data
            raise ModelReplyError("the embedder answered no vectors") from error
        try:
            ordered = sorted(answer.data, key=lambda item: item.index)
            vectors = np.asarray([item.embedding for item in ordered], dtype=np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise ModelReplyError("the embedder answered something that is no vector") from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelReplyError("the embedder answered the wrong number of vectors")
        report(getattr(answer.usage, "prompt_tokens", None))
        return vectors

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
                    http_client=bounded_client(openai, self._clock, self._endpoint.timeout_s),
                )
            return self._client
