"""Turns checked requests of the Cloud API into commands. Pure functions."""

import hashlib
from datetime import tzinfo

from memos.api.filter_wire import parse_filter
from memos.api.openmem_models import (
    AddFeedbackRequest,
    AddMessageRequest,
    DeleteMemoryRequest,
    GetMemoryRequest,
    SearchMemoryRequest,
)
from memos.api.openmem_models.request import tools_part
from memos.api.viewpoint_wire import read_instant, statuses_of, viewpoint_of
from memos.errors import InvalidInputError
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.feedback import FeedbackCommand
from memos.handlers.listing import ListCommand
from memos.handlers.search import SearchCommand
from memos.memories.textual.tree_text_memory.organize.timeline import own_tags
from memos.types.chat_time import parse_chat_time
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import PREFERENCE_KINDS, TOOL_KINDS, MemoryKind

PROMPT_FORMAT = "prompt"
FINE = "fine"
_TEXT_PARTS = frozenset({"text", "tools", "tool_use", "tool_result"})
"""Parts that are read as quickly as text."""
_KIND_NAMES = {
    **{kind.value: frozenset({kind}) for kind in MemoryKind if kind is not MemoryKind.SEGMENT},
    "PreferenceMemory": PREFERENCE_KINDS,
    "ToolMemory": TOOL_KINDS,
    "ToolSchema": frozenset({MemoryKind.TOOL_SCHEMA}),
}


def add_command(
    body: AddMessageRequest, *, now_ms: int, zone: tzinfo, request_id: str | None
) -> AddCommand:
    """An add. Messages with parts other than text are always worked on in the background."""
    messages = [
        IncomingMessage(
            role=m.role,
            text=m.text,
            chat_time=parse_chat_time(m.chat_time, default_ms=now_ms, zone=zone),
            name=m.name,
            parts=(*m.parts, *(tools_part(body.tools) if n == 0 else ())),
            tool_calls=m.calls,
            tool_call_id=m.tool_call_id,
        )
        for n, m in enumerate(body.messages)
    ]
    multimodal = any(part["type"] not in _TEXT_PARTS for m in messages for part in m.parts)
    return AddCommand(
        user_id=body.user_id,
        agent_id=body.agent_id,
        conversation_id=body.conversation_id,
        app_id=body.app_id,
        messages=messages,
        tags=own_tags(dict.fromkeys(tag.strip() for tag in body.tags or () if tag.strip())),
        info=body.info or {},
        allow_public=body.allow_public,
        knowledgebase_ids=tuple(body.allow_knowledgebase_ids or ()),
        wait=not body.async_mode and not multimodal,
        request_id=request_id,
        request_mark=_mark(body) if request_id else None,
        expires_at=read_instant(body.expires_at, zone, "expires_at"),
    )


def feedback_command(
    body: AddFeedbackRequest, *, now_ms: int, zone: tzinfo, request_id: str | None
) -> FeedbackCommand:
    """A feedback."""
    return FeedbackCommand(
        user_id=body.user_id,
        agent_id=body.agent_id,
        conversation_id=body.conversation_id,
        app_id=body.app_id,
        content=body.feedback_content,
        chat_time=parse_chat_time(
            body.feedback_time, default_ms=now_ms, zone=zone, field="feedback_time"
        ),
        info=body.info or {},
        allow_public=body.allow_public,
        knowledgebase_ids=tuple(body.allow_knowledgebase_ids or ()),
        memory_ids=tuple(body.retrieved_memory_ids or ()),
        wait=not body.async_mode,
        request_id=request_id,
        request_mark=_mark(body) if request_id else None,
    )


def _mark(body: AddMessageRequest | AddFeedbackRequest) -> str:
    """Sixteen bits of what is asked for: they show a mistake, and not what was said."""
    asked = body.model_dump_json(exclude={"async_mode"})
    return hashlib.sha256(asked.encode()).hexdigest()[:4]


def search_command(body: SearchMemoryRequest, zone: tzinfo) -> SearchCommand:
    """A search; a list not asked for has limit 0."""
    filters = parse_filter(body.filter, zone)
    return SearchCommand(
        query=body.query,
        user_id=body.user_id,
        agent_id=body.agent_id,
        conversation_id=body.conversation_id,
        facts=body.memory_limit_number,
        preferences=body.preference_limit_number if body.include_preference else 0,
        tools=body.tool_memory_limit_number if body.include_tool_memory else 0,
        skills=body.skill_limit_number if body.include_skill else 0,
        relativity=body.relativity,
        user_filter=filters.user,
        public_filter=filters.public,
        knowledge_filter=filters.knowledgebase,
        knowledgebase_ids=tuple(body.knowledgebase_ids or ()),
        pack=body.context_format == PROMPT_FORMAT,
        max_tokens=body.max_tokens,
        deadline_s=None if body.deadline_ms is None else body.deadline_ms / 1000,
        fine=body.mode == FINE,
        viewpoint=viewpoint_of(body, zone),
        statuses=statuses_of(body),
    )


def list_command(body: GetMemoryRequest, zone: tzinfo) -> ListCommand:
    """A page of memories."""
    return ListCommand(
        user_id=body.user_id,
        agent_id=body.agent_id,
        page=body.page,
        size=body.size,
        where=parse_filter(body.filter, zone).user,
        include_preference=body.include_preference,
        include_tool_memory=body.include_tool_memory,
        include_skill=body.include_skill,
        viewpoint=viewpoint_of(body, zone),
        statuses=statuses_of(body),
    )


def delete_filter(body: DeleteMemoryRequest, zone: tzinfo) -> Group | None:
    """What to delete within the subject or project; None for everything of the subject.

    Raises:
        InvalidInputError: memory_type is not a kind of memory.
    """
    where = parse_filter(body.filter, zone).user if body.filter else None
    if not body.memory_type:
        return where
    kinds = _KIND_NAMES.get(body.memory_type)
    if kinds is None:
        raise InvalidInputError(
            f"memory_type must be one of {', '.join(sorted(_KIND_NAMES))}", field="memory_type"
        )
    values = tuple(sorted(kind.value for kind in kinds))
    return all_of(Condition(Field.KIND, Operator.IN, values), where)
