"""States in memories and in questions: what is true of somebody until it changes.

Pure functions, English and Chinese, no model. What counts as a state and how values are written is
in docs/states.md.
"""

from memos.memories.textual.tree_text_memory.organize.state_chinese import chinese_claims
from memos.memories.textual.tree_text_memory.organize.state_claim import Asked, Claim, is_multiple
from memos.memories.textual.tree_text_memory.organize.state_english import english_claims
from memos.memories.textual.tree_text_memory.organize.state_history import (
    Stated,
    Validity,
    supersede,
)
from memos.memories.textual.tree_text_memory.organize.state_question import asked
from memos.memories.textual.tree_text_memory.organize.state_wish import wish_claims, with_wishes
from memos.types.language import is_chinese

__all__ = [
    "Asked",
    "Claim",
    "Stated",
    "Validity",
    "asked",
    "claims",
    "is_multiple",
    "subject_of",
    "supersede",
]
_LONGEST = 2000


def claims(value: str, speaker: str = "user") -> tuple[Claim, ...]:
    """States a statement asserts.

    Args:
        value: a statement as the reader writes it, or in the first person.
        speaker: who the first person is: a role, which means the user, or a name.

    Returns:
        Distinct claims in the order of the statement; none for questions, wishes, plans of others
        and one-time events. Texts over 2000 characters are documents and claim nothing.
    """
    if len(value) > _LONGEST:
        return ()
    who = subject_of(speaker)
    found = chinese_claims(value, who) if is_chinese(value) else english_claims(value, who)
    told = tuple(dict.fromkeys(found))
    return with_wishes(told, tuple(wish_claims(value, who)))


def subject_of(speaker: str) -> str:
    """Canonical subject of a speaker: `user` for a role, else the name in lower case."""
    plain = speaker.strip().casefold()
    return "user" if plain in {"", "user", "the user", "用户", "assistant"} else plain
