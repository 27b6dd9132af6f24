"""Date expressions against a fixed reference: Monday, 8 May 2023, 13:56 in Beijing."""

from datetime import timezone

import pytest

from memos.types.chat_time import parse_chat_time
from memos.types.time_expression import Grain, Prefer, find_times, render_span

MONDAY = parse_chat_time("2023-05-08 13:56", default_ms=0)


def dates(text: str, reference: int = MONDAY, prefer: Prefer = Prefer.NEAREST) -> list[str]:
    spans = find_times(text, reference, prefer=prefer)
    return [render_span(span, chinese=False) for span in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I went yesterday", "7 May 2023"),
        ("today", "8 May 2023"),
        ("tonight", "8 May 2023"),
        ("this morning", "8 May 2023"),
        ("see you tomorrow", "9 May 2023"),
        ("last night", "7 May 2023"),
        ("yesterday evening", "7 May 2023"),
        ("the day before yesterday", "6 May 2023"),
        ("the day after tomorrow", "10 May 2023"),
        ("last Friday", "5 May 2023"),
        ("last Monday", "1 May 2023"),
        ("this Friday", "12 May 2023"),
        ("next Friday", "19 May 2023"),
        ("next Monday", "15 May 2023"),
        ("on Sunday", "7 May 2023"),
        ("on Thursday", "11 May 2023"),
        ("last week", "1 May 2023 to 7 May 2023"),
        ("this week", "8 May 2023 to 14 May 2023"),
        ("next week", "15 May 2023 to 21 May 2023"),
        ("last weekend", "6 May 2023 to 7 May 2023"),
        ("this weekend", "13 May 2023 to 14 May 2023"),
        ("last month", "April 2023"),
        ("next month", "June 2023"),
        ("last year", "2022"),
        ("this year", "2023"),
        ("next year", "2024"),
        ("three weeks ago", "17 April 2023 to 23 April 2023"),
        ("3 days ago", "5 May 2023"),
        ("two months ago", "March 2023"),
        ("ten years ago", "2013"),
        ("a few days ago", "around 5 May 2023"),
        ("about two years ago", "around 2021"),
        ("in two days", "10 May 2023"),
        ("a week from now", "15 May 2023 to 21 May 2023"),
        ("the past two weeks", "24 April 2023 to 8 May 2023"),
        ("the other day", "around 1 May 2023 to 8 May 2023"),
        ("last summer", "summer 2022"),
        ("this summer", "summer 2023"),
        ("next summer", "summer 2024"),
        ("in the winter of 2021", "winter 2021"),
        ("on 5 May", "5 May 2023"),
        ("on the 5th of May 2021", "5 May 2021"),
        ("May 7th, 2022", "7 May 2022"),
        ("Dec 25", "25 December 2022"),
        ("in March", "March 2023"),
        ("last March", "March 2023"),
        ("last June", "June 2022"),
        ("in early June", "around 1 June 2023 to 10 June 2023"),
        ("June 2021", "June 2021"),
        ("since 2019", "1 January 2019 to 8 May 2023"),
        ("back in 2015", "2015"),
        ("in the 1990s", "1990s"),
        ("2022-02-28", "28 February 2022"),
        ("February 29, 2024", "29 February 2024"),
    ],
)
def test_an_english_expression_means_its_days(text: str, expected: str) -> None:
    assert dates(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我昨天去了", "2023年5月7日"),
        ("今天", "2023年5月8日"),
        ("今晚", "2023年5月8日"),
        ("明天上午", "2023年5月9日"),
        ("前天", "2023年5月6日"),
        ("大前天", "2023年5月5日"),
        ("后天", "2023年5月10日"),
        ("大后天", "2023年5月11日"),
        ("上周三", "2023年5月3日"),
        ("下周三", "2023年5月17日"),
        ("这周五", "2023年5月12日"),
        ("本周日", "2023年5月14日"),
        ("上上周二", "2023年4月25日"),
        ("下星期一", "2023年5月15日"),
        ("周六", "2023年5月13日"),
        ("上周", "2023年5月1日至2023年5月7日"),
        ("上周末", "2023年5月6日至2023年5月7日"),
        ("上个月", "2023年4月"),
        ("下个月", "2023年6月"),
        ("上个月底", "约2023年4月21日至2023年4月30日"),
        ("去年", "2022年"),
        ("今年", "2023年"),
        ("明年", "2024年"),
        ("前年", "2021年"),
        ("去年夏天", "2022年夏天"),
        ("去年3月", "2022年3月"),
        ("明年1月2号", "2024年1月2日"),
        ("三天前", "2023年5月5日"),
        ("两周后", "2023年5月22日至2023年5月28日"),
        ("两个月前", "2023年3月"),
        ("十年前", "2013年"),
        ("半年前", "约2022年11月"),
        ("几天前", "约2023年5月5日"),
        ("前几天", "约2023年5月3日至2023年5月8日"),
        ("3月5号", "2023年3月5日"),
        ("十二月二十五日", "2022年12月25日"),
        ("三月份", "2023年3月"),
        ("2023年", "2023年"),
        ("2022年5月", "2022年5月"),
        ("2022年5月7日", "2022年5月7日"),
        ("二〇二二年", "2022年"),
        ("从2019年起", "2019年1月1日至2023年5月8日"),
    ],
)
def test_a_chinese_expression_means_its_days(text: str, expected: str) -> None:
    spans = find_times(text, MONDAY)
    assert [render_span(span, chinese=True) for span in spans] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "I may march with them",
        "we can march in may",
        "it cost 2000 dollars",
        "room 2010:5",
        "version 1.2019",
        "every Sunday",
        "每周三",
        "三年级",
        "三个月的孩子",
        "on 31 June",
        "周围",
        "nothing here",
        "",
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert dates(text) == []


def test_the_longest_reading_wins() -> None:
    text = "the day before yesterday and 去年夏天"
    spans = find_times(text, MONDAY)
    assert [text[s.text_start : s.text_end] for s in spans] == [
        "the day before yesterday",
        "去年夏天",
    ]


def test_tense_chooses_between_open_occurrences() -> None:
    assert dates("in March", prefer=Prefer.FUTURE) == ["March 2024"]
    assert dates("in August", prefer=Prefer.PAST) == ["August 2022"]
    assert dates("on Sunday", prefer=Prefer.FUTURE) == ["14 May 2023"]
    assert dates("on Thursday", prefer=Prefer.PAST) == ["4 May 2023"]


def test_months_end_where_the_calendar_says() -> None:
    leap = parse_chat_time("2024-03-31 12:00", default_ms=0)
    (february,) = find_times("last month", leap)
    assert february.end_ms - february.start_ms == 29 * 86_400_000
    assert dates("yesterday", parse_chat_time("2024-03-01 12:00", default_ms=0)) == [
        "29 February 2024"
    ]


def test_the_29th_of_february_is_found_in_a_near_leap_year() -> None:
    assert dates("on 29 February") == ["29 February 2024"]


def test_the_zone_decides_which_day_it_is() -> None:
    late = parse_chat_time("2023-05-08 02:00", default_ms=0)
    assert dates("today", late) == ["8 May 2023"]
    (span,) = find_times("today", late, timezone.utc)
    assert render_span(span, chinese=False, zone=timezone.utc) == "7 May 2023"


def test_a_span_says_what_it_depends_on() -> None:
    relative, absolute, guessed = (
        find_times(text, MONDAY)[0] for text in ("yesterday", "7 May 2022", "in March")
    )
    assert (relative.relative, relative.guessed) == (True, False)
    assert (absolute.relative, absolute.guessed) == (False, False)
    assert (guessed.relative, guessed.guessed) == (False, True)


def test_hours_are_finer_than_days() -> None:
    (span,) = find_times("two hours ago", MONDAY)
    assert span.grain is Grain.HOUR
    assert span.end_ms - span.start_ms == 3_600_000
    assert span.start_ms <= MONDAY - 2 * 3_600_000 < span.end_ms


def test_far_counts_are_ignored_instead_of_leaving_the_calendar() -> None:
    assert dates("9999 years ago") == []
    assert dates("in 9999 years") == []
