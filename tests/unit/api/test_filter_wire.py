"""Reading memory filters from the wire: forms, fields, times, limits."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.api.filter_wire import SourceFilters, parse_filter
from memos.errors import InvalidFilterError
from memos.types.filters import Condition, Field, Group, Operator

UTC = timezone.utc
DAY = 86_400_000
MAY_1 = 1_746_057_600_000  # 2025-05-01 00:00:00 UTC


def one(member: object, zone: tzinfo = UTC) -> Condition | Group:
    """The tree of a single member under a global `and`."""
    group = parse_filter({"and": [member]}, zone).user
    assert group is not None
    (read,) = group.members
    return read


def test_a_global_filter_holds_for_every_source() -> None:
    scene = Condition(None, Operator.EQ, "chat", info_key="scene")
    agent = Condition(Field.AGENT_ID, Operator.EQ, "a")
    filters = parse_filter({"or": [{"scene": "chat"}, {"agent_id": "a"}]}, UTC)
    group = Group(False, (scene, agent))
    assert filters == SourceFilters(group, group, group)


def test_a_source_filter_leaves_other_sources_unfiltered() -> None:
    value = {"user": {"and": [{"app_id": "x"}]}, "knowledgebase": {"or": [{"tags": "policy"}]}}
    filters = parse_filter({**value, "public": None}, UTC)
    assert filters.user == Group(True, (Condition(Field.APP_ID, Operator.EQ, "x"),))
    assert filters.public is None
    tag = Condition(Field.TAGS, Operator.CONTAINS, "policy")
    assert filters.knowledgebase == Group(False, (tag,))


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_filter_filters_nothing(nothing: object) -> None:
    assert parse_filter(nothing, UTC) == SourceFilters()


@pytest.mark.parametrize(
    ("member", "condition"),
    [
        ({"conversation_id": "c"}, Condition(Field.CONVERSATION_ID, Operator.EQ, "c")),
        ({"agent_id": {"=": "a"}}, Condition(Field.AGENT_ID, Operator.EQ, "a")),
        ({"tags": {"contains": "t"}}, Condition(Field.TAGS, Operator.CONTAINS, "t")),
        ({"vip": True}, Condition(None, Operator.EQ, True, info_key="vip")),
        ({"price": {"gte": 1.5}}, Condition(None, Operator.GTE, 1.5, info_key="price")),
        ({"biz": {"in": ["a", 2]}}, Condition(None, Operator.IN, ("a", 2), info_key="biz")),
        ({"note": {"like": "50%"}}, Condition(None, Operator.LIKE, "50%", info_key="note")),
        ({"list": {"contains": 3}}, Condition(None, Operator.CONTAINS, 3, info_key="list")),
    ],
)
def test_fields_take_their_operators(member: object, condition: Condition) -> None:
    assert one(member) == condition


def test_several_fields_or_operators_of_one_member_must_all_hold() -> None:
    read = one({"scene": "chat", "create_time": {"gte": "2025-05-01", "lt": "2025-05-02"}})
    assert read == Group(
        True,
        (
            Condition(None, Operator.EQ, "chat", info_key="scene"),
            Condition(Field.CREATED_AT, Operator.GTE, MAY_1),
            Condition(Field.CREATED_AT, Operator.LT, MAY_1 + DAY),
        ),
    )


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("2025-05-01", DAY),
        ("2025-5-1", DAY),
        ("2025-05-01 00:00", 60_000),
        ("2025-05-01 00:00:00", 1000),
        ("2025-05-01T00:00:00Z", 1000),
        ("2025-05-01T02:00:00+02:00", 1000),
        ("2025-04-30T19:00:00-0500", 1000),
    ],
)
def test_a_time_stands_for_the_whole_of_what_it_names(written: str, length: int) -> None:
    def bound(word: str) -> tuple[Operator, Any]:
        read = one({"update_time": {word: written}})
        assert isinstance(read, Condition)
        assert read.field is Field.UPDATED_AT
        return read.operator, read.value

    assert bound("gte") == (Operator.GTE, MAY_1)
    assert bound("lt") == (Operator.LT, MAY_1)
    assert bound("lte") == (Operator.LT, MAY_1 + length)
    assert bound("gt") == (Operator.GTE, MAY_1 + length)


@pytest.mark.parametrize("exact", [MAY_1 + 7, str(MAY_1 + 7), "2025-05-01 00:00:00.007"])
def test_milliseconds_are_exact(exact: object) -> None:
    assert one({"create_time": {"gt": exact}}) == Condition(
        Field.CREATED_AT, Operator.GT, MAY_1 + 7
    )


def test_a_time_without_offset_is_in_the_zone_handed_in() -> None:
    shanghai = one({"create_time": {"gte": "2025-05-01 08:00:00"}}, ZoneInfo("Asia/Shanghai"))
    assert shanghai == Condition(Field.CREATED_AT, Operator.GTE, MAY_1)


def test_a_day_lasts_as_long_as_the_calendar_says() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = (one({"create_time": {w: "2025-03-30"}}, berlin) for w in ("gte", "lte"))
    assert isinstance(start, Condition)
    assert isinstance(end, Condition)
    assert int(end.value) - int(start.value) == 23 * 3_600_000  # type: ignore[arg-type]


def test_the_last_day_there_is_has_an_end() -> None:
    read = one({"create_time": {"lte": "9999-12-31"}})
    assert read == Condition(Field.CREATED_AT, Operator.LT, 253_402_300_800_000)


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"and": [{"a": 1}]}
    for _ in range(depth - 1):
        value = {"or": [value]}
    return value


def test_groups_nest_to_eight_levels() -> None:
    assert parse_filter(nested(8), UTC).user is not None
    with pytest.raises(InvalidFilterError, match="at most 8 deep"):
        parse_filter(nested(9), UTC)


def test_two_hundred_conditions_are_the_most() -> None:
    assert parse_filter({"and": [{"a": 1}] * 200}, UTC).user is not None
    with pytest.raises(InvalidFilterError, match="at most 200 conditions"):
        parse_filter({"and": [{"a": {"gt": 1, "lt": 5}}] * 101}, UTC)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([], "must be an object"),
        ("tags", "must be an object"),
        ({"agent_id": "a"}, "either and or or"),
        ({"and": [{"a": 1}], "or": [{"a": 1}]}, "either and or or"),
        ({"and": [{"a": 1}], "user": {"and": [{"a": 1}]}}, "either and / or at its root"),
        ({"user": {"and": [{"a": 1}]}, "team": {}}, "either and / or at its root"),
        ({"user": {}}, "either and or or"),
        ({"user": {"user": {"and": [{"a": 1}]}}}, "either and or or"),
        ({"and": []}, "at least one"),
        ({"and": {"a": 1}}, "at least one"),
        ({"and": ["a"]}, "must be an object such as"),
        ({"and": [{}]}, "must be an object such as"),
        ({"and": [{"and": [{"a": 1}], "b": 2}]}, "either and or or"),
        ({"and": [{"user_id": "u"}]}, "user_id cannot be used"),
        ({"and": [{"info": {"scene": "x"}}]}, "write its keys directly"),
        ({"and": [{"agent_id": {"in": ["a"]}}]}, "agent_id takes a string"),
        ({"and": [{"agent_id": 3}]}, "agent_id takes a string"),
        ({"and": [{"tags": {"=": "a"}}]}, "tags takes contains"),
        ({"and": [{"tags": ["a"]}]}, "tags takes contains"),
        ({"and": [{"create_time": "2025-01-01"}]}, "create_time takes lt"),
        ({"and": [{"create_time": {"gte": "yesterday"}}]}, "times of filter"),
        ({"and": [{"create_time": {"gte": "2025-02-30"}}]}, "times of filter"),
        ({"and": [{"create_time": {"gte": True}}]}, "times of filter"),
        ({"and": [{"create_time": {"gte": 10**40}}]}, "times of filter"),
        ({"and": [{"create_time": {"gte": 1.5}}]}, "times of filter"),
        ({"and": [{"create_time": {"gte": "2025-01-01T00:00:00+99:00"}}]}, "times of filter"),
        ({"and": [{"scene": {}}]}, "an operator and a value"),
        ({"and": [{"scene": {"near": "x"}}]}, "operators of filter"),
        ({"and": [{"scene": None}]}, "must be strings"),
        ({"and": [{"scene": ["x"]}]}, "must be strings"),
        ({"and": [{"scene": {"in": []}}]}, "in takes a list"),
        ({"and": [{"scene": {"in": [["x"]]}}]}, "must be strings"),
        ({"and": [{"scene": {"like": 3}}]}, "like takes a string"),
        ({"and": [{"scene": {"gt": True}}]}, "a number or a string"),
        ({"and": [{"scene": 2**63}]}, "64 bits"),
        ({"and": [{"scene": float("nan")}]}, "NaN"),
        ({"and": [{"scene": "a\x00"}]}, "NUL"),
        ({"and": [{"": "a"}]}, "must have a name"),
        (nested(5000), "nested too deeply"),
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(value: object, sentence: str) -> None:
    with pytest.raises(InvalidFilterError, match=sentence) as error:
        parse_filter(value, UTC)
    assert (error.value.code, error.value.field) == (40000, "filter")


# Brute force: random filters are judged twice, once by reading the wire form directly and once by
# evaluating the tree, over random memories.

Memory = dict[str, Any]
FIELDS = {
    Field.AGENT_ID: "agent_id",
    Field.APP_ID: "app_id",
    Field.CONVERSATION_ID: "conversation_id",
}
COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda a, b: a == b,
    Operator.LT: lambda a, b: a < b,
    Operator.LTE: lambda a, b: a <= b,
    Operator.GT: lambda a, b: a > b,
    Operator.GTE: lambda a, b: a >= b,
    Operator.CONTAINS: lambda a, b: b in a,
    Operator.IN: lambda a, b: a in b,
}


def tree_holds(node: Condition | Group, memory: Memory) -> bool:
    if isinstance(node, Group):
        return (all if node.every else any)(tree_holds(m, memory) for m in node.members)
    name = {Field.TAGS: "tags", Field.CREATED_AT: "create_time", **FIELDS}.get(
        node.field or Field.ID, node.info_key or ""
    )
    return name in memory and COMPARE[node.operator](memory[name], node.value)


def wire_holds(value: dict[str, Any], memory: Memory) -> bool:
    ((name, wanted),) = value.items()
    if name in {"and", "or"}:
        return (all if name == "and" else any)(wire_holds(m, memory) for m in wanted)
    if name == "create_time":
        ((word, written),) = wanted.items()
        stored = datetime.fromtimestamp(memory[name] / 1000, UTC)
        day, first = stored.date().isoformat(), str(written)
        return {"lt": day < first, "lte": day <= first, "gt": day > first, "gte": day >= first}[
            word
        ]
    if not isinstance(wanted, dict):
        return name in memory and (
            wanted in memory[name] if name == "tags" else memory[name] == wanted
        )
    ((word, operand),) = wanted.items()
    return name in memory and COMPARE[Operator(word)](memory[name], operand)


days = st.integers(0, 3).map(
    lambda n: (datetime(2025, 5, 1, tzinfo=UTC) + timedelta(n)).date().isoformat()
)
words = st.sampled_from(["a", "b", "c"])
leaves = st.one_of(
    st.builds(lambda k, v: {k: v}, st.sampled_from(list(FIELDS.values())), words),
    st.builds(lambda v, wrap: {"tags": {"contains": v} if wrap else v}, words, st.booleans()),
    st.builds(
        lambda word, day: {"create_time": {word: day}},
        st.sampled_from(["lt", "lte", "gt", "gte"]),
        days,
    ),
    st.builds(lambda v: {"scene": v}, words),
    st.builds(lambda v: {"scene": {"in": v}}, st.lists(words, min_size=1, max_size=2)),
    st.builds(
        lambda word, n: {"size": {word: n}},
        st.sampled_from(["=", "lt", "lte", "gt", "gte"]),
        st.integers(0, 3),
    ),
)
groups = st.recursive(
    st.builds(
        lambda w, m: {w: m},
        st.sampled_from(["and", "or"]),
        st.lists(leaves, min_size=1, max_size=3),
    ),
    lambda inner: st.builds(
        lambda w, m: {w: m},
        st.sampled_from(["and", "or"]),
        st.lists(inner | leaves, min_size=1, max_size=3),
    ),
    max_leaves=4,
)
memories = st.fixed_dictionaries(
    {"tags": st.lists(words), "create_time": st.integers(MAY_1 - DAY, MAY_1 + 5 * DAY)},
    optional={
        "agent_id": words,
        "app_id": words,
        "conversation_id": words,
        "scene": words,
        "size": st.integers(0, 3),
    },
)


@given(value=groups, items=st.lists(memories, min_size=1, max_size=5))
def test_the_tree_selects_what_the_wire_form_says(
    value: dict[str, Any], items: list[Memory]
) -> None:
    group = parse_filter(value, UTC).user
    assert group is not None
    for memory in items:
        assert tree_holds(group, memory) == wire_holds(value, memory)
