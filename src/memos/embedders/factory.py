"""Chooses an encoder from plain values."""

from dataclasses import dataclass

from memos.embedders.base import Embedder
from memos.embedders.batching import BatchingEmbedder
from memos.embedders.universal_api import OPENAI_BASE, EmbeddingEndpoint, UniversalApiEmbedder
from memos.embedders.use_multilingual import DIM, UseMultilingualEmbedder
from memos.errors import ConfigError
from memos.types.clock import Clock

_LOCAL_BATCH = 16
_REMOTE_BATCH = 64


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
        backend: `use_multilingual`, or `universal_api` for any OpenAI-compatible endpoint.
        clock: for durations in the log.
        model: model name at the endpoint.
        api_base: base URL of the endpoint; None for OpenAI's.
        api_key: its key; None for endpoints that ask for none.
        options: see `EmbedderOptions`.

    Raises:
        ConfigError: an unknown backend, an endpoint without a model, or a dimension the bundled
            encoder does not have.
    """
    chosen = options or EmbedderOptions()
    if backend == "use_multilingual":
        return BatchingEmbedder(_bundled(chosen), clock, batch_size=_LOCAL_BATCH)
    if backend == "universal_api":
        if not model:
            raise ConfigError("the universal_api embedder needs a model; set MEMOS_EMBEDDER_MODEL")
        endpoint = EmbeddingEndpoint(
            model=model,
            api_base=api_base or OPENAI_BASE,
            api_key=api_key,
            dimension=chosen.dimension,
            timeout_s=chosen.timeout_s,
        )
        remote = UniversalApiEmbedder(
            endpoint, dense_weight=chosen.dense_weight, mean_cosine=chosen.mean_cosine
        )
        return BatchingEmbedder(remote, clock, batch_size=_REMOTE_BATCH)
    raise ConfigError(
        f"no embedder backend is called `{backend}`; use use_multilingual or universal_api"
    )


def _bundled(options: EmbedderOptions) -> Embedder:
    if options.dimension not in {None, DIM}:
        raise ConfigError(
            f"the bundled encoder gives {DIM} dimensions, not {options.dimension}; leave"
            " EMBEDDING_DIMENSION unset, or choose MEMOS_EMBEDDER_BACKEND=universal_api"
        )
    return UseMultilingualEmbedder(
        dense_weight=options.dense_weight, mean_cosine=options.mean_cosine
    )
