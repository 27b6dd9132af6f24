"""Rough reading: the turn window as it is, without any understanding, in well under a millisecond."""

import re
from collections.abc import Sequence

from memos.mem_reader.speaker import is_named, speaker_of, spoken_text
from memos.types.chat_time import render_utc
from memos.types.language import count_tokens
from memos.types.message import Message

__all__ = [
    "SEGMENT_TOKENS",
    "cut",
    "is_named",
    "render_window",
    "segments",
    "speaker_of",
    "split_windows",
    "spoken_text",
    "window_key",
]

SEGMENT_TOKENS = 256
"""Encoders read about this much of a text; the rest would not be found by its vector."""

_LEVELS = tuple(
    re.compile(border)
    for border in (
        r"\n\s*\n",
        r"\n",
        r"(?<=[.!?…])\s+|(?<=[。！？；])",
        r"(?<=[,;:])\s+|(?<=[，、：])",
        r"\s+",
    )
)
"""Where a long text may be cut, best first: paragraphs, lines, sentences, clauses, words."""


def render_window(messages: Sequence[Message]) -> str:
    """The documented rough form: one line `role: [time]: text` for each message.

    Returns:
        Lines that each end with a newline; empty text for no messages.
    """
    return "".join(f"{m.role}: [{render_utc(m.chat_time)}]: {m.text}\n" for m in messages)


def window_key(messages: Sequence[Message]) -> str:
    """Title of a rough memory: the first line of its rendered window."""
    return render_window(messages[:1]).partition("\n")[0]


def segments(message: Message, max_tokens: int = SEGMENT_TOKENS) -> list[tuple[int, int]]:
    """Cut a message into spans of at most about `max_tokens` tokens at natural borders.

    Returns:
        Spans `(start, end)` of `message.text`, in order, not overlapping, none of them blank; the
        whole text when it is short. Empty for a blank text.
    """
    return cut(message.text, 0, len(message.text), max_tokens)


def cut(text: str, start: int, end: int, max_tokens: int) -> list[tuple[int, int]]:
    """`segments` for a part of any text."""
    return _merged(text, _pieces(text, start, end, max_tokens, level=0), max_tokens)


def _pieces(
    text: str, start: int, end: int, max_tokens: int, *, level: int
) -> list[tuple[int, int, int]]:
    """Spans with their token counts, each small enough, cut no finer than needed."""
    start, end = _stripped(text, start, end)
    if start == end:
        return []
    size = count_tokens(text[start:end])
    if size <= max_tokens:
        return [(start, end, size)]
    if level == len(_LEVELS):
        step = max(1, max_tokens)
        return [
            (at, min(at + step, end), count_tokens(text[at : min(at + step, end)]))
            for at in range(start, end, step)
        ]
    found = []
    for first, last in _split(text, start, end, _LEVELS[level]):
        found.extend(_pieces(text, first, last, max_tokens, level=level + 1))
    return found


def _split(text: str, start: int, end: int, border: "re.Pattern[str]") -> list[tuple[int, int]]:
    found, at = [], start
    for match in border.finditer(text, start, end):
        found.append((at, match.start()))
        at = match.end()
    found.append((at, end))
    return found


def _merged(
    text: str, pieces: list[tuple[int, int, int]], max_tokens: int
) -> list[tuple[int, int]]:
    """Join neighbours as long as they fit, so that a segment is not smaller than it must be."""
    merged: list[tuple[int, int, int]] = []
    for start, end, size in pieces:
        if merged and merged[-1][2] + size <= max_tokens:
            merged[-1] = (merged[-1][0], end, merged[-1][2] + size)
        elif text[start:end].strip():
            merged.append((start, end, size))
    return [(start, end) for start, end, _ in merged]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def split_windows(
    messages: Sequence[Message], max_tokens: int, overlap: int
) -> list[tuple[tuple[Message, ...], tuple[Message, ...]]]:
    """Cut a long run of messages into windows.

    Args:
        messages: in order.
        max_tokens: most tokens of one window, a single longer message apart.
        overlap: how many messages before a window are handed along as its context.

    Returns:
        Pairs `(context, new messages)`; every message is new in exactly one window.
    """
    windows: list[tuple[tuple[Message, ...], tuple[Message, ...]]] = []
    begin, size = 0, 0
    for at, message in enumerate(messages):
        tokens = count_tokens(message.text)
        if at > begin and size + tokens > max_tokens:
            windows.append(_window(messages, begin, at, overlap))
            begin, size = at, 0
        size += tokens
    if begin < len(messages):
        windows.append(_window(messages, begin, len(messages), overlap))
    return windows


def _window(
    messages: Sequence[Message], begin: int, end: int, overlap: int
) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    return tuple(messages[max(0, begin - overlap) : begin]), tuple(messages[begin:end])
