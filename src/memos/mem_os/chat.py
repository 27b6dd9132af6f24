"""Connects chat, and what else answers with models, to the stores and the configured models."""

from dataclasses import dataclass

from memos.configs.sections.language import ChatModel
from memos.configs.settings import Settings
from memos.handlers.chat import Chat, ChatParts
from memos.handlers.extract import ExtractMemory
from memos.handlers.rerank import RerankDocuments
from memos.handlers.suggestion import SuggestQueries
from memos.llms.base import LLM
from memos.llms.openai import OPENAI_BASE, ChatEndpoint, OpenAIChat
from memos.mem_chat.models import ChatModels
from memos.mem_os.models import plain
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


def configured_chat_models(settings: Settings, clock: Clock) -> ChatModels:
    """The chat models of the settings, the default one first.

    The default is `chat_model`, else the first of `chat_model_list`, else the reader model. A
    `chat_model` that the list does not have is asked for where the reader model is.
    """
    entries = {name: entry for entry in settings.chat_model_list for name in _names(entry)}
    default = settings.chat_model or next(iter(entries), settings.llm_model)
    made: dict[str, OpenAIChat] = {}
    models: dict[str, LLM] = {}
    for name in dict.fromkeys([default, *entries, settings.llm_model]):
        if name:
            entry = entries.get(name, ChatModel(name=name))
            models[name] = made.setdefault(
                entry.name, OpenAIChat(_endpoint(settings, entry, name in entries), clock)
            )

    def close() -> None:
        for model in made.values():
            model.close()

    return ChatModels(models, close)


def _names(entry: ChatModel) -> tuple[str, ...]:
    """What a caller may call a model: its own name, and those it stands in for."""
    return tuple(dict.fromkeys([entry.name, *entry.support_models]))


def _endpoint(settings: Settings, entry: ChatModel, listed: bool) -> ChatEndpoint:
    own = listed and (entry.api_base or entry.api_key)
    return ChatEndpoint(
        model=entry.name,
        api_base=(entry.api_base if own else settings.llm_api_base) or OPENAI_BASE,
        # A key goes to the address it was given for only.
        api_key=plain(entry.api_key if own else settings.llm_api_key),
        timeout_s=settings.llm_timeout_seconds,
        max_retries=settings.llm_max_retries,
        extra_body=entry.extra_body or None,
    )
