"""Finding the words of a message that a statement rests on."""

import re

from memos.mem_reader.rules.sentence import sentences

_TERM = re.compile(r"[^\W_]+|[\u4e00-\u9fff]")
_HAN = re.compile("[\u4e00-\u9fff]")
_ENOUGH = 0.5


def locate(words: str, text: str) -> tuple[int, int]:
    """Span of `text` that says `words`.

    The exact words; else the same apart from case and white space; else the sentence that shares
    at least half of the words; else the whole text.

    Returns:
        `(start, end)` with `0 <= start < end <= len(text)` for a text that is not empty.
    """
    plain = words.strip()
    if plain:
        at = text.find(plain)
        if at >= 0:
            return at, at + len(plain)
        pieces = plain.split()
        if len(pieces) <= 200:
            loose = re.compile(r"\s+".join(map(re.escape, pieces)), re.IGNORECASE)
            match = loose.search(text)
            if match is not None:
                return match.span()
        found = _best_sentence(plain, text)
        if found is not None:
            return found
    return _whole(text)


def _best_sentence(words: str, text: str) -> tuple[int, int] | None:
    wanted = _terms(words)
    best, span = _ENOUGH, None
    for sentence in sentences(text):
        terms = _terms(sentence.text)
        share = len(wanted & terms) / max(1, min(len(wanted), len(terms)))
        if share > best and len(terms) > 1:
            best, span = share, (sentence.start, sentence.end)
    return span


def _terms(text: str) -> set[str]:
    latin = _HAN.sub(" ", text)
    return {word.lower() for word in _TERM.findall(latin)} | set(_HAN.findall(text))


def _whole(text: str) -> tuple[int, int]:
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    return (start, end) if end > start else (0, len(text))
