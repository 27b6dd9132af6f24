"""Learning about tools from the messages of an add."""

from collections.abc import Sequence
from dataclasses import replace

from memos.mem_reader.tools.reader import ToolReader
from memos.mem_scheduler.ingest import AddPayload, Write, provenance
from memos.memories.textual.tool import ToolMemories
from memos.records.base import MessageRecords
from memos.types.memory import ORIGIN
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind
from memos.types.tool import ToolReading

_CONTEXT_MESSAGES = 40
"""So far back the request is looked for that led to a call."""


class ToolLearning:
    """The companion of an add that keeps tool memories.

    Args:
        messages: give what was said before.
        reader: finds descriptions and uses of tools.
        memories: keeps them.
    """

    def __init__(
        self, messages: MessageRecords, reader: ToolReader, memories: ToolMemories
    ) -> None:
        self._messages = messages
        self._reader = reader
        self._memories = memories

    def prepare(self, cube: Cube, payload: AddPayload, messages: Sequence[Message]) -> Write:
        """Read the messages; what is returned stores the tool memories."""
        context = self._messages.recent_messages(
            cube,
            payload.conversation_id,
            _CONTEXT_MESSAGES,
            before_sequence=messages[0].sequence,
        )
        reading = self._reader.read(messages, context)
        return lambda task_id: self._store(cube, payload, reading, task_id)

    def _store(
        self, cube: Cube, payload: AddPayload, reading: ToolReading, task_id: str
    ) -> list[str]:
        if not reading.schemas and not reading.uses:
            return []
        shared = provenance(task_id, payload)
        ids = self._memories.learn(cube, reading, shared)
        if payload.allow_public:
            copied = replace(shared, info={**shared.info, ORIGIN: cube.uid})
            self._memories.learn(Cube(cube.project, CubeKind.PUBLIC), reading, copied)
        return ids
