"""Connects chat, and what else answers with models, to the stores and the configured models."""

from dataclasses import dataclass

from memos.configs.sections.language import ChatModel
from memos.configs.settings import Settings
from memos.endpoints.guard import Guards
from memos.handlers.chat import Chat, ChatParts
from memos.handlers.extract import ExtractMemory
from memos.handlers.rerank import RerankDocuments
from memos.handlers.suggestion import SuggestQueries
from memos.llms.base import LLM
from memos.mem_chat.models import ChatModels
from memos.mem_os.models import configured_chat, guarded_llm, llm_config
from memos.mem_reader.base import Reader
from memos.reranker.base import Reranker
from memos.types.clock import Clock, IdSource


@dataclass(frozen=True, slots=True)
class Conversation:
    """The use cases that answer with models. Close it when done."""

    models: ChatModels
    chat: Chat
    suggest: SuggestQueries
    extract: ExtractMemory
    rerank: RerankDocuments

    def close(self) -> None:
        """Release the models."""
        self.models.close()


def build_conversation(
    parts: ChatParts, reader: Reader, reranker: Reranker, ids: IdSource
) -> Conversation:
    """Connect the use cases; nothing is called yet.

    Args:
        parts: what chat works with, and the others share.
        reader: reads what is extracted.
        reranker: judges a caller's texts; not closed with the use cases.
        ids: source of new identifiers.
    """
    meter, clock = parts.meter, parts.clock
    models = parts.models
    llm = models.choose() if models.names else None
    return Conversation(
        models,
        chat=Chat(parts),
        suggest=SuggestQueries(parts.graph, llm, meter=meter, clock=clock),
        extract=ExtractMemory(reader, meter=meter, clock=clock),
        rerank=RerankDocuments(reranker, meter=meter, ids=ids),
    )


def configured_chat_models(
    settings: Settings, clock: Clock, guards: Guards | None = None
) -> ChatModels:
    """The chat models of the settings, the default one first.

    The default is `chat_model`, else the first of `chat_model_list`, else the reader model. A
    `chat_model` that the list does not have is asked for where the reader model is.

    Args:
        settings: the values.
        clock: source of time.
        guards: of the process; None leaves the models unguarded and uncounted.

    Raises:
        ConfigError: a model lacks what its backend needs.
    """
    entries = {name: entry for entry in settings.chat_model_list for name in _names(entry)}
    default = settings.chat_model or next(iter(entries), settings.llm_model)
    made: dict[str, LLM] = {}
    models: dict[str, LLM] = {}
    for name in dict.fromkeys([default, *entries, settings.llm_model]):
        if not name:
            continue
        entry = entries.get(name)
        own = name if entry is None else entry.name
        if own not in made:
            made[own] = _model(settings, clock, guards, entry or ChatModel(name=name))
        models[name] = made[own]

    def close() -> None:
        for model in made.values():
            model.close()

    return ChatModels(models, close)


def _names(entry: ChatModel) -> tuple[str, ...]:
    """What a caller may call a model: its own name, and those it stands in for."""
    return tuple(dict.fromkeys([entry.name, *entry.support_models]))


def _model(settings: Settings, clock: Clock, guards: Guards | None, entry: ChatModel) -> LLM:
    """A model at its own address, or at the reader's when it names none."""
    if entry.api_base or entry.api_key or entry.backend != ChatModel(name="").backend:
        return configured_chat(entry, settings, clock, guards)
    config = llm_config(settings.model_copy(update={"llm_model": entry.name}))
    return guarded_llm(config, clock, guards, "chat")
