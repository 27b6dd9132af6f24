"""Dates of a statement: which day open words mean, how they are written, when it was true.

The tense of the clause a date stands in decides: "I ordered a desk, it arrives on Tuesday" looks
ahead, "I ordered it on Tuesday" back.
"""

import re
from bisect import bisect_right
from datetime import tzinfo

from memos.mem_reader.lexicon import MODALS, PAST_FORMS, alternation, words
from memos.mem_reader.rules.preference import is_former
from memos.types.time_expression import Grain, Prefer, TimeSpan, find_times, render_span
from memos.types.time_span import local_date

_PASTS = alternation(" ".join(PAST_FORMS - MODALS - words("put set cut let")))
_FUTURE = re.compile(
    r"\b(?:will|'ll|going to|gonna|plan(?:s|ning|ned)? to|want(?:s|ed)? to|hop(?:e|es|ing) to|next|would like|can't wait|"
    r"upcoming|about to|looking forward|(?:is|are|am|'m|'re|'s) (?:getting (?:married|engaged)|flying|leaving|visiting|starting|hosting|throwing|having|meeting|travell?ing)|(?:train|prepar|sav)(?:e|ing|ed)? (?:up )?for|"
    r"(?:booked|reserved|scheduled|(?:registered|signed up|enrolled|tickets)\b[^.!?]{0,40} for)\b"
    r"|appointment|due(?! to)|expecting|mov(?:e|ing) in(?:to)?"
    r"|(?<!the )(?<!at )(?:leave|fl(?:y|ies)|arrive|depart|start|begin|travel|head|land|end|expire|sign)s?"
    r" (?:[\w'’]+ ){0,4}(?:on|in|at|by|until))\b"
    r"|打算|准备|计划|将|想去|要去|会去|即将|预[订定约产]|[订约定]了|报了?名|截止|到期|开学"
    r"|[上读](?:小学|初中|高中|大学|幼儿园|研究生)(?!了|的时候|时)"
    r"|的(?:飞机|航班|机票|火车|高铁|面试|会议|票)|要(?!求|么|是)[^，,。；;]{1,12}了"
    r"|(?:面试|会议|考试|手术|婚礼)[^，,。；;]{0,3}(?:是|在)",
    re.IGNORECASE,
)
_PAST = re.compile(
    rf"\b(?:since|{_PASTS}|(?!need|feed|speed|bed|red|wed)\w{{2,}}ed)\b|[’']ve\b"
    r"|\bha(?:ve|s) (?!to\b|an?\b|the\b|my\b|our\b|their\b)\w+|[了过]|出生|的[。.!！]?$",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:am|is|are|ha(?:ve|s)|needs?|meets?|takes?|sees?)\b|[’'](?:m|re|s)\b|[有要得行能]|下午|上午|晚上",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,;.!?—–，,。；;！!？?\n]|\s-+\s|\b(?:and|but|because|so)\b|但是?|不过(?!敏)"
)
_AGAIN = re.compile(
    r"\b(?:birthdays?|anniversary|born|usually|always|every|normally|generally|often|hates?|loves?|likes?|enjoys?)\b"
    r"|生日|纪念日|出生|一般|通常|平时|每|总是|经常|都会|固定|讨厌|喜欢|最爱|最烦",
    re.IGNORECASE,
)
"""What comes every year or every week has no single date."""
_WEEKDAY = re.compile(r"day\b|周|星期|礼拜", re.IGNORECASE)


_YEARS_MS = 700 * 86_400_000
"""Who says "for six years" does not mean a day."""
_LONGEST = 2000
"""So much of a text is looked at for its tense."""


def dated(value: str, said_ms: int, zone: tzinfo, *, chinese: bool) -> str:
    """Write the date behind every expression that cannot be understood later without it.

    Args:
        value: a statement.
        said_ms: when it was said.
        zone: zone of the dates.
        chinese: language of the notes.
    """
    for span in reversed(_times(value, said_ms, zone)):
        if not (span.relative or span.guessed) or span.grain is Grain.HOUR:
            continue
        date = render_span(span, chinese=chinese, zone=zone)
        words = value[span.text_start : span.text_end]
        if span.guessed and span.grain in {Grain.DAY, Grain.MONTH} and not _WEEKDAY.search(words):
            date = date[:5] if chinese else date[-4:]
        if span.grain is Grain.RANGE and span.end_ms - span.start_ms > _YEARS_MS:
            year = local_date(span.start_ms, zone).year
            date = f"自{year}年" if chinese else f"since {year}"
        note = f"（{date}）" if chinese else f" ({date})"
        end = span.text_end + (2 if value[span.text_end : span.text_end + 2] in {"'s", "’s"} else 0)
        end -= len(words) - len(words.rstrip("的"))
        value = value[:end] + note + value[end:]
    return value


def event_of(
    text: str, said_ms: int, zone: tzinfo, *, lasting: bool
) -> tuple[int | None, int | None]:
    """When a statement was true: the first date named, else from when it was said.

    Args:
        text: the statement.
        said_ms: when it was said.
        zone: zone of the dates.
        lasting: it tells a state or a taste, which holds until something else is told.
    """
    spans = _times(text, said_ms, zone)
    if is_former(text) and lasting:
        return (spans[0].start_ms, spans[0].end_ms) if spans else (None, said_ms)
    if not spans:
        return said_ms, None
    return spans[0].start_ms, None if lasting else spans[0].end_ms


def _times(text: str, said_ms: int, zone: tzinfo) -> list[TimeSpan]:
    """The dates of a text, each as the tense of its clause has it; open ones of habits are none."""
    nearest = find_times(text, said_ms, zone)
    if not any(span.guessed for span in nearest):
        return nearest
    read = {prefer: find_times(text, said_ms, zone, prefer=prefer) for prefer in Prefer}
    meant = {prefer: {s.text_start: s for s in spans} for prefer, spans in read.items()}
    clauses = _clauses(text)
    tenses: dict[tuple[int, int], Prefer | None] = {}
    found = []
    for span in nearest:
        clause = clauses[bisect_right(clauses, (span.text_start, len(text) + 1)) - 1]
        if clause not in tenses:
            tenses[clause] = _tense_of(text[slice(*clause)], text)
        tense = tenses[clause]
        if tense is not None or not span.guessed:
            found.append(meant[tense or Prefer.NEAREST].get(span.text_start, span))
    return found


def _clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a text begin and end."""
    cuts = [match.span() for match in _CLAUSE.finditer(text)]
    begins = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    return list(zip(begins, ends, strict=True))


def _tense_of(clause: str, text: str) -> Prefer | None:
    """Which occurrence a clause means, or else the whole text; None for what comes again and again."""
    if _AGAIN.search(clause):
        return None
    for said in (clause, text[:_LONGEST]):
        if _FUTURE.search(said):
            return Prefer.FUTURE
        if _PAST.search(said):
            return Prefer.PAST
    return Prefer.COMING if _PRESENT.search(clause) else Prefer.NEAREST
