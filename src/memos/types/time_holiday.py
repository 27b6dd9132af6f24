"""Holidays as dates, where a text says of which year: 2022年春节, last year's National Day, last Easter.

A holiday without a year is none: `I love Christmas` names no day.
"""

import re
from datetime import date, timedelta

from memos.types.holiday import HolidayMention, find_holidays
from memos.types.time_span import Almanac, Grain, Stretch, TimeSpan

Days = tuple[date, date]
"""First day, and the day after the last."""

_JUST_OVER = timedelta(14)
_CHINESE_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_ENGLISH_YEARS = {"last": -1, "this": 0, "next": 1}
_BEFORE = re.compile(
    rf"(?:(?P<year>\d{{4}})\s?年?|(?P<zh>{'|'.join(_CHINESE_YEARS)})|"
    r"\b(?P<en>last|this|next) year['’]s)(?:的|\s)*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?:,? (?:of |in )?(?P<year>(?:19|20)\d{2})\b|,? (?P<en>last|this|next) year\b)",
    re.IGNORECASE,
)
_LONGEST_BEFORE = 20


def holiday_spans(text: str, almanac: Almanac) -> list[TimeSpan]:
    """Holidays of a text whose year it tells, in order.

    Args:
        text: English, Chinese or both.
        almanac: the reference moment and zone.
    """
    found = []
    for mention in find_holidays(text):
        placed = _placed(text, mention, almanac.today)
        if placed is not None:
            (first, after), (start, end), relative = placed
            grain = Grain.DAY if after - first == timedelta(1) else Grain.RANGE
            stretch = Stretch(first, after, grain, relative=relative)
            found.append(almanac.span(stretch, start, end))
    return found


def shifted_days(mention: HolidayMention, today: date) -> Days | None:
    """`last`: the latest that is over; `next`: the first yet to begin; `this`: that of the year."""
    around = [
        days for year in range(today.year - 2, today.year + 3) if (days := mention.days(year))
    ]
    if mention.shift == -1:
        return max((d for d in around if d[1] <= today), default=None)
    if mention.shift == 1:
        return min((d for d in around if d[0] > today), default=None)
    just_over = [d for d in around if d[0] <= today < d[1] + _JUST_OVER]
    return just_over[-1] if just_over else mention.days(today.year)


def _placed(
    text: str, mention: HolidayMention, today: date
) -> tuple[Days, tuple[int, int], bool] | None:
    """Days, place in the text, and whether they depend on the reference; None without a year."""
    start, end = mention.text_start, mention.text_end
    if mention.shift is not None:
        days = shifted_days(mention, today)
        return None if days is None else (days, (start, end), True)
    from_ = max(0, start - _LONGEST_BEFORE)
    match = _BEFORE.search(text[from_:start])
    if match is not None:
        start = from_ + match.start()
    else:
        match = _AFTER.match(text, end)
        end = match.end() if match else end
    if match is None:
        return None
    days = mention.days(_year(match, today))
    return None if days is None else (days, (start, end), match["year"] is None)


def _year(match: "re.Match[str]", today: date) -> int:
    if match["year"]:
        return int(match["year"])
    chinese = match.groupdict().get("zh")
    if chinese:
        return today.year + _CHINESE_YEARS[chinese]
    return today.year + _ENGLISH_YEARS[match["en"].lower()]
