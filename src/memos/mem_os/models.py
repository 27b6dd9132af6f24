"""The models that settings describe, built one by one. Nothing is loaded or called here."""

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.embedders.batching import BatchingEmbedder
from memos.embedders.factory import EmbedderOptions, build_embedder
from memos.llms.factory import build_llm
from memos.llms.openai import OpenAIChat
from memos.memories.textual.tree_text_memory.retrieve.rerank import RerankOptions
from memos.memories.textual.tree_text_memory.retrieve.rewrite import LONGEST_S
from memos.reranker.base import Reranker
from memos.reranker.factory import RerankerOptions, build_reranker
from memos.types.clock import Clock


def configured_embedder(settings: Settings, clock: Clock) -> BatchingEmbedder:
    """The embedder. Raises ConfigError when a setting it needs is missing."""
    return build_embedder(
        settings.embedder_backend,
        clock,
        model=settings.embedder_model,
        api_base=settings.embedder_api_base,
        api_key=plain(settings.embedder_api_key),
        options=EmbedderOptions(
            dimension=settings.embedder_dimension,
            dense_weight=settings.embedder_dense_weight,
            mean_cosine=settings.embedder_mean_cosine,
            timeout_s=settings.embedder_timeout_seconds,
        ),
    )


def configured_llm(settings: Settings, clock: Clock) -> OpenAIChat | None:
    """The model that reads messages; None when the rules do."""
    if not settings.llm_model:
        return None
    return build_llm(
        settings.llm_model,
        clock=clock,
        api_base=settings.llm_api_base,
        api_key=plain(settings.llm_api_key),
        timeout_s=settings.llm_timeout_seconds,
        max_retries=settings.llm_max_retries,
    )


def configured_rewriter(settings: Settings, clock: Clock) -> OpenAIChat | None:
    """The same model, for further queries of a search: it is asked once and soon given up."""
    if not settings.llm_model:
        return None
    return build_llm(
        settings.llm_model,
        clock=clock,
        api_base=settings.llm_api_base,
        api_key=plain(settings.llm_api_key),
        timeout_s=min(settings.llm_timeout_seconds, LONGEST_S),
        max_retries=0,
    )


def configured_reranker(settings: Settings, clock: Clock, embedder: Embedder) -> Reranker | None:
    """The reranker; None when there is none. Raises ConfigError when a setting is missing."""
    judges = settings.reranker_backend == "llm"
    model, url = settings.reranker_model, settings.reranker_url
    key = plain(settings.reranker_api_key)
    if judges and not url:
        # The reader's key goes to the reader's address only.
        url, key = settings.llm_api_base, key or plain(settings.llm_api_key)
    options = RerankerOptions(
        model=model or (settings.llm_model if judges else None),
        url=url,
        api_key=key,
        path=settings.reranker_path,
        timeout_s=settings.reranker_timeout_seconds,
    )
    return build_reranker(settings.reranker_backend, options, clock=clock, embedder=embedder)


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
