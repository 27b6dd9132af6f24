"""Chooses a reranker from plain values."""

from dataclasses import dataclass
from pathlib import Path

from memos.embedders.base import Embedder
from memos.errors import ConfigError
from memos.llms.factory import build_llm
from memos.reranker.base import Reranker
from memos.reranker.cosine import CosineReranker
from memos.reranker.http import HttpReranker, RerankEndpoint
from memos.reranker.llm import LlmReranker
from memos.reranker.onnx import OnnxReranker
from memos.types.clock import Clock


@dataclass(frozen=True, slots=True)
class RerankerOptions:
    """What the backends need; each reads its own part.

    Args:
        model: name at the service (http, llm).
        url: address of the service (http), or base URL of the chat model (llm; None is OpenAI's).
        api_key: key of the service.
        path: folder of the local model (onnx).
        timeout_s: longest wait for a chat model, in seconds.
    """

    model: str | None = None
    url: str | None = None
    api_key: str | None = None
    path: Path | None = None
    timeout_s: float = 2.0

    def __repr__(self) -> str:
        """Text without the key."""
        return f"RerankerOptions(model={self.model!r}, url={self.url!r}, path={self.path!r})"


def build_reranker(
    backend: str, options: RerankerOptions, *, clock: Clock, embedder: Embedder
) -> Reranker | None:
    """A reranker, or None for `none`. Loads and calls nothing yet.

    Args:
        backend: `none`, `cosine`, `http`, `onnx` or `llm`.
        options: see `RerankerOptions`.
        clock: source of time.
        embedder: used by `cosine`; not closed with it.

    Raises:
        ConfigError: an unknown backend, or one without what it needs.
    """
    if backend == "none":
        return None
    if backend == "cosine":
        return CosineReranker(embedder, clock)
    if backend == "http":
        if not options.url:
            raise ConfigError("the http reranker needs an address; set MEMOS_RERANKER_URL")
        return HttpReranker(RerankEndpoint(options.url, options.model, options.api_key), clock)
    if backend == "onnx":
        if options.path is None:
            raise ConfigError("the onnx reranker needs a folder; set MEMOS_RERANKER_PATH")
        return OnnxReranker(options.path, clock)
    if backend == "llm":
        return _judge(options, clock)
    raise ConfigError(
        f"no reranker backend is called `{backend}`; use none, cosine, http, onnx or llm"
    )


def _judge(options: RerankerOptions, clock: Clock) -> Reranker:
    if not options.model:
        raise ConfigError(
            "the llm reranker needs a model; set MEMOS_RERANKER_MODEL or MEMOS_LLM_MODEL"
        )
    model = build_llm(
        options.model,
        clock=clock,
        api_base=options.url,
        api_key=options.api_key,
        timeout_s=options.timeout_s,
        max_retries=0,
    )
    return LlmReranker(model, model.close)
