"""Embedding models of Ollama, through its own protocol (`/api/embed`)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from memos.embedders.encoding import Constants, EncodingEmbedder
from memos.endpoints.http import JsonClient
from memos.endpoints.ollama import OllamaEndpoint
from memos.endpoints.usage import report
from memos.errors import ModelReplyError
from memos.types.clock import Clock

_BATCH = 64


class OllamaEmbedder(EncodingEmbedder):
    """Embeds with Ollama. Safe to call from several threads.

    Args:
        endpoint: where it answers.
        clock: reads dates that ask for a pause.
        constants: prefixes and constants; unset ones are measured.
    """

    def __init__(
        self, endpoint: OllamaEndpoint, clock: Clock, constants: Constants | None = None
    ) -> None:
        super().__init__(constants)
        self._endpoint = endpoint
        self._http = JsonClient(endpoint.connection("the embedder"), clock)

    def close(self) -> None:
        """Release connections."""
        self._http.close()

    def _space(self) -> str:
        return self._endpoint.model

    def _encode(self, texts: list[str], *, query: bool) -> npt.NDArray[np.float32]:  # noqa: ARG002 - the prefix tells questions apart
        parts = [
            self._request(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)
        ]
        if len({part.shape[1:] for part in parts}) != 1:
            raise ModelReplyError("the embedder answered vectors of several lengths")
        return np.concatenate(parts)

    def _request(self, texts: list[str]) -> npt.NDArray[np.float32]:
        body: dict[str, Any] = {"model": self._endpoint.model, "input": texts, "truncate": True}
        if self._constants.dimension:
            body["dimensions"] = self._constants.dimension
        if self._endpoint.options:
            body["options"] = dict(self._endpoint.options)
        answer = self._http.post("/api/embed", body)
        found = answer.get("embeddings") if isinstance(answer, dict) else None
        try:
            vectors = np.asarray(found, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise ModelReplyError("the embedder answered something that is no vector") from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelReplyError("the embedder answered the wrong number of vectors")
        report(answer.get("prompt_eval_count"))
        return vectors
