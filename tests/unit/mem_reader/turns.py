"""Building turns and reading them."""

from memos.mem_reader.base import Window
from memos.mem_reader.rules import RuleReader
from memos.types.chat_time import parse_chat_time
from memos.types.memory import Draft
from memos.types.message import Message

SAID = parse_chat_time("2025-09-12 08:00:00", default_ms=0)
"""Friday, 12 September 2025, 08:00 in Beijing."""


def turn(
    text: str, role: str = "user", *, name: str | None = None, at: int = 0, said: int = SAID
) -> Message:
    """A message; `at` is its place and makes its id."""
    return Message(f"m{at}", role, text, at, said, said, said, "c", name)


def turns(*said: tuple[str, str]) -> tuple[Message, ...]:
    """Messages from pairs of role and text."""
    return tuple(turn(text, role, at=at) for at, (role, text) in enumerate(said))


def read(*messages: Message, tags: tuple[str, ...] = ()) -> list[Draft]:
    """Drafts of the rules."""
    return list(RuleReader().read(Window(messages, tags=tags)))


def values(text: str) -> list[str]:
    """Values of the drafts of one user message."""
    return [draft.value for draft in read(turn(text))]
