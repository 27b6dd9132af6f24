"""English date expressions: what they look like and which days they mean."""

import re
from collections.abc import Callable

from memos.types.chat_time import MONTHS
from memos.types.time_span import (
    Almanac,
    Stretch,
    day_of,
    decade_of,
    month_of,
    part_of_month,
    season_of,
    shifted,
    vague,
    year_of,
)

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon", "tuesday tues tue", "wednesday wed", "thursday thurs thur thu",
            "friday fri", "saturday sat", "sunday sun",
        )
    )
    for name in names.split()
}  # fmt: skip
_SEASONS = {"spring": 0, "summer": 1, "autumn": 2, "fall": 2, "winter": 3}
_COUNTING = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen", "twenty",
)  # fmt: skip
_NUMBERS = {word: number for number, word in enumerate(_COUNTING)} | {
    "a": 1,
    "an": 1,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
}
_VAGUE_NUMBERS = {"a couple": 2, "couple": 2, "a few": 3, "few": 3, "several": 4, "some": 3}

_MONTH = "|".join(sorted((name for name in MONTHS), key=len, reverse=True))
_LONG_WEEKDAY = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_SEASON = "|".join(_SEASONS)
_NUMBER = "|".join(
    sorted([*_NUMBERS, *(f"{word}(?: of)?" for word in _VAGUE_NUMBERS)], key=len, reverse=True)
)
_COUNT = rf"(?P<count>\d{{1,4}}|(?:about |around |roughly |almost |nearly )?(?:{_NUMBER}))"
_UNIT = r"(?P<unit>hour|day|night|week|weekend|month|year|decade)s?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WHEN = r"(?P<when>last|past|previous|this|current|next|coming|upcoming)"
_UNIT_AFTER = (
    r"(?!\s?(?:%|k?m\b|kg|people|dollars|bucks|yuan|miles|words|calories|steps|euros|pounds|"
    r"times|pieces|points|users|hours|days)|[\w:/])"
)

Resolver = Callable[["re.Match[str]", Almanac], "Stretch | None"]


def _number(text: str) -> tuple[int, bool]:
    """Value and vagueness of a count."""
    if text.isdigit():
        return int(text), False
    words = text.lower().removesuffix(" of").split()
    loose = words[0] in {"about", "around", "roughly", "almost", "nearly"}
    bare = " ".join(words[1:] if loose else words)
    if bare in _VAGUE_NUMBERS:
        return _VAGUE_NUMBERS[bare], True
    return _NUMBERS[bare], loose


def _fixed(offset: int) -> Resolver:
    return lambda _match, almanac: almanac.day(offset)


def _away(almanac: Almanac, unit: str, amount: int) -> Stretch | None:
    if unit == "hour":
        return almanac.hours(amount)
    if unit in {"day", "night"}:
        return almanac.day(amount)
    if unit == "week":
        return almanac.week(amount)
    if unit == "weekend":
        return almanac.weekend(amount)
    if unit == "month":
        return almanac.month(amount)
    return almanac.year(amount * (10 if unit == "decade" else 1))


def _counted(sign: int) -> Resolver:
    def resolve(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
        amount, loose = _number(match["count"])
        unit = match["unit"].lower()
        found = _away(almanac, unit, sign * amount)
        return vague(found) if found and (loose or unit == "decade") else found

    return resolve


def _past_range(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    amount, loose = _number(match["count"])
    days = {"hour": 0, "day": 1, "night": 1, "week": 7, "weekend": 7, "month": 30, "year": 365}
    first = shifted(almanac.today, -amount * days.get(match["unit"].lower(), 3650))
    found = almanac.until_now(first) if first else None
    return vague(found) if found and loose else found


def _few_units(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    found = _away(almanac, match["unit"].lower(), -3)
    return vague(found) if found else None


def _other_day(_match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    first = shifted(almanac.today, -7)
    found = almanac.until_now(first) if first else None
    return vague(found) if found else None


def _offset(when: str) -> int:
    return {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0}.get(when.lower(), 1)


def _near_unit(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return _away(almanac, match["unit"].lower(), _offset(match["when"]))


def _near_weekday(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    weekday, when = _WEEKDAYS[match["weekday"].lower()], match["when"].lower()
    if _offset(when) < 0:
        return almanac.last_weekday(weekday)
    if when in {"coming", "upcoming"}:
        return almanac.coming_weekday(weekday)
    return almanac.weekday_of_week(weekday, _offset(when))


def _bare_weekday(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    return almanac.bare_weekday(_WEEKDAYS[match["weekday"].lower()])


def _near_month(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    month, offset = MONTHS[match["month"].lower()], _offset(match["when"])
    if offset < 0:
        return almanac.last_month_named(month)
    return almanac.next_month_named(month) if offset else almanac.month_this_year(month)


def _near_season(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    season, offset = _SEASONS[match["season"].lower()], _offset(match["when"])
    if offset < 0:
        return almanac.last_season(season)
    return almanac.near_season(season, offset)


def _year_season(match: "re.Match[str]", _almanac: Almanac) -> Stretch | None:
    return season_of(int(match["year"]), _SEASONS[match["season"].lower()])


def _full_day(match: "re.Match[str]", _almanac: Almanac) -> Stretch | None:
    return day_of(int(match["year"]), MONTHS[match["month"].lower()], int(match["day"]))


def _numeric_day(match: "re.Match[str]", _almanac: Almanac) -> Stretch | None:
    return day_of(int(match["year"]), int(match["number"]), int(match["day"]))


def _open_day(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    if match["month"] == "may" and match.re is _LOOSE_DAY:
        return None
    return almanac.open_day(MONTHS[match["month"].lower()], int(match["day"]))


def _part(match: "re.Match[str]", found: Stretch | None) -> Stretch | None:
    word = (match["part"] or "").lower()
    if not found or not word:
        return found
    return part_of_month(found, {"e": 0, "b": 0, "m": 1, "l": 2}.get(word[:1], 2))


def _year_month(match: "re.Match[str]", _almanac: Almanac) -> Stretch | None:
    return _part(match, month_of(int(match["year"]), MONTHS[match["month"].lower()]))


def _open_month(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    name = match["month"]
    if name.islower() and name in {"may", "march", "mar", "sun", "sat", "jan", "dec"}:
        return None
    return _part(match, almanac.open_month(MONTHS[name.lower()]))


def _year(match: "re.Match[str]", _almanac: Almanac) -> Stretch | None:
    return year_of(int(match["year"]))


def _decade(match: "re.Match[str]", _almanac: Almanac) -> Stretch | None:
    return decade_of(int(match["year"]))


def _since(match: "re.Match[str]", almanac: Almanac) -> Stretch | None:
    month = match["month"]
    year = int(match["year"])
    first = month_of(year, MONTHS[month.lower()]) if month else year_of(year)
    found = almanac.until_now(first.first) if first else None
    return found and Stretch(found.first, found.after, found.grain)


def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(rf"\b{pattern}\b", re.IGNORECASE)


_PART = r"(?:(?P<part>early|beginning of|mid|middle of|late|end of)[ -])?"
_LOOSE_DAY = _compiled(rf"(?P<month>{_MONTH})\.? {_DAY}")

_MONTHS = tuple(dict.fromkeys(name[:3] for name in MONTHS))
_WEEKDAYS_BEGIN = tuple(dict.fromkeys(name[:3] for name in _WEEKDAYS))
_FORMS: "tuple[tuple[re.Pattern[str], Resolver, tuple[str, ...]], ...]" = (
    (_compiled("(?:the )?day before yesterday"), _fixed(-2), ()),
    (_compiled("(?:the )?day after tomorrow"), _fixed(2), ()),
    (_compiled("yesterday(?: (?:morning|afternoon|evening|night))?|last night"), _fixed(-1), ()),
    (
        _compiled("today|tonight|this (?:morning|afternoon|evening)"),
        _fixed(0),
        ("day", "night", "this"),
    ),
    (_compiled("tomorrow(?: (?:morning|afternoon|evening|night))?"), _fixed(1), ()),
    (_compiled("the other (?:day|night|week)"), _other_day, ()),
    (
        _compiled(rf"{_COUNT} {_UNIT} (?:ago|back|earlier)(?! (?:to|in|at|from|home))"),
        _counted(-1),
        ("ago", "back", "earlier"),
    ),
    (_compiled(rf"(?<!\d ){_UNIT} ago"), _few_units, ("ago",)),
    (_compiled(rf"in {_COUNT} {_UNIT}(?:' time)?"), _counted(1), ()),
    (_compiled(rf"{_COUNT} {_UNIT} from (?:now|today)"), _counted(1), ("from",)),
    (_compiled(rf"(?:the |these )?(?:last|past) {_COUNT} {_UNIT}"), _past_range, ()),
    (_compiled(rf"(?:the )?{_WHEN} (?P<unit>weekend|week|month|year)"), _near_unit, ()),
    (_compiled(rf"(?:the )?{_WHEN} (?P<weekday>{_WEEKDAY})"), _near_weekday, _WEEKDAYS_BEGIN),
    (
        _compiled(rf"(?<!every )(?<!each )(?:on )?(?P<weekday>{_LONG_WEEKDAY})"),
        _bare_weekday,
        ("day",),
    ),
    (_compiled(rf"(?:the )?{_WHEN} (?P<month>{_MONTH})"), _near_month, _MONTHS),
    (_compiled(rf"(?:the )?{_WHEN} (?P<season>{_SEASON})"), _near_season, tuple(_SEASONS)),
    (
        _compiled(rf"(?:the )?(?P<season>{_SEASON}) (?:of |in )?{_YEAR}"),
        _year_season,
        tuple(_SEASONS),
    ),
    (_compiled(rf"{_DAY}(?: of)? (?P<month>{_MONTH})\.?,? (?:of )?{_YEAR}"), _full_day, _MONTHS),
    (_compiled(rf"(?P<month>{_MONTH})\.? {_DAY},? {_YEAR}"), _full_day, _MONTHS),
    (_compiled(rf"{_YEAR}[-/.](?P<number>\d{{1,2}})[-/.](?P<day>\d{{1,2}})"), _numeric_day, ()),
    (_compiled(rf"{_DAY}(?: of)? (?P<month>{_MONTH})"), _open_day, _MONTHS),
    (_LOOSE_DAY, _open_day, _MONTHS),
    (_compiled(rf"{_PART}(?P<month>{_MONTH})\.?,? (?:of )?{_YEAR}"), _year_month, _MONTHS),
    (
        _compiled(
            rf"(?:(?:in|during|since|until|till|by|of|from|around|for) (?:the )?)(?P<part>early|"
            rf"beginning of|mid|middle of|late|end of)?[ -]?(?P<month>{_MONTH})(?!\.? \d{{1,2}}\b)"
        ),
        _open_month,
        _MONTHS,
    ),
    (_compiled(rf"since (?:(?P<month>{_MONTH})\.?,? )?{_YEAR}"), _since, ()),
    (_compiled(r"(?:the )?(?P<year>(?:19|20)\d0)s"), _decade, ()),
    (re.compile(rf"(?<![\w.$€£¥#/:-]){_YEAR}(?!-\d){_UNIT_AFTER}", re.IGNORECASE), _year, ()),
)
"""Every form, the days it means, and strings of which a text that holds it has at least one.
Alternation is over fixed words: matching is linear."""


def forms_in(text: str) -> "list[tuple[re.Pattern[str], Resolver]]":
    """The forms that a text may hold, in the order in which they win ties."""
    if not text.isascii():  # where letters have more than two cases
        return [(form, resolve) for form, resolve, _ in _FORMS]
    holds = text.lower().__contains__
    return [
        (form, resolve) for form, resolve, signs in _FORMS if not signs or any(map(holds, signs))
    ]
