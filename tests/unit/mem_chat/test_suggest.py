"""Suggested questions by rules: always three, all different, from what there is."""

from hypothesis import given
from hypothesis import strategies as st

from memos.mem_chat.suggest import Basis, suggested
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind

NOW = 1_765_368_000_000
KINDS = st.sampled_from([MemoryKind.LONG_TERM, MemoryKind.EXPLICIT_PREFERENCE, MemoryKind.USER])


def item(value: str, kind: MemoryKind = MemoryKind.LONG_TERM, **more: object) -> MemoryItem:
    cube = Cube("p", CubeKind.USER, "u")
    return MemoryItem(id=value, cube=cube, kind=kind, value=value, **more)  # type: ignore[arg-type]


def by_rules(*memories: MemoryItem, chinese: bool = False, talk: tuple = ()) -> tuple[str, ...]:
    return suggested(Basis(memories, talk, chinese, NOW), None)


@given(
    st.lists(st.builds(item, st.text(), KINDS, tags=st.lists(st.text(), max_size=2).map(tuple))),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text()), max_size=3),
)
def test_there_are_always_three_different_ones(
    memories: list[MemoryItem], chinese: bool, talk: list
) -> None:
    found = suggested(Basis(memories, talk, chinese, NOW), None)
    assert len({q.casefold() for q in found}) == 3
    assert all(q.strip() and "\n" not in q and len(q) <= 200 for q in found)


def test_what_lies_ahead_is_to_be_prepared() -> None:
    ahead = item("The user flies to Oslo.", entities=("Oslo",), event_from=NOW + 1)
    behind = item("The user flew to Oslo.", entities=("Oslo",), event_from=NOW - 1)
    assert by_rules(ahead)[0] == "What do I still have to prepare for Oslo?"
    assert by_rules(behind)[0] == "What do you remember about Oslo?"


def test_a_taste_becomes_a_request_for_more_of_it() -> None:
    english = item("The user likes badminton.", MemoryKind.EXPLICIT_PREFERENCE)
    chinese = item("用户喜欢打羽毛球。", MemoryKind.EXPLICIT_PREFERENCE)
    assert by_rules(english)[0] == "What would you recommend to somebody who likes badminton?"
    assert by_rules(chinese, chinese=True)[0] == "我喜欢打羽毛球，有什么推荐吗？"


def test_each_topic_is_asked_about_once() -> None:
    twice = [item(f"The user saw Oslo {n}.", entities=("Oslo",)) for n in range(3)]
    assert sum("Oslo" in question for question in by_rules(*twice)) == 1
