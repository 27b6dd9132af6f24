"""What may be said in one, and whether one text says what several say."""

import pytest

from memos.mem_reader.combined import added_by, says_all
from memos.memories.textual.tree_text_memory.organize.combine import is_lasting
from memos.memories.textual.tree_text_memory.organize.duplicate import merged
from memos.types.memory import Draft, MemoryItem, MemoryKind, Source
from memos.types.scope import Cube, CubeKind

CUBE = Cube("p", CubeKind.USER, "u")


def item(value: str, **more: object) -> MemoryItem:
    return MemoryItem("1", CUBE, MemoryKind.LONG_TERM, value, speaker="user", **more)


@pytest.mark.parametrize(
    "text",
    [
        "The user speaks French.",
        "The student often confuses linear with quadratic functions.",
        "The user is interested in old maps.",
        "The user needs absolute silence to read.",
        "学生经常算错指数函数。",
        "用户会说法语。",
    ],
)
def test_habits_and_skills_last(text: str) -> None:
    assert is_lasting(text)


@pytest.mark.parametrize(
    "text",
    [
        "The user travelled to Xi'an.",
        "The user went hiking with Ben.",
        "The user bought a kayak.",
        "The user has visited Oslo.",
        "The user plays chess on 12 May 2026.",
        "用户去了西安。",
        "用户吃过榴莲。",
        "用户2026年5月在杭州旅游。",
    ],
)
def test_events_do_not(text: str) -> None:
    assert not is_lasting(text)


@pytest.mark.parametrize(
    ("text", "parts", "whole"),
    [
        ("The user speaks French and Italian.", ["The user speaks French.", "The user speaks Italian."], True),
        ("The user speaks French.", ["The user speaks French.", "The user speaks Italian."], False),
        ("The user speaks two languages.", ["The user speaks French.", "The user speaks Italian."], False),
        ("The user swims 2 km and runs 5 km.", ["The user swims 2 km.", "The user runs 5 km."], True),
        ("The user swims and runs 5 km.", ["The user swims 2 km.", "The user runs 5 km."], False),
        ("The user enjoys chess and go.", ["The user enjoys chess.", "The user does not enjoy go."], False),
        ("用户会说法语和意大利语。", ["用户会说法语。", "用户会说意大利语。"], True),
        ("用户会说法语。", ["用户会说法语。", "用户会说意大利语。"], False),
        ("用户会两门外语。", ["用户会说法语。", "用户会说意大利语。"], False),
        ("", ["The user speaks French."], False),
    ],
)  # fmt: skip
def test_a_text_says_all_or_not(text: str, parts: list[str], whole: bool) -> None:
    assert says_all(text, parts) is whole


def test_what_is_added_is_named() -> None:
    draft = Draft(MemoryKind.LONG_TERM, "The user speaks Italian.", "", (Source("m", "user"),))
    first = item("The user speaks French.")
    assert added_by("The user speaks French and Italian.", draft, [first]) == ()
    assert added_by("The user speaks French and Italian in Zermatt.", draft, [first]) == (
        "Zermatt",
    )
    assert added_by("The user speaks 2 languages, French and Italian.", draft, [first]) == ("2",)


@pytest.mark.parametrize(("former", "new"), [(100, 300), (300, 100)])
def test_a_better_text_keeps_every_time_it_was_said(former: int, new: int) -> None:
    """Its first source is the one its beginning stands for; the others tell when it held again."""
    old = item("a", event_from=former, sources=(Source("old", "user", chat_time=former),))
    fresh = item("b", event_from=new, sources=(Source("new", "user", chat_time=new),))
    whole = merged(old, fresh)
    assert whole.event_from == 100
    assert [source.chat_time for source in whole.sources] == [100, 300]
