"""Chooses a language model from plain values."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from memos.configs.component import ComponentConfig, checked
from memos.configs.llm import (
    AnthropicLLMConfig,
    HuggingFaceLLMConfig,
    LLMConfig,
    LLMConfigFactory,
    OllamaLLMConfig,
    OpenAILLMConfig,
)
from memos.endpoints.ollama import OLLAMA_BASE, OllamaEndpoint, ollama_address
from memos.errors import ConfigError
from memos.llms.anthropic import AnthropicChat, AnthropicEndpoint
from memos.llms.base import LLM
from memos.llms.capability import PRESETS
from memos.llms.huggingface import HuggingFaceChat, LocalModel
from memos.llms.ollama import OllamaChat
from memos.llms.openai import OPENAI_BASE, ChatEndpoint, OpenAIChat
from memos.llms.prompt import Manner
from memos.types.clock import Clock, SystemClock

ANTHROPIC_BASE = "https://api.anthropic.com"


class LLMFactory:
    """Makes language models from documented configurations."""

    @classmethod
    def from_config(
        cls, config: LLMConfigFactory | Mapping[str, Any], *, clock: Clock | None = None
    ) -> LLM:
        """A language model. Loads and calls nothing yet.

        Args:
            config: backend and configuration, or the same as a plain mapping.
            clock: for durations in the log; None for the machine's.

        Raises:
            ConfigError: an unknown backend, or one without what it needs.
        """
        chosen = checked(LLMConfigFactory, config)
        time = clock or SystemClock()
        found = chosen.config
        if isinstance(found, OllamaLLMConfig):
            return OllamaChat(_ollama(found), time, _manner(found))
        if isinstance(found, AnthropicLLMConfig):
            return AnthropicChat(_anthropic(found), time, _manner(found))
        if isinstance(found, HuggingFaceLLMConfig):
            return HuggingFaceChat(_local(found), time, _manner(found))
        if isinstance(found, OpenAILLMConfig):
            preset = PRESETS[chosen.backend]
            # A server at another address than the backend's usual one is known by its backend only
            # when that was said on purpose: `openai` is what people write for any server.
            anywhere = chosen.backend == "openai" and found.api_base
            capability = None if anywhere else preset.capability
            return OpenAIChat(_openai(chosen.backend, found), time, capability, _manner(found))
        raise ConfigError(f"the backend `{chosen.backend}` has no connector")


def build_llm(
    model: str,
    *,
    clock: Clock | None = None,
    api_base: str | None = None,
    api_key: str | None = None,
    timeout_s: float = 60.0,
    max_retries: int = 2,
) -> OpenAIChat:
    """A chat model at any OpenAI-compatible endpoint. Calls nothing yet.

    Args:
        model: name at the endpoint.
        clock: for durations in the log; None for the machine's.
        api_base: base URL of the endpoint; None for OpenAI's.
        api_key: its key; None for endpoints that ask for none.
        timeout_s: longest wait for one answer.
        max_retries: further tries after a refused or failed call.
    """
    endpoint = ChatEndpoint(
        model=model,
        api_base=api_base or OPENAI_BASE,
        api_key=api_key,
        timeout_s=timeout_s,
        max_retries=max_retries,
    )
    return OpenAIChat(endpoint, clock or SystemClock())


def place_of(config: LLMConfigFactory) -> str:
    """Where a model answers: an address without a key, or the name of a model that runs here."""
    found: ComponentConfig = config.config
    if isinstance(found, OllamaLLMConfig):
        return ollama_address(found.api_base)
    if isinstance(found, AnthropicLLMConfig):
        return found.api_base or ANTHROPIC_BASE
    if isinstance(found, OpenAILLMConfig):
        return (found.api_base or PRESETS[config.backend].api_base or config.backend).rstrip("/")
    return f"local:{getattr(found, 'model_name_or_path', config.backend)}"


def _manner(config: LLMConfig) -> Manner:
    return Manner(
        config.max_tokens,
        config.temperature,
        config.top_p,
        keep_reasoning=not config.remove_think_prefix,
    )


def _openai(backend: str, config: OpenAILLMConfig) -> ChatEndpoint:
    preset = PRESETS[backend]
    base = config.api_base or preset.api_base
    key = _plain(config.api_key)
    if not base:
        raise ConfigError(f"the {backend} backend needs api_base, the address of the server")
    if preset.needs_key and not key:
        raise ConfigError(f"the {backend} backend needs api_key")
    headers, query = dict(config.headers), {}
    if backend == "azure":
        headers["api-key"] = key or ""
        if config.api_version:
            base = f"{base.rstrip('/')}/openai/deployments/{config.model_name_or_path}"
            query["api-version"] = config.api_version
    return ChatEndpoint(
        model=config.model_name_or_path,
        api_base=base,
        api_key=key,
        timeout_s=config.timeout_s,
        max_retries=config.max_retries,
        extra_body=config.extra_body or None,
        headers=headers,
        query=query,
    )


def _ollama(config: OllamaLLMConfig) -> OllamaEndpoint:
    return OllamaEndpoint(
        config.model_name_or_path,
        config.api_base or OLLAMA_BASE,
        _plain(config.api_key),
        config.timeout_s,
        config.max_retries,
        config.options,
    )


def _anthropic(config: AnthropicLLMConfig) -> AnthropicEndpoint:
    key = _plain(config.api_key)
    if not key and not config.api_base:
        raise ConfigError("the anthropic backend needs api_key")
    return AnthropicEndpoint(
        config.model_name_or_path, key, config.api_base, config.timeout_s, config.max_retries
    )


def _local(config: HuggingFaceLLMConfig) -> LocalModel:
    return LocalModel(
        config.model_name_or_path,
        config.device,
        config.precision,
        config.add_generation_prompt,
        max(config.timeout_s, 300.0),
    )


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
