"""A draft says nothing that its sources do not hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.mem_reader.base import Window
from memos.mem_reader.provenance import unsupported, vouched
from memos.types.memory import Draft, MemoryKind, MemoryStatus, Source
from tests.unit.mem_reader.turns import SAID, read, turn


def draft(value: str, *cited: int) -> Draft:
    sources = tuple(Source(f"m{n}", "user", 0, 1, SAID) for n in cited or (0,))
    return Draft(MemoryKind.LONG_TERM, value, value, sources)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("I moved to Lisbon.", "The user moved to Lisbon."),
        ("We have two cats.", "The user has 2 cats."),
        ("The rent is 1,200 euros.", "The rent is 1200 euros."),
        ("I paid twenty-five euros.", "The user paid 25 euros."),
        ("I ran 5 km yesterday.", "The user ran 5 km yesterday (11 September 2025)."),
        ("I fly on 3 May 2026.", "The user flies in May 2026."),
        ("I start next month.", "The user starts in October 2025."),
        ("We met today.", "The user met them on 12 September 2025."),
        ("我花了一千二百元。", "用户花了1200元。"),
        ("我有两只猫。", "用户有2只猫。"),
        ("我昨天跑步了。", "用户于2025年9月11日跑步。"),
        ("我一直住在杭州。", "用户一直住在杭州。"),
        ("I like it.", "The user likes one of them."),
    ],
)
def test_what_the_source_holds_or_gives_is_supported(said: str, value: str) -> None:
    assert unsupported(draft(value), Window((turn(said),))) == ()


@pytest.mark.parametrize(
    ("said", "value", "invented"),
    [
        ("I moved last year.", "The user moved to Lisbon last year (2024).", "Lisbon"),
        ("We have two cats.", "The user has 3 cats.", "3"),
        ("We have cats.", "The user has three cats.", "3"),
        ("I ran yesterday.", "The user ran on 3 September 2025.", "3 September 2025"),
        ("I fly in May 2026.", "The user flies on 12 May 2026.", "12 May 2026"),
        ("我有猫。", "用户有三只猫。", "3"),
        ("我昨天跑步了。", "用户于2025年9月1日跑步。", "2025年9月1日"),
        ("我搬家了。", "用户搬到了上海。", "上海"),
    ],
)
def test_what_nobody_said_is_found(said: str, value: str, invented: str) -> None:
    window = Window((turn(said),))
    assert invented in unsupported(draft(value), window)
    assert vouched([draft(value)], window)[0].status is MemoryStatus.QUARANTINED


def test_names_may_come_from_earlier_turns_and_numbers_may_not() -> None:
    before = turn("Anna has 4 dogs.")
    window = Window((turn("She moved to Porto.", at=1),), context=(before,))
    assert unsupported(draft("Anna moved to Porto.", 1), window) == ()
    assert unsupported(draft("Anna moved to Porto with 4 dogs.", 1), window) == ("4",)


_WHO = st.sampled_from(["Anna", "my sister", "I", "Mr Klein"])
_WHAT = st.sampled_from(
    ["moved to Oslo", "bought {n} apples", "will fly to Rome on {d} May", "ran {n} km yesterday",
     "met Ben three weeks ago", "turned {n}", "paid {n},500 euros last Friday"]
)  # fmt: skip
_CHINESE = st.sampled_from(
    ["我昨天买了{n}本书。", "我下周三去北京。", "我妈妈{n}月{d}日来上海。", "我上个月花了{n}元。"]
)


@given(
    st.one_of(st.builds("{} {}.".format, _WHO, _WHAT), _CHINESE),
    st.integers(1, 12),
    st.integers(1, 28),
)
def test_the_rules_satisfy_it_by_construction(form: str, number: int, day: int) -> None:
    message = turn(form.format(n=number, d=day))
    for found in read(message):
        assert unsupported(found, Window((message,))) == (), found.value
        cited = found.sources[0]
        assert cited.message_id == message.id
        assert cited.start is not None
        assert cited.end is not None
        assert 0 <= cited.start < cited.end <= len(message.text)


def test_a_supported_draft_is_left_as_it_is() -> None:
    plain = draft("The user moved to Lisbon.")
    assert vouched([plain], Window((turn("I moved to Lisbon."),))) == [replace(plain)]
