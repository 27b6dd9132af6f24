"""A chat message as stored."""

from dataclasses import dataclass
from typing import Any

ROLES = ("user", "assistant", "system", "tool")
DEFAULT_CONVERSATION = "default_session"
"""Conversation of what was sent without one."""


@dataclass(frozen=True, slots=True)
class Message:
    """One stored message. Times are ms since the epoch, UTC.

    Args:
        id: UUID text.
        role: one of `ROLES`.
        text: the readable text of the message (text parts joined by newlines).
        sequence: place inside its conversation, growing.
        chat_time: when it was said.
        created_at: when it was stored.
        updated_at: last change (redaction).
        conversation_id: the conversation it belongs to.
        name: speaker name when the client gave one.
        parts: content parts as sent when the content was a list, else empty.
        tool_calls: tool calls as sent.
        tool_call_id: id of the call a tool message answers.
    """

    id: str
    role: str
    text: str
    sequence: int
    chat_time: int
    created_at: int
    updated_at: int
    conversation_id: str
    name: str | None = None
    parts: tuple[dict[str, Any], ...] = ()
    tool_calls: tuple[dict[str, Any], ...] = ()
    tool_call_id: str | None = None
