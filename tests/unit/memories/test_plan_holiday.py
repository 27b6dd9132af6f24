"""Holidays in questions: which days they mean, and when they mean none."""

import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest

from memos.graph_dbs.base import Profile
from memos.memories.textual.tree_text_memory.retrieve.plan import plan_query
from memos.types.chat_time import BEIJING
from memos.types.holiday import (
    CHINESE_NAMES,
    ENGLISH_NAMES,
    find_holidays,
)

NOW = datetime(2023, 11, 15, 12, tzinfo=timezone.utc)
YEARS = (2022, 2023)


def spans(
    query: str, *, now: datetime = NOW, years: tuple[int, ...] = YEARS
) -> list[tuple[str, str, float]]:
    """Targets of a question as (first day, last day, weight)."""
    profile = Profile((), years, 10)
    targets = plan_query(query, profile, int(now.timestamp() * 1000), timezone.utc).times
    return [(day(t.start), day(t.end), t.weight) for t in targets]


def day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, timezone.utc).date().isoformat()


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("What did I do last National Day?", "2023-10-01", "2023-10-07"),
        ("What did we do on last year's National Day holiday?", "2022-10-01", "2022-10-07"),
        ("Where were we at Christmas 2022?", "2022-12-24", "2022-12-26"),
        ("Where were we on Christmas Day 2022?", "2022-12-25", "2022-12-25"),
        ("Who came on Christmas Eve last year?", "2022-12-24", "2022-12-24"),
        ("Where did we go over the Christmas holidays in 2022?", "2022-12-22", "2023-01-01"),
        ("What did we do last year with my parents for Christmas?", "2022-12-24", "2022-12-26"),
        ("What did Ben give me for Valentine’s Day two years ago?", "2021-02-14", "2021-02-14"),
        ("Who came to dinner last Thanksgiving?", "2022-11-24", "2022-11-24"),
        ("Where did we go for Thanksgiving weekend 2022?", "2022-11-23", "2022-11-27"),
        ("What did I buy on Black Friday 2022?", "2022-11-25", "2022-11-25"),
        ("What did I wear last Halloween?", "2023-10-31", "2023-10-31"),
        ("What did I wear for Halloween last year?", "2022-10-31", "2022-10-31"),
        ("Where was I on New Year's Eve 2022?", "2022-12-31", "2022-12-31"),
        ("Where was I on Chinese New Year's Eve 2022?", "2022-01-31", "2022-01-31"),
        ("Whom did we visit for Spring Festival 2023?", "2023-01-21", "2023-01-28"),
        ("What did we eat at Mid-Autumn Festival 2023?", "2023-09-29", "2023-09-29"),
        ("Did we see dragon boat festival races in 2023?", "2023-06-22", "2023-06-22"),
        ("What did I cook for Easter 2023?", "2023-04-07", "2023-04-10"),
        ("What did I give her on Mother's Day 2023?", "2023-05-14", "2023-05-14"),
        ("Where were we on Memorial Day 2023?", "2023-05-29", "2023-05-29"),
        ("Where were we on Labor Day 2023?", "2023-09-04", "2023-09-04"),
        ("What did we do on the summer bank holiday 2023?", "2023-08-28", "2023-08-28"),
        ("What did I buy last Singles' Day?", "2023-11-11", "2023-11-11"),
        ("What did we do this past Independence Day?", "2023-07-04", "2023-07-04"),
        ("去年国庆去哪玩了", "2022-10-01", "2022-10-07"),
        ("去年的国庆节我在哪里", "2022-10-01", "2022-10-07"),
        ("2022年春节我在哪", "2022-01-31", "2022-02-07"),
        ("去年春节去了谁家", "2022-01-31", "2022-02-07"),
        ("今年五一我去了哪", "2023-05-01", "2023-05-05"),
        ("前年元旦我在干什么", "2020-12-31", "2021-01-02"),
        ("今年中秋节和谁吃的饭", "2023-09-29", "2023-09-29"),
        ("今年中秋节期间和谁吃的饭", "2023-09-28", "2023-09-30"),
        ("今年端午吃了什么", "2023-06-22", "2023-06-22"),
        ("今年清明去了哪里", "2023-04-05", "2023-04-05"),
        ("2023年元宵节我们做了什么", "2023-02-05", "2023-02-05"),
        ("2023年除夕我和谁吃的饭", "2023-01-21", "2023-01-21"),
        ("2023年大年三十在哪过的", "2023-01-21", "2023-01-21"),
        ("2023年大年初二去了谁家", "2023-01-23", "2023-01-23"),
        ("今年七夕他送了我什么", "2023-08-22", "2023-08-23"),
        ("2022年重阳节爬了什么山", "2022-10-03", "2022-10-04"),
        ("去年双11我买了什么", "2022-11-11", "2022-11-11"),
        ("上个双十一买了什么", "2023-11-11", "2023-11-11"),
        ("上个圣诞节收到了什么礼物", "2022-12-24", "2022-12-26"),
        ("去年平安夜在哪", "2022-12-24", "2022-12-24"),
        ("去年感恩节吃了什么", "2022-11-24", "2022-11-24"),
        ("今年情人节收到了什么", "2023-02-14", "2023-02-14"),
        ("今年母亲节我送了妈妈什么", "2023-05-14", "2023-05-14"),
        ("今年儿童节带孩子去了哪", "2023-06-01", "2023-06-01"),
        ("今年教师节送了什么", "2023-09-10", "2023-09-10"),
        ("去年暑假我去了哪里", "2022-07-01", "2022-08-31"),
    ],
)
def test_a_holiday_of_a_year_means_its_days(query: str, first: str, last: str) -> None:
    assert spans(query) == [(first, last, 1.0)]


@pytest.mark.parametrize(
    "query",
    [
        "I want to travel during the National Day holiday",
        "Where should I go for Christmas?",
        "What are we going to cook for Thanksgiving?",
        "Any ideas for Valentine's Day?",
        "What should I get Mel next Christmas?",
        "Where will I be this Christmas?",
        "I was thinking of a trip over Easter, where should I go?",
        "国庆去哪玩",
        "国庆我想去旅游，有什么推荐",
        "春节怎么安排",
        "中秋节吃什么",
        "快到元旦了，我该准备什么",
        "明年春节打算去哪",
        "今年圣诞节想要什么礼物",
    ],
)
def test_a_holiday_in_a_plan_pulls_no_memories_by_date(query: str) -> None:
    assert spans(query) == []


@pytest.mark.parametrize(
    "query",
    ["What did we do at Christmas?", "圣诞节我们做了什么", "圣诞节的时候我们去了哪"],
)
def test_a_past_holiday_without_year_means_that_of_every_year_known_so_far(query: str) -> None:
    assert spans(query, years=(2021, 2022, 2023)) == [
        ("2021-12-24", "2021-12-26", 1.0),
        ("2022-12-24", "2022-12-26", 1.0),
    ]


@pytest.mark.parametrize("query", ["What do I usually do at Halloween?", "我万圣节一般做什么"])
def test_a_holiday_in_a_habit_weighs_little(query: str) -> None:
    assert spans(query) == [
        ("2022-10-31", "2022-10-31", 0.3),
        ("2023-10-31", "2023-10-31", 0.3),
    ]


def test_days_off_that_reach_into_the_first_year_known_count() -> None:
    found = spans("What did we do over the Christmas holidays?", years=(2022,))
    assert [first for first, _, _ in found] == ["2021-12-22", "2022-12-22"]


def test_without_any_year_known_the_latest_are_meant() -> None:
    assert spans("What did we do at Easter?", years=()) == [
        ("2022-04-15", "2022-04-18", 1.0),
        ("2023-04-07", "2023-04-10", 1.0),
    ]


def test_this_holiday_is_that_of_the_year_or_the_one_just_over() -> None:
    january = datetime(2023, 1, 3, 12, tzinfo=timezone.utc)
    assert spans("What did I get this Christmas?", now=january)[0][0] == "2022-12-24"
    assert spans("What did I wear this Halloween?")[0][0] == "2023-10-31"


def test_during_a_holiday_the_last_one_is_the_one_before() -> None:
    october = datetime(2023, 10, 3, 12, tzinfo=timezone.utc)
    assert spans("Where did we go last National Day?", now=october) == [
        ("2022-10-01", "2022-10-07", 1.0)
    ]


def test_a_date_beside_a_holiday_is_taken_instead() -> None:
    assert spans("What did we do on 24 December 2022 for Christmas?") == [
        ("2022-12-24", "2022-12-24", 1.0)
    ]
    assert spans("What did we do on the 4th of July 2022?") == [("2022-07-04", "2022-07-04", 1.0)]


def test_a_holiday_stays_in_the_words() -> None:
    profile = Profile((), YEARS, 10)
    planned = plan_query("上个中秋我做了什么", profile, int(NOW.timestamp() * 1000), BEIJING)
    assert planned.words == "上个中秋我做了什么"


@pytest.mark.parametrize(
    "query",
    [
        "星期五一起去了哪里",
        "去过年会的有谁",
        "清明上河图是谁画的",
        "他小年轻的时候做了什么",
        "What did I do on a national daytime show?",
        "Did we go on Mother's daytrip?",
    ],
)
def test_words_that_only_look_like_a_holiday_are_none(query: str) -> None:
    assert find_holidays(query) == []


@pytest.mark.parametrize("query", ['Who sang "Last Christmas"?', "《中秋》是谁画的？"])
def test_a_holiday_in_a_quotation_is_none(query: str) -> None:
    assert spans(query) == []


@pytest.mark.parametrize("name", [*CHINESE_NAMES, *ENGLISH_NAMES])
def test_every_name_is_found_whole_and_has_days_in_every_recent_year(name: str) -> None:
    [mention] = find_holidays(name)
    assert (mention.text_start, mention.text_end) == (0, len(name))
    assert mention.holiday is {**CHINESE_NAMES, **ENGLISH_NAMES}[name]
    for year in range(1998, 2031):
        days = mention.days(year)
        assert days is not None
        assert days[0] < days[1]


def test_days_are_those_of_the_zone() -> None:
    zone = timezone(timedelta(hours=8))
    profile = Profile((), YEARS, 10)
    moment = int(NOW.timestamp() * 1000)
    [target] = plan_query("去年元旦我在哪", profile, moment, zone).times
    assert datetime.fromtimestamp(target.start / 1000, zone).isoformat() == (
        "2021-12-31T00:00:00+08:00"
    )
    assert target.end - target.start == 3 * 86_400_000 - 1


@pytest.mark.parametrize("year", [1890, 2150])
def test_years_that_no_table_holds_give_no_days(year: int) -> None:
    [mention] = find_holidays("Easter")
    assert mention.days(year) is None


@pytest.mark.parametrize(
    ("name", "year", "first"),
    [
        ("春节", 1999, "1999-02-15"),
        ("中秋", 2005, "2005-09-18"),
        ("端午", 2000, "2000-06-06"),
        ("清明", 1995, "1995-04-05"),
    ],
)
def test_lunar_festivals_are_known_before_they_were_days_off(
    name: str, year: int, first: str
) -> None:
    [mention] = find_holidays(name)
    days = mention.days(year)
    assert days is not None
    assert days[0].isoformat() == first


def test_planning_without_a_dated_holiday_does_not_import_the_library() -> None:
    program = (
        "import sys\n"
        "from datetime import timezone\n"
        "from memos.graph_dbs.base import Profile\n"
        "from memos.memories.textual.tree_text_memory.retrieve.plan import plan_query\n"
        "for query in ('Where do I live now?', 'I want to travel at Easter'):\n"
        "    plan_query(query, Profile((), (2023,), 1), 0, timezone.utc)\n"
        "sys.exit('holidays' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
