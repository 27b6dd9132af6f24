"""Dialogues to drafts of preferences, and these to items and nodes and back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np
import numpy.typing as npt

from memos.errors import InvalidInputError
from memos.memories.textual.item import (
    PreferenceTextualMemoryMetadata,
    TextualMemoryItem,
)
from memos.memories.textual.tendency import ENOUGH, Choice, choices_of, implied, mark_tags
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.timeline import own_tags, state_tags
from memos.types.chat_time import parse_chat_time
from memos.types.clock import IdSource
from memos.types.memory import (
    PREFERENCE_KINDS,
    Draft,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
    Source,
)
from memos.types.message import ROLES, Message
from memos.types.scope import Cube, CubeKind

PROJECT = "library"
NOBODY = "default"
_DIALOG_KEYS = ("dialog_id", "session_id", "conversation_id")
_KNOWN = set(PreferenceTextualMemoryMetadata.model_fields)


def cube_of(user: str | None) -> Cube:
    """The cube of a user."""
    return Cube(PROJECT, CubeKind.USER, user or NOBODY)


def scenes_of(
    messages: Sequence[Any],
    sort: str,
    info: Mapping[str, Any],
    *,
    now_ms: int,
    ids: IdSource,
) -> list[list[Message]]:
    """Dialogues as messages.

    Raises:
        InvalidInputError: an unknown sort, or a message without role or text.
    """
    if sort not in {"chat", "doc"}:
        raise InvalidInputError("type must be chat or doc", field="type")
    if sort == "doc":
        given = [[{"role": "user", "content": text}] for text in messages]
    else:
        whole = any(isinstance(each, Mapping) for each in messages)
        given = [list(messages)] if whole else [list(each) for each in messages]
    named = next((str(info[key]) for key in _DIALOG_KEYS if info.get(key)), None)
    scenes = []
    for number, scene in enumerate(given):
        dialog = ids.new_id() if named is None else f"{named}/{number}" if number else named
        scenes.append([_message(m, n, dialog, (now_ms, ids)) for n, m in enumerate(scene)])
    return scenes


def _message(given: object, number: int, dialog: str, new: tuple[int, IdSource]) -> Message:
    now_ms, ids = new
    if not isinstance(given, Mapping) or given.get("role") not in ROLES:
        raise InvalidInputError("a message needs a role and content", field="messages")
    content = given.get("content")
    if isinstance(content, list):
        parts = (part for part in content if isinstance(part, Mapping))
        content = "\n".join(str(part["text"]) for part in parts if part.get("type") == "text")
    if not isinstance(content, str):
        raise InvalidInputError("a message needs a role and content", field="messages")
    return Message(
        ids.new_id(),
        str(given["role"]),
        content,
        number,
        parse_chat_time(given.get("chat_time"), default_ms=now_ms),
        created_at=now_ms,
        updated_at=now_ms,
        conversation_id=dialog,
    )


def told_drafts(
    scenes: Sequence[Sequence[Message]],
    read: Callable[[Sequence[Message]], Sequence[Draft]],
    owner: str,
) -> list[tuple[Draft, str]]:
    """Preferences of dialogues, each with the dialogue it comes from.

    The same choice in several dialogues is one of them, as it is in the product.
    """
    found = []
    for scene in scenes:
        said = [m for m in scene if m.text.strip()]
        drafts = [d for d in read(said) if d.kind in PREFERENCE_KINDS] if said else []
        found += [(draft, scene[0].conversation_id) for draft in drafts]
    return found + _implied(scenes, owner)


def _implied(scenes: Sequence[Sequence[Message]], owner: str) -> list[tuple[Draft, str]]:
    chosen: dict[str, list[tuple[Choice, Message]]] = {}
    for message in (m for scene in scenes for m in scene if m.role == "user"):
        for choice in choices_of(message.text):
            chosen.setdefault(choice.key, []).append((choice, message))
    found = []
    for told in chosen.values():
        dialogs = len({message.conversation_id for _, message in told})
        if dialogs >= ENOUGH:
            ordered = sorted((m for _, m in told), key=lambda m: m.chat_time)
            sources = [Source(m.id, m.role, chat_time=m.chat_time) for m in ordered]
            choice = told[-1][0]
            draft = implied(choice, choice.tag(cube_of(owner).uid), sources, dialogs)
            found.append((draft, ordered[-1].conversation_id))
    return found


def drafted_item(
    told: tuple[Draft, str],
    memory_id: str,
    vector: npt.NDArray[np.float32],
    given: tuple[Mapping[str, Any], str],
) -> TextualMemoryItem:
    """A draft as an item.

    Args:
        told: the draft and its dialogue.
        memory_id: its id.
        vector: of its words.
        given: what the caller said of the dialogues, and the name of the cube.
    """
    (draft, dialog), (info, cube) = told, given
    more = {k: v for k, v in info.items() if k not in _KNOWN and k not in _DIALOG_KEYS}
    metadata = PreferenceTextualMemoryMetadata(
        **more,
        preference_type=draft.kind.value,
        dialog_id=dialog,
        original_text=draft.statement,
        embedding=[float(x) for x in vector],
        preference=draft.value,
        reasoning=draft.reasoning or None,
        create_at=_iso(draft.event_from or draft.sources[0].chat_time),
        mem_cube_id=cube,
        user_id=_text(info.get("user_id")),
        tags=list(own_tags(draft.tags)),
        confidence=draft.confidence,
    )
    return TextualMemoryItem(id=memory_id, memory=draft.value, metadata=metadata)


def node_of(item: TextualMemoryItem, memory_id: str, now_ms: int) -> MemoryItem:
    """An item as it is stored."""
    told = item.metadata
    value = told.preference or item.memory
    kind = MemoryKind(told.preference_type)
    at = parse_chat_time(told.create_at, default_ms=now_ms, zone=timezone.utc)
    extra = dict(told.model_extra or {})
    return MemoryItem(
        id=memory_id,
        cube=cube_of(told.user_id),
        kind=kind,
        value=value,
        key=value.rstrip(".。")[:60],
        background=told.original_text or "",
        reasoning=told.reasoning or "",
        speaker="user",
        tags=tuple(
            dict.fromkeys(
                (*own_tags(told.tags), *state_tags(value, "user"), *mark_tags(kind, value, "user"))
            )
        ),
        confidence=told.confidence,
        status=_status(told.status),
        event_from=at,
        created_at=now_ms,
        updated_at=now_ms,
        content_hash=content_hash(value),
        sources=(Source(told.dialog_id or memory_id, "user", chat_time=at),),
        conversation_id=told.dialog_id,
        info={**extra, "user_id": told.user_id} if told.user_id else extra,
    )


def stored_item(node: MemoryItem, cube: str, score: float | None = None) -> TextualMemoryItem:
    """A stored memory as an item."""
    user = _text(node.info.get("user_id"))
    metadata = PreferenceTextualMemoryMetadata(
        **{k: v for k, v in node.info.items() if k not in _KNOWN},
        preference_type=node.kind.value,
        dialog_id=node.conversation_id,
        original_text=node.background or None,
        preference=node.value,
        reasoning=node.reasoning or None,
        create_at=_iso(node.event_from),
        mem_cube_id=cube,
        user_id=user,
        tags=list(own_tags(node.tags)),
        confidence=node.confidence,
        status=node.status.value,
        score=score,
    )
    return TextualMemoryItem(id=node.id, memory=node.value, metadata=metadata)


def _status(name: str) -> MemoryStatus:
    try:
        return MemoryStatus(name)
    except ValueError:
        raise InvalidInputError(f"no memory can be {name!r}", field="status") from None


def _iso(at: int | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1000, timezone.utc).isoformat(timespec="seconds")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
