"""Sends the parts of an import, each at most once however often it is tried."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from memos.errors import QuotaExceededError, UnavailableError
from memos.evaluation.corpus import Dialogue, Turn
from memos.types.clock import derived_id

if TYPE_CHECKING:
    from memos.api.client import MemOSClient

CHUNK_MESSAGES = 20
_RATE_PAUSE_S = 5.0
_MOST_PAUSES = 24


@dataclass(frozen=True, slots=True)
class Chunk:
    """Messages of one add: at most `CHUNK_MESSAGES` of one session."""

    user_id: str
    conversation_id: str
    index: int
    time: str
    turns: tuple[Turn, ...]

    @property
    def key(self) -> str:
        """Idempotency-Key: the same for the same text at the same place."""
        texts = (part for turn in self.turns for part in (turn.role, turn.message))
        return derived_id(self.user_id, self.conversation_id, self.index, self.time, *texts)

    @property
    def name(self) -> str:
        """Name in the state file: readable, and another one when the text is another."""
        return f"{self.user_id}/{self.conversation_id}/{self.index}#{self.key}"


def split(dialogue: Dialogue, user_prefix: str = "") -> Iterator[Chunk]:
    """The adds of a dialogue, in order."""
    for session in dialogue.sessions:
        for start in range(0, len(session.turns), CHUNK_MESSAGES):
            yield Chunk(
                user_id=user_prefix + dialogue.id,
                conversation_id=session.id,
                index=start // CHUNK_MESSAGES,
                time=_iso(session.time),
                turns=session.turns[start : start + CHUNK_MESSAGES],
            )


def _iso(ms: int) -> str:
    """`2023-05-08T13:56:00Z`."""
    return datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class ChunkKeys:
    """Source of Idempotency-Keys that gives the key of the chunk about to be sent."""

    def __init__(self) -> None:
        self.current = ""

    def new_id(self) -> str:
        """Key of the current chunk."""
        return self.current


class Sender:
    """Sends chunks one after another.

    Args:
        client: SDK client that raises on error codes and takes its keys from `keys`.
        keys: told the key of each chunk before it is sent.
        pause: waits for a number of seconds.
    """

    def __init__(
        self, client: "MemOSClient", keys: ChunkKeys, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._keys = keys
        self._pause = pause

    def send(self, chunk: Chunk, on_wait: Callable[[], None] = lambda: None) -> str:
        """Send a chunk, waiting while the server says it is too much for one minute; its task id.

        Raises:
            QuotaExceededError: it still is after two minutes.
            UnavailableError: the server cannot be reached.
        """
        self._keys.current = chunk.key
        for _ in range(_MOST_PAUSES):
            task_id = self._try(chunk)
            if task_id is not None:
                return task_id
            on_wait()
            self._pause(_RATE_PAUSE_S)
        raise QuotaExceededError(
            "the server keeps refusing for its tokens per minute; raise MEMOS_TOKENS_PER_MINUTE "
            "there, or go on later"
        )

    def _try(self, chunk: Chunk) -> str | None:
        messages = [
            {"role": turn.role, "content": turn.message, "chat_time": chunk.time}
            for turn in chunk.turns
        ]
        try:
            return self._client.add_message(
                messages, user_id=chunk.user_id, conversation_id=chunk.conversation_id
            ).task_id
        except QuotaExceededError:
            return None
        except UnavailableError as error:
            raise UnavailableError(f"{self._client.base_url}: {error.message}") from error
