"""Checks that a draft says nothing its sources do not hold: names, numbers, dates. Pure functions.

A model may write what nobody said. Names may come from anywhere in the conversation (a pronoun is
resolved by an earlier turn); numbers and dates must stand in the messages that are cited, or follow
from them and the time they were said.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import tzinfo

from memos.mem_reader.base import Window
from memos.mem_reader.rules.topic import entities_of
from memos.mem_reader.speaker import speaker_of
from memos.types.chat_time import BEIJING
from memos.types.memory import Draft, MemoryStatus
from memos.types.message import Message
from memos.types.time_expression import Grain, Prefer, TimeSpan, find_times

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORDS = {
    word: str(number)
    for number, word in enumerate(
        (
            *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
            *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
            *("seventeen", "eighteen", "nineteen"),
        )
    )
}
_TENS = {
    word: number
    for number, word in zip(
        range(20, 100, 10),
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
        strict=True,
    )
}
_SPELLED = re.compile(
    rf"\b(?:(?P<ten>{'|'.join(_TENS)})(?:[- ](?P<unit>one|two|three|four|five|six|seven|eight|nine))?"
    rf"|(?P<word>{'|'.join(_WORDS)}|a dozen|once|twice))\b",
    re.IGNORECASE,
)
_ALSO = {"a dozen": "12", "once": "1", "twice": "2"}
_CHINESE_NUMBER = re.compile("[零〇一二两三四五六七八九十百千万亿]+")
_CHINESE_DIGIT = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_CHINESE_UNIT = {"十": 10, "百": 100, "千": 1000}
_ARTICLE = re.compile(
    r"\bone\b|\bonce\b|(?<![零〇一二两三四五六七八九十百千万亿])一(?![零〇一二两三四五六七八九十百千万亿])",
    re.IGNORECASE,
)
"""A one that is hardly a number: "one of them", 一起."""
_LATIN_WORD = re.compile(r"[^\W_]+")
_ALWAYS_KNOWN = frozenset({"i", "user", "assistant", "the", "an", "用户", "助手"})


def vouched(drafts: Sequence[Draft], window: Window, zone: tzinfo = BEIJING) -> list[Draft]:
    """The drafts; those that say what their sources do not hold are quarantined."""
    return [
        replace(draft, status=MemoryStatus.QUARANTINED)
        if unsupported(draft, window, zone)
        else draft
        for draft in drafts
    ]


def unsupported(draft: Draft, window: Window, zone: tzinfo = BEIJING) -> tuple[str, ...]:
    """Words of a draft's value that nothing supports.

    Args:
        draft: what was read.
        window: the messages it was read from, and those before them.
        zone: zone of the dates.

    Returns:
        The names, numbers and dates as they stand in the value; empty when all are supported.
    """
    talk = (*window.context, *window.messages)
    ids = {source.message_id for source in draft.sources}
    cited = [message for message in talk if message.id in ids]
    return (
        *_unknown_names(draft.value, talk),
        *_unknown_figures(draft.value, cited, zone),
    )


def _unknown_names(value: str, talk: Sequence[Message]) -> Iterable[str]:
    said = "\n".join(f"{speaker_of(m)}: {m.text}" for m in talk).casefold()
    known = set(_LATIN_WORD.findall(said)) | _ALWAYS_KNOWN
    for name in entities_of(value):
        plain = name.casefold()
        if plain in said or _NUMBER.fullmatch(plain):
            continue
        words = _LATIN_WORD.findall(plain)
        if not all(word in known or word.rstrip("s") in known or word.isdigit() for word in words):
            yield name


def _unknown_figures(value: str, cited: Sequence[Message], zone: tzinfo) -> Iterable[str]:
    reference = cited[0].chat_time if cited else 0
    told = [span for message in cited for span in _spans(message, zone)]
    days = [span for message in cited for span in find_times("today", message.chat_time, zone)]
    known = set().union(*(numbers_of(message.text) for message in cited)) if cited else set()
    rest = value
    for span in reversed(find_times(value, reference, zone)):
        words = value[span.text_start : span.text_end]
        if span.grain is Grain.HOUR:
            continue
        literal = any(words in message.text for message in cited)
        if not literal and not any(_follows(span, other) for other in (*told, *days)):
            yield words
        rest = rest[: span.text_start] + " " * len(words) + rest[span.text_end :]
    yield from sorted(numbers_of(_ARTICLE.sub(" ", rest)) - known)


def _spans(message: Message, zone: tzinfo) -> Iterable[TimeSpan]:
    for prefer in Prefer:
        yield from find_times(message.text, message.chat_time, zone, prefer=prefer)


def _follows(span: TimeSpan, told: TimeSpan) -> bool:
    """A date that is told, its beginning or end, or a longer stretch around it."""
    around = span.start_ms <= told.start_ms and told.end_ms <= span.end_ms
    return around or span.start_ms == told.start_ms or span.end_ms == told.end_ms


def numbers_of(text: str) -> set[str]:
    """Numbers of a text, however written, as digits."""
    found = {_plain(match) for match in _NUMBER.findall(text)}
    for match in _SPELLED.finditer(text):
        if match["ten"]:
            unit = _WORDS.get((match["unit"] or "zero").lower(), "0")
            found.add(str(_TENS[match["ten"].lower()] + int(unit)))
        else:
            word = match["word"].lower()
            found.add(_WORDS.get(word) or _ALSO[word])
    found |= {_chinese_number(match) for match in _CHINESE_NUMBER.findall(text)}
    return found


def _plain(number: str) -> str:
    """`1,000` and `1000.0` as `1000`."""
    plain = re.sub(r",(?=\d{3}(?!\d))", "", number)
    return re.sub(r"\.0+$", "", plain).lstrip("0") or "0"


def _chinese_number(text: str) -> str:
    if not any(c in _CHINESE_UNIT or c in "万亿" for c in text):
        return "".join(str(_CHINESE_DIGIT[c]) for c in text).lstrip("0") or "0"
    total = section = digit = 0
    for c in text:
        if c in _CHINESE_DIGIT:
            digit = _CHINESE_DIGIT[c]
        elif c in _CHINESE_UNIT:
            section += (digit or 1) * _CHINESE_UNIT[c]
            digit = 0
        else:
            total = (total + section + digit) * (10_000 if c == "万" else 100_000_000)
            section = digit = 0
    return str(total + section + digit)
