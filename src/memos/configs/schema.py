"""Every setting of the server, in one place. What it must not do: read anything by itself.

Building `Settings` looks at nothing but its arguments; `memos.configs.settings` gathers the values
from the environment and says where each came from.
"""

import re
from collections.abc import Mapping
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "MEMOS_"
_BEIJING = "Asia/Shanghai"
_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")
_OLLAMA = (
    "the `ollama` backend comes with the models issue; until then use `universal_api` with"
    " MEMOS_EMBEDDER_API_BASE set to Ollama's OpenAI-compatible address (http://HOST:11434/v1)"
)
_RERANKERS = {"cosine_local": "none", "http_bge": "http"}
"""Documented values for ours. The score of recall holds the embedder's cosine already."""


class ChatModel(BaseModel):
    """One entry of `CHAT_MODEL_LIST`, in either documented form."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: str
    backend: str = "openai"
    api_base: str | None = None
    api_key: SecretStr | None = None
    extra_body: dict[str, Any] = Field(default_factory=dict)
    support_models: tuple[str, ...] = ()

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
        return flat


def _setting(default: Any, description: str, section: str, *env: str, **rules: Any) -> Any:  # noqa: ANN401 - as Field
    """A field with its help, its section in the docs and the documented names it also answers to."""
    extra: dict[str, Any] = {"section": section, "aliases": list(env)}
    if callable(default):
        return Field(
            default_factory=default, description=description, json_schema_extra=extra, **rules
        )
    return Field(default=default, description=description, json_schema_extra=extra, **rules)


def _default_data_dir() -> Path:
    return Path.home() / ".memos" / "data"


def _default_records_url(values: dict[str, Any]) -> str:
    return (
        f"sqlite:///{(values['data_dir'] / 'records.db').as_posix()}"
        if "data_dir" in values
        else ""
    )


class Settings(BaseSettings):
    """Values the server is built from. Frozen; the environment name of a field is `MEMOS_` + NAME.

    Sizes, times and counts carry their unit in their name or description. Optional model
    settings stay empty: without them the rules read and the bundled encoder embeds.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    # Server
    host: str = _setting("127.0.0.1", "Address to listen on.", "Server", min_length=1)
    port: int = _setting(8000, "Port to listen on; 0 takes a free one.", "Server", ge=0, le=65535)
    docs_enabled: bool = _setting(True, "Serve the interactive API pages under /docs.", "Server")
    bootstrap_api_key: SecretStr | None = _setting(
        None,
        "Key of the default project that is made to exist at start. Without it the first start makes"
        " one and shows it once.",
        "Server",
    )
    request_threads: int = _setting(
        2,
        "Threads that answer requests, and four times as many for those that may wait for others."
        " More of them only compete for the interpreter.",
        "Server",
        ge=1,
        le=64,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting(
        "INFO", "Lowest level that is logged.", "Server"
    )
    log_format: Literal["console", "json"] = _setting(
        "console", "`console` for people, `json` for machines.", "Server"
    )
    timezone: str = _setting(
        _BEIJING,
        "Zone of a `chat_time` that names none: an IANA name or an offset like +08:00."
        " The documented default is Beijing time.",
        "Server",
    )

    # Data
    data_dir: Path = _setting(
        _default_data_dir, "Folder that holds everything; `~` is your home folder.", "Data"
    )
    records_url: str = _setting(
        _default_records_url,
        "SQLAlchemy address of the system of record; the default is `records.db` in the data folder.",
        "Data",
        repr=False,
    )
    cache_megabytes: int = _setting(
        512, "Memory for the cubes kept ready to search, in MiB.", "Data", ge=16
    )

    # Work
    embedded_worker: bool = _setting(
        True, "Run the background workers inside the server process.", "Work"
    )
    worker_threads: int | None = _setting(
        None,
        "Background workers. Empty: one when the rules read, four when a model does, which waits.",
        "Work",
        ge=1,
        le=64,
    )
    lease_seconds: float = _setting(
        20.0, "How long a worker owns a task before another may take it, in seconds.", "Work", ge=1
    )
    task_max_attempts: int = _setting(
        5, "Attempts before a task counts as failed.", "Work", ge=1, le=100
    )

    # Embedder
    embedder_backend: Literal["use_multilingual", "universal_api"] = _setting(
        "use_multilingual",
        "`use_multilingual` is bundled and needs nothing; `universal_api` (also `openai`) is any"
        " OpenAI-compatible endpoint.",
        "Embedder",
        "MOS_EMBEDDER_BACKEND",
    )
    embedder_model: str | None = _setting(
        None, "Model name at the endpoint.", "Embedder", "MOS_EMBEDDER_MODEL"
    )
    embedder_api_base: str | None = _setting(
        None,
        "Base URL of the endpoint; empty means OpenAI's.",
        "Embedder",
        "MOS_EMBEDDER_API_BASE",
        "OPENAI_API_BASE",
    )
    embedder_api_key: SecretStr | None = _setting(
        None, "Key of the endpoint.", "Embedder", "MOS_EMBEDDER_API_KEY", "OPENAI_API_KEY"
    )
    embedder_dimension: int | None = _setting(
        None,
        "Length of its vectors; empty means whatever the endpoint answers.",
        "Embedder",
        "EMBEDDING_DIMENSION",
        ge=1,
        le=16384,
    )
    embedder_dense_weight: float | None = _setting(
        None,
        "Weight of the cosine against the keyword score; empty means the encoder's own, measured"
        " at first use for an endpoint.",
        "Embedder",
        gt=0,
    )
    embedder_mean_cosine: float | None = _setting(
        None, "Cosine of unrelated texts; empty as above.", "Embedder", gt=-1, lt=1
    )
    embedder_timeout_seconds: float = _setting(
        20.0, "Longest wait for one answer of the endpoint, in seconds.", "Embedder", gt=0
    )

    # Language models
    llm_model: str | None = _setting(
        None,
        "Model that reads messages. Empty: the rules read, nothing leaves the machine, whatever"
        " keys are set.",
        "Language model",
        "MEMRADER_MODEL",
    )
    llm_api_base: str | None = _setting(
        None,
        "Base URL of the reader model; empty means OpenAI's.",
        "Language model",
        "MEMRADER_API_BASE",
        "OPENAI_API_BASE",
    )
    llm_api_key: SecretStr | None = _setting(
        None, "Key of the reader model.", "Language model", "MEMRADER_API_KEY", "OPENAI_API_KEY"
    )
    llm_timeout_seconds: float = _setting(
        60.0, "Longest wait for one answer, in seconds.", "Language model", gt=0
    )
    llm_max_retries: int = _setting(
        2, "Further tries after a refused or failed call.", "Language model", ge=0, le=10
    )
    chat_model: str | None = _setting(
        None,
        "Default chat model. Kept for chat, which is not part of this version.",
        "Language model",
        "MOS_CHAT_MODEL",
    )
    chat_model_list: tuple[ChatModel, ...] = _setting(
        (),
        "Chat models as JSON, in either documented form. Kept for chat, which is not part of this"
        " version.",
        "Language model",
        "CHAT_MODEL_LIST",
    )

    # Reranker
    reranker_backend: Literal["none", "cosine", "http", "onnx", "llm"] = _setting(
        "none",
        "Judges results a second time, as a nudge: `http` is a reranking service (`http_bge` also"
        " works), `onnx` a local cross-encoder, `llm` a chat model, `cosine` the embedder."
        " `cosine_local` counts as `none`: the score holds that cosine already.",
        "Reranker",
        "MOS_RERANKER_BACKEND",
    )
    reranker_url: str | None = _setting(
        None,
        "Address of the service, or base URL of the chat model; for `llm`, empty means the reader's.",
        "Reranker",
    )
    reranker_api_key: SecretStr | None = _setting(
        None,
        "Key of the service; for `llm` at the reader's address, empty means the reader's.",
        "Reranker",
    )
    reranker_model: str | None = _setting(
        None, "Model name there; for `llm`, empty means the reader model.", "Reranker"
    )
    reranker_path: Path | None = _setting(
        None, "Folder of the local model: `model.onnx` and `tokenizer.json`.", "Reranker"
    )
    reranker_timeout_seconds: float = _setting(
        2.0,
        "Most time reranking may add to a search, in seconds; without an answer by then the order"
        " stays as it was.",
        "Reranker",
        gt=0,
        le=60,
    )
    reranker_weight: float = _setting(
        0.1,
        "How much it may say: a relevance p adds weight * (p - 0.5) to the score; 0 switches it off.",
        "Reranker",
        ge=0,
        le=10,
    )
    reranker_candidates: int = _setting(
        20, "Most results judged in one search.", "Reranker", ge=1, le=200
    )

    # Limits
    add_max_tokens: int = _setting(
        40_000, "Largest sum of one add's messages, in tokens.", "Limits", ge=1
    )
    query_max_tokens: int = _setting(4_000, "Largest query, in tokens.", "Limits", ge=1)
    request_max_tokens: int = _setting(
        40_000, "Largest request of any kind, in tokens.", "Limits", ge=1
    )
    tokens_per_minute: int = _setting(
        400_000,
        "Input tokens a project may send in a minute; 0 switches the limit off.",
        "Limits",
        ge=0,
    )
    default_relativity: float = _setting(
        0.45,
        "Relevance below which a result is left out when the caller names none.",
        "Limits",
        ge=0,
        le=1,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments only: one reader, `load_settings`, knows where each value came from."""
        return (init_settings,)

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("data_dir", "reranker_path", mode="after")
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("timezone", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        parse_zone(value)
        return value

    @field_validator("embedder_backend", mode="before")
    @classmethod
    def _backend(cls, value: object) -> object:
        if value == "ollama":
            raise ValueError(_OLLAMA)
        return "universal_api" if value == "openai" else value

    @field_validator("reranker_backend", mode="before")
    @classmethod
    def _documented_reranker(cls, value: object) -> object:
        return _RERANKERS.get(value, value) if isinstance(value, str) else value

    @property
    def zone(self) -> tzinfo:
        """The zone of a time that names none."""
        return parse_zone(self.timezone)


def parse_zone(name: str) -> tzinfo:
    """Zone of an IANA name or of an offset `+HH:MM`.

    Raises:
        ValueError: neither. A machine without a zone database still knows Beijing time and UTC.
    """
    if match := _OFFSET.fullmatch(name):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
        return timezone(offset if match[1] == "+" else -offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if name == _BEIJING:
            return timezone(timedelta(hours=8), _BEIJING)
        if name.upper() == "UTC":
            return timezone.utc
    raise ValueError("is no known time zone; use an IANA name such as Asia/Shanghai, or +08:00")
