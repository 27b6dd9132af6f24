"""Holidays are dates where their year is told, and only there."""

from datetime import datetime, timezone

import pytest

from memos.types.time_expression import find_times, render_span

REFERENCE = int(datetime(2025, 10, 8, 12, tzinfo=timezone.utc).timestamp() * 1000)


def dated(text: str) -> list[tuple[str, str]]:
    """Words and days of every date in a text."""
    spans = find_times(text, REFERENCE, timezone.utc)
    return [
        (text[s.text_start : s.text_end], render_span(s, chinese=False, zone=timezone.utc))
        for s in spans
    ]


@pytest.mark.parametrize(
    ("text", "words", "days"),
    [
        ("2022年春节我回了老家", "2022年春节", "31 January 2022 to 7 February 2022"),
        ("2022年的冬至吃了饺子", "2022年的冬至", "21 December 2022 to 22 December 2022"),
        ("去年国庆我去了西安", "去年国庆", "1 October 2024 to 7 October 2024"),
        ("前年中秋节在成都", "前年中秋节", "29 September 2023"),
        ("上个中秋节吃了月饼", "上个中秋节", "6 October 2025"),
        (
            "I went to Xi'an during last year's National Day holiday.",
            "last year's National Day holiday",
            "1 October 2024 to 7 October 2024",
        ),
        ("We met at Christmas 2022.", "Christmas 2022", "24 December 2022 to 26 December 2022"),
        ("We met in 2022 Spring Festival.", "2022 Spring Festival", "31 January 2022 to 7 February 2022"),
        ("We ate turkey on Thanksgiving last year.", "Thanksgiving last year", "28 November 2024"),
        ("Last Easter we stayed home.", "Last Easter", "18 April 2025 to 21 April 2025"),
    ],
)  # fmt: skip
def test_a_holiday_of_a_told_year_is_a_date(text: str, words: str, days: str) -> None:
    assert dated(text) == [(words, days)]


@pytest.mark.parametrize("text", ["I love Christmas.", "我喜欢过春节", "国庆去哪玩"])
def test_a_holiday_of_no_year_is_none(text: str) -> None:
    assert dated(text) == []


@pytest.mark.parametrize(
    ("text", "words"), [("2022年春天", "2022年春天"), ("2022年冬季", "2022年冬季")]
)
def test_seasons_stay_seasons(text: str, words: str) -> None:
    assert dated(text)[0][0] == words


def test_without_holidays_the_year_alone_is_a_date() -> None:
    text = "2022年春节我回了老家"
    (span,) = find_times(text, REFERENCE, timezone.utc, holidays=False)
    assert text[span.text_start : span.text_end] == "2022年"
