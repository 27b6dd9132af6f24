"""Extract: what a conversation says that is worth remembering, read and not stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from memos.errors import TooManyTokensError
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.mem_reader.base import Reader, Window
from memos.types.clock import Clock
from memos.types.language import count_tokens
from memos.types.memory import PREFERENCE_KINDS, Draft
from memos.types.message import Message

MAX_TOKENS = 8000


@dataclass(frozen=True, slots=True)
class ExtractCommand:
    """Messages to read as `(role, text)`, and which kinds of memories are wanted."""

    messages: tuple[tuple[str, str], ...]
    facts: bool = True
    preferences: bool = True


@dataclass(frozen=True, slots=True)
class ExtractOutcome:
    """What was read; None for a kind that was not wanted."""

    facts: tuple[Draft, ...] | None
    preferences: tuple[Draft, ...] | None


class ExtractMemory:
    """The use case behind `extract/memory`."""

    def __init__(self, reader: Reader, *, meter: Meter, clock: Clock) -> None:
        self._reader = reader
        self._meter = meter
        self._clock = clock

    def __call__(self, caller: Caller, command: ExtractCommand) -> ExtractOutcome:
        """Read messages with the configured reader. Nothing of them is stored or indexed.

        Raises:
            TooManyTokensError: the messages hold over 8000 tokens.
            QuotaExceededError: the project's tokens per minute are used up.
        """
        tokens = sum(count_tokens(text) for _, text in command.messages)
        if tokens > MAX_TOKENS:
            raise TooManyTokensError(
                f"messages hold about {tokens} tokens, more than the {MAX_TOKENS} of one "
                "extraction; split them",
                field="messages",
            )
        with self._meter.measure(caller.project, "extract", tokens):
            drafts = self._reader.read(Window(self._messages(command)))
        return ExtractOutcome(
            _of_kind(drafts, preferences=False) if command.facts else None,
            _of_kind(drafts, preferences=True) if command.preferences else None,
        )

    def _messages(self, command: ExtractCommand) -> tuple[Message, ...]:
        now = self._clock.now_ms()
        return tuple(
            Message(
                id=str(index),
                role=role,
                text=text,
                sequence=index,
                chat_time=now,
                created_at=now,
                updated_at=now,
                conversation_id="",
            )
            for index, (role, text) in enumerate(command.messages, start=1)
        )


def _of_kind(drafts: Sequence[Draft], *, preferences: bool) -> tuple[Draft, ...]:
    """Drafts of a kind, each statement once."""
    kept = {d.value: d for d in drafts if (d.kind in PREFERENCE_KINDS) == preferences}
    return tuple(kept.values())
