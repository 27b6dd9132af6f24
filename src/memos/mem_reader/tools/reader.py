"""Reads messages for what they tell about tools; a language model may put uses into words."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from memos.mem_reader.tools.schema import schemas_of
from memos.mem_reader.tools.trajectory import uses_of
from memos.types.message import Message
from memos.types.tool import Telling, ToolReading, ToolUse

_MOST_TOLD = 4


class Teller(Protocol):
    """Puts a use of tools into words."""

    def tell(self, use: ToolUse) -> Telling | None:
        """The use in words; None to leave it to the rules."""
        ...


class ToolReader:
    """Finds descriptions and uses of tools.

    Args:
        teller: puts uses into words; without one the rules do.
    """

    def __init__(self, teller: Teller | None = None) -> None:
        self._teller = teller

    def read(self, messages: Sequence[Message], context: Sequence[Message] = ()) -> ToolReading:
        """What messages tell.

        Args:
            messages: the new ones, in order.
            context: those before them in the conversation, to find who asked and what was called.
        """
        schemas = [schema for message in messages for schema in schemas_of(message)]
        fresh = {message.id for message in messages}
        uses = uses_of([*context, *messages], fresh) if _any_calls(messages) else []
        return ToolReading(tuple(schemas), tuple(self._told(uses)))

    def _told(self, uses: Sequence[ToolUse]) -> list[ToolUse]:
        """The last few uses in a model's words: what a call costs is bounded for one add."""
        if self._teller is None:
            return list(uses)
        first = len(uses) - _MOST_TOLD
        return [
            use if n < first or not _is_finished(use) else self._in_words(use)
            for n, use in enumerate(uses)
        ]

    def _in_words(self, use: ToolUse) -> ToolUse:
        telling = self._teller.tell(use) if self._teller else None
        return replace(use, telling=telling)


def _is_finished(use: ToolUse) -> bool:
    return all(step.failed is not None for step in use.steps)


def _any_calls(messages: Collection[Message]) -> bool:
    return any(
        m.tool_calls
        or m.role == "tool"
        or any(part.get("type") in {"tool_use", "tool_result"} for part in m.parts)
        for m in messages
    )
