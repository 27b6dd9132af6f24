"""Chat, extraction, reranking and suggestions, of the Cloud API."""

import itertools
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from fastapi import APIRouter

from memos.api.event_stream import Frames, frame
from memos.api.gateway import Call, Extended, Gateway
from memos.api.openmem_models import (
    ChatData,
    ChatRequest,
    ExtractMemoryRequest,
    GetSuggestionsRequest,
    RerankRequest,
    SearchMemoryRequest,
)
from memos.api.requests import search_command
from memos.handlers.add import AddCommand
from memos.handlers.chat import ChatCommand, ChatOutcome, Generation, Said
from memos.handlers.extract import ExtractCommand
from memos.handlers.rerank import RerankCommand
from memos.handlers.suggestion import SuggestCommand
from memos.mem_os.bootstrap import System
from memos.memories.textual.tree_text_memory.organize.timeline import own_tags
from memos.types.memory import Draft


def add_chat_routes(router: APIRouter, gateway: Gateway, system: System) -> None:
    """Add the endpoints that answer with models."""
    routes = ChatRoutes(system)
    gateway.post(router, "chat", ChatRequest, routes.chat, to_model=True)
    gateway.post(router, "extract/memory", ExtractMemoryRequest, routes.extract, to_model=True)
    gateway.post(router, "rerank", RerankRequest, routes.rerank, to_model=True)
    gateway.post(
        router, "get/suggestions", GetSuggestionsRequest, routes.suggestions, to_model=True
    )


class ChatRoutes:
    """What each endpoint does with a checked request. Runs on worker threads."""

    def __init__(self, system: System) -> None:
        self._system = system

    def chat(self, call: Call, body: ChatRequest) -> Extended | Frames:
        """Answer with a model that is told what is remembered of the user."""
        command = chat_command(body, self._system.settings.zone, request_id=call.idempotency_key)
        chat = self._system.conversation.chat
        if not body.stream:
            done = chat(call.caller, command)
            return Extended(_chat_data(done), error=done.unsaved)
        pieces = chat.stream(call.caller, command)
        # What goes wrong before the first piece is still an answer of its own, not an event.
        first = next(pieces)
        return Frames(_events(first, pieces))

    def extract(self, call: Call, body: ExtractMemoryRequest) -> dict[str, Any]:
        """Read facts and preferences from messages. Nothing of them is stored."""
        kinds = body.extraction_types or ("memory", "preference")
        command = ExtractCommand(
            tuple((m.role, m.content) for m in body.messages),
            facts="memory" in kinds,
            preferences="preference" in kinds,
        )
        found = self._system.conversation.extract(call.caller, command)
        data: dict[str, Any] = {"success": True}
        if found.facts is not None:
            data["memory_detail_list"] = [_fact(draft) for draft in found.facts]
        if found.preferences is not None:
            data["preference_detail_list"] = [_preference(draft) for draft in found.preferences]
        return data

    def rerank(self, call: Call, body: RerankRequest) -> Extended:
        """Order texts by relevance to a query, each with a score from 0 to 1."""
        command = RerankCommand(body.query, body.documents, body.top_n, body.model)
        outcome = self._system.conversation.rerank(call.caller, command)
        content = {
            "id": outcome.id,
            "model": outcome.model,
            "usage": {"prompt_tokens": outcome.tokens, "total_tokens": outcome.tokens},
            "results": [
                {
                    "index": result.index,
                    "document": {"text": result.text},
                    "relevance_score": result.relevance,
                }
                for result in outcome.results
            ],
        }
        # The documented answer has these keys at the top; other clients look under data.
        return Extended(content, extras=content)

    def suggestions(self, call: Call, body: GetSuggestionsRequest) -> dict[str, Any]:
        """Suggest three questions the user might ask next."""
        command = SuggestCommand(body.user_id, body.agent_id, body.language, body.talk)
        return {"query": list(self._system.conversation.suggest(call.caller, command))}


def chat_command(body: ChatRequest, zone: tzinfo, *, request_id: str | None) -> ChatCommand:
    """A chat."""
    search = search_command(SearchMemoryRequest.model_validate(body.as_search()), zone)
    add = AddCommand(
        user_id=body.user_id,
        messages=(),
        agent_id=body.agent_id,
        conversation_id=body.conversation_id,
        app_id=body.app_id,
        tags=own_tags(dict.fromkeys(tag.strip() for tag in body.tags or () if tag.strip())),
        info=body.info or {},
        allow_public=body.allow_public,
        knowledgebase_ids=tuple(body.allow_knowledgebase_ids or ()),
        wait=not body.async_mode,
        request_id=f"chat {request_id}" if request_id else None,
    )
    return ChatCommand(
        query=body.query,
        conversation_id=body.conversation_id,
        search=search,
        add=add if body.add_message_on_answer else None,
        system_prompt=body.system_prompt,
        model=body.model_name,
        generation=Generation(body.max_tokens, body.temperature, body.top_p),
    )


def _chat_data(done: ChatOutcome) -> ChatData:
    return ChatData(
        response=done.response,
        reasoning=done.reasoning or None,
        memory_ids=list(done.memory_ids),
        task_id=done.task_id,
    )


def _fact(draft: Draft) -> dict[str, Any]:
    return {
        "memory_key": draft.key,
        "memory_value": draft.value,
        "memory_type": draft.kind.value,
        "tags": list(own_tags(draft.tags)),
    }


def _preference(draft: Draft) -> dict[str, Any]:
    return {
        "preference": draft.value,
        "reasoning": draft.reasoning,
        "preference_type": draft.kind.value,
    }


def _events(first: Said | ChatOutcome, more: Iterator[Said | ChatOutcome]) -> Iterator[bytes]:
    """The events of a chat; closing this closes the chat."""
    try:
        for part in itertools.chain([first], more):
            if isinstance(part, Said):
                yield frame({"type": "reasoning" if part.reasoning else "text", "data": part.text})
            elif part.unsaved is not None:
                raise part.unsaved
            else:
                known = list(part.memory_ids)
                yield frame({"type": "end", "memory_ids": known, "task_id": part.task_id})
    finally:
        close = getattr(more, "close", None)
        if close is not None:
            close()
