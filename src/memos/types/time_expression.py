"""Date expressions in a text, resolved against a reference time. English and Chinese.

Choices where usage differs:

* Weeks start on Monday. `last Friday` is the latest Friday before the reference day, `this Friday`
  the one of the reference's week, `next Friday` the one of the following week, whatever the day of
  the reference; Chinese 上周五, 这周五, 下周五 all count calendar weeks.
* `three weeks ago` is the calendar week three weeks back, `three months ago` the month, and so on:
  the grain of the words is the grain of the span.
* `last summer` is the latest summer that is over, `next summer` that of the next calendar year.
* `on 5 May`, `in March`, `on Friday` leave the year or week open: the nearest occurrence is taken,
  or the latest or next one when the caller can tell from the tense.

* A holiday is a date where its year is told: 2022年春节, `last year's National Day`, `last Easter`.
"""

import re
from datetime import date, tzinfo

from memos.types import time_chinese, time_english
from memos.types.chat_time import BEIJING, MONTH_NAMES
from memos.types.time_holiday import holiday_spans
from memos.types.time_span import Almanac, Grain, Prefer, TimeSpan, local_date

__all__ = ["Grain", "Prefer", "TimeSpan", "find_times", "render_span"]

_SEASON_NAMES = (("spring", "春天"), ("summer", "夏天"), ("autumn", "秋天"), ("winter", "冬天"))
_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile("[A-Za-z0-9]")


def find_times(
    text: str,
    reference_ms: int,
    zone: tzinfo = BEIJING,
    *,
    prefer: Prefer = Prefer.NEAREST,
    holidays: bool = True,
) -> list[TimeSpan]:
    """Find the date expressions of a text.

    Args:
        text: English, Chinese or both.
        reference_ms: the moment `today` means, ms UTC; within the years 3..9980.
        zone: zone whose days, weeks and months are meant.
        prefer: which occurrence is taken when the words leave it open.
        holidays: whether holidays whose year is told are dates; without, the year alone is one.

    Returns:
        Spans in order of the text, not overlapping; of two readings of the same words the longer.
    """
    almanac = Almanac(reference_ms, zone, prefer)
    patterns = time_chinese.PATTERNS if _HAN.search(text) else ()
    if _LATIN.search(text):
        patterns = (*patterns, *time_english.forms_in(text))
    found: list[TimeSpan] = []
    for pattern, resolve in patterns:
        for match in pattern.finditer(text):
            stretch = resolve(match, almanac)
            if stretch is not None:
                found.append(almanac.span(stretch, match.start(), match.end()))
    named = holiday_spans(text, almanac) if holidays else []
    return _without_overlaps([*named, *found])


def _without_overlaps(found: list[TimeSpan]) -> list[TimeSpan]:
    """Leftmost and longest first; stable, so earlier patterns win ties."""
    kept: list[TimeSpan] = []
    for span in sorted(found, key=lambda s: (s.text_start, s.text_start - s.text_end)):
        if not kept or span.text_start >= kept[-1].text_end:
            kept.append(span)
        elif span.text_end > kept[-1].text_end and _length(span) > _length(kept[-1]):
            kept[-1] = span
    return kept


def _length(span: TimeSpan) -> int:
    return span.text_end - span.text_start


def render_span(span: TimeSpan, *, chinese: bool, zone: tzinfo = BEIJING) -> str:
    """Write a span as a date for readers: `7 May 2023`, `May 2023`, `2023年5月7日`.

    Args:
        span: what to write; its hour, if it has one, is left out.
        chinese: language of the answer.
        zone: the zone it was resolved in.
    """
    first, last = local_date(span.start_ms, zone), local_date(span.end_ms - 1, zone)
    if span.grain is Grain.SEASON:
        return _season(first.year, (first.month // 3) - 1, chinese=chinese)
    plain = _unit(span.grain, first, chinese=chinese)
    if plain is None:
        plain = _day(first, chinese=chinese)
        if first != last:
            plain += ("至" if chinese else " to ") + _day(last, chinese=chinese)
    return (("约" if chinese else "around ") if span.approximate else "") + plain


def _unit(grain: Grain, first: date, *, chinese: bool) -> str | None:
    if grain is Grain.YEAR:
        return f"{first.year}年" if chinese else str(first.year)
    if grain is Grain.DECADE:
        return f"{first.year}年代" if chinese else f"{first.year}s"
    if grain is Grain.MONTH:
        name = MONTH_NAMES[first.month - 1]
        return f"{first.year}年{first.month}月" if chinese else f"{name} {first.year}"
    return None


def _season(year: int, season: int, *, chinese: bool) -> str:
    name = _SEASON_NAMES[season][chinese]
    return f"{year}年{name}" if chinese else f"{name} {year}"


def _day(day: date, *, chinese: bool) -> str:
    if chinese:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"
