"""The record-time history of a memory: every version the store knew, and why each came."""

from dataclasses import dataclass
from enum import Enum

from memos.types.memory import MemoryItem


class Reason(str, Enum):
    """Why a version of a memory came to be."""

    ADDED = "added"
    READ = "read"
    """A rough memory gave way to what was read from its messages."""
    SUPERSEDED = "superseded"
    REINSTATED = "reinstated"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    REVERTED = "reverted"
    MERGED = "merged"
    UPDATED = "updated"
    RESTORED = "restored"
    ACTIVATED = "activated"
    ARCHIVED = "archived"
    EXPIRED = "expired"
    FROZEN = "frozen"
    QUARANTINED = "quarantined"
    ERASED = "erased"
    CHANGED = "changed"
    """Nothing more is known."""


@dataclass(frozen=True, slots=True)
class Change:
    """Why a memory is written.

    Args:
        reason: the kind of change.
        by: id of what caused it: a message, a memory, a task or an API key.
    """

    reason: Reason
    by: str = ""


ADDED = Change(Reason.ADDED)


@dataclass(frozen=True, slots=True)
class Version:
    """A memory as the store knew it over a stretch of record time. Times are ms UTC.

    Args:
        item: the memory as it was.
        recorded_from: since when it was known so.
        recorded_until: when it became known otherwise; None for the present version.
        change: why this version came.
    """

    item: MemoryItem
    recorded_from: int
    recorded_until: int | None
    change: Change
