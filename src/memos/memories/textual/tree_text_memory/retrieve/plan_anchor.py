"""Times counted from a date that is named: `the week before 3 August 2023`, `5月3日的前一天`."""

import re
from collections.abc import Sequence
from datetime import tzinfo

from memos.types.time_expression import Grain, TimeSpan, find_times

_UNITS = "day|week|weekend|month|year"
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_NUMBERS = r"\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|a few|several"
_BEFORE_IT = re.compile(
    rf"(?:(?:on |in )?the |on |last |next )?(?:(?P<count>{_NUMBERS}) )?"
    rf"(?P<unit>(?:{_UNITS})s?|{_WEEKDAYS}) (?P<side>before|prior to|after|following) (?:the )?\Z",
    re.IGNORECASE,
)
_AFTER_IT = re.compile(
    r"的?(?P<side>前|后)(?:的?(?P<count>[一两二三四五六七八九十]|\d{1,3})(?P<unit>天|周|个星期|个月|年))"
)
_REACH = 60
_ANCHORS = frozenset({Grain.DAY, Grain.MONTH})


def anchored(text: str, spans: Sequence[TimeSpan], zone: tzinfo) -> list[TimeSpan]:
    """Spans, with those replaced that only serve as the point another time is counted from.

    Args:
        text: the question.
        spans: its date expressions, in order.
        zone: zone whose days are meant.

    Returns:
        Spans in order, not overlapping; one counted from a date covers the words of both.
    """
    counted: list[TimeSpan] = []
    for span in spans:
        fixed = span.grain in _ANCHORS and not span.guessed
        found = _counted(text, span, zone) if fixed else None
        if found is None:
            if not counted or span.text_start >= counted[-1].text_end:
                counted.append(span)
            continue
        while counted and counted[-1].text_end > found.text_start:
            counted.pop()
        counted.append(found)
    return counted


def _counted(text: str, span: TimeSpan, zone: tzinfo) -> TimeSpan | None:
    start = max(0, span.text_start - _REACH)
    before = _BEFORE_IT.search(text[start : span.text_start])
    if before:
        place = (start + before.start(), span.text_end)
        return _resolved(_english(before), span, zone, place)
    after = _AFTER_IT.match(text, span.text_end)
    if after and span.grain is Grain.DAY:
        place = (span.text_start, after.end())
        return _resolved(_chinese(after), span, zone, place)
    return None


def _resolved(phrase: str, span: TimeSpan, zone: tzinfo, place: tuple[int, int]) -> TimeSpan | None:
    """What the phrase means when said on the first day of the span, and the span itself.

    The span stays in: what happened the week before a day is often told on that day.
    """
    found = find_times(phrase, span.start_ms, zone)
    if not found:
        return None
    first = min(found[0].start_ms, span.start_ms)
    last = max(found[0].end_ms, span.end_ms)
    return TimeSpan(first, last, *place, Grain.RANGE)


def _english(match: "re.Match[str]") -> str:
    back = match["side"].lower() in {"before", "prior to"}
    unit = match["unit"].lower()
    if match["count"]:
        return f"{match['count']} {unit} ago" if back else f"in {match['count']} {unit}"
    if unit == "day":
        return "yesterday" if back else "tomorrow"
    return f"{'last' if back else 'next'} {unit}"


def _chinese(match: "re.Match[str]") -> str:
    return f"{match['count']}{match['unit']}{match['side']}"
