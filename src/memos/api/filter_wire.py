"""Memory filters as clients send them, read into the syntax tree of `memos.types.filters`.

    filter     = group | {user|public|knowledgebase: group}     one form or the other
    group      = {"and": [member, ..]} | {"or": [member, ..]}   at least one member
    member     = group | {field: value | {operator: value, ..}, ..}   several at once must all hold

`agent_id`, `app_id` and `conversation_id` take `=` (a plain string); `tags` takes `contains` (a
plain string means the same); `create_time` and `update_time` take `lt`, `lte`, `gt`, `gte`; every
other name is a key of `info` and takes a plain scalar (`=`) or any operator.

A time names a whole day, minute or second, as precisely as it is written; `gte` and `lt` compare
with its beginning, `lte` and `gt` with its end. So `{"lte": "2025-12-31"}` includes all of
December 31st, and `{"gt": "2025-12-31"}` begins on January 1st. Milliseconds since the epoch and
fractions of a second are exact. A time without an offset is in the zone handed in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NoReturn

from memos.api.openmem_models.parse import check_storable
from memos.errors import InvalidFilterError
from memos.types.filters import Condition, Field, Group, Operator, Scalar

MAX_DEPTH = 8
MAX_CONDITIONS = 200
MAX_VALUES = 200
SOURCES = ("user", "public", "knowledgebase")

_IDENTIFIERS = {
    "agent_id": Field.AGENT_ID,
    "app_id": Field.APP_ID,
    "conversation_id": Field.CONVERSATION_ID,
}
_TIMES = {"create_time": Field.CREATED_AT, "update_time": Field.UPDATED_AT}
_ORDER = (Operator.LT, Operator.LTE, Operator.GT, Operator.GTE)
_TIME = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|z|[+-]\d{2}:?\d{2})?"
)
_MAX_MS = 253_402_300_799_999
_MAX_INTEGER = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class SourceFilters:
    """What memories of each source must meet; None where anything goes."""

    user: Group | None = None
    public: Group | None = None
    knowledgebase: Group | None = None


def parse_filter(value: object, clock_zone: tzinfo) -> SourceFilters:
    """Read the `filter` of a request.

    Args:
        value: the decoded JSON; None and an empty object filter nothing.
        clock_zone: zone of times that are written without an offset.

    Raises:
        InvalidFilterError: it is not of the documented form; the sentence says what is allowed.
    """
    if value is None or value == {}:
        return SourceFilters()
    if not isinstance(value, dict):
        _refuse("filter must be an object.")
    check_storable("filter", value, depth=4 * MAX_DEPTH)
    reader = _Reader(clock_zone)
    sources = [name for name in SOURCES if name in value]
    if not sources:
        group = reader.group(value, 1)
        return SourceFilters(group, group, group)
    if len(sources) != len(value):
        _refuse(
            "filter must have either and / or at its root, or only the groups user, public and "
            "knowledgebase."
        )
    return SourceFilters(
        **{name: reader.group(value[name], 1) for name in sources if value[name] is not None}
    )


class _Reader:
    """Reads groups; counts conditions over one whole filter."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._conditions = 0

    def group(self, value: object, depth: int) -> Group:
        if depth > MAX_DEPTH:
            _refuse(f"groups of filter may be nested at most {MAX_DEPTH} deep.")
        if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {"and", "or"}:
            _refuse("the root of each filter group must be either and or or, followed by a list.")
        ((word, members),) = value.items()
        if not isinstance(members, list) or not members:
            _refuse(f"{word} of filter must be a list with at least one condition.")
        return Group(word == "and", tuple(self._member(member, depth) for member in members))

    def _member(self, value: object, depth: int) -> Condition | Group:
        if not isinstance(value, dict) or not value:
            _refuse('each condition of filter must be an object such as {"agent_id": "a"}.')
        if "and" in value or "or" in value:
            return self.group(value, depth + 1)
        conditions = [
            condition for name, wanted in value.items() for condition in self._field(name, wanted)
        ]
        self._conditions += len(conditions)
        if self._conditions > MAX_CONDITIONS:
            _refuse(f"filter may hold at most {MAX_CONDITIONS} conditions.")
        return conditions[0] if len(conditions) == 1 else Group(True, tuple(conditions))

    def _field(self, name: str, wanted: object) -> list[Condition]:
        """Conditions on one field: one per operator."""
        if name == "user_id":
            _refuse("user_id cannot be used in filter; pass it beside filter.")
        if name == "info":
            _refuse('info must not be wrapped in filter; write its keys directly: {"scene": ..}.')
        make = self._maker(name)
        if not isinstance(wanted, dict):
            default = Operator.CONTAINS if name == "tags" else Operator.EQ
            return [make(name, default, wanted)]
        if not wanted:
            _refuse("a condition of filter must have an operator and a value.")
        return [make(name, _operator(word), value) for word, value in wanted.items()]

    def _maker(self, name: str) -> Callable[[str, Operator, object], Condition]:
        if name in _TIMES:
            return self._time
        if name in _IDENTIFIERS:
            return _identifier
        return _tag if name == "tags" else _info

    def _time(self, name: str, operator: Operator, value: object) -> Condition:
        if operator not in _ORDER:
            _refuse(f"{name} takes lt, lte, gt and gte.")
        start, end = read_period(value, self._zone)
        field = _TIMES[name]
        if start == end:
            return Condition(field, operator, start)
        # The end belongs to the next period, hence lte T is "before the end" and gt T "from it on".
        ended = {Operator.LTE: Operator.LT, Operator.GT: Operator.GTE}
        if operator in ended:
            return Condition(field, ended[operator], end)
        return Condition(field, operator, start)


def _identifier(name: str, operator: Operator, value: object) -> Condition:
    if operator is not Operator.EQ or not isinstance(value, str):
        _refuse(f'{name} takes a string: {{"{name}": ".."}}.')
    return Condition(_IDENTIFIERS[name], operator, value)


def _tag(_: str, operator: Operator, value: object) -> Condition:
    if operator is not Operator.CONTAINS or not isinstance(value, str):
        _refuse('tags takes contains with a string: {"tags": {"contains": ".."}}.')
    return Condition(Field.TAGS, operator, value)


def _info(name: str, operator: Operator, value: object) -> Condition:
    if not name:
        _refuse("a field of filter must have a name.")
    wanted: Scalar | tuple[Scalar, ...]
    if operator is Operator.IN:
        if not isinstance(value, list) or not 1 <= len(value) <= MAX_VALUES:
            _refuse(f"in takes a list of 1 to {MAX_VALUES} values.")
        wanted = tuple(_scalar(item) for item in value)
    else:
        wanted = _scalar(value)
    if operator is Operator.LIKE and not isinstance(wanted, str):
        _refuse("like takes a string.")
    if operator in _ORDER and isinstance(wanted, bool):
        _refuse("lt, lte, gt and gte take a number or a string.")
    return Condition(None, operator, wanted, info_key=name)


def _operator(word: object) -> Operator:
    try:
        return Operator(word)
    except ValueError:
        _refuse("operators of filter are =, lt, lte, gt, gte, contains, in and like.")


def _scalar(value: object) -> Scalar:
    if not isinstance(value, str | int | float):
        _refuse("values of filter must be strings, numbers or booleans.")
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        _refuse("integers of filter must fit into 64 bits.")
    return value


def read_period(value: object, zone: tzinfo) -> tuple[int, int]:
    """Beginning and end (exclusive) in ms of what a time names; the same twice when it is exact.

    Raises:
        InvalidFilterError: it is not of the documented form.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        number: float = value
    elif isinstance(value, str) and re.fullmatch(r"\d{5,15}", value.strip(), re.ASCII):
        number = int(value)
    elif isinstance(value, str) and (match := _TIME.fullmatch(value.strip())):
        return _written_period(match, zone)
    else:
        _refuse_time()
    if number != int(number) or abs(number) > _MAX_MS:
        _refuse_time()
    return int(number), int(number)


def _written_period(match: re.Match[str], zone: tzinfo) -> tuple[int, int]:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]), tzinfo=_offset(offset) or zone,
        )  # fmt: skip
        return _to_ms(moment), _to_ms(moment) if fraction else _end(moment, _length(hour, second))
    except ValueError:
        _refuse_time()


def _end(moment: datetime, length: timedelta) -> int:
    try:
        # Python adds to the wall clock, so that a day is a calendar day even where clocks change.
        return _to_ms(moment + length)
    except OverflowError:  # the last day there is
        return _MAX_MS + 1


def _length(hour: str | None, second: str | None) -> timedelta:
    if hour is None:
        return timedelta(days=1)
    return timedelta(minutes=1) if second is None else timedelta(seconds=1)


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in {"Z", "z"}:
        return timezone.utc
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _to_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _refuse_time() -> NoReturn:
    _refuse(
        "times of filter must be YYYY-MM-DD, YYYY-MM-DD HH:MM:SS, ISO 8601 or milliseconds since "
        "the epoch."
    )


def _refuse(sentence: str) -> NoReturn:
    raise InvalidFilterError(sentence, field="filter")
