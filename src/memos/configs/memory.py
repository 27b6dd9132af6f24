"""Configuration of memory modules used as a library, in the documented form."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import AliasChoices, Field

from memos.configs.component import ComponentConfig, ComponentConfigFactory
from memos.configs.embedder import EmbedderConfigFactory
from memos.configs.llm import LLMConfigFactory


class EmbeddedStoreConfig(ComponentConfig):
    """The embedded store.

    Args:
        path: folder of its file; left out, memories live as long as the object.
    """

    path: Path | None = Field(default=None, validation_alias=AliasChoices("path", "uri", "local"))


class StoreConfigFactory(ComponentConfigFactory):
    """Where memories are kept: `{"backend": "embedded", "config": {"path": "tmp/preferences"}}`."""

    kind: ClassVar[str] = "store"
    backends: ClassVar[Mapping[str, type[ComponentConfig]]] = {"embedded": EmbeddedStoreConfig}
    other_names: ClassVar[Mapping[str, str]] = {"sqlite": "embedded", "default": "embedded"}


class PreferenceTextMemoryConfig(ComponentConfig):
    """What `PreferenceTextMemory` may be told; everything may be left out.

    Args:
        extractor_llm: model that reads dialogues; the rules do without one.
        embedder: makes the vectors; the bundled encoder when left out.
        vector_db: where memories are kept.
        mem_cube_id: names the cube in the metadata of memories.
        memory_filename: name of the file that `dump` writes.
    """

    extractor_llm: LLMConfigFactory | None = None
    embedder: EmbedderConfigFactory = Field(
        default_factory=lambda: EmbedderConfigFactory.model_validate({"backend": "default"})
    )
    vector_db: StoreConfigFactory = Field(
        default_factory=lambda: StoreConfigFactory.model_validate({"backend": "embedded"})
    )
    mem_cube_id: str = "default"
    memory_filename: str = Field(default="preference_memory.json", pattern=r"^[\w.-]+$")
