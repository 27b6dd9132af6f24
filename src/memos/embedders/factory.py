"""Chooses an encoder from plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memos.configs.component import checked
from memos.configs.embedder import (
    BundledEmbedderConfig,
    EmbedderConfig,
    EmbedderConfigFactory,
    EndpointEmbedderConfig,
    LocalEmbedderConfig,
    OllamaEmbedderConfig,
    OnnxEmbedderConfig,
    UniversalApiEmbedderConfig,
)
from memos.embedders.base import Embedder
from memos.embedders.batching import BatchingEmbedder
from memos.embedders.encoding import Constants
from memos.embedders.local import (
    LibraryEmbedder,
    LocalEncoder,
    load_fastembed,
    load_sentence_transformer,
)
from memos.embedders.ollama import OllamaEmbedder
from memos.embedders.onnx import OnnxEmbedder, OnnxEncoder
from memos.embedders.universal_api import OPENAI_BASE, EmbeddingEndpoint, UniversalApiEmbedder
from memos.embedders.use_multilingual import DIM, UseMultilingualEmbedder
from memos.endpoints.ollama import OLLAMA_BASE, OllamaEndpoint, ollama_address
from memos.errors import ConfigError
from memos.types.clock import Clock, SystemClock

LOCAL_BATCH = 16
REMOTE_BATCH = 64
_LOADERS = {"sentence_transformer": load_sentence_transformer, "fastembed": load_fastembed}


class EmbedderFactory:
    """Makes embedders from documented configurations."""

    @classmethod
    def from_config(
        cls, config: EmbedderConfigFactory | Mapping[str, Any], *, clock: Clock | None = None
    ) -> BatchingEmbedder:
        """An encoder behind a batching queue. Loads and calls nothing yet.

        Args:
            config: backend and configuration, or the same as a plain mapping.
            clock: for durations in the log; None for the machine's.

        Raises:
            ConfigError: an unknown backend, or one without what it needs.
        """
        chosen = checked(EmbedderConfigFactory, config)
        time = clock or SystemClock()
        remote = isinstance(chosen.config, EndpointEmbedderConfig)
        batch = REMOTE_BATCH if remote else LOCAL_BATCH
        return BatchingEmbedder(bare_embedder(chosen, time), time, batch_size=batch)


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """What may be left to the encoder.

    Args:
        dimension: length of the vectors; None for the encoder's own.
        dense_weight: weight of the cosine; None for the encoder's own.
        mean_cosine: cosine of unrelated texts; None for the encoder's own.
        timeout_s: longest wait for one answer of an endpoint.
    """

    dimension: int | None = None
    dense_weight: float | None = None
    mean_cosine: float | None = None
    timeout_s: float = 20.0


def build_embedder(
    backend: str,
    clock: Clock,
    *,
    model: str | None = None,
    api_base: str | None = None,
    api_key: str | None = None,
    options: EmbedderOptions | None = None,
) -> BatchingEmbedder:
    """An encoder behind a batching queue. Loads and calls nothing yet.

    Args:
        backend: one of `EmbedderConfigFactory.backends`.
        clock: for durations in the log.
        model: model name at the endpoint, or folder of a local model.
        api_base: base URL of the endpoint; None for the usual one.
        api_key: its key; None for endpoints that ask for none.
        options: see `EmbedderOptions`.

    Raises:
        ConfigError: an unknown backend, one without a model, or a dimension the bundled encoder
            does not have.
    """
    chosen = options or EmbedderOptions()
    given = {
        "model_name_or_path": model,
        "base_url": api_base,
        "api_key": api_key,
        "embedding_dims": chosen.dimension,
        "dense_weight": chosen.dense_weight,
        "mean_cosine": chosen.mean_cosine,
        "timeout_s": chosen.timeout_s,
    }
    if backend != "use_multilingual" and not model:
        raise ConfigError(f"the {backend} embedder needs a model; set MEMOS_EMBEDDER_MODEL")
    return EmbedderFactory.from_config(
        {"backend": backend, "config": known_to(backend, given)}, clock=clock
    )


def known_to(backend: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a configuration that a backend knows; all of them for an unknown one."""
    name = EmbedderConfigFactory.other_names.get(backend, backend)
    config = EmbedderConfigFactory.backends.get(name)
    fields = set(config.model_fields) if config else set(given)
    return {key: value for key, value in given.items() if key in fields and value is not None}


def bare_embedder(config: EmbedderConfigFactory, clock: Clock) -> Embedder:
    """An encoder without a queue before it. Loads and calls nothing yet. Raises ConfigError."""
    found = config.config
    if isinstance(found, UniversalApiEmbedderConfig):
        return _universal(found, clock)
    if isinstance(found, OllamaEmbedderConfig):
        return OllamaEmbedder(_ollama(found), clock, _constants(found))
    if isinstance(found, OnnxEmbedderConfig):
        folder = Path(found.model_name_or_path).expanduser()
        encoder = OnnxEncoder(folder, found.pooling, found.max_tokens, found.device)
        return OnnxEmbedder(encoder, _constants(found))
    if isinstance(found, LocalEmbedderConfig):
        local = LocalEncoder(found.model_name_or_path, found.device, found.path)
        return LibraryEmbedder(config.backend, local, _LOADERS[config.backend], _constants(found))
    if isinstance(found, BundledEmbedderConfig):
        return _bundled(found)
    raise ConfigError(f"the backend `{config.backend}` has no connector")


def place_of(config: EmbedderConfigFactory) -> str | None:
    """Where an encoder answers: an address without a key; None for one that runs here."""
    found = config.config
    if isinstance(found, OllamaEmbedderConfig):
        return ollama_address(found.base_url)
    if isinstance(found, UniversalApiEmbedderConfig):
        return (found.base_url or OPENAI_BASE).rstrip("/")
    return None


def _universal(config: UniversalApiEmbedderConfig, clock: Clock) -> Embedder:
    key = config.api_key.get_secret_value() if config.api_key else None
    azure = {"api-key": key} if config.provider == "azure" and key else {}
    endpoint = EmbeddingEndpoint(
        model=config.model_name_or_path,
        api_base=config.base_url or OPENAI_BASE,
        api_key=key,
        dimension=config.embedding_dims,
        timeout_s=config.timeout_s,
        max_retries=config.max_retries,
        headers={**config.headers, **azure},
    )
    return UniversalApiEmbedder(endpoint, _constants(config), clock)


def _ollama(config: OllamaEmbedderConfig) -> OllamaEndpoint:
    return OllamaEndpoint(
        config.model_name_or_path,
        config.base_url or OLLAMA_BASE,
        config.api_key.get_secret_value() if config.api_key else None,
        config.timeout_s,
        config.max_retries,
        config.options,
    )


def _constants(config: EmbedderConfig) -> Constants:
    return Constants(
        config.dense_weight,
        config.mean_cosine,
        config.embedding_dims,
        config.query_prefix,
        config.passage_prefix,
        config.most_tokens,
    )


def _bundled(config: BundledEmbedderConfig) -> Embedder:
    if config.embedding_dims not in {None, DIM}:
        raise ConfigError(
            f"the bundled encoder gives {DIM} dimensions, not {config.embedding_dims}; leave"
            " EMBEDDING_DIMENSION unset, or choose MEMOS_EMBEDDER_BACKEND=universal_api"
        )
    return UseMultilingualEmbedder(dense_weight=config.dense_weight, mean_cosine=config.mean_cosine)
