"""Compile the filter tree to SQL over `item`. Every value is bound; no text of a filter enters the SQL."""

from memos.errors import InvalidFilterError
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.types.filters import Condition, Field, Group, Operator, Scalar

_COMPARISONS = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.GT: ">",
    Operator.GTE: ">=",
}
_COLUMNS = {
    Field.ID: "item.uid",
    Field.KIND: "item.kind",
    Field.STATUS: "item.status",
    Field.AGENT_ID: "item.agent_id",
    Field.APP_ID: "item.app_id",
    Field.CONVERSATION_ID: "item.conversation_id",
    Field.CREATED_AT: "item.created_at",
    Field.UPDATED_AT: "item.updated_at",
    Field.EVENT_FROM: "item.event_from",
    Field.EVENT_UNTIL: "item.event_until",
    Field.CONTENT_HASH: "item.content_hash",
    Field.VALUE: "item.value",
}
_TIMES = {Field.CREATED_AT, Field.UPDATED_AT, Field.EVENT_FROM, Field.EVENT_UNTIL}
_TAG_OPERATORS = {Operator.CONTAINS, Operator.IN, Operator.EQ}
_INTEGERS = range(-(2**63), 2**63)

Compiled = tuple[str, list[SqlValue]]
_LIST = "case entry.type when 'array' then entry.value else '[]' end"
_NEVER: Compiled = ("0", [])


def compile_filter(where: Group | None) -> Compiled:
    """SQL condition over `item` and its bound values; "1" for no filter.

    Values of another type than the field's never match: JSON keeps 1, "1" and true apart.

    Raises:
        InvalidFilterError: an operator does not fit its field.
    """
    return ("1", []) if where is None else _group(where)


def needed_tags(where: Condition | Group | None) -> frozenset[str] | None:
    """Tags of which every node that passes carries one; None when it may carry none."""
    if where is None:
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


def _group(group: Group) -> Compiled:
    if not group.members:
        return "1", []
    parts = [_group(m) if isinstance(m, Group) else _condition(m) for m in group.members]
    word = " and " if group.every else " or "
    return (
        f"({word.join(sql for sql, _ in parts)})",
        [value for _, values in parts for value in values],
    )


def _condition(condition: Condition) -> Compiled:
    if condition.field is None:
        return _info(condition)
    if condition.field is Field.TAGS:
        return _tags(condition)
    return _column(condition, _COLUMNS[condition.field], timed=condition.field in _TIMES)


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


def _tags(condition: Condition) -> Compiled:
    if condition.operator not in _TAG_OPERATORS:
        raise InvalidFilterError("tags are matched with contains", field="tags")
    tags: list[SqlValue] = [v for v in _values(condition) if isinstance(v, str)]
    if not tags:
        return _NEVER
    return (
        "exists(select 1 from item_tag where item_tag.cube = item.cube"  # noqa: S608 - marks only
        f" and item_tag.tag in ({','.join('?' * len(tags))}) and item_tag.id = item.id)",
        tags,
    )


def _info(condition: Condition) -> Compiled:
    if condition.operator is Operator.CONTAINS:
        source = f"json_each(item.info) as entry, json_each({_LIST}) as field"
        test, values = _typed(condition, Operator.EQ)
        where = "entry.key = ?"
    else:
        source = "json_each(item.info) as field"
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
