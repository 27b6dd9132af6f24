"""Every setting of the server, in one place. What it must not do: read anything by itself.

Building `Settings` looks at nothing but its arguments; `memos.configs.settings` gathers the values
from the environment and says where each came from.
"""

import re
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from memos.configs.sections.document import DocumentSettings
from memos.configs.sections.embedder import EmbedderSettings
from memos.configs.sections.knowledge import KnowledgeSettings
from memos.configs.sections.language import ChatModel, LanguageSettings
from memos.configs.sections.lifecycle import LifecycleSettings
from memos.configs.sections.limit import LimitSettings
from memos.configs.sections.organise import OrganiseSettings
from memos.configs.sections.reranker import RerankerSettings
from memos.configs.sections.server import BEIJING, ServerSettings
from memos.configs.sections.work import WorkSettings

__all__ = ["PREFIX", "ChatModel", "Settings", "parse_zone"]

PREFIX = "MEMOS_"
_OFFSET = re.compile(r"([+-])([01]\d|2[0-3]):([0-5]\d)")
_RERANKERS = {"cosine_local": "none", "http_bge": "http"}
"""Documented values for ours. The score of recall holds the embedder's cosine already."""


class Settings(
    KnowledgeSettings,
    LifecycleSettings,
    LimitSettings,
    RerankerSettings,
    LanguageSettings,
    EmbedderSettings,
    WorkSettings,
    OrganiseSettings,
    DocumentSettings,
    ServerSettings,
    BaseSettings,
):
    """Values the server is built from. Frozen; the environment name of a field is `MEMOS_` + NAME.

    Sizes, times and counts carry their unit in their name or description. Optional model
    settings stay empty: without them the rules read and the bundled encoder embeds.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
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
        if name == BEIJING:
            return timezone(timedelta(hours=8), BEIJING)
        if name.upper() == "UTC":
            return timezone.utc
    raise ValueError("is no known time zone; use an IANA name such as Asia/Shanghai, or +08:00")
