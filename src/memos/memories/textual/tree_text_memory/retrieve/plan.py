"""Reads a question: whom it names, what time it asks about, and what is left to look for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from memos.graph_dbs.base import Profile, TimeTarget
from memos.types.language import CJK
from memos.types.time_expression import Grain, TimeSpan, find_times

_SPACES = re.compile(r"\s+")
_CJK = re.compile(f"[{CJK}]")
_SUBJECT = re.compile(r"\b(?:the|this|my) user(?:['’]s)?\b|用户(?:的)?", re.IGNORECASE)
"""Agents ask about "the user"; the rows are that user's own words and do not say it."""
_YEAR_WEIGHT = 0.3
"""A lone year says little about the day (retrieval.md 2.6)."""
_YEARLY = frozenset({Grain.DAY, Grain.MONTH, Grain.SEASON})


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for.

    Args:
        words: the question without the names of speakers; feeds the keyword leg and the embedder.
        speakers: speakers named in the question, in order of first occurrence.
        times: spans the question asks about.
    """

    words: str
    speakers: tuple[str, ...] = ()
    times: tuple[TimeTarget, ...] = ()


def plan_query(query: str, profile: Profile, reference_ms: int, zone: tzinfo) -> Plan:
    """Plan a recall over a scope with this profile.

    Every row of a dialogue carries a speaker's name, so names only blur the cosine: they are taken
    out of the words and become a cue (+.11 R@10 of the dense leg alone, retrieval.md 2.5). So do
    dates, all but a lone year.

    Args:
        query: the question.
        profile: speakers and years of the scope.
        reference_ms: what "last week" is relative to, ms UTC.
        zone: zone whose days are meant.
    """
    spans = find_times(query, reference_ms, zone)
    words = query
    for span in reversed(spans):
        if span.grain is not Grain.YEAR:
            words = f"{words[: span.text_start]} {words[span.text_end :]}"
    words = _SUBJECT.sub(" ", words)
    speakers = named_speakers(query, profile.speakers)
    for name in speakers:
        words = _name_pattern(name, possessive=True).sub(" ", words)
    words = _SPACES.sub(" ", words).strip()
    times = tuple(t for span in spans for t in _targets(span, profile.years, zone))
    return Plan(words=words or query, speakers=speakers, times=times)


def _targets(span: TimeSpan, years: Sequence[int], zone: tzinfo) -> list[TimeTarget]:
    """Spans to look in. An expression without a year means that day or month of every year known."""
    weight = _YEAR_WEIGHT if span.grain is Grain.YEAR and not span.relative else 1.0
    if not (span.guessed and span.grain in _YEARLY):
        return [TimeTarget(span.start_ms, span.end_ms - 1, weight)]
    start = datetime.fromtimestamp(span.start_ms / 1000, zone)
    length = span.end_ms - span.start_ms
    targets = []
    for year in years:
        try:
            moved = int(start.replace(year=year).timestamp() * 1000)
        except ValueError:  # 29 February
            continue
        targets.append(TimeTarget(moved, moved + length - 1, weight))
    return targets or [TimeTarget(span.start_ms, span.end_ms - 1, weight)]


def named_speakers(query: str, speakers: Sequence[str]) -> tuple[str, ...]:
    """Speakers whose name stands in the question as a word, in order of first occurrence."""
    found = []
    for name in speakers:
        match = _name_pattern(name).search(query)
        if match:
            found.append((match.start(), name))
    return tuple(name for _, name in sorted(found))


def _name_pattern(name: str, *, possessive: bool = False) -> re.Pattern[str]:
    tail = r"(?:['’]s)?" if possessive else ""
    if _CJK.search(name):
        return re.compile(re.escape(name))
    return re.compile(rf"\b{re.escape(name)}\b{tail}", re.IGNORECASE)
