"""The life of a memory: which states may follow which, and what a project's policy says of age.

    generated -> activated -> merged | archived | expired | frozen | quarantined
    merged, archived, expired, quarantined -> activated           restored
    frozen -> activated                                           released, by hand only

A memory is born activated, because it can be recalled at once; until it has been handed out for
the first time its stage is called generated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from memos.errors import ConflictError, InvalidInputError
from memos.types.memory import MemoryItem, MemoryKind, MemoryStatus

_S = MemoryStatus
_ENDS = frozenset({_S.MERGED, _S.ARCHIVED, _S.EXPIRED, _S.FROZEN, _S.QUARANTINED})
TRANSITIONS: Mapping[MemoryStatus, frozenset[MemoryStatus]] = MappingProxyType(
    {
        _S.GENERATED: _ENDS | {_S.ACTIVATED},
        _S.ACTIVATED: _ENDS,
        _S.MERGED: frozenset({_S.ACTIVATED, _S.ARCHIVED, _S.EXPIRED}),
        _S.ARCHIVED: frozenset({_S.ACTIVATED, _S.MERGED, _S.EXPIRED, _S.FROZEN}),
        _S.EXPIRED: frozenset({_S.ACTIVATED}),
        _S.FROZEN: frozenset({_S.ACTIVATED}),
        _S.QUARANTINED: frozenset({_S.ACTIVATED, _S.ARCHIVED, _S.EXPIRED}),
    }
)
"""What may follow each state."""
SETTABLE = (_S.ACTIVATED, _S.ARCHIVED, _S.EXPIRED, _S.FROZEN)
"""States a caller may set; the others are made by work on several memories."""

EXPIRES = "memos:expires_at"
"""Reserved info key: ms UTC from which a memory holds no more."""
RESTORED = "memos:restored_at"
"""Reserved info key: ms UTC of every time a superseded memory was restored by hand."""


def check_settable(status: str) -> None:
    """See that a caller may set a state.

    Raises:
        InvalidInputError: it may not, or there is no such state.
    """
    if status not in SETTABLE:
        raise InvalidInputError(f"status must be one of {', '.join(SETTABLE)}", field="status")


def check_transition(old: MemoryStatus, new: MemoryStatus) -> None:
    """See that a state may follow another.

    Raises:
        ConflictError: it may not.
    """
    if old is new or new in TRANSITIONS[old]:
        return
    if old is MemoryStatus.FROZEN:
        raise ConflictError(
            "the memory is frozen; release it first by setting its status to activated",
            field="status",
        )
    allowed = ", ".join(sorted(status.value for status in TRANSITIONS[old]))
    raise ConflictError(
        f"a memory that is {old.value} cannot become {new.value}, only {allowed}", field="status"
    )


def stage_of(status: MemoryStatus, uses: int) -> MemoryStatus:
    """The state as people see it: generated until a memory was handed out for the first time."""
    return MemoryStatus.GENERATED if status is MemoryStatus.ACTIVATED and not uses else status


def expires_at(item: MemoryItem) -> int | None:
    """When a memory stops to hold, ms UTC; None when it was given no end."""
    value = item.info.get(EXPIRES)
    return value if isinstance(value, int) else None


def is_due(item: MemoryItem, now_ms: int) -> bool:
    """Whether a memory's end has come."""
    end = expires_at(item)
    return end is not None and end <= now_ms


@dataclass(frozen=True, slots=True)
class Policy:
    """What ages and how many are kept in use, per subject of a project. 0 switches a limit off.

    Args:
        working_capacity, user_capacity, long_term_capacity: live memories of a kind; the least
            valuable beyond are archived.
        half_life_days: a memory's worth halves in so many days without use.
        idle_archive_days: live memories not used for so long are archived.
        archive_expire_days: archived memories expire after so long.
        working_expire_days, user_expire_days, long_term_expire_days, preference_expire_days,
            tool_expire_days: live memories of a kind expire so long after they were learnt.
    """

    working_capacity: int = 20
    user_capacity: int = 500
    long_term_capacity: int = 2000
    half_life_days: int = 90
    idle_archive_days: int = 0
    archive_expire_days: int = 0
    working_expire_days: int = 0
    user_expire_days: int = 0
    long_term_expire_days: int = 0
    preference_expire_days: int = 0
    tool_expire_days: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
                raise InvalidInputError(
                    f"{field.name} must be a whole number from 0 to {_MOST}", field=field.name
                )

    def capacity(self, kind: MemoryKind) -> int:
        """Most live memories of a kind; 0 for no limit."""
        names = {
            MemoryKind.WORKING: self.working_capacity,
            MemoryKind.USER: self.user_capacity,
            MemoryKind.LONG_TERM: self.long_term_capacity,
        }
        return names.get(kind, 0)

    def expire_days(self, kind: MemoryKind) -> int:
        """Days after which live memories of a kind expire; 0 for never."""
        names = {
            MemoryKind.WORKING: self.working_expire_days,
            MemoryKind.USER: self.user_expire_days,
            MemoryKind.LONG_TERM: self.long_term_expire_days,
            MemoryKind.EXPLICIT_PREFERENCE: self.preference_expire_days,
            MemoryKind.IMPLICIT_PREFERENCE: self.preference_expire_days,
            MemoryKind.TOOL_SCHEMA: self.tool_expire_days,
            MemoryKind.TOOL_TRAJECTORY: self.tool_expire_days,
        }
        return names.get(kind, 0)

    def changed(self, values: Mapping[str, Any]) -> "Policy":
        """With other values by name.

        Raises:
            InvalidInputError: a name is none of the policy's, or a value cannot be used.
        """
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        unknown = sorted(values.keys() - known.keys())
        if unknown:
            raise InvalidInputError(
                f"a policy has no {unknown[0]}; it has {', '.join(known)}", field=unknown[0]
            )
        return Policy(**{**known, **values})


_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of a memory's state, by ids only.

    Args:
        memory_id: the memory.
        at: when, ms UTC.
        old: the state before.
        new: the state after.
        reason: why.
        by: who or what caused it (`key:..`, `message:..`, `memory:..`, `policy:..`).
    """

    memory_id: str
    at: int
    old: str
    new: str
    reason: str
    by: str
