"""The models that settings describe, built one by one. Nothing is loaded or called here."""

from typing import Any

from memos.configs.component import checked
from memos.configs.embedder import EmbedderConfigFactory
from memos.configs.llm import LLMConfigFactory
from memos.configs.settings import ChatModel, Settings
from memos.embedders.base import Embedder
from memos.embedders.batching import BatchingEmbedder
from memos.embedders.factory import (
    LOCAL_BATCH,
    REMOTE_BATCH,
    bare_embedder,
    known_to,
)
from memos.embedders.factory import place_of as embedder_place
from memos.embedders.guarded import GuardedEmbedder
from memos.endpoints.guard import Guards
from memos.errors import ConfigError
from memos.llms.base import LLM
from memos.llms.factory import LLMFactory
from memos.llms.factory import place_of as llm_place
from memos.llms.guarded import GuardedLLM
from memos.memories.textual.tree_text_memory.retrieve.rerank import RerankOptions
from memos.memories.textual.tree_text_memory.retrieve.rewrite import LONGEST_S
from memos.reranker.base import Reranker
from memos.reranker.factory import RerankerOptions, build_reranker
from memos.reranker.guarded import GuardedReranker
from memos.reranker.llm import LlmReranker
from memos.types.clock import Clock


def configured_embedder(
    settings: Settings, clock: Clock, guards: Guards | None = None
) -> BatchingEmbedder:
    """The embedder. Raises ConfigError when a setting it needs is missing or cannot be used."""
    config = embedder_config(settings)
    bare = bare_embedder(config, clock)
    place = embedder_place(config)
    if place is None:
        return BatchingEmbedder(bare, clock, batch_size=LOCAL_BATCH)
    if guards is None:
        return BatchingEmbedder(bare, clock, batch_size=REMOTE_BATCH)
    guarded = GuardedEmbedder(
        bare,
        guards.of(place),
        settings.embedder_model or settings.embedder_backend,
        wait_s=settings.embedder_timeout_seconds,
    )
    return BatchingEmbedder(guarded, clock, batch_size=REMOTE_BATCH, admit=guarded.admit)


def embedder_config(settings: Settings) -> EmbedderConfigFactory:
    """The embedder's configuration. Raises ConfigError."""
    backend = settings.embedder_backend
    if backend != "use_multilingual" and not settings.embedder_model:
        raise ConfigError(f"the {backend} embedder needs a model; set MEMOS_EMBEDDER_MODEL")
    given: dict[str, Any] = {
        "model_name_or_path": settings.embedder_model,
        "base_url": settings.embedder_api_base,
        "api_key": settings.embedder_api_key,
        "embedding_dims": settings.embedder_dimension,
        "dense_weight": settings.embedder_dense_weight,
        "mean_cosine": settings.embedder_mean_cosine,
        "timeout_s": settings.embedder_timeout_seconds,
    }
    config = {**known_to(backend, given), **settings.embedder_options}
    return checked(EmbedderConfigFactory, {"backend": backend, "config": config})


def configured_llm(
    settings: Settings, clock: Clock, guards: Guards | None = None, role: str = "reader"
) -> LLM | None:
    """The model that reads messages; None when the rules do.

    Args:
        settings: the values.
        clock: source of time.
        guards: of the process; None leaves the model unguarded and uncounted.
        role: what it is asked for, for the ledger.
    """
    if not settings.llm_model:
        return None
    return guarded_llm(llm_config(settings), clock, guards, role)


def configured_rewriter(
    settings: Settings, clock: Clock, guards: Guards | None = None
) -> LLM | None:
    """The same model, for further queries of a search: it is asked once and soon given up."""
    if not settings.llm_model:
        return None
    timeout_s = min(settings.llm_timeout_seconds, LONGEST_S)
    config = llm_config(settings, timeout_s=timeout_s, max_retries=0)
    return guarded_llm(config, clock, guards, "rewriter")


def configured_chat(
    entry: ChatModel, settings: Settings, clock: Clock, guards: Guards | None = None
) -> LLM:
    """A model of the chat list. Raises ConfigError when it lacks what its backend needs."""
    config = entry.llm(settings.llm_timeout_seconds, settings.llm_max_retries)
    return guarded_llm(config, clock, guards, "chat")


def llm_config(settings: Settings, **more: Any) -> LLMConfigFactory:  # noqa: ANN401 - fields of a configuration
    """The reader model's configuration.

    Args:
        settings: the values.
        more: fields that differ.

    Raises:
        ConfigError: the backend lacks what it needs.
    """
    config = {
        "model_name_or_path": settings.llm_model,
        "timeout_s": settings.llm_timeout_seconds,
        "max_retries": settings.llm_max_retries,
        **settings.llm_options,
        **more,
    }
    if settings.llm_backend != "huggingface":
        config |= {"api_base": settings.llm_api_base, "api_key": settings.llm_api_key}
    return checked(LLMConfigFactory, {"backend": settings.llm_backend, "config": config})


def guarded_llm(config: LLMConfigFactory, clock: Clock, guards: Guards | None, role: str) -> LLM:
    """A model behind the guard of its endpoint. Raises ConfigError."""
    model = LLMFactory.from_config(config, clock=clock)
    if guards is None:
        return model
    wait_s = float(getattr(config.config, "timeout_s", 60.0))
    guards.at_close(model.close)
    return GuardedLLM(model, guards.of(llm_place(config)), role, wait_s=wait_s)


def configured_reranker(
    settings: Settings, clock: Clock, embedder: Embedder, guards: Guards | None = None
) -> Reranker | None:
    """The reranker; None when there is none. Raises ConfigError when a setting is missing."""
    if settings.reranker_backend == "llm":
        return _judge(settings, clock, guards)
    options = RerankerOptions(
        model=settings.reranker_model,
        url=settings.reranker_url,
        api_key=plain(settings.reranker_api_key),
        path=settings.reranker_path,
        timeout_s=settings.reranker_timeout_seconds,
    )
    made = build_reranker(settings.reranker_backend, options, clock=clock, embedder=embedder)
    if made is None or guards is None or not settings.reranker_url:
        return made
    return GuardedReranker(made, guards.of(settings.reranker_url.rstrip("/")))


def _judge(settings: Settings, clock: Clock, guards: Guards | None) -> Reranker:
    """A chat model as judge: the reader's, unless another is named."""
    model = settings.reranker_model or settings.llm_model
    if not model:
        raise ConfigError(
            "the llm reranker needs a model; set MEMOS_RERANKER_MODEL or MEMOS_LLM_MODEL"
        )
    own = bool(settings.reranker_url)
    key = settings.reranker_api_key
    config: dict[str, Any] = {
        "model_name_or_path": model,
        "timeout_s": settings.reranker_timeout_seconds,
        "max_retries": 0,
        **({} if own else settings.llm_options),
    }
    backend = "openai" if own else settings.llm_backend
    if backend != "huggingface":
        # The reader's key goes to the reader's address only.
        config["api_base"] = settings.reranker_url if own else settings.llm_api_base
        config["api_key"] = key if own else key or settings.llm_api_key
    chosen = checked(LLMConfigFactory, {"backend": backend, "config": config})
    judge = guarded_llm(chosen, clock, guards, "reranker")
    return LlmReranker(judge, judge.close)


def rerank_options(settings: Settings) -> RerankOptions:
    """How much the reranker may say, and for how long."""
    return RerankOptions(
        weight=settings.reranker_weight,
        candidates=settings.reranker_candidates,
        timeout_s=settings.reranker_timeout_seconds,
    )


def plain(secret: object) -> str | None:
    """The text of a secret; None of none."""
    value = getattr(secret, "get_secret_value", None)
    return value() if value else None
