"""A memory item and what surrounds it: kinds, states, sources, edges."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from memos.types.scope import Cube


class MemoryKind(str, Enum):
    """What a node of the memory graph is. Values are the documented wire names."""

    WORKING = "WorkingMemory"
    LONG_TERM = "LongTermMemory"
    USER = "UserMemory"
    EXPLICIT_PREFERENCE = "explicit_preference"
    IMPLICIT_PREFERENCE = "implicit_preference"
    TOOL_SCHEMA = "ToolSchemaMemory"
    TOOL_TRAJECTORY = "ToolTrajectoryMemory"
    SKILL = "SkillMemory"
    DOCUMENT = "RawFileMemory"
    SEGMENT = "Segment"
    """Evidence, never returned: one stored message, or a span of a long one. It carries the words
    (as token hashes), vector, speaker and time by which the memories derived from it are found,
    and no text: the text is in the message."""


FACT_KINDS = frozenset(
    {MemoryKind.WORKING, MemoryKind.LONG_TERM, MemoryKind.USER, MemoryKind.DOCUMENT}
)
PREFERENCE_KINDS = frozenset({MemoryKind.EXPLICIT_PREFERENCE, MemoryKind.IMPLICIT_PREFERENCE})
TOOL_KINDS = frozenset({MemoryKind.TOOL_SCHEMA, MemoryKind.TOOL_TRAJECTORY})
SKILL_KINDS = frozenset({MemoryKind.SKILL})
ALL_KINDS = FACT_KINDS | PREFERENCE_KINDS | TOOL_KINDS | SKILL_KINDS
"""Every kind that can be returned: all but segments."""


class MemoryStatus(str, Enum):
    """Where a memory is in its life (docs/lifecycle.md). Only `LIVE` ones are recalled by default."""

    GENERATED = "generated"
    ACTIVATED = "activated"
    MERGED = "merged"
    ARCHIVED = "archived"
    EXPIRED = "expired"
    FROZEN = "frozen"
    QUARANTINED = "quarantined"


COPY_TAG = "memos:copy"
"""Reserved tag of a copy of a passage of a file: among the many passages there are, the way to it."""
ORIGIN = "memos:origin"
"""Reserved info key of a public copy: uid of the cube it came from. Never shown to clients."""


LIVE = frozenset({MemoryStatus.ACTIVATED, MemoryStatus.FROZEN})
"""What holds now: recalled and listed unless something else is asked for."""


class EdgeKind(str, Enum):
    """How two nodes are related; read `source KIND target`."""

    SUPERSEDES = "SUPERSEDES"
    MERGED_FROM = "MERGED_FROM"
    DERIVED_FROM = "DERIVED_FROM"
    RELATED_TO = "RELATED_TO"
    PARENT = "PARENT"
    MENTIONS = "MENTIONS"
    FOLLOWS = "FOLLOWS"


@dataclass(frozen=True, slots=True)
class Source:
    """The place a memory was taken from: a message, or a file of a knowledge base.

    Args:
        message_id: id of the stored message; empty for a file.
        role: who said it (`user`, `assistant`, `system`, `tool`); empty for a file.
        start: first character of the span in the text, or None for the whole of it.
        end: one past its last character, or None.
        chat_time: when it was said, ms UTC.
        file_id: the file, when it is one.
        page: page of the file it begins on, from 1, where the format has pages.
    """

    message_id: str
    role: str
    start: int | None = None
    end: int | None = None
    chat_time: int | None = None
    file_id: str | None = None
    page: int | None = None

    @property
    def place(self) -> str:
        """What tells one turn, or one passage of a file, from another."""
        return self.message_id or f"{self.file_id}:{self.start}"


@dataclass(frozen=True, slots=True)
class MemoryItem:
    """One node of the memory graph. Times are ms since the epoch, UTC.

    Args:
        id: UUID text, unique over the store.
        cube: the memory space it lives in.
        kind: what it is.
        key: short title.
        value: the memory itself, in the language of its source; empty for a segment and for a
            rough memory whose text is rendered from its messages.
        background: context worth keeping that is not the memory itself.
        reasoning: why a preference was drawn.
        speaker: name of who said it when the text names one, else the role.
        tags: labels, own and custom.
        entities: names found in the value.
        confidence: 0..1.
        status: place in its life.
        version: counts from 1.
        event_from: when it began to be true; None when unknown.
        event_until: when it stopped to be true; None while it holds.
        created_at: when the store learnt it.
        updated_at: last change.
        ordinal: place inside its conversation, growing; ties of time are broken by it.
        is_question: the text ends with a question mark.
        content_hash: hash of the normalised value, for exact duplicates; empty for segments.
        sources: where it was taken from.
        conversation_id: conversation it came from.
        agent_id: agent it was told to, when given.
        app_id: app it was told in, when given.
        info: the caller's own metadata.
    """

    id: str
    cube: Cube
    kind: MemoryKind
    value: str
    key: str = ""
    background: str = ""
    reasoning: str = ""
    speaker: str = ""
    tags: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    confidence: float = 0.99
    status: MemoryStatus = MemoryStatus.ACTIVATED
    version: int = 1
    event_from: int | None = None
    event_until: int | None = None
    created_at: int = 0
    updated_at: int = 0
    ordinal: int = 0
    is_question: bool = False
    content_hash: str = ""
    sources: tuple[Source, ...] = ()
    conversation_id: str | None = None
    agent_id: str | None = None
    app_id: str | None = None
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed relation between two nodes of one cube."""

    source: str
    kind: EdgeKind
    target: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader drew from messages, before the organiser decides what becomes of it.

    Args:
        kind: proposed kind (fact or preference).
        value: self-contained statement, e.g. "The user moved to Shanghai."
        statement: the words of the source it rests on; this is what gets embedded, because
            "The user ..." blurs an embedding (measured, see docs/adr).
        sources: spans it rests on; never empty.
        key, reasoning, speaker, tags, entities, confidence, event_from, event_until, status: as in
            `MemoryItem`.
    """

    kind: MemoryKind
    value: str
    statement: str
    sources: tuple[Source, ...]
    key: str = ""
    reasoning: str = ""
    speaker: str = ""
    tags: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    confidence: float = 0.99
    event_from: int | None = None
    event_until: int | None = None
    status: MemoryStatus = MemoryStatus.ACTIVATED
