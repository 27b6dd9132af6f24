"""Chinese date expressions: what they look like and which days they mean."""

import re
from collections.abc import Callable

from memos.types.time_span import (
    Almanac,
    Stretch,
    day_of,
    month_of,
    part_of_month,
    season_of,
    shifted,
    vague,
    year_of,
)

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
}
_SEASONS = {"春": 0, "夏": 1, "秋": 2, "冬": 3}
_WEEKDAYS = (
    {character: value for value, character in enumerate("一二三四五六")}
    | {
        "日": 6,
        "天": 6,
    }
    | {str(number): number - 1 for number in range(1, 8)}
)
_YEAR_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_DAY_WORDS = {
    "大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2, "大后": 3,
}  # fmt: skip

_COUNT = r"(?P<count>\d{1,4}|[一二两三四五六七八九十几半]{1,3}|好几|数)"
_MONTH_NUMBER = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY_NUMBER = (
    r"(?P<day>3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
)
_YEAR = r"(?P<year>(?:19|20)\d\d|[一二]\s?[九〇零]\s?[〇零一二三四五六七八九]{2})\s?年"
_WHICH = r"(?P<which>上上|上|下下|下|这|本)(?:一)?个?"
_PART = r"(?P<part>初|上旬|中旬|下旬|底|末)?"

Resolver = Callable[["re.Match[str]", Almanac], "Stretch | None"]


def _number(text: str) -> tuple[int, bool]:
    """Value and vagueness of a count."""
    if text.isdigit() and text.isascii():
        return int(text), False
    if "几" in text or text == "数":
        return (13 if text.startswith("十") else 3), True
    tens, found, ones = text.partition("十")
    if not found:
        return _DIGITS.get(text[-1:], 0), len(text) > 1
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(ones, 0), False


def _year_number(text: str) -> int:
    digits = "".join(text.split())
    return int("".join(str(_DIGITS.get(c, c)) for c in digits))


def _shift(which: str) -> int:
    return {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(which, 0)


def _near_day(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return almanac.day(_DAY_WORDS[match["near"]])


def _counted(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    sign = -1 if match["side"].endswith("前") else 1
    unit, text = match["unit"].removeprefix("个"), match["count"]
    if text == "半":
        amount, loose = {"年": (6, "月"), "月": (15, "天")}.get(unit, (0, unit))
        return _vague(_away(almanac, loose, sign * amount))
    value, unclear = _number(text)
    found = _away(almanac, unit, sign * value)
    return _vague(found) if unclear else found


def _away(almanac: Almanac, unit: str, amount: int) -> Stretch | None:
    if unit in {"天", "日"}:
        return almanac.day(amount)
    if unit in {"周", "星期", "礼拜"}:
        return almanac.week(amount)
    if unit in {"小时", "钟头"}:
        return almanac.hours(amount)
    return almanac.month(amount) if unit == "月" else almanac.year(amount)


def _vague(found: Stretch | None) -> Stretch | None:
    return vague(found) if found else None


def _recent_days(_match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    first = shifted(almanac.today, -5)
    return _vague(almanac.until_now(first)) if first else None


def _weekday(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    weekday = _WEEKDAYS[match["weekday"]]
    if not match["which"]:
        return almanac.bare_weekday(weekday, calendar=True)
    return almanac.weekday_of_week(weekday, _shift(match["which"]))


def _weekend(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return almanac.weekend(_shift(match["which"]))


def _week(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return almanac.week(_shift(match["which"]))


def _part(match: "re.Match[str]", found: Stretch | None) -> Stretch | None:
    word = match["part"]
    if not found or not word:
        return found
    return part_of_month(found, {"初": 0, "上旬": 0, "中旬": 1}.get(word, 2))


def _month(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return _part(match, almanac.month(_shift(match["which"])))


def _year(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    """A year by name or number, with what follows it: season, month, day."""
    words = match["words"]
    year = almanac.today.year + _YEAR_WORDS[words] if words else _year_number(match["year"])
    found = _inside_year(match, year)
    if not found or not words:
        return found
    return Stretch(found.first, found.after, found.grain, found.approximate, relative=True)


def _inside_year(match: "re.Match[str]", year: int) -> Stretch | None:
    if match["season"]:
        return season_of(year, _SEASONS[match["season"]])
    if not match["month"]:
        return year_of(year)
    month, _ = _number(match["month"])
    if match["day"]:
        return day_of(year, month, _number(match["day"])[0])
    return _part(match, month_of(year, month))


def _open_day(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return almanac.open_day(_number(match["month"])[0], _number(match["day"])[0])


def _open_month(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return _part(match, almanac.open_month(_number(match["month"])[0]))


def _since(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    year = year_of(_year_number(match["year"]))
    found = almanac.until_now(year.first) if year else None
    return found and Stretch(found.first, found.after, found.grain)


_TIME_OF_DAY = "(?:早上|早晨|上午|中午|下午|傍晚|晚上|凌晨|夜里)?"

PATTERNS: "tuple[tuple[re.Pattern[str], Resolver], ...]" = tuple(
    (re.compile(pattern), resolver)
    for pattern, resolver in (
        (rf"(?<![先])(?P<near>大前|大后|前|昨|今|明|后)[天日]{_TIME_OF_DAY}", _near_day),
        (r"(?P<near>昨|今|明|当)[晚早](?:上)?", _near_day),
        (
            rf"{_COUNT}(?P<unit>天|日|周|个?星期|个?礼拜|个月|年|个?小时|个?钟头)"
            r"(?P<side>之前|以前|前|之后|以后|后)(?![天年])",
            _counted,
        ),
        (r"前(?:几|两|些)天|最近几天|这几天|近几天", _recent_days),
        (
            rf"(?<!每)(?<!每个)(?:{_WHICH})?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7])(?![个年月周])",
            _weekday,
        ),
        (rf"{_WHICH}(?:周末|星期末|礼拜末)", _weekend),
        (rf"{_WHICH}(?:周|星期|礼拜)(?![一二三四五六日天末])", _week),
        (rf"(?P<which>上上|上|下下|下|这|本)个?月{_PART}", _month),
        (
            rf"(?:(?P<words>大前年|前年|去年|今年|本年|明年|后年)|{_YEAR})的?"
            rf"(?:(?P<season>春(?!节)|夏|秋|冬(?!至))[天季]?|{_MONTH_NUMBER}\s?月份?"
            rf"(?:{_DAY_NUMBER}\s?[日号]|{_PART}))?(?!级)",
            _year,
        ),
        (rf"(?<![\d年]){_MONTH_NUMBER}月{_DAY_NUMBER}[日号]", _open_day),
        (
            rf"(?<![\d年个]){_MONTH_NUMBER}月(?:份)?{_PART}(?![\d一二三四五六七八九十]+[日号])",
            _open_month,
        ),
        (rf"(?:从|自)?{_YEAR}(?:以来|起|开始|至今)", _since),
    )
)
"""Every form with the days it means. Alternation is over fixed words: matching is linear."""
