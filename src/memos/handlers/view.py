"""Memories as clients see them: rough ones get their text from their messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from memos.mem_scheduler.ingest import rough_value
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.records.base import MessageRecords
from memos.types.memory import MemoryItem
from memos.types.message import Message
from memos.types.scope import Cube


@dataclass(frozen=True, slots=True)
class MemoryView:
    """A memory with its text, and relevance when it was searched for."""

    item: MemoryItem
    key: str
    value: str
    relativity: float | None = None


class Viewer:
    """Fills in what a memory item does not hold itself."""

    def __init__(self, messages: MessageRecords) -> None:
        self._messages = messages

    def views(
        self, items: Sequence[MemoryItem], relativity: Mapping[str, float] | None = None
    ) -> list[MemoryView]:
        """Views in the order of the items. A rough memory whose messages are gone is left out."""
        texts = self._texts([item for item in items if is_rough(item)])
        scores = relativity or {}
        views = []
        for item in items:
            if not is_rough(item):
                views.append(MemoryView(item, item.key, item.value, scores.get(item.id)))
                continue
            messages = [texts[s.message_id] for s in item.sources if s.message_id in texts]
            if messages:
                key, value = rough_value(messages)
                views.append(MemoryView(item, key, value, scores.get(item.id)))
        return views

    def source_messages(self, item: MemoryItem, owner: Cube | None = None) -> dict[str, Message]:
        """Messages a memory rests on, by id. `owner`: whose they are, if not the item's cube."""
        ids = [source.message_id for source in item.sources]
        return {m.id: m for m in self._messages.messages(owner or item.cube, ids)}

    def _texts(self, rough: Iterable[MemoryItem]) -> dict[str, Message]:
        by_cube: dict[Cube, list[str]] = {}
        for item in rough:
            by_cube.setdefault(item.cube, []).extend(s.message_id for s in item.sources)
        return {
            message.id: message
            for cube, ids in by_cube.items()
            for message in self._messages.messages(cube, ids)
        }
