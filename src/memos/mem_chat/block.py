"""Memories as a model may read them: dated, marked by whose they are, quoted so that none can speak.

A memory is what somebody once said, and that may have been an order to a model. So each one is a
JSON string on a line of its own, its angle brackets escaped: no text can end its quotation, its line
or the block around it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from memos.types.language import count_tokens
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.message import ROLES
from memos.types.scope import CubeKind

MOST_TOKENS = 8000
"""Most tokens of the whole block; what is least relevant is left out first."""
_VIEW = re.compile(r"\[(?:assistant ?(?:view|观点)|model summary|模型总结)\]\s*")
_VIEW_MARK = "[assistant view]"
_PREFERENCE_MARKS = {
    MemoryKind.EXPLICIT_PREFERENCE: "[stated]",
    MemoryKind.IMPLICIT_PREFERENCE: "[inferred]",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A memory to show: the item, and the text a client sees of it."""

    item: MemoryItem
    text: str


def render(
    facts: Sequence[Note],
    preferences: Sequence[Note],
    *,
    zone: tzinfo,
    max_tokens: int = MOST_TOKENS,
) -> tuple[str, tuple[str, ...]]:
    """The block of a prompt, and the ids of the memories in it.

    Args:
        facts: best first.
        preferences: best first; they are kept before facts when room is short.
        zone: zone of the dates shown.
        max_tokens: most tokens of all lines together.

    Returns:
        Facts and preferences, each in order of time; empty text when there are none.
    """
    kept: dict[str, str] = {}
    left = max_tokens
    for note in (*preferences, *facts):
        line = quoted(note, zone)
        cost = count_tokens(line)
        if cost <= left and note.item.id not in kept:
            kept[note.item.id] = line
            left -= cost
    parts = [
        part
        for name, notes in (("facts", facts), ("preferences", preferences))
        if (part := _part(name, [n for n in notes if n.item.id in kept], kept))
    ]
    return "\n".join(parts), tuple(kept)


def quoted(note: Note, zone: tzinfo) -> str:
    """One memory as a line: its day, the marks that tell whose it is, and its text as a string."""
    text = " ".join(note.text.split())
    marks = [datetime.fromtimestamp(_when(note)[0] / 1000, zone).strftime("[%Y-%m-%d]")]
    marks += _marks(note.item, text)
    shown = json.dumps(_VIEW.sub("", text, count=1) if _is_view(text) else text, ensure_ascii=False)
    return f"- {' '.join(marks)} {shown.replace('<', '&lt;').replace('>', '&gt;')}"


def _marks(item: MemoryItem, text: str) -> list[str]:
    marks = []
    if item.kind in _PREFERENCE_MARKS:
        marks.append(_PREFERENCE_MARKS[item.kind])
    if item.cube.kind is CubeKind.KNOWLEDGEBASE or item.kind is MemoryKind.DOCUMENT:
        marks.append("[document]")
    elif item.cube.kind is CubeKind.PUBLIC:
        marks.append("[shared]")
    if _is_view(text):
        marks.append(_VIEW_MARK)
    elif item.speaker and item.speaker not in ROLES:
        name = " ".join(re.sub(r"[\[\]<>\"]", " ", item.speaker).split())[:60]
        marks.append(f"[said by {name}]")
    return marks


def _is_view(text: str) -> bool:
    return _VIEW.match(text) is not None


def _part(name: str, notes: Sequence[Note], lines: dict[str, str]) -> str:
    told = [lines[note.item.id] for note in sorted(notes, key=_when)]
    return "\n".join([f"<{name}>", *told, f"</{name}>"]) if told else ""


def _when(note: Note) -> tuple[int, str]:
    item = note.item
    return item.event_from if item.event_from is not None else item.created_at, item.id
