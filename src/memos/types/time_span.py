"""Spans of calendar time and the calendar they are cut from.

Weeks start on Monday. Seasons are those of the northern hemisphere by whole months: spring is March
to May, and the winter of a year starts in its December.
"""

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import Enum

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FIRST_YEAR, _LAST_YEAR = 2, 9990
"""Years in between can be moved by a zone or a week without leaving datetime's range."""
_JUST_OVER = 92
"""Days for which a day or month that is over is still the one that is spoken of."""


class Grain(str, Enum):
    """Size of a span."""

    HOUR = "hour"
    DAY = "day"
    WEEKEND = "weekend"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    DECADE = "decade"
    RANGE = "range"
    """No calendar unit: `since 2019`, `the past two weeks`."""


class Prefer(str, Enum):
    """Which occurrence an expression means that names no year or week (`on 5 May`, `on Friday`)."""

    NEAREST = "nearest"
    PAST = "past"
    FUTURE = "future"
    COMING = "coming"
    """The next one, unless one was just over: what is said in the present tense."""


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A stretch of time that a text names.

    Args:
        start_ms: first moment, ms UTC.
        end_ms: one past the last moment, ms UTC; always after `start_ms`.
        text_start: first character of the expression in the text.
        text_end: one past its last character.
        grain: its size.
        approximate: the words are vague (`a few days ago`, `last summer`).
        relative: it depends on the reference time (`yesterday`); an absolute one does not.
        guessed: the words leave the year or week open (`in March`, `on Friday`) and the occurrence
            was chosen by the reference time.
    """

    start_ms: int
    end_ms: int
    text_start: int
    text_end: int
    grain: Grain
    approximate: bool = False
    relative: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days `[first, after)` (or an hour from `hour`) before they are placed in a text."""

    first: date
    after: date
    grain: Grain
    approximate: bool = False
    relative: bool = False
    guessed: bool = False
    hour: int | None = None


class Almanac:
    """Calendar arithmetic around one reference moment in one zone.

    Every method gives a `Stretch`, or None for a day that does not exist (30 February) or lies
    outside the years that can be computed with.
    """

    def __init__(self, reference_ms: int, zone: tzinfo, prefer: Prefer) -> None:
        self._zone = zone
        self.prefer = prefer
        self.now = (_EPOCH + timedelta(milliseconds=reference_ms)).astimezone(zone)
        self.today = self.now.date()

    def span(self, stretch: Stretch, text_start: int, text_end: int) -> TimeSpan:
        """Place a stretch in the text it was read from."""
        start = self._moment(stretch.first, stretch.hour or 0)
        end = start + 3_600_000 if stretch.hour is not None else self._moment(stretch.after, 0)
        return TimeSpan(
            start, end, text_start, text_end, stretch.grain,
            stretch.approximate, stretch.relative, stretch.guessed,
        )  # fmt: skip

    def _moment(self, day: date, hour: int) -> int:
        moment = datetime(day.year, day.month, day.day, hour, tzinfo=self._zone)
        return (moment - _EPOCH) // timedelta(milliseconds=1)

    def day(self, offset: int) -> Stretch | None:
        """The day `offset` days from the reference."""
        first = shifted(self.today, offset)
        return _from(first, 1, Grain.DAY)

    def hours(self, offset: int) -> Stretch | None:
        """The clock hour `offset` hours from the reference."""
        if abs(offset) > 24 * 366:
            return None
        moment = self.now + timedelta(hours=offset)
        first = moment.date()
        return Stretch(first, first + timedelta(1), Grain.HOUR, relative=True, hour=moment.hour)

    def week(self, offset: int) -> Stretch | None:
        """The calendar week `offset` weeks from the reference."""
        first = shifted(self.today, 7 * offset - self.today.weekday())
        return _from(first, 7, Grain.WEEK)

    def weekend(self, offset: int) -> Stretch | None:
        """Saturday and Sunday of that calendar week."""
        first = shifted(self.today, 7 * offset - self.today.weekday() + 5)
        return _from(first, 2, Grain.WEEKEND)

    def weekday_of_week(self, weekday: int, offset: int) -> Stretch | None:
        """Weekday 0 (Monday) .. 6 of the calendar week `offset` weeks away."""
        return self.day(7 * offset - self.today.weekday() + weekday)

    def last_weekday(self, weekday: int) -> Stretch | None:
        """The latest such weekday before the reference day."""
        return self.day(-((self.today.weekday() - weekday - 1) % 7 + 1))

    def coming_weekday(self, weekday: int) -> Stretch | None:
        """The first such weekday after the reference day."""
        return self.day((weekday - self.today.weekday() - 1) % 7 + 1)

    def bare_weekday(self, weekday: int, *, calendar: bool = False) -> Stretch | None:
        """A weekday without any word on which: the reference day itself, or as preferred.

        Args:
            weekday: 0 (Monday) .. 6.
            calendar: without a preference the one of this calendar week is meant, as in Chinese.
        """
        ahead = (weekday - self.today.weekday()) % 7
        over = weekday < self.today.weekday() if calendar else ahead > 3
        past = self.prefer is Prefer.PAST or (self.prefer is Prefer.NEAREST and over)
        found = self.day(ahead - 7 if past and ahead else ahead)
        return found and _guess(found)

    def month(self, offset: int) -> Stretch | None:
        """The calendar month `offset` months from the reference."""
        index = self.today.year * 12 + self.today.month - 1 + offset
        found = month_of(index // 12, index % 12 + 1)
        return found and _relative(found)

    def year(self, offset: int) -> Stretch | None:
        """The calendar year `offset` years from the reference."""
        found = year_of(self.today.year + offset)
        return found and _relative(found)

    def open_month(self, month: int) -> Stretch | None:
        """A month without a year: the preferred occurrence."""
        years = (self.today.year + shift for shift in (-1, 0, 1))
        return self._choose([month_of(year, month) for year in years])

    def open_day(self, month: int, day: int) -> Stretch | None:
        """A day of a month without a year: the preferred occurrence (29 February: any near year)."""
        years = (self.today.year + shift for shift in range(-4, 5))
        return self._choose([day_of(year, month, day) for year in years])

    def last_month_named(self, month: int) -> Stretch | None:
        """The latest such month that began before the reference month."""
        year = self.today.year - (1 if month >= self.today.month else 0)
        found = month_of(year, month)
        return found and _relative(found)

    def next_month_named(self, month: int) -> Stretch | None:
        """The first such month after the reference month."""
        year = self.today.year + (1 if month <= self.today.month else 0)
        found = month_of(year, month)
        return found and _relative(found)

    def last_season(self, season: int) -> Stretch | None:
        """The latest such season that began before the reference, and is over."""
        options = [season_of(self.today.year - back, season) for back in (0, 1, 2)]
        done = [found for found in options if found and found.after <= self.today]
        return _relative(done[0]) if done else None

    def near_season(self, season: int, years: int) -> Stretch | None:
        """That season of the year `years` away."""
        found = season_of(self.today.year + years, season)
        return found and _relative(found)

    def month_this_year(self, month: int) -> Stretch | None:
        """That month of the reference year."""
        found = month_of(self.today.year, month)
        return found and _relative(found)

    def _choose(self, options: "list[Stretch | None]") -> Stretch | None:
        known = [option for option in options if option is not None]
        if self.prefer is Prefer.PAST:
            known = [option for option in known if option.first <= self.today] or known
        elif self.prefer in {Prefer.FUTURE, Prefer.COMING}:
            oldest = self.today - timedelta(_JUST_OVER if self.prefer is Prefer.COMING else 0)
            known = [option for option in known if option.after > oldest] or known
        if not known:
            return None
        return _guess(min(known, key=lambda option: (self._distance(option), option.first)))

    def _distance(self, stretch: Stretch) -> int:
        if stretch.first > self.today:
            return (stretch.first - self.today).days
        return max(0, (self.today - stretch.after).days + 1)

    def until_now(self, first: date) -> Stretch | None:
        """From a day up to and with the reference day; None when it lies ahead."""
        if first > self.today:
            return None
        return Stretch(first, self.today + timedelta(1), Grain.RANGE, relative=True)


def shifted(day: date, days: int) -> date | None:
    """`day` moved by `days`, or None outside the computable years."""
    if abs(days) > 366 * 4000:
        return None
    ordinal = day.toordinal() + days
    if not date(_FIRST_YEAR, 1, 1).toordinal() <= ordinal <= date(_LAST_YEAR, 1, 1).toordinal():
        return None
    return date.fromordinal(ordinal)


def day_of(year: int, month: int, day: int) -> Stretch | None:
    """One day, or None when the calendar lacks it."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not 1 <= month <= 12:
        return None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    first = date(year, month, day)
    return Stretch(first, first + timedelta(1), Grain.DAY)


def month_of(year: int, month: int) -> Stretch | None:
    """One calendar month."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR or not 1 <= month <= 12:
        return None
    first = date(year, month, 1)
    return Stretch(first, _month_after(first, 1), Grain.MONTH)


def year_of(year: int) -> Stretch | None:
    """One calendar year."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return Stretch(date(year, 1, 1), date(year + 1, 1, 1), Grain.YEAR)


def decade_of(year: int) -> Stretch | None:
    """The ten years from `year`."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR - 10:
        return None
    return Stretch(date(year, 1, 1), date(year + 10, 1, 1), Grain.DECADE)


def season_of(year: int, season: int) -> Stretch | None:
    """Season 0 (spring) .. 3 (winter, from December) of a year; always approximate."""
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    first = date(year, 3 + 3 * season, 1)
    return Stretch(first, _month_after(first, 3), Grain.SEASON, approximate=True)


def part_of_month(month: Stretch, part: int) -> Stretch:
    """Early (0), middle (1) or late (2) third of a month; approximate."""
    first = month.first + timedelta((0, 10, 20)[part])
    after = month.after if part == 2 else month.first + timedelta((10, 20)[part])
    return Stretch(first, after, Grain.RANGE, True, month.relative, month.guessed)


def vague(stretch: Stretch) -> Stretch:
    """The same days, marked approximate."""
    return Stretch(
        stretch.first, stretch.after, stretch.grain,
        True, stretch.relative, stretch.guessed, stretch.hour,
    )  # fmt: skip


def _from(first: date | None, days: int, grain: Grain) -> Stretch | None:
    return Stretch(first, first + timedelta(days), grain, relative=True) if first else None


def _relative(found: Stretch) -> Stretch:
    return Stretch(found.first, found.after, found.grain, found.approximate, relative=True)


def _guess(found: Stretch) -> Stretch:
    return Stretch(found.first, found.after, found.grain, found.approximate, guessed=True)


def _month_after(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def local_date(moment_ms: int, zone: tzinfo) -> date:
    """The calendar day of a moment in a zone."""
    return (_EPOCH + timedelta(milliseconds=moment_ms)).astimezone(zone).date()
