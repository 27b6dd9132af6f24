"""Chat, extraction, reranking and suggestions, of the Cloud API."""

import itertools
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from fastapi import APIRouter

from memos.api.event_stream import Frames, frame
from memos.api.gateway import Call, Extended, Gateway
from memos.api.openmem_models import ChatRequest, SearchMemoryRequest
from memos.api.requests import search_command
from memos.handlers.add import AddCommand
from memos.handlers.chat import ChatCommand, ChatOutcome, Generation, Said
from memos.mem_os.bootstrap import System
from memos.memories.textual.tree_text_memory.organize.timeline import own_tags


def add_chat_routes(router: APIRouter, gateway: Gateway, system: System) -> None:
    """Add the endpoints that answer with models."""
    routes = ChatRoutes(system)
    gateway.post(router, "chat", ChatRequest, routes.chat, to_model=True)


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


def _chat_data(done: ChatOutcome) -> dict[str, Any]:
    return {
        "response": done.response,
        "reasoning": done.reasoning or None,
        "memory_ids": list(done.memory_ids),
        "task_id": done.task_id,
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
                data = _chat_data(part)
                yield frame(
                    {"type": "end", "memory_ids": data["memory_ids"], "task_id": part.task_id}
                )
    finally:
        close = getattr(more, "close", None)
        if close is not None:
            close()
