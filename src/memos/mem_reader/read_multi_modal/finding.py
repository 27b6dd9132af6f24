"""What was read from one part of a message."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from memos.types.memory import MemoryKind


class PartStatus(str, Enum):
    """What became of a part. Values are shown to clients."""

    READ = "read"
    FAILED = "failed"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Statement:
    """One memory of a part.

    Args:
        kind: a document's passage, or a fact about a picture.
        value: the memory.
        words: what is indexed and embedded: the value with the headings above it.
        key: title.
        tags: labels.
        start, end: place in the document's text; None of a picture.
        page: page it begins on, where there are pages.
    """

    kind: MemoryKind
    value: str
    words: str
    key: str
    tags: tuple[str, ...]
    start: int | None = None
    end: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was read from one part, or why nothing was.

    Args:
        status: what became of it.
        reason: why it, or which part of it, was not read, a sentence without anything that was sent.
        statements: its memories.
        pages: pages of a document that has any.
        too_large: it is over a limit, which fails the task as documented.
    """

    status: PartStatus
    reason: str = ""
    statements: tuple[Statement, ...] = ()
    pages: int | None = None
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class PartReport:
    """A line of the report of an add: what became of one part.

    Args:
        message: number of the message in the request, from 0.
        part: number of the part in the message, from 0.
        type: wire name of its kind.
        status: `read`, `failed` or `not_read`.
        reason: empty for what was read as a whole.
        memories: number of memories it gave.
        pages: pages of a document that has any.
    """

    message: int
    part: int
    type: str
    status: str
    reason: str
    memories: int
    pages: int | None

    def to_json(self) -> dict[str, Any]:
        """JSON form for the records store and for clients."""
        return {
            "message": self.message,
            "part": self.part,
            "type": self.type,
            "status": self.status,
            "reason": self.reason,
            "memories": self.memories,
            "pages": self.pages,
        }
