"""What a reranker reads of a memory: its value, and what was said before it when it is short."""

from collections.abc import Sequence
from typing import Protocol

from memos.types.language import count_tokens
from memos.types.memory import MemoryItem
from memos.types.message import Message
from memos.types.scope import Cube

_SHORT_TOKENS = 20
"""A single short turn is no passage: "Yes, last May." means nothing without the question."""
_CONTEXT_CHARACTERS = 300


class Conversations(Protocol):
    """The part of the records that is needed."""

    def messages(self, cube: Cube, ids: Sequence[str]) -> list[Message]:
        """Messages of a subject by id; unknown ids are left out."""
        ...

    def recent_messages(
        self, cube: Cube, conversation_id: str, limit: int, *, before_sequence: int | None = None
    ) -> list[Message]:
        """The last messages of a conversation before a sequence, oldest first."""
        ...


class MemoryTexts:
    """Texts of memories. Safe to call from several threads.

    Args:
        records: where the messages are.
    """

    def __init__(self, records: Conversations) -> None:
        self._records = records

    def texts(self, items: Sequence[MemoryItem]) -> list[str]:
        """One text a memory, in order.

        A memory without a value of its own (a rough one) is the text of its messages. One of fewer
        than about 20 tokens gets the end of the message before it, on a line of its own. A public
        memory, whose messages are someone else's, stays alone.
        """
        found = self._sources(items)
        texts = []
        for item in items:
            messages = [found[s.message_id] for s in item.sources if s.message_id in found]
            value = item.value or "\n".join(m.text for m in messages)
            before = self._before(item.cube, messages, value)
            texts.append(f"{before}\n{value}" if before else value)
        return texts

    def _sources(self, items: Sequence[MemoryItem]) -> dict[str, Message]:
        ids: dict[Cube, dict[str, None]] = {}
        for item in items:
            if _is_short(item.value):
                ids.setdefault(item.cube, {}).update((s.message_id, None) for s in item.sources)
        return {m.id: m for cube, wanted in ids.items() for m in self._messages(cube, wanted)}

    def _messages(self, cube: Cube, wanted: dict[str, None]) -> list[Message]:
        return self._records.messages(cube, list(wanted)) if wanted else []

    def _before(self, cube: Cube, messages: Sequence[Message], value: str) -> str:
        if not messages or not _is_short(value):
            return ""
        first = min(messages, key=lambda message: message.sequence)
        before = self._records.recent_messages(
            cube, first.conversation_id, 1, before_sequence=first.sequence
        )
        return " ".join(message.text[-_CONTEXT_CHARACTERS:].strip() for message in before)


def _is_short(text: str) -> bool:
    return count_tokens(text) < _SHORT_TOKENS
