"""Port of a reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from memos.types.memory import Draft
from memos.types.message import Message


@dataclass(frozen=True, slots=True)
class Window:
    """Messages to read together.

    Args:
        messages: the new messages, in order; drafts cite only these.
        context: messages before them (overlap), to resolve what they refer to; never cited.
        tags: the caller's candidate tags.
    """

    messages: tuple[Message, ...]
    context: tuple[Message, ...] = ()
    tags: tuple[str, ...] = ()


class Reader(Protocol):
    """Draws drafts from a window. The same window gives the same drafts (rules) or may not (model)."""

    def read(self, window: Window) -> Sequence[Draft]:
        """Self-contained, dated, attributed statements in the language of their source."""
        ...
