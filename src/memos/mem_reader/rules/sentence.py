"""Cutting a text into sentences, with exact offsets."""

import re
from dataclasses import dataclass

_END = re.compile(
    r"(?:[.!?…]+|\.{2,})[\"'”’)\]*]{0,3}(?=\s|$|[\u4e00-\u9fff])"
    r"|[。！？；]+[”’」』）)]{0,3}"
    r"|\n+"
    r"|(?<=[\u4e00-\u9fff])[!?;]+"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|approx|No|Mt|Inc|Ltd|Co|Fig|a\.m|p\.m"
    r"|[A-Z])|^\s*\d{1,3})\.$"
)
_BULLET = re.compile(r"(?:[-*•·]|\d{1,2}[.)、]|[（(]\d{1,2}[)）])\s*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, or one line of a list.

    Args:
        start: first character in the text it was cut from.
        end: one past the last.
        text: exactly these characters.
        line: it is a whole line of a list, to be kept apart from its neighbours.
    """

    start: int
    end: int
    text: str
    line: bool = False


def sentences(text: str, offset: int = 0) -> list[Sentence]:
    """Cut a text into sentences.

    Args:
        text: any text.
        offset: added to every position, when `text` is a part of something.

    Returns:
        Sentences in order, stripped of surrounding space and of list marks, never blank.
    """
    found: list[Sentence] = []
    start = 0
    lines = text.count("\n") > 0
    for match in _END.finditer(text):
        newline = match[0][0] == "\n"
        if not newline and _ABBREVIATION.search(text[max(start, match.start() - 8) : match.end()]):
            continue
        end = match.start() if newline else match.end()
        _append(found, text, start, end, offset=offset)
        start = match.end()
    _append(found, text, start, len(text), offset=offset)
    return [_marked(s, text, offset) for s in found] if lines else found


def _append(found: list[Sentence], text: str, start: int, end: int, *, offset: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    bullet = _BULLET.match(text, start, end)
    if bullet is not None and (
        start == 0 or text[max(0, start - 40) : start].rstrip(" \t\u3000").endswith("\n")
    ):
        start = bullet.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalnum() for character in text[start:end]):
        found.append(Sentence(start + offset, end + offset, text[start:end]))


def _marked(sentence: Sentence, text: str, offset: int) -> Sentence:
    """Mark a sentence that fills its line."""
    start, end = sentence.start - offset, sentence.end - offset
    before = text[max(0, start - 40) : start].rpartition("\n")
    opens = (
        start == 0
        or (bool(before[1]) and not before[2].strip(" \t-*•·0123456789.)、（("))
        or (not before[1] and start <= 40 and not text[:start].strip())
    )
    after = text[end : end + 40].partition("\n")
    closes = not after[0].strip()
    if opens and closes:
        return Sentence(sentence.start, sentence.end, sentence.text, line=True)
    return sentence
