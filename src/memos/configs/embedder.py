"""Configuration of embedders, in the documented form."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import AliasChoices, Field, SecretStr

from memos.configs.component import ComponentConfig, ComponentConfigFactory


class EmbedderConfig(ComponentConfig):
    """What every embedder may be told.

    Args:
        embedding_dims: length of the vectors; the encoder's own when left out.
        dense_weight: weight of the cosine against the keyword score; measured when left out.
        mean_cosine: cosine of unrelated texts; measured when left out.
        query_prefix: written before every question, as some encoders want it.
        passage_prefix: written before every statement.
        most_tokens: kept of one text, by our estimate.
    """

    embedding_dims: int | None = Field(
        default=None,
        ge=1,
        le=16384,
        validation_alias=AliasChoices("embedding_dims", "dimension", "dims"),
    )
    dense_weight: float | None = Field(default=None, gt=0)
    mean_cosine: float | None = Field(default=None, gt=-1, lt=1)
    query_prefix: str = ""
    passage_prefix: str = Field(
        default="", validation_alias=AliasChoices("passage_prefix", "document_prefix")
    )
    most_tokens: int = Field(default=6000, ge=1)


class BundledEmbedderConfig(EmbedderConfig):
    """The encoder that comes with MemOS."""


class EndpointEmbedderConfig(EmbedderConfig):
    """An embedder that answers over HTTP.

    Args:
        model_name_or_path: name at the server.
        api_key: key; None for servers that ask for none.
        base_url: base URL; None for the usual address of the backend.
        timeout_s: longest wait for one answer, in seconds.
        max_retries: further tries after a refused or failed call.
    """

    model_name_or_path: str = Field(
        min_length=1, validation_alias=AliasChoices("model_name_or_path", "model")
    )
    api_key: SecretStr | None = None
    base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("base_url", "api_base")
    )
    timeout_s: float = Field(
        default=20.0, gt=0, validation_alias=AliasChoices("timeout_s", "timeout")
    )
    max_retries: int = Field(default=2, ge=0, le=10)


class UniversalApiEmbedderConfig(EndpointEmbedderConfig):
    """Any server of the OpenAI protocol.

    Args:
        provider: `openai` or `azure`.
        headers: sent along with every request.
    """

    provider: str = "openai"
    headers: dict[str, str] = Field(default_factory=dict)


class OllamaEmbedderConfig(EndpointEmbedderConfig):
    """Ollama.

    Args:
        options: Ollama's model options (`num_ctx`, ...).
    """

    options: dict[str, Any] = Field(default_factory=dict)


class LocalEmbedderConfig(EmbedderConfig):
    """An encoder of a library in this process.

    Args:
        model_name_or_path: folder of its files, or a name the library knows.
        path: for fastembed, folder of the files of the model named.
        device: `auto`, `cpu`, `cuda`, `cuda:1` or `mps`.
    """

    model_name_or_path: str = Field(
        min_length=1, validation_alias=AliasChoices("model_name_or_path", "model")
    )
    path: Path | None = None
    device: str = "auto"


class OnnxEmbedderConfig(LocalEmbedderConfig):
    """An encoder in ONNX form.

    Args:
        pooling: how token vectors become one: `mean`, `cls` or `last`.
        max_tokens: longest text in the model's tokens.
    """

    pooling: Literal["mean", "cls", "last"] = "mean"
    max_tokens: int = Field(default=512, ge=8)


class EmbedderConfigFactory(ComponentConfigFactory):
    """An embedder: `{"backend": "ollama", "config": {"model_name_or_path": "nomic-embed-text"}}`."""

    kind: ClassVar[str] = "embedder"
    backends: ClassVar[Mapping[str, type[ComponentConfig]]] = {
        "use_multilingual": BundledEmbedderConfig,
        "universal_api": UniversalApiEmbedderConfig,
        "ollama": OllamaEmbedderConfig,
        "onnx": OnnxEmbedderConfig,
        "sentence_transformer": LocalEmbedderConfig,
        "fastembed": LocalEmbedderConfig,
    }
    other_names: ClassVar[Mapping[str, str]] = {
        "default": "use_multilingual",
        "openai": "universal_api",
        "sentence_transformers": "sentence_transformer",
        "sentence-transformers": "sentence_transformer",
    }
