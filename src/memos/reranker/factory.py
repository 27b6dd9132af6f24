"""Chooses a reranker from plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from memos.configs.component import checked
from memos.configs.reranker import (
    CosineRerankerConfig,
    HttpRerankerConfig,
    LLMRerankerConfig,
    OnnxRerankerConfig,
    RerankerConfigFactory,
)
from memos.embedders.base import Embedder
from memos.embedders.factory import build_embedder
from memos.errors import ConfigError
from memos.llms.factory import LLMFactory, build_llm
from memos.reranker.base import Reranker
from memos.reranker.cosine import CosineReranker
from memos.reranker.http import HttpReranker, RerankEndpoint
from memos.reranker.llm import LlmReranker
from memos.reranker.onnx import OnnxReranker
from memos.types.clock import Clock, SystemClock

_USUAL_URLS = {
    "jina": "https://api.jina.ai/v1/rerank",
    "cohere": "https://api.cohere.com/v2/rerank",
}


class RerankerFactory:
    """Makes rerankers from documented configurations."""

    @classmethod
    def from_config(
        cls,
        config: RerankerConfigFactory | Mapping[str, Any],
        *,
        clock: Clock | None = None,
        embedder: Embedder | None = None,
    ) -> Reranker:
        """A reranker. Loads and calls nothing yet.

        Args:
            config: backend and configuration, or the same as a plain mapping; `jina` and `cohere`
                have a usual `url`.
            clock: source of time; None for the machine's.
            embedder: used by `cosine_local`, not closed with it; None takes the bundled one.

        Raises:
            ConfigError: an unknown backend, or one without what it needs.
        """
        chosen = checked(RerankerConfigFactory, _addressed(config))
        time = clock or SystemClock()
        found = chosen.config
        if isinstance(found, CosineRerankerConfig):
            return CosineReranker(embedder or build_embedder("use_multilingual", time), time)
        if isinstance(found, OnnxRerankerConfig):
            return OnnxReranker(
                found.path.expanduser(), time, max_tokens=found.max_tokens, device=found.device
            )
        if isinstance(found, LLMRerankerConfig):
            model = LLMFactory.from_config(found.llm, clock=time)
            return LlmReranker(model, model.close)
        if isinstance(found, HttpRerankerConfig):
            key = _plain(found.api_key)
            return HttpReranker(RerankEndpoint(found.url, found.model, key, found.headers), time)
        raise ConfigError(f"the backend `{chosen.backend}` has no connector")


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


def _addressed(config: RerankerConfigFactory | Mapping[str, Any]) -> Any:  # noqa: ANN401 - as given
    """The configuration with the usual address of its service, where it names none."""
    if isinstance(config, RerankerConfigFactory):
        return config
    usual = _USUAL_URLS.get(str(config.get("backend", "")).lower())
    given = config.get("config")
    if not usual or not isinstance(given, Mapping):
        return config
    named = any(given.get(name) for name in ("url", "reranker_url", "base_url", "api_base"))
    return config if named else {**config, "config": {**given, "url": usual}}


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
