"""Any OpenAI-compatible `/embeddings` endpoint, through the `openai` library (imported at first use)."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from memos.embedders.base import EmbedderProfile
from memos.embedders.calibrate import calibrate
from memos.errors import ConfigError, ModelReplyError, ModelUnavailableError
from memos.types.language import count_tokens

if TYPE_CHECKING:
    from openai import OpenAI, OpenAIError

_LOG = logging.getLogger(__name__)
_BATCH = 64
_MAX_TOKENS = 6000
"""Kept of one text, by our estimate; endpoints commonly take 8192."""
OPENAI_BASE = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class EmbeddingEndpoint:
    """Where an embedding model answers.

    Args:
        model: name at the endpoint.
        api_base: base URL, without `/embeddings`.
        api_key: key; None for endpoints that ask for none.
        dimension: length of the vectors; None takes what the endpoint answers.
        timeout_s: longest wait for one answer.
        max_retries: further tries after 408, 409, 429, 5xx or a broken connection.
    """

    model: str
    api_base: str = OPENAI_BASE
    api_key: str | None = None
    dimension: int | None = None
    timeout_s: float = 20.0
    max_retries: int = 2

    def __repr__(self) -> str:
        """Text without the key."""
        return f"EmbeddingEndpoint(model={self.model!r}, api_base={self.api_base!r})"


class UniversalApiEmbedder:
    """Embeds at an endpoint. Safe to call from several threads.

    When the endpoint answers longer vectors than configured, the length is asked for explicitly
    from then on (models that can shorten their vectors do so only on request). A text over about
    6000 tokens is cut.

    Args:
        endpoint: where the model answers.
        dense_weight: weight of the cosine; None measures it at the first look at `profile`.
        mean_cosine: cosine of unrelated texts; None likewise.
    """

    def __init__(
        self,
        endpoint: EmbeddingEndpoint,
        *,
        dense_weight: float | None = None,
        mean_cosine: float | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._given = (mean_cosine, dense_weight)
        self._dimension = endpoint.dimension
        self._ask_for_dimension = False
        self._lock = threading.RLock()
        self._client: OpenAI | None = None
        self._profile: EmbedderProfile | None = None

    @property
    def profile(self) -> EmbedderProfile:
        """Name, size and constants; calls the endpoint once when any of them was not given.

        Raises:
            ModelUnavailableError, ModelReplyError, ConfigError: as `embed`.
        """
        with self._lock:
            if self._profile is None:
                self._profile = self._measure()
            return self._profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:  # noqa: ARG002 - the protocol of the endpoint knows no difference
        """Vectors of texts: float32 (len(texts), dim), rows of unit length (zero for blank text).

        Args:
            texts: any number; sent in batches of 64.
            query: without effect.

        Raises:
            ModelUnavailableError: not reachable, refused or timed out after retries.
            ModelReplyError: the answer is not one vector a text.
            ConfigError: the vectors are not of the configured length.
        """
        rows = [row for row, text in enumerate(texts) if text.strip()]
        parts = [
            self._request([_cut(texts[row]) for row in rows[start : start + _BATCH]])
            for start in range(0, len(rows), _BATCH)
        ]
        dim = parts[0].shape[1] if parts else self._dimension or self.profile.dim
        vectors = np.zeros((len(texts), dim), dtype=np.float32)
        if parts:
            vectors[rows] = np.concatenate(parts)
        return vectors

    def close(self) -> None:
        """Release connections."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _measure(self) -> EmbedderProfile:
        mean_cosine, dense_weight = self._given
        if mean_cosine is None or dense_weight is None:
            measured_mean, measured_weight = calibrate(self)
            mean_cosine = measured_mean if mean_cosine is None else mean_cosine
            dense_weight = measured_weight if dense_weight is None else dense_weight
            _LOG.info(
                "embedder calibrated",
                extra={
                    "dense_weight": round(dense_weight, 3),
                    "mean_cosine": round(mean_cosine, 3),
                },
            )
        dim = self._dimension or self._request(["dimension"]).shape[1]
        return EmbedderProfile(f"{self._endpoint.model}@{dim}", dim, dense_weight, mean_cosine)

    def _request(self, texts: list[str]) -> npt.NDArray[np.float32]:
        vectors = self._call(texts)
        answered = vectors.shape[1]
        if self._dimension is None:
            self._dimension = answered
        if answered > self._dimension and not self._ask_for_dimension:
            self._ask_for_dimension = True
            vectors = self._call(texts)
        if vectors.shape[1] != self._dimension:
            raise ConfigError(
                f"the embedder answers vectors of {vectors.shape[1]} numbers, not"
                f" {self._dimension}; set MEMOS_EMBEDDER_DIMENSION to what the model gives"
            )
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
            raise ModelReplyError("the embedder answered a vector without length")
        return np.asarray(vectors / lengths, dtype=np.float32)

    def _call(self, texts: list[str]) -> npt.NDArray[np.float32]:
        from openai import OpenAIError

        asked = {"dimensions": self._dimension} if self._ask_for_dimension else None
        try:
            answer = self._connected().embeddings.create(
                model=self._endpoint.model,
                input=texts,
                encoding_format="float",  # some servers do not know the library's own default
                extra_body=asked,
            )
        except OpenAIError as error:
            raise _translated(error) from error
        except ValueError as error:  # the library's words for an answer without data
            raise ModelReplyError("the embedder answered no vectors") from error
        try:
            ordered = sorted(answer.data, key=lambda item: item.index)
            vectors = np.asarray([item.embedding for item in ordered], dtype=np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise ModelReplyError("the embedder answered something that is no vector") from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelReplyError("the embedder answered the wrong number of vectors")
        return vectors

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


def _cut(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    tokens = count_tokens(text) if len(text) > _MAX_TOKENS else 0
    return text[: len(text) * _MAX_TOKENS // tokens] if tokens > _MAX_TOKENS else text


def _translated(error: "OpenAIError") -> ModelUnavailableError | ModelReplyError:
    """Our error for the library's; its own text may repeat the key or the input."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailableError("the embedder did not answer in time")
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailableError("the embedder cannot be reached; check its address")
    if isinstance(error, openai.APIResponseValidationError):
        return ModelReplyError("the embedder answered something that is not of the protocol")
    if isinstance(error, openai.APIStatusError):
        return ModelUnavailableError(_reason(error.status_code))
    return ModelUnavailableError("the embedder call failed")


def _reason(status: int) -> str:
    if status in {401, 403}:
        return f"the embedder refused the key (HTTP {status})"
    if status == 404:
        return "the embedder knows no such model or address (HTTP 404)"
    if status == 429:
        return "the embedder is over its rate limit (HTTP 429)"
    return f"the embedder refused the request (HTTP {status})"
