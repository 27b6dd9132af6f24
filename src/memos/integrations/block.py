"""What every adapter hands its framework: the question's memories as one block of quoted data."""

from dataclasses import dataclass
from typing import Any

from memos.api.openmem_models import MemoryDetail, PreferenceDetail, SearchResponse


@dataclass(frozen=True, slots=True)
class Recall:
    """How memories are looked for.

    Args:
        user_id: whose memory it is.
        conversation_id: the current conversation, whose memories weigh a little more.
        limit: most facts, and most preferences.
        max_tokens: most tokens of the block; None for no limit.
        knowledgebase_ids: knowledge bases searched as well.
    """

    user_id: str
    conversation_id: str | None = None
    limit: int = 6
    max_tokens: int | None = 1000
    knowledgebase_ids: tuple[str, ...] = ()

    def arguments(self, query: str) -> dict[str, Any]:
        """Arguments of the SDK's `search_memory` that also render the block."""
        return {
            "query": query,
            "user_id": self.user_id,
            "conversation_id": self.conversation_id,
            "memory_limit_number": self.limit,
            "preference_limit_number": self.limit,
            "knowledgebase_ids": list(self.knowledgebase_ids) or None,
            "context_format": "prompt",
            "max_tokens": self.max_tokens,
        }


def block_of(found: SearchResponse) -> str:
    """The block in a search's answer; empty when nothing was found."""
    return (found.context or "") if found.memories or found.preferences else ""


def texts_of(found: SearchResponse) -> list[tuple[str, MemoryDetail | PreferenceDetail]]:
    """What was found as text, each with its result; facts first, then preferences."""
    texts: list[tuple[str | None, MemoryDetail | PreferenceDetail]] = [
        *((item.memory_value, item) for item in found.memories),
        *((item.preference, item) for item in found.preferences),
    ]
    return [(text, item) for text, item in texts if text]
