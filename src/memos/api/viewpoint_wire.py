"""Turns `as_of`, `known_at` and `statuses` of a request into a viewpoint. Pure functions."""

from datetime import tzinfo

from memos.api.filter_wire import read_period
from memos.api.openmem_models.truth_request import ViewpointFields
from memos.errors import InvalidFilterError, InvalidInputError
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import Viewpoint
from memos.types.memory import LIVE, MemoryStatus


def viewpoint_of(body: ViewpointFields, zone: tzinfo) -> Viewpoint:
    """The viewpoint of a request.

    Raises:
        InvalidInputError: a time is not of the documented form.
    """
    return Viewpoint(
        read_instant(body.as_of, zone, "as_of"), read_instant(body.known_at, zone, "known_at")
    )


def statuses_of(body: ViewpointFields) -> frozenset[MemoryStatus]:
    """The states asked for; what holds when none are."""
    return frozenset(map(MemoryStatus, body.status)) if body.status else LIVE


def read_instant(value: str | None, zone: tzinfo, field: str) -> int | None:
    """A time as one moment: the last millisecond of the day, minute or second it names.

    Raises:
        InvalidInputError: it is not of the documented form.
    """
    if value is None:
        return None
    try:
        start, end = read_period(value, zone)
    except InvalidFilterError as error:
        raise InvalidInputError(
            f"{field} must be YYYY-MM-DD, YYYY-MM-DD HH:MM:SS, ISO 8601 or milliseconds since "
            "the epoch.",
            field=field,
        ) from error
    return start if start == end else end - 1
