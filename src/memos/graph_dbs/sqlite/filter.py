"""Compile the filter tree to SQL over `item`. Every value is bound; no text of a filter enters the SQL."""

from memos.errors import InvalidFilterError
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.types.filters import Condition, Field, Group, KnownAt, Operator, Scalar

_COMPARISONS = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.GT: ">",
    Operator.GTE: ">=",
}
_COLUMNS = {
    Field.ID: "{t}.uid",
    Field.KIND: "{t}.kind",
    Field.STATUS: "{t}.status",
    Field.AGENT_ID: "{t}.agent_id",
    Field.APP_ID: "{t}.app_id",
    Field.CONVERSATION_ID: "{t}.conversation_id",
    Field.CREATED_AT: "{t}.created_at",
    Field.UPDATED_AT: "{t}.updated_at",
    Field.EVENT_FROM: "{t}.event_from",
    Field.EVENT_UNTIL: "{t}.event_until",
    Field.CONTENT_HASH: "{t}.content_hash",
    Field.VALUE: "{t}.value",
    Field.SINCE: "coalesce({t}.event_from, {t}.created_at)",
}
_TIMES = {
    Field.CREATED_AT,
    Field.UPDATED_AT,
    Field.EVENT_FROM,
    Field.EVENT_UNTIL,
    Field.SINCE,
}
_TAG_OPERATORS = {Operator.CONTAINS, Operator.IN, Operator.EQ}
_INTEGERS = range(-(2**63), 2**63)

Compiled = tuple[str, list[SqlValue]]
_LIST = "case entry.type when 'array' then entry.value else '[]' end"
_NEVER: Compiled = ("0", [])
_PRESENT, _PAST = "item", "past"
"""Tables a condition is about: the present nodes, or `item_version`, which has the same columns."""


def compile_filter(where: Group | None) -> Compiled:
    """SQL condition over `item` and its bound values; "1" for no filter.

    Values of another type than the field's never match: JSON keeps 1, "1" and true apart.

    Raises:
        InvalidFilterError: an operator does not fit its field.
    """
    return ("1", []) if where is None else _group(where, _PRESENT)


def needed_tags(where: Condition | Group | KnownAt | None) -> frozenset[str] | None:
    """Tags of which every node that passes carries one; None when it may carry none."""
    if where is None or isinstance(where, KnownAt):
        return None
    if isinstance(where, Condition):
        if where.field is not Field.TAGS or where.operator not in _TAG_OPERATORS:
            return None
        return frozenset(v for v in _values(where) if isinstance(v, str))
    needs = [needed_tags(member) for member in where.members]
    known = [tags for tags in needs if tags is not None]
    if where.every:
        return min(known, key=len, default=None)
    return frozenset().union(*known) if known and len(known) == len(needs) else None


def _group(group: Group, table: str) -> Compiled:
    if not group.members:
        return "1", []
    parts = [_member(member, table) for member in group.members]
    word = " and " if group.every else " or "
    return (
        f"({word.join(sql for sql, _ in parts)})",
        [value for _, values in parts for value in values],
    )


def _member(member: Condition | Group | KnownAt, table: str) -> Compiled:
    if isinstance(member, Group):
        return _group(member, table)
    return _known_at(member) if isinstance(member, KnownAt) else _condition(member, table)


def _known_at(known: KnownAt) -> Compiled:
    """The present version when it was recorded by then, else the one that was."""
    present, values = _group(known.where, _PRESENT)
    past, past_values = _group(known.where, _PAST)
    since = "coalesce((select recorded_from from item_change where id = item.id), item.created_at)"
    return (
        f"(({since} <= ? and {present}) or exists(select 1 from item_version as past"  # noqa: S608 - compiled conditions hold no values
        f" where past.id = item.id and past.recorded_from <= ? and past.recorded_until > ?"
        f" and {past}))",
        [known.at, *values, known.at, known.at, *past_values],
    )


def _condition(condition: Condition, table: str) -> Compiled:
    if condition.field is None:
        return _info(condition, table)
    if condition.field is Field.TAGS:
        return _tags(condition, table)
    column = _COLUMNS[condition.field].format(t=table)
    return _column(condition, column, timed=condition.field in _TIMES)


def _values(condition: Condition) -> tuple[Scalar, ...]:
    if condition.operator is not Operator.IN:
        if isinstance(condition.value, tuple):
            raise InvalidFilterError(f"{condition.operator.value} takes one value")
        return (condition.value,)
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _column(condition: Condition, column: str, *, timed: bool) -> Compiled:
    fitting = [_bound(v) for v in _values(condition) if _is_number(v) == timed and _is_ordered(v)]
    if condition.operator is Operator.CONTAINS:
        raise InvalidFilterError("contains applies to lists")
    if condition.operator is Operator.LIKE:
        return _NEVER if timed else _like(column, condition)
    return _compare(column, condition.operator, fitting)


def _compare(expression: str, operator: Operator, values: list[SqlValue]) -> Compiled:
    if not values:
        return _NEVER
    if operator is Operator.IN:
        return f"{expression} in ({','.join('?' * len(values))})", values
    return f"{expression} {_COMPARISONS[operator]} ?", values


def _like(expression: str, condition: Condition) -> Compiled:
    (needle,) = _values(condition)
    if not isinstance(needle, str):
        return _NEVER
    return f"instr(casefold({expression}), ?) > 0", [needle.casefold()]


def _tags(condition: Condition, table: str) -> Compiled:
    if condition.operator not in _TAG_OPERATORS:
        raise InvalidFilterError("tags are matched with contains", field="tags")
    tags: list[SqlValue] = [v for v in _values(condition) if isinstance(v, str)]
    if not tags:
        return _NEVER
    if table == _PAST:
        return (
            "exists(select 1 from json_each(past.tags) as tag"  # noqa: S608 - marks only
            f" where tag.value in ({','.join('?' * len(tags))}))",
            tags,
        )
    return (
        "exists(select 1 from item_tag where item_tag.cube = item.cube"  # noqa: S608 - marks only
        f" and item_tag.tag in ({','.join('?' * len(tags))}) and item_tag.id = item.id)",
        tags,
    )


def _info(condition: Condition, table: str) -> Compiled:
    if condition.operator is Operator.CONTAINS:
        source = f"json_each({table}.info) as entry, json_each({_LIST}) as field"
        test, values = _typed(condition, Operator.EQ)
        where = "entry.key = ?"
    else:
        source = f"json_each({table}.info) as field"
        where = "field.key = ?"
        test, values = _typed(condition, condition.operator)
    return (
        f"exists(select 1 from {source} where {where} and {test})",  # noqa: S608 - fixed words
        [condition.info_key, *values],
    )


def _typed(condition: Condition, operator: Operator) -> Compiled:
    """Compare the JSON value `field` as JSON does: with values of its own type."""
    if operator is Operator.LIKE:
        like, needle = _like("field.atom", condition)
        return f"(field.type = 'text' and {like})", needle
    values = _values(condition)
    numbers = [_bound(v) for v in values if _is_number(v)]
    texts: list[SqlValue] = [v for v in values if isinstance(v, str)]
    number_sql, number_values = _compare("field.atom", operator, numbers)
    text_sql, text_values = _compare("field.atom", operator, texts)
    parts = [
        f"(field.type in ('integer', 'real') and {number_sql})",
        f"(field.type = 'text' and {text_sql})",
    ]
    if operator in {Operator.EQ, Operator.IN}:
        parts += [f"field.type = '{str(v).lower()}'" for v in set(values) if isinstance(v, bool)]
    return f"({' or '.join(parts)})", [*number_values, *text_values]


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_ordered(value: Scalar) -> bool:
    return not isinstance(value, bool)


def _bound(value: Scalar) -> SqlValue:
    if isinstance(value, int) and value not in _INTEGERS:
        return float(value)  # larger than any stored integer; SQLite compares the two exactly
    return value
