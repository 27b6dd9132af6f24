"""When each statement of a state holds, given all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement of a state. Times are ms since the epoch, UTC.

    Args:
        id: the memory that states it.
        object: value in canonical form; empty in an ended statement that does not say what ended.
        recorded_at: when we learnt it.
        event_from: when it began to be true, or ended; None means when we learnt it.
        ended: as in `Claim`.
        polarity: as in `Claim`.
    """

    id: str
    object: str
    recorded_at: int
    event_from: int | None = None
    ended: bool = False
    polarity: bool = True

    @property
    def at(self) -> int:
        """The time it speaks of, ms."""
        return self.recorded_at if self.event_from is None else self.event_from


@dataclass(frozen=True, slots=True)
class Validity:
    """When what a statement says holds.

    Args:
        id: the memory.
        since: first ms it holds; None when it is not known.
        until: first ms it holds no more; None while it holds.
        current: whether the statement is the present word on the state: its value holds now, or it
            says that a value ended and none has followed.
        closed_by: the memory whose statement ended it; None while it holds.
    """

    id: str
    since: int | None
    until: int | None
    current: bool
    closed_by: str | None = None


@dataclass(slots=True)
class _Period:
    """A stretch of one value, and the statements of it by their place in the order of time."""

    key: tuple[str, bool]
    since: int | None
    until: int | None = None
    closed_by: str | None = None
    members: list[int] = field(default_factory=list)


def supersede(history: Sequence[Stated], *, multiple: bool = False) -> list[Validity]:
    """When each statement of one subject and one attribute holds.

    Statements take effect in the order of the time they speak of, whatever the order they were
    learnt in; of two about the same time the one learnt later stands last, of two from one memory
    what ended comes before what began. A new value closes the one before. Repeating the value that
    holds changes nothing. An ended statement closes the value it names; when that value was not
    known before, it held at some time before, and no longer than until another value began.

    Args:
        history: statements in any order.
        multiple: values hold beside each other, and only an ended statement closes one.

    Returns:
        One for each statement, in the order of `history`.
    """
    order = sorted(range(len(history)), key=lambda i: _order(history[i]))
    timeline = _Timeline(multiple)
    for place in order:
        timeline.take(place, history[place])
    return timeline.validities(history)


def _order(stated: Stated) -> tuple[int, int, bool, str, str, bool]:
    return (
        stated.at,
        stated.recorded_at,
        not stated.ended,
        stated.id,
        stated.object,
        stated.polarity,
    )


class _Timeline:
    """Periods of the values of one state, filled in the order of time."""

    def __init__(self, multiple: bool) -> None:
        self._multiple = multiple
        self._open: dict[tuple[str, bool], _Period] = {}
        self._latest: dict[tuple[str, bool], _Period] = {}
        self._period_of: dict[int, _Period] = {}
        self._last_end: int | None = None
        """Place of the last ended statement, while no value has begun after it."""

    def take(self, place: int, stated: Stated) -> None:
        """The next statement."""
        if stated.ended:
            self._end(place, stated)
        else:
            self._begin(place, stated)

    def _begin(self, place: int, stated: Stated) -> None:
        key = (stated.object, stated.polarity)
        period = self._open.get(key)
        if period is None:
            if not self._multiple:
                self._close(list(self._open), stated)
            period = _Period(key, stated.at)
            self._open[key] = self._latest[key] = period
        self._member(place, period)
        self._last_end = None

    def _end(self, place: int, stated: Stated) -> None:
        key = (stated.object, stated.polarity)
        if key in self._open:
            self._close([key], stated)
        elif not stated.object and self._open:
            key = list(self._open)[-1]
            self._close(list(self._open), stated)
        if key not in self._latest:
            began = [p.since for p in self._open.values() if p.since is not None]
            until = stated.at if self._multiple or not began else min(began)
            self._latest[key] = _Period(key, None, until, stated.id)
        self._member(place, self._latest[key])
        if not self._open:
            self._last_end = place

    def _close(self, keys: Sequence[tuple[str, bool]], by: Stated) -> None:
        for key in keys:
            period = self._open.pop(key)
            period.until, period.closed_by = by.at, by.id

    def _member(self, place: int, period: _Period) -> None:
        period.members.append(place)
        self._period_of[place] = period

    def validities(self, history: Sequence[Stated]) -> list[Validity]:
        """One for each statement."""
        found = []
        for place, stated in enumerate(history):
            period = self._period_of[place]
            holds = period.key in self._open and self._open[period.key] is period
            current = place == self._last_end if stated.ended else holds
            found.append(Validity(stated.id, period.since, period.until, current, period.closed_by))
        return found
