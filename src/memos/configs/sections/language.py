"""Language models: the reader and the chat models."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from memos.configs.component import checked
from memos.configs.llm import LLMConfigFactory
from memos.configs.sections.setting import HTTP_ADDRESS, setting


class ChatModel(BaseModel):
    """One entry of `CHAT_MODEL_LIST`, in either documented form."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: str
    backend: str = "openai"
    api_base: str | None = Field(None, pattern=HTTP_ADDRESS)
    api_key: SecretStr | None = None
    extra_body: dict[str, Any] = Field(default_factory=dict)
    support_models: tuple[str, ...] = ()
    more: dict[str, Any] = Field(default_factory=dict, repr=False)
    """Whatever else the entry says to its backend."""

    @model_validator(mode="before")
    @classmethod
    def _unify(cls, entry: object) -> object:
        if not isinstance(entry, Mapping):
            return entry
        nested = entry.get("config")
        flat = {**entry, **nested} if isinstance(nested, Mapping) else dict(entry)
        model = flat.get("model_name_or_path") or flat.get("model")
        if model:
            flat["name"] = model
        known = {*cls.model_fields, "config", "model", "model_name_or_path"}
        return {**flat, "more": {name: v for name, v in flat.items() if name not in known}}

    def llm(self, timeout_s: float, max_retries: int) -> LLMConfigFactory:
        """The model's configuration. A backend that is not known is any OpenAI-compatible server.

        Raises:
            ConfigError: it lacks what its backend needs.
        """
        backend = self.backend.strip().lower()
        known = {*LLMConfigFactory.backends, *LLMConfigFactory.other_names}
        return checked(
            LLMConfigFactory,
            {
                "backend": backend if backend in known or not self.api_base else "openai",
                "config": {
                    "timeout_s": timeout_s,
                    "max_retries": max_retries,
                    **self.more,
                    "model_name_or_path": self.name,
                    "api_base": self.api_base,
                    "api_key": self.api_key,
                    **({"extra_body": self.extra_body} if self.extra_body else {}),
                },
            },
        )


class LanguageSettings(BaseModel):
    """Which language models are connected."""

    @field_validator("llm_backend", mode="after")
    @classmethod
    def _known_backend(cls, value: str) -> str:
        return LLMConfigFactory.known(value)

    llm_model: str | None = setting(
        None,
        "Model that reads messages. Empty: the rules read, nothing leaves the machine, whatever"
        " keys are set.",
        "Language model",
        "MEMRADER_MODEL",
    )
    llm_backend: str = setting(
        "openai",
        "What serves the reader model: `openai` (any OpenAI-compatible server), `azure`, `qwen`,"
        " `deepseek`, `minimax`, `vllm`, `sglang`, `lmstudio`, `ollama`, `anthropic` or"
        " `huggingface`.",
        "Language model",
        "MEMRADER_BACKEND",
    )
    llm_options: dict[str, Any] = setting(
        {},
        "Further fields of the backend's configuration as JSON, such as `extra_body`, `options` or"
        " `device`; see models.md.",
        "Language model",
    )
    llm_api_base: str | None = setting(
        None,
        "Base URL of the reader model; empty means the usual one of the backend.",
        "Language model",
        "MEMRADER_API_BASE",
        "OPENAI_API_BASE",
        pattern=HTTP_ADDRESS,
    )
    llm_api_key: SecretStr | None = setting(
        None, "Key of the reader model.", "Language model", "MEMRADER_API_KEY", "OPENAI_API_KEY"
    )
    llm_timeout_seconds: float = setting(
        60.0, "Longest wait for one answer, in seconds.", "Language model", gt=0
    )
    llm_max_retries: int = setting(
        2, "Further tries after a refused or failed call.", "Language model", ge=0, le=10
    )
    chat_model: str | None = setting(
        None,
        "Model that answers in chat. Empty: the first of the list below, else the reader model. One"
        " that the list does not have is asked for at the reader's address.",
        "Language model",
        "MOS_CHAT_MODEL",
    )
    chat_model_list: tuple[ChatModel, ...] = setting(
        (),
        "Chat models as JSON, in either documented form; `support_models` are further names one"
        " answers to.",
        "Language model",
        "CHAT_MODEL_LIST",
    )
