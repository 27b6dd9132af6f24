"""Configuration of language models, in the documented form."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import AliasChoices, Field, SecretStr

from memos.configs.component import ComponentConfig, ComponentConfigFactory


class LLMConfig(ComponentConfig):
    """What every language model may be told.

    Args:
        model_name_or_path: name at the server, or folder of a local model.
        temperature: 0..2; the server's own when left out.
        max_tokens: longest answer, in the model's tokens.
        top_p: 0..1.
        remove_think_prefix: take reasoning that stands before an answer out of it.
        timeout_s: longest wait for one answer, in seconds.
        max_retries: further tries after a refused or failed call.
    """

    model_name_or_path: str = Field(
        min_length=1, validation_alias=AliasChoices("model_name_or_path", "model")
    )
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(
        default=None, ge=1, validation_alias=AliasChoices("max_tokens", "max_new_tokens")
    )
    top_p: float | None = Field(default=None, gt=0, le=1)
    remove_think_prefix: bool = True
    timeout_s: float = Field(
        default=60.0, gt=0, validation_alias=AliasChoices("timeout_s", "timeout")
    )
    max_retries: int = Field(default=2, ge=0, le=10)


class OpenAILLMConfig(LLMConfig):
    """A server of the OpenAI protocol.

    Args:
        api_key: key; None for servers that ask for none.
        api_base: base URL; None for the usual address of the backend.
        extra_body: sent along with every request.
        headers: sent along with every request.
        api_version: only for Azure's addresses by deployment.
    """

    api_key: SecretStr | None = None
    api_base: str | None = Field(
        default=None, validation_alias=AliasChoices("api_base", "base_url")
    )
    extra_body: dict[str, Any] = Field(
        default_factory=dict, validation_alias=AliasChoices("extra_body", "extra")
    )
    headers: dict[str, str] = Field(default_factory=dict)
    api_version: str | None = None


class OllamaLLMConfig(LLMConfig):
    """Ollama.

    Args:
        api_base: its address; None for this machine's.
        api_key: key, for Ollama behind a proxy that asks for one.
        options: Ollama's model options (`num_ctx`, `seed`, ...).
    """

    api_base: str | None = Field(
        default=None, validation_alias=AliasChoices("api_base", "base_url")
    )
    api_key: SecretStr | None = None
    options: dict[str, Any] = Field(default_factory=dict)


class AnthropicLLMConfig(LLMConfig):
    """Anthropic's Messages protocol."""

    api_key: SecretStr | None = None
    api_base: str | None = Field(
        default=None, validation_alias=AliasChoices("api_base", "base_url")
    )


class HuggingFaceLLMConfig(LLMConfig):
    """A model of transformers in this process.

    Args:
        device: `auto`, `cpu`, `cuda`, `cuda:1` or `mps`.
        precision: `auto`, `float32`, `float16` or `bfloat16`.
        add_generation_prompt: end the prompt with the mark that begins an answer.
    """

    device: str = "auto"
    precision: str = Field(
        default="auto", validation_alias=AliasChoices("precision", "torch_dtype", "dtype")
    )
    add_generation_prompt: bool = True


class LLMConfigFactory(ComponentConfigFactory):
    """A language model: `{"backend": "ollama", "config": {"model_name_or_path": "qwen3:0.6b"}}`."""

    kind: ClassVar[str] = "language model"
    backends: ClassVar[Mapping[str, type[ComponentConfig]]] = {
        "openai": OpenAILLMConfig,
        "azure": OpenAILLMConfig,
        "qwen": OpenAILLMConfig,
        "deepseek": OpenAILLMConfig,
        "minimax": OpenAILLMConfig,
        "vllm": OpenAILLMConfig,
        "sglang": OpenAILLMConfig,
        "lmstudio": OpenAILLMConfig,
        "ollama": OllamaLLMConfig,
        "anthropic": AnthropicLLMConfig,
        "huggingface": HuggingFaceLLMConfig,
    }
    other_names: ClassVar[Mapping[str, str]] = {
        "azure_openai": "azure",
        "huggingface_singleton": "huggingface",
        "lm_studio": "lmstudio",
        "openai_compatible": "openai",
        "openai_new": "openai",
        "transformers": "huggingface",
        "universal_api": "openai",
    }
