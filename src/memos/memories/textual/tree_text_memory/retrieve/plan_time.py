"""Spans of time a question asks about: dates, relative expressions and named holidays.

* An expression without a year means that day, month or holiday of every year the store knows.
* A holiday without a year weighs 0.3 in a question about habits.
* A holiday in a question about plans (`I want to travel during the National Day holiday`, 国庆去哪玩)
  gives no span unless it is over: memories made on those days say nothing of the plan.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from memos.graph_dbs.base import TimeTarget
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import Tense
from memos.types.holiday import HolidayMention
from memos.types.time_expression import Grain, TimeSpan
from memos.types.time_holiday import shifted_days
from memos.types.time_span import local_date

HABIT_WEIGHT = 0.3
"""Weight of a holiday in a question about habits."""
_YEARLY = frozenset({Grain.DAY, Grain.MONTH, Grain.SEASON, Grain.RANGE})
"""Grains that recur each year when no year is said; a range is then a part of a month."""
_MOST = 64
"""Targets of one plan; a store of more years is looked at in its latest."""

_WEEKDAY = re.compile(r"day\b|周|星期|礼拜", re.IGNORECASE)

Days = tuple[date, date]
"""First day, and the day after the last."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The moment of the question and the years it can be about.

    Args:
        reference_ms: the moment, ms UTC.
        zone: zone whose days are meant.
        years: calendar years of the store, ascending.
        weekdays: where the question names a weekday, which recurs by weeks and not by years.
    """

    reference_ms: int
    zone: tzinfo
    years: Sequence[int]
    weekdays: frozenset[int] = frozenset()

    @property
    def today(self) -> date:
        """Day of the question."""
        return local_date(self.reference_ms, self.zone)

    def target(self, days: Days, weight: float) -> TimeTarget:
        """These days as a target."""
        first, after = (_midnight(day, self.zone) for day in days)
        return TimeTarget(first, after - 1, weight)


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def settled(
    spans: Sequence[TimeSpan], holidays: Sequence[HolidayMention]
) -> tuple[list[TimeSpan], list[HolidayMention]]:
    """Dates and holidays without overlaps.

    A date that holds a holiday's whole name says more (`4th of July 2022`); any other gives
    way.
    """
    dates = [span for span in spans if all(_longer(span, h) for h in holidays if _touch(span, h))]
    named = [h for h in holidays if not any(_longer(d, h) for d in dates)]
    return dates, named


def weekdays_of(text: str, spans: Iterable[TimeSpan]) -> frozenset[int]:
    """Where those of the spans start that are weekdays."""
    named = (s for s in spans if s.guessed and _WEEKDAY.search(text, s.text_start, s.text_end))
    return frozenset(s.text_start for s in named)


def _touch(span: TimeSpan, mention: HolidayMention) -> bool:
    return mention.text_start < span.text_end and span.text_start < mention.text_end


def _longer(span: TimeSpan, mention: HolidayMention) -> bool:
    holds = span.text_start <= mention.text_start and mention.text_end <= span.text_end
    return holds and span.text_end - span.text_start > mention.text_end - mention.text_start


def targets_of(
    spans: Sequence[TimeSpan],
    holidays: Sequence[HolidayMention],
    calendar: Calendar,
    tense: Tense,
) -> tuple[TimeTarget, ...]:
    """Spans to look in.

    Args:
        spans: date expressions of the question.
        holidays: holidays it names, not overlapping the dates.
        calendar: moment and years.
        tense: whether the question looks back or ahead; decides about holidays.
    """
    # A date beside a holiday (`on 24 December for Christmas`) says better which day is meant.
    dated = any(s.grain is not Grain.YEAR for s in spans)
    bound: set[int] = set()
    targets: list[TimeTarget] = []
    for mention in () if dated else holidays:
        year = _nearest_year(mention, spans)
        if year:
            bound.add(year.text_start)
        targets += _holiday_targets(mention, year, calendar, tense)
    for span in spans:
        if span.text_start not in bound:
            targets += _span_targets(span, calendar)
    return tuple(targets[-_MOST:])


def _nearest_year(mention: HolidayMention, spans: Iterable[TimeSpan]) -> TimeSpan | None:
    years = [s for s in spans if s.grain is Grain.YEAR]
    return min(years, key=lambda s: abs(s.text_start - mention.text_start), default=None)


def _span_targets(span: TimeSpan, calendar: Calendar) -> list[TimeTarget]:
    named = TimeTarget(span.start_ms, span.end_ms - 1)
    if not (span.guessed and span.grain in _YEARLY) or span.text_start in calendar.weekdays:
        return [named]
    first = local_date(span.start_ms, calendar.zone)
    after = local_date(span.end_ms, calendar.zone)
    targets = []
    for year in calendar.years:
        try:
            moved = first.replace(year=year), after.replace(year=after.year + year - first.year)
        except ValueError:  # 29 February
            continue
        targets.append(calendar.target(moved, 1.0))
    return targets or [named]


def _holiday_targets(
    mention: HolidayMention, year: TimeSpan | None, calendar: Calendar, tense: Tense
) -> list[TimeTarget]:
    today = calendar.today
    if year is not None:
        days = mention.days(local_date(year.start_ms, calendar.zone).year)
    elif mention.shift is not None:
        days = shifted_days(mention, today)
    elif tense is Tense.AHEAD:
        return []
    else:
        return _every_year(mention, calendar, tense)
    if days is None or (tense is Tense.AHEAD and days[1] > today):
        return []
    return [calendar.target(days, 1.0)]


def _every_year(mention: HolidayMention, calendar: Calendar, tense: Tense) -> list[TimeTarget]:
    """The holiday in each year of the store; those yet to come only where no past is meant."""
    known = list(calendar.years) or [calendar.today.year - 1, calendar.today.year]
    years = [known[0] - 1, *known]
    occurrences = [days for year in years if (days := mention.days(year))]
    occurrences = [d for d in occurrences if (d[1] - timedelta(1)).year >= known[0]]
    weight = HABIT_WEIGHT
    if tense is Tense.PAST:
        occurrences = [d for d in occurrences if d[0] <= calendar.today]
        weight = 1.0
    return [calendar.target(days, weight) for days in occurrences]
