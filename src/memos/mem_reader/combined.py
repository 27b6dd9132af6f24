"""Whether one text says what several texts say, no less and no more. Pure functions.

A model that combines may drop what it was given, or add what nobody said.
"""

import re
from collections.abc import Sequence

from memos.mem_reader.base import Window
from memos.mem_reader.provenance import numbers_of, unsupported
from memos.mem_reader.rules.topic import entities_of
from memos.memories.textual.tree_text_memory.organize.relation import denies
from memos.types.memory import Draft, MemoryItem, MemoryKind, Source
from memos.types.message import Message

_LONGEST = 600
_LEAST_SHARE = 0.5
"""Share of a text's own words that must come back; "often" or "also" may go."""
_WORD = re.compile(r"[a-z]{3,}")
_HAN = re.compile("[\u4e00-\u9fff]")
_COMMON_HAN = frozenset("的了是在和把对很也还与及都就会有用户")
_STEM = 5
_COMMON = frozenset(
    ["the", "user", "and", "with", "has", "have", "are", "is", "was", "for", "that", "this", "also", "often", "always", "sometimes", "very", "really", "their", "they", "them", "his", "her", "its", "from", "about", "into"]
)  # fmt: skip


def says_all(text: str, parts: Sequence[str]) -> bool:
    """Whether a text holds the names, the figures, the denials and most words of each part."""
    if not text or len(text) > _LONGEST or text in parts:
        return False
    figures, words, lower = numbers_of(text), _words(text), text.casefold()
    for part in parts:
        own = _words(part)
        if numbers_of(part) - figures or any(n.casefold() not in lower for n in _names(part)):
            return False
        if denies(part) != denies(text) or len(own & words) < _LEAST_SHARE * len(own):
            return False
    return True


def added_by(text: str, draft: Draft, items: Sequence[MemoryItem]) -> tuple[str, ...]:
    """Names, numbers and dates of a text that stand in none of the statements it was made of."""
    told = [(draft.value, draft.event_from or 0)]
    told += [(item.value, item.event_from or item.created_at) for item in items]
    messages = tuple(
        Message(str(n), "user", value, n, at, created_at=at, updated_at=at, conversation_id="")
        for n, (value, at) in enumerate(told)
    )
    sources = tuple(Source(message.id, message.role) for message in messages)
    return unsupported(Draft(MemoryKind.LONG_TERM, text, text, sources), Window(messages))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in entities_of(text) if name.casefold() not in {"the user", "user"})


def _words(text: str) -> frozenset[str]:
    """Beginnings of the words that carry meaning; of Chinese, the characters."""
    plain = text.casefold()
    words = {word[:_STEM] for word in _WORD.findall(plain) if word not in _COMMON}
    return frozenset(words | (set(_HAN.findall(plain)) - _COMMON_HAN))
