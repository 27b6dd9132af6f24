"""The filter language as a syntax tree. Stores compile it; nobody builds query text from it by hand.

A filter is a `Group` of conditions. Field names are the documented ones (`agent_id`, `app_id`,
`tags`, `create_time`, `update_time`, ...); every other name is a key of the caller's `info`.
"""

from dataclasses import dataclass
from enum import Enum

Scalar = str | int | float | bool


class Operator(str, Enum):
    """How a field is compared."""

    EQ = "="
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    CONTAINS = "contains"
    """The list field holds exactly this element."""
    IN = "in"
    """The field equals one of the values."""
    LIKE = "like"
    """The text field holds this text, case-insensitive; `%` and `_` are ordinary characters."""


class Field(str, Enum):
    """Fields of a memory that are columns of the store. Anything else is a key of `info`."""

    ID = "id"
    KIND = "kind"
    STATUS = "status"
    AGENT_ID = "agent_id"
    APP_ID = "app_id"
    CONVERSATION_ID = "conversation_id"
    TAGS = "tags"
    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    EVENT_FROM = "event_from"
    EVENT_UNTIL = "event_until"
    SINCE = "since"
    """`event_from`, or `created_at` of a memory without one."""
    CONTENT_HASH = "content_hash"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator value`.

    Args:
        field: a column, or None when `info_key` is given.
        operator: comparison; the parser has checked that it fits the field.
        value: scalar, or a tuple of scalars for `IN`. Times are ms since the epoch.
        info_key: key of `info` when `field` is None.

    A condition on an absent or null field is false (so is none of its comparisons true).
    `=` on info compares as JSON does: 1 equals 1.0, "1" does not equal 1, true does not equal 1.
    """

    field: Field | None
    operator: Operator
    value: Scalar | tuple[Scalar, ...]
    info_key: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """All (`every=True`) or any (`every=False`) of the members hold. An empty group holds always."""

    every: bool
    members: "tuple[Condition | Group | KnownAt, ...]"


@dataclass(frozen=True, slots=True)
class KnownAt:
    """`where` held of a memory as it was recorded at a time; false of one not known by then.

    Args:
        at: ms since the epoch.
        where: what must have held; without another `KnownAt` inside.
    """

    at: int
    where: Group


def all_of(*members: "Condition | Group | KnownAt | None") -> Group:
    """Group that holds when every given member does; None members are left out."""
    return Group(True, tuple(m for m in members if m is not None))


def any_of(*members: "Condition | Group | KnownAt") -> Group:
    """Group that holds when one of the members does."""
    return Group(False, members)
