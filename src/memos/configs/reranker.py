"""Configuration of rerankers, in the documented form."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import AliasChoices, Field, SecretStr

from memos.configs.component import ComponentConfig, ComponentConfigFactory
from memos.configs.llm import LLMConfigFactory


class CosineRerankerConfig(ComponentConfig):
    """Relevance by the embedder's cosine."""


class HttpRerankerConfig(ComponentConfig):
    """A reranking service of the Jina, Cohere, vLLM or text-embeddings-inference form.

    Args:
        url: its address.
        model: name there; None for services of one model.
        api_key: key; None for services that ask for none.
        headers: sent along with every request.
    """

    url: str = Field(
        min_length=1,
        validation_alias=AliasChoices("url", "reranker_url", "base_url", "api_base"),
    )
    model: str | None = Field(
        default=None, validation_alias=AliasChoices("model", "model_name_or_path")
    )
    api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("api_key", "token")
    )
    headers: dict[str, str] = Field(
        default_factory=dict, validation_alias=AliasChoices("headers", "headers_extra")
    )


class OnnxRerankerConfig(ComponentConfig):
    """A cross-encoder in ONNX form on this machine.

    Args:
        path: folder of `model.onnx` and `tokenizer.json`.
        max_tokens: longest pair in the model's tokens.
        device: `cpu`, or `cuda` with onnxruntime-gpu installed.
    """

    path: Path = Field(validation_alias=AliasChoices("path", "model_name_or_path"))
    max_tokens: int = Field(default=512, ge=8)
    device: str = "cpu"


class LLMRerankerConfig(ComponentConfig):
    """A chat model as judge."""

    llm: LLMConfigFactory


class RerankerConfigFactory(ComponentConfigFactory):
    """A reranker: `{"backend": "http_bge", "config": {"url": ..., "model": ...}}`."""

    kind: ClassVar[str] = "reranker"
    backends: ClassVar[Mapping[str, type[ComponentConfig]]] = {
        "cosine_local": CosineRerankerConfig,
        "http_bge": HttpRerankerConfig,
        "jina": HttpRerankerConfig,
        "cohere": HttpRerankerConfig,
        "onnx": OnnxRerankerConfig,
        "llm": LLMRerankerConfig,
    }
    other_names: ClassVar[Mapping[str, str]] = {
        "cosine": "cosine_local",
        "http": "http_bge",
        "http_bge_strategy": "http_bge",
    }
