"""Puts one value in the place of another inside a text. Pure functions."""

import re

from memos.graph_dbs.tokenize import tokenize
from memos.types.language import CJK

_TOKEN = re.compile(rf"[0-9]+(?:[.,:][0-9]+)*|[^\W\d_{CJK}]+|[{CJK}]|[^\s\w]")
_NUMBER = re.compile(r"[0-9]+(?:[.,:][0-9]+)*")
_DATE = r"\s?[（(](?:[0-9]{1,2} [A-Za-z]+ [0-9]{4}|[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日)[)）]"
"""As the reader writes it behind "Tuesday"; see docs/reading.md."""
_CLAUSE = re.compile(r"[,，.;；。!！](?:\s|$)|[，；。！]")
_GENERIC = frozenset({"user", "用户", "assist"})


def substituted(text: str, old: str, new: str) -> str:
    """The text with `new` wherever `old` stands as a whole word; the same text when nowhere.

    Where `old` does not stand as it is, what tells it from `new` is replaced: "800 CNY" by
    "600 CNY" also turns "¥800" into "¥600". Upper case counts when `old` has any.
    """
    if not old or old == new:
        return text
    changed = _put(text, old, new)
    if changed != text:
        return changed
    core_old, core_new = core(old, new)
    if core_old == old or (not core_old[0].isdigit() and len(core_old) < 3):
        return text
    return _put(text, core_old, core_new)


def _put(text: str, old: str, new: str) -> str:
    """As `replaced`; a date that a reader worked out from the old value goes with it."""
    dated = re.compile(f"(?:{pattern_of(old).pattern}){_DATE}", pattern_of(old).flags)
    return replaced(dated.sub(lambda _: new, text), old, new)


def replaced(text: str, old: str, new: str) -> str:
    """The text with `new` for every whole `old`, and nothing else changed."""
    return pattern_of(old).sub(lambda _: new, text) if old else text


def pattern_of(value: str) -> re.Pattern[str]:
    """Matches a value that is not part of a longer word or number."""
    body = r"\s+".join(re.escape(part) for part in value.split())
    before = _boundary(value[:1], before=True)
    after = _boundary(value[-1:], before=False)
    cased = any(character.isupper() for character in value)
    return re.compile(f"{before}{body}{after}", 0 if cased else re.IGNORECASE)


def _boundary(edge: str, *, before: bool) -> str:
    if edge.isdigit():
        return r"(?<![0-9])(?<![0-9][.,:])" if before else r"(?![0-9])(?![.,:][0-9])"
    if re.fullmatch(rf"[^\W_{CJK}]", edge):
        word = rf"[^\W_{CJK}]"
        return f"(?<!{word})" if before else f"(?!{word})"
    return ""


def core(old: str, new: str) -> tuple[str, str]:
    """What two values differ in, words shared at both ends left off; both whole when one is all."""
    ours = [(m.start(), m.end(), m[0].casefold()) for m in _TOKEN.finditer(old)]
    theirs = [(m.start(), m.end(), m[0].casefold()) for m in _TOKEN.finditer(new)]
    start = 0
    while start < min(len(ours), len(theirs)) and ours[start][2] == theirs[start][2]:
        start += 1
    end = 0
    while end < min(len(ours), len(theirs)) - start and ours[-1 - end][2] == theirs[-1 - end][2]:
        end += 1
    first, second = ours[start : len(ours) - end], theirs[start : len(theirs) - end]
    if not first or not second:
        return old, new
    return old[first[0][0] : first[-1][1]], new[second[0][0] : second[-1][1]]


def value_of(text: str, topic: str) -> str:
    """The value a text gives for a topic: in "The limit is 800 CNY." that of "the limit"."""
    bare = re.sub(
        r"^(?:my|our|the|his|her|their)\s+|^我们?的?", "", topic.strip(), flags=re.IGNORECASE
    )
    if not bare:
        return ""
    found = re.search(
        rf"{re.escape(bare)}\s*(?:\bis\b|\bare\b|\bwas\b|[:=：]|是|为)\s*(?P<rest>.+)",
        text,
        re.IGNORECASE,
    )
    return _CLAUSE.split(found["rest"])[0].strip() if found else ""


def in_shape_of(text: str, new: str) -> str:
    """The text with its only number replaced by the only number of `new`; else the same text."""
    there, given = _NUMBER.findall(text), _NUMBER.findall(new)
    if len(there) != 1 or len(given) != 1:
        return text
    return pattern_of(there[0]).sub(lambda _: given[0], text)


def content(text: str) -> frozenset[str]:
    """Words of a text that carry meaning: stems, and pairs of Chinese characters."""
    han = re.compile(f"[{CJK}]")
    return frozenset(
        token
        for token in tokenize(text)
        if (len(token) > 1 or not han.match(token)) and token not in _GENERIC
    )
