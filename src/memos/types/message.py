"""A chat message as stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memos.types.clock import derived_id

ROLES = ("user", "assistant", "system", "tool")
DEFAULT_CONVERSATION = "default_session"
"""Conversation of what was sent without one."""

ATTACHMENTS = frozenset({"image_url", "file", "input_audio"})
"""Types of the parts that are read apart from the text."""
STORED = "stored"
"""Key in the body of a stored part: SHA-256 of its content, which lies in the file store."""


def is_attachment(part: Mapping[str, Any]) -> bool:
    """Whether a part is one that is read apart from the text."""
    return part.get("type") in ATTACHMENTS


def stored_digest(part: Mapping[str, Any]) -> str | None:
    """Where the content of a stored part lies; None when it came by address, or is none."""
    body = part.get(str(part.get("type"))) if is_attachment(part) else None
    digest = body.get(STORED) if isinstance(body, Mapping) else None
    return digest if isinstance(digest, str) else None


def part_id(message_id: str, number: int) -> str:
    """Id of a part of a message, by its place from 0."""
    return derived_id(message_id, "part", number)


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
