"""Reads a question: what it asks for, whom and what it names, what time it is about.

A plan is a pure function of the question, the scope's profile and the moment; no model is asked.
See docs/retrieval-plan.md for the rules and their limits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from memos.graph_dbs.base import Profile, TimeTarget
from memos.memories.textual.tree_text_memory.retrieve.plan_anchor import anchored
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import (
    Tense,
    TimeFocus,
    asks_last,
    focus_of,
    tense_of,
)
from memos.memories.textual.tree_text_memory.retrieve.plan_kind import (
    Language,
    QuestionKind,
    kind_of,
    language_of,
)
from memos.memories.textual.tree_text_memory.retrieve.plan_mark import Marks, find_marks, find_names
from memos.memories.textual.tree_text_memory.retrieve.plan_time import (
    Calendar,
    settled,
    targets_of,
    weekdays_of,
)
from memos.types.holiday import (
    HolidayMention,
    find_holidays,
)
from memos.types.language import CJK, is_chinese
from memos.types.time_expression import Grain, Prefer, TimeSpan, find_times

_PREFER = {Tense.PAST: Prefer.PAST, Tense.AHEAD: Prefer.FUTURE, Tense.OPEN: Prefer.NEAREST}
_SPACES = re.compile(r"\s+")
_CJK = re.compile(f"[{CJK}]")
_SUBJECT = re.compile(r"\b(?:the|this|my) user(?:['’]s)?\b|用户(?:的)?", re.IGNORECASE)
"""Agents ask about "the user"; the rows are that user's own words and do not say it."""
_LONGEST = 1000
"""Characters analysed. Of a longer text, which is no question but something pasted, the two ends."""
_END = _LONGEST // 2
_PLAIN_WORDS = re.compile(
    "will|may|mark|grace|hope|rose|art|bill|pat|rob|jack|faith|joy|dawn|june|april|august|summer|"
    "autumn|frank|sue|max|ray|drew|chase|grant|miles|guy|dean|case|sky|page|."
)
"""Names that are words as well: they must be written as names."""
_AUXILIARIES = frozenset({"will", "may"})
"""Names that begin questions as verbs: they count only after another word."""
_HOLLOW = re.compile(
    r"(?:[\W_]|\b(?:who|whom|what|which|where|when|why|how|is|are|was|were|be|do|does|did|has|have|had|"
    r"the|a|an|of|about|tell|me|and|or|to|in|on|at|s)\b|[是谁什么的了吗呢在哪里儿怎样啊有和])*",
    re.IGNORECASE,
)
"""Words that name nothing to look for."""
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for.

    Args:
        words: the question without the names of speakers and without dates; feeds the keyword leg
            and the embedder. Quoted strings and identifiers are kept whole. Empty only for a blank
            question.
        speakers: speakers named in the question, in order of first occurrence.
        together: whether several of them are asked about alike (`Do Ann and Ben both swim?`).
        times: spans the question asks about.
        language: language it is read in.
        kind: what it asks for.
        focus: which part of the past it is about.
        entities: proper names (speakers left out) and titles in 《》.
        quotes: strings between quotation marks, exactly.
        identifiers: addresses, file names, versions, order numbers, code-like words, exactly.
    """

    words: str
    speakers: tuple[str, ...] = ()
    together: bool = False
    times: tuple[TimeTarget, ...] = ()
    language: Language = Language.ENGLISH
    kind: QuestionKind = QuestionKind.STATEMENT
    focus: TimeFocus = TimeFocus.NONE
    entities: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


def plan_query(query: str, profile: Profile, reference_ms: int, zone: tzinfo) -> Plan:
    """Plan a recall over a scope with this profile.

    Every row of a dialogue carries a speaker's name, so names only blur the cosine: they are taken
    out of the words and become a cue (+.11 R@10 of the dense leg alone, retrieval.md 2.5). So do
    dates, all but a lone year. Of a text beyond 1000 characters only the two ends are analysed, and
    its words are left as they are.

    Args:
        query: the question.
        profile: speakers and years of the scope.
        reference_ms: what "last week" is relative to, ms UTC.
        zone: zone whose days are meant.
    """
    text = query if len(query) <= _LONGEST else f"{query[:_END]}\n{query[-_END:]}"
    language = language_of(text, chinese=is_chinese(text))
    tense = tense_of(text, language)
    marks = find_marks(text)
    dates = find_times(text, reference_ms, zone, prefer=_PREFER[tense], holidays=False)
    spans, holidays = settled(
        anchored(text, [d for d in dates if not marks.cover(*_place(d))], zone),
        [h for h in find_holidays(text) if not marks.cover(*_place(h))],
    )
    calendar = Calendar(reference_ms, zone, profile.years, weekdays_of(text, spans))
    times = targets_of(spans, holidays, calendar, tense)
    speakers = named_speakers(text, profile.speakers)
    timeless = _blanked(text, [*map(_place, spans), *map(_place, holidays)])
    kind = kind_of(timeless, language)
    focus = focus_of(timeless, language, kind, spans=bool(times))
    said = [_place(s) for s in spans if s.grain is not Grain.YEAR]
    said += asks_last(text) if focus is TimeFocus.LAST else []
    return Plan(
        words=_words(text, said, speakers, marks) if text is query else query,
        speakers=speakers,
        together=named_together(text, speakers),
        times=times,
        language=language,
        kind=kind,
        focus=focus,
        entities=_entities(timeless, speakers, marks, language),
        quotes=marks.quotes,
        identifiers=marks.identifiers,
    )


def _place(mention: TimeSpan | HolidayMention) -> tuple[int, int]:
    return mention.text_start, mention.text_end


def _blanked(text: str, places: Sequence[tuple[int, int]]) -> str:
    for start, end in places:
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return text


def _words(
    text: str, when: Sequence[tuple[int, int]], speakers: Sequence[str], marks: Marks
) -> str:
    """The text without words for time, `the user` and speakers, quotes and identifiers untouched.

    Where nothing but question words and no date would be left (`Who is Caroline?`), names stay.
    """
    cuts = [*when, *(m.span() for m in _SUBJECT.finditer(text))]
    names = [
        m.span() for name in speakers for m in _name_pattern(name, possessive=True).finditer(text)
    ]
    words = _without(text, [*cuts, *names], marks)
    if names and not when and _HOLLOW.fullmatch(words):
        words = _without(text, cuts, marks)
    return words if _WORD.search(words) else text


def _without(text: str, cuts: Sequence[tuple[int, int]], marks: Marks) -> str:
    pieces, at = [], 0
    for start, end in sorted(cuts):
        if start >= at and not marks.cover(start, end):
            pieces.append(text[at:start])
            at = end
    pieces.append(text[at:])
    return _SPACES.sub(" ", " ".join(pieces)).strip()


def _entities(
    text: str, speakers: Sequence[str], marks: Marks, language: Language
) -> tuple[str, ...]:
    names = find_names(text, marks, chinese=language is Language.CHINESE)
    known = {speaker.lower() for speaker in speakers}
    return tuple(dict.fromkeys([*(n for n in names if n.lower() not in known), *marks.titles]))


def named_speakers(query: str, speakers: Sequence[str]) -> tuple[str, ...]:
    """Speakers whose name stands in the question as a word, in order of first occurrence.

    Case does not matter, except for names that are also words (`Will`, `Grace`, `A`).
    """
    found = []
    lowered = query.lower()
    for name in speakers:
        if not name.strip() or name.lower() not in lowered:
            continue
        match = _name_pattern(name).search(query)
        if match:
            found.append((match.start(), name))
    return tuple(name for _, name in sorted(found))


def named_together(query: str, speakers: Sequence[str]) -> bool:
    """Whether a question asks about the first two speakers alike: names joined, or `both`."""
    if len(speakers) < 2:
        return False
    first, second = (re.escape(name) for name in speakers[:2])
    joined = rf"{first}(?:['’]s)?(?: and | & |, |和|跟|与|、){second}"
    return re.search(rf"\bboth\b|{joined}", query, re.IGNORECASE) is not None


def _name_pattern(name: str, *, possessive: bool = False) -> re.Pattern[str]:
    tail = r"(?:['’]s)?" if possessive else ""
    if _CJK.search(name):
        return re.compile(f"{re.escape(name)}{'的?' if possessive else ''}")
    exact = _PLAIN_WORDS.fullmatch(name.lower()) is not None
    start = r"(?<=[\w,] )" if name.lower() in _AUXILIARIES else r"\b"
    return re.compile(rf"{start}{re.escape(name)}\b{tail}", 0 if exact else re.IGNORECASE)
