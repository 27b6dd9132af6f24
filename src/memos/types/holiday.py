"""Named holidays, Chinese and Western, and the days they are celebrated on.

Movable ones (lunar festivals, Easter, Thanksgiving ...) are looked up in the `holidays` library,
which is imported when the first of them is asked for; the others are rules of this module. A span
is the time people mean by the name: `国庆` is 1 to 7 October, `Christmas` 24 to 26 December,
`Christmas Day` one day. Words such as `break`, `期间` or `假期` after the name widen it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_TABLES = {
    "CN": {"language": "zh_CN"},
    "TW": {"language": "en_US"},
    "US": {"language": "en_US", "categories": ("public", "unofficial")},
    "GB": {"language": "en_US", "subdiv": "ENG"},
}

Anchor = Callable[[int], "date | None"]


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday.

    Args:
        anchor: its day in a year, or None when that is not known.
        core: first and last day of the span, counted from the anchor.
        wide: the same with `break`, `期间` or the like after the name.
    """

    anchor: Anchor
    core: tuple[int, int] = (0, 0)
    wide: tuple[int, int] = (-1, 1)


@dataclass(frozen=True, slots=True)
class HolidayMention:
    """A holiday's name in a text.

    Args:
        holiday: what is named.
        wide: whether its days off are meant rather than the day.
        text_start: first character, the word before the name (`last`, `上个`) included.
        text_end: one past the last character.
        shift: -1 for `last`, 0 for `this`, 1 for `next`; None without such a word.
    """

    holiday: Holiday
    wide: bool
    text_start: int
    text_end: int
    shift: int | None = None

    def days(self, year: int) -> tuple[date, date] | None:
        """First day, and the day after the last, in the year of the holiday's main day."""
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        day = self.holiday.anchor(year)
        if day is None:
            return None
        before, after = self.holiday.wide if self.wide else self.holiday.core
        return day + timedelta(before), day + timedelta(after + 1)


def find_holidays(text: str) -> list[HolidayMention]:
    """Holidays named in a text, in order, not overlapping.

    Args:
        text: English, Chinese or both; time grows linearly with its length.
    """
    found = []
    if not text.isascii():
        found += [_chinese(m) for m in _CHINESE.finditer(text)]
    if _ENGLISH_HINT.search(text):
        found += [_english(m) for m in _ENGLISH.finditer(text)]
    return sorted(found, key=lambda mention: mention.text_start)


def _chinese(match: "re.Match[str]") -> HolidayMention:
    name, shift = match["name"], _CHINESE_SHIFT.get((match["which"] or "")[:1])
    if match["nth"]:
        day = _COUNT.index(match["nth"])
        holiday = Holiday(_offset(_SPRING, day), wide=(0, 0))
    else:
        holiday = CHINESE_NAMES[name]
    return HolidayMention(holiday, bool(match["wide"]), match.start(), match.end(), shift)


def _english(match: "re.Match[str]") -> HolidayMention:
    name = " ".join(match["name"].lower().replace("’", "'").split())
    shift = _ENGLISH_SHIFT.get((match["which"] or "").lower())
    return HolidayMention(
        ENGLISH_NAMES[name], bool(match["wide"]), match.start(), match.end(), shift
    )


def _fixed(month: int, day: int) -> Anchor:
    return lambda year: date(year, month, day)


def _listed(country: str, name: str) -> Anchor:
    return lambda year: _table(country, year).get(name)


def _either(*anchors: Anchor) -> Anchor:
    return lambda year: next((day for a in anchors if (day := a(year))), None)


def _offset(anchor: Anchor, days: int) -> Anchor:
    def moved(year: int) -> date | None:
        day = anchor(year)
        return day + timedelta(days) if day else None

    return moved


@cache
def _table(country: str, year: int) -> dict[str, date]:
    """First day of each holiday of a country and year, by its name in the library."""
    import holidays

    days: dict[str, date] = {}
    listed = holidays.country_holidays(country, years=year, **_TABLES[country])  # type: ignore[arg-type]
    for day, names in sorted(listed.items()):
        for name in names.split("; "):
            days.setdefault(name, day)
    return days


_SPRING = _either(_listed("CN", "春节"), _listed("TW", "Chinese New Year"))
_MID_AUTUMN = _either(_listed("CN", "中秋节"), _listed("TW", "Mid-Autumn Festival"))
_DRAGON_BOAT = _either(_listed("CN", "端午节"), _listed("TW", "Dragon Boat Festival"))
_QINGMING = _either(_listed("CN", "清明节"), _fixed(4, 5))
_EASTER = _listed("US", "Easter Sunday")
_THANKSGIVING = _listed("US", "Thanksgiving Day")

SPRING_FESTIVAL = Holiday(_SPRING, (-1, 6), (-2, 8))
"""Eve to the seventh day, the week most people have off."""
NATIONAL_DAY = Holiday(_fixed(10, 1), (0, 6), (0, 6))
LABOUR_DAYS = Holiday(_fixed(5, 1), (0, 4), (0, 4))
"""Mainland China's, five days since 2020."""
CHRISTMAS = Holiday(_fixed(12, 25), (-1, 1), (-3, 7))
NEW_YEAR = Holiday(_fixed(1, 1), (-1, 1), (-1, 2))
_NEW_YEARS_EVE = Holiday(_fixed(12, 31), (0, 0), (0, 1))
_MID_AUTUMN_FESTIVAL = Holiday(_MID_AUTUMN)
_DRAGON_BOAT_FESTIVAL = Holiday(_DRAGON_BOAT)
_SINGLES_DAY = Holiday(_fixed(11, 11), (0, 0), (-11, 1))
_QIXI = Holiday(_offset(_MID_AUTUMN, -38), (0, 1), (0, 1))
"""7th of the 7th month: 37 or 38 days before Mid-Autumn, as that month is long or short (years
with a leap seventh month, 2006 and 2044, come out a month late)."""
_GHOSTS = Holiday(_offset(_MID_AUTUMN, -30), (0, 1), (0, 1))
_DOUBLE_NINTH = Holiday(_offset(_MID_AUTUMN, 23), (0, 1), (0, 1))
_LABA = Holiday(_offset(_MID_AUTUMN, 111), (-1, 1), (-1, 1))
_LITTLE_NEW_YEAR = Holiday(_offset(_SPRING, -7), (-1, 1), (-1, 1))
_SUMMER = Holiday(_fixed(7, 1), (0, 61), (0, 61))
_WINTER = Holiday(_fixed(1, 10), (0, 45), (0, 45))

CHINESE_NAMES: dict[str, Holiday] = {
    name: holiday
    for names, holiday in (
        ("春节 过年 过大年", SPRING_FESTIVAL),
        ("除夕 年三十 大年三十", Holiday(_offset(_SPRING, -1))),
        ("元宵节 元宵夜 灯节 正月十五", Holiday(_offset(_SPRING, 14))),
        ("国庆节 国庆 十一黄金周 十一长假 十一假期", NATIONAL_DAY),
        ("五一劳动节 五一 劳动节", LABOUR_DAYS),
        ("元旦节 元旦", NEW_YEAR),
        ("跨年夜 跨年", Holiday(_fixed(12, 31), (0, 1), (0, 1))),
        ("中秋节 中秋", _MID_AUTUMN_FESTIVAL),
        ("端午节 端午", _DRAGON_BOAT_FESTIVAL),
        ("清明节 清明", Holiday(_QINGMING)),
        ("七夕节 七夕", _QIXI),
        ("中元节 鬼节", _GHOSTS),
        ("重阳节 重阳", _DOUBLE_NINTH),
        ("腊八节 腊八", _LABA),
        ("小年夜 小年", _LITTLE_NEW_YEAR),
        ("冬至", Holiday(_fixed(12, 21), (0, 1), (0, 1))),
        ("双十一 双11 光棍节", _SINGLES_DAY),
        ("双十二 双12", Holiday(_fixed(12, 12))),
        ("618大促 618购物节 618活动 618期间", Holiday(_fixed(6, 18), (-3, 0), (-17, 2))),
        ("圣诞节 圣诞", CHRISTMAS),
        ("平安夜", Holiday(_fixed(12, 24))),
        ("感恩节", Holiday(_THANKSGIVING, wide=(-1, 3))),
        ("复活节", Holiday(_EASTER, (-2, 1), (-2, 7))),
        ("万圣节 万圣夜", Holiday(_fixed(10, 31))),
        ("情人节", Holiday(_fixed(2, 14))),
        ("愚人节", Holiday(_fixed(4, 1))),
        ("植树节", Holiday(_fixed(3, 12))),
        ("妇女节 三八节 女神节", Holiday(_fixed(3, 8))),
        ("五四青年节 青年节", Holiday(_fixed(5, 4))),
        ("六一儿童节 六一 儿童节", Holiday(_fixed(6, 1))),
        ("建军节", Holiday(_fixed(8, 1))),
        ("教师节", Holiday(_fixed(9, 10))),
        ("母亲节", Holiday(_listed("US", "Mother's Day"))),
        ("父亲节", Holiday(_listed("US", "Father's Day"))),
        ("黑色星期五 黑五", Holiday(_offset(_THANKSGIVING, 1))),
        ("暑假", _SUMMER),
        ("寒假", _WINTER),
    )
    for name in names.split()
}
"""Chinese names, each with what it means."""

ENGLISH_NAMES: dict[str, Holiday] = {
    name: holiday
    for names, holiday in (
        ("christmas, xmas, christmastime", CHRISTMAS),
        ("christmas day, xmas day", Holiday(_fixed(12, 25))),
        ("christmas eve, xmas eve", Holiday(_fixed(12, 24))),
        ("boxing day", Holiday(_fixed(12, 26))),
        ("new year's eve, new years eve", _NEW_YEARS_EVE),
        ("new year's day, new years day", Holiday(_fixed(1, 1))),
        ("new year's, new years", NEW_YEAR),
        ("thanksgiving, thanksgiving day", Holiday(_THANKSGIVING, wide=(-1, 3))),
        ("black friday", Holiday(_offset(_THANKSGIVING, 1))),
        ("cyber monday", Holiday(_offset(_THANKSGIVING, 4))),
        ("easter", Holiday(_EASTER, (-2, 1), (-2, 7))),
        ("easter sunday", Holiday(_EASTER)),
        ("easter monday", Holiday(_offset(_EASTER, 1))),
        ("good friday", Holiday(_offset(_EASTER, -2))),
        ("halloween, hallowe'en", Holiday(_fixed(10, 31))),
        ("valentine's day, valentines day, valentine's", Holiday(_fixed(2, 14))),
        (
            "saint patrick's day, st patrick's day, st. patrick's day, st patricks day",
            Holiday(_fixed(3, 17)),
        ),
        ("groundhog day", Holiday(_fixed(2, 2))),
        ("april fools' day, april fool's day, april fools", Holiday(_fixed(4, 1))),
        ("mother's day, mothers day", Holiday(_listed("US", "Mother's Day"))),
        ("father's day, fathers day", Holiday(_listed("US", "Father's Day"))),
        ("martin luther king day, mlk day", Holiday(_listed("US", "Martin Luther King Jr. Day"))),
        (
            "presidents' day, president's day, presidents day",
            Holiday(_listed("US", "Washington's Birthday")),
        ),
        ("memorial day", Holiday(_listed("US", "Memorial Day"), wide=(-2, 0))),
        ("juneteenth", Holiday(_fixed(6, 19))),
        ("independence day, fourth of july, 4th of july", Holiday(_fixed(7, 4))),
        ("labor day", Holiday(_listed("US", "Labor Day"), wide=(-2, 0))),
        ("columbus day", Holiday(_listed("US", "Columbus Day"), wide=(-2, 0))),
        ("veterans day, veteran's day, veterans' day", Holiday(_fixed(11, 11))),
        ("may day bank holiday, may day", Holiday(_listed("GB", "May Day"), wide=(-2, 0))),
        ("spring bank holiday", Holiday(_listed("GB", "Spring Bank Holiday"), wide=(-2, 0))),
        (
            "summer bank holiday, august bank holiday",
            Holiday(_listed("GB", "Late Summer Bank Holiday"), wide=(-2, 0)),
        ),
        ("guy fawkes night, bonfire night", Holiday(_fixed(11, 5))),
        (
            "spring festival, chinese new year's day, chinese new year, lunar new year",
            SPRING_FESTIVAL,
        ),
        ("chinese new year's eve, lunar new year's eve", Holiday(_offset(_SPRING, -1))),
        ("lantern festival", Holiday(_offset(_SPRING, 14))),
        ("tomb-sweeping day, tomb sweeping day, qingming festival, qingming", Holiday(_QINGMING)),
        ("labour day, international workers' day, labour day golden week", LABOUR_DAYS),
        ("dragon boat festival", _DRAGON_BOAT_FESTIVAL),
        ("qixi festival, qixi", _QIXI),
        ("mid-autumn festival, mid autumn festival, mid-autumn, moon festival", _MID_AUTUMN_FESTIVAL),
        ("double ninth festival", _DOUBLE_NINTH),
        ("national day, national day golden week", NATIONAL_DAY),
        ("singles' day, singles day, double eleven, double 11", _SINGLES_DAY),
        ("summer vacation, summer holidays, summer holiday, summer break", _SUMMER),
    )
    for name in names.split(", ")
}  # fmt: skip
"""English names, lower case with straight apostrophes."""

_COUNT = "初一 初二 初三 初四 初五 初六 初七 初八 初九 初十".replace("初", "").split()
_CHINESE_SHIFT = {"上": -1, "这": 0, "本": 0, "今": 0, "下": 1}
_ENGLISH_SHIFT = {
    "last": -1, "past": -1, "previous": -1, "this": 0, "this past": -1, "this coming": 1,
    "next": 1, "coming": 1, "upcoming": 1,
}  # fmt: skip


def _longest_first(names: dict[str, Holiday]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_CHINESE = re.compile(
    r"(?P<which>(?:上|这|本|下)一?[个次]?)?"
    rf"(?:(?:大年|正月)初(?P<nth>[{''.join(_COUNT)}])"
    r"(?!个|天|年)"
    rf"|(?<![一二三四五六七八九十\d周期拜])(?P<name>{_longest_first(CHINESE_NAMES)}))"
    r"(?![会级纪龄轻树]|老人|上河)"
    r"(?P<wide>的?(?:期间|假期|长假|小长假|放假|黄金周|前后|那几天|那段时间))?"
)
_ENGLISH_HINT = re.compile(
    r"da?y|eve\b|mas|year|giving|easter|we['’]?en|festival|autumn|friday|valentine|juneteenth|july|"
    r"qi|eleven|double|fools|holiday|vacation|break|night|cyber",
    re.IGNORECASE,
)
"""A word every English name holds one of, so that most questions cost one search."""
_ENGLISH = re.compile(
    r"\b(?:(?P<which>last|past|previous|this past|this coming|this|next|coming|upcoming) )?"
    rf"(?P<name>{_longest_first(ENGLISH_NAMES).replace(chr(39), '[' + chr(39) + '’]')})"
    r"(?!\w)(?!['’]s eve)"
    r"(?P<wide> (?:holidays?|break|weekend|vacation|week|period|season|golden week))?",
    re.IGNORECASE,
)
