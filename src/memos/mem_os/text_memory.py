"""Chooses what library classes of memory work on, from their configurations."""

import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

from memos.configs.memory import EmbeddedStoreConfig, PreferenceTextMemoryConfig
from memos.embedders.factory import EmbedderFactory, build_embedder
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.llms.factory import LLMFactory
from memos.mem_os.active_embedder import ActiveEmbedder
from memos.mem_os.bootstrap import BUNDLED_EMBEDDER, MEMORY_FILE, open_folder
from memos.mem_reader.base import Reader, Window
from memos.mem_reader.model import ModelReader
from memos.mem_reader.rules import RuleReader
from memos.memories.textual.preference import PreferenceParts
from memos.memories.textual.tree_text_memory.retrieve.lift import PreferenceLifter
from memos.memories.textual.tree_text_memory.retrieve.retriever import Retriever
from memos.types.chat_time import BEIJING
from memos.types.clock import RandomIds, SystemClock
from memos.types.memory import Draft
from memos.types.message import Message


def preference_parts(config: PreferenceTextMemoryConfig) -> PreferenceParts:
    """The store, the encoder and the reader of a configuration.

    Raises:
        ConfigError: one cannot be used.
    """
    clock = SystemClock()
    with contextlib.ExitStack() as made:
        graph = SqliteGraphStore(_folder(config, made) / MEMORY_FILE, clock)
        made.callback(graph.close)
        target = EmbedderFactory.from_config(config.embedder, clock=clock)
        embedder = ActiveEmbedder(graph, target, lambda: build_embedder(BUNDLED_EMBEDDER, clock))
        made.callback(embedder.close)
        retriever = Retriever(graph, embedder, clock=clock, zone=BEIJING)
        retriever.lifters += (PreferenceLifter(),)
        reader = _reader(config, made)

        def read(messages: Sequence[Message]) -> Sequence[Draft]:
            return reader.read(Window(tuple(messages)))

        close = made.pop_all().close
    return PreferenceParts(graph, embedder, read, retriever, clock, RandomIds(), close)


def _folder(config: PreferenceTextMemoryConfig, made: contextlib.ExitStack) -> Path:
    store = config.vector_db.config
    if isinstance(store, EmbeddedStoreConfig) and store.path is not None:
        return open_folder(store.path.expanduser())
    return Path(made.enter_context(tempfile.TemporaryDirectory(prefix="memos-")))


def _reader(config: PreferenceTextMemoryConfig, made: contextlib.ExitStack) -> Reader:
    rules = RuleReader()
    if config.extractor_llm is None:
        return rules
    llm = LLMFactory.from_config(config.extractor_llm)
    made.callback(llm.close)
    return ModelReader(llm, rules)
