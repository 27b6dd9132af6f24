"""Slips that a speaker corrects in the same breath: `on Monday, no, Tuesday`, 周一，哦不，周二.

The correction takes the place of the last words of its kind before it: a day for a day, a number for
a number, a name for a name. Without such words nothing is replaced, and the sentence stays as it is.
"""

import re

from memos.mem_reader.lexicon import alternation
from memos.mem_reader.rules.sentence import Sentence

_MARK = (
    r"(?:oh |oops,? |uh,? |um,? )?(?:wait,? no|no,? wait|no,? sorry|sorry,? no|sorry|i mean(?:t)?(?: to say)?|"
    r"no,? i mean(?:t)?|actually,? no|no,? actually|actually it['’]s|correction|make that|or rather|rather|scratch that|no)"
)
_ENGLISH = re.compile(
    rf"(?P<before>[^?]{{4,200}}?)[\s]*[,.;:—–-]+\s*{_MARK}[,:.]?\s+(?:it['’]?s |it is |that['’]s |i meant? |make it )?"
    r"(?P<after>(?:(?:on|in|at|to|for|from|with|called|named) )?(?P<new>[^,.;!?]{1,30}?))(?P<now> now)?(?=[,.;!?]|$)",
    re.IGNORECASE,
)
_OPENS = re.compile(rf"{_MARK}\b[,:.]?\s", re.IGNORECASE)
_CHINESE = re.compile(
    r"(?P<before>[^？?]{2,100}?)[，,。；;\s—…]*(?:哦|噢|啊|呃|哎)?(?:不对不对|不对|不是不是|不不不?|哦不|说错了?|错了|搞错了|记错了|口误|更正一下|更正)"
    r"[，,。！!\s]*(?:应该是|应该|是|改成|改到|在|叫|到)?(?P<new>[^，,。！!；;？?\s]{1,12})(?=[，,。！!；;\s]|$)"
)
_CHINESE_OPENS = re.compile(
    "(?:哦|噢|啊|呃|哎)?(?:不对|不是不是|哦不|说错了?|错了|搞错了|记错了|口误|更正)"
)
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_MONTHS = "january february march april may june july august september october november december"
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_HAN_NUMBER = "(?:\\d+(?:\\.\\d+)?|[零一二两三四五六七八九十百千万半]+)"
_KINDS = (
    re.compile(rf"\b(?:{alternation(_DAYS)})\b", re.IGNORECASE),
    re.compile(rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?(?:{alternation(_MONTHS)})\b(?: \d{{1,2}}(?:st|nd|rd|th)?)?", re.IGNORECASE),
    re.compile(r"\b\d{1,2}(?::\d\d)?(?: ?[ap]\.?m\b\.?)?"),
    re.compile(r"[$€£]?\b\d[\d.,:]*(?: ?(?:k|km|kg|%|am|pm))?\b"),
    re.compile(rf"\b(?:{alternation(_NUMBERS)})\b", re.IGNORECASE),
    re.compile(r"(?<![.!?] )(?<!^)\b(?!I\b)[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*"),
    re.compile(r"\b(?:an?|the|my) (?:[\w-]+ )?[\w-]+(?=$)"),
    re.compile(r"(?:上|下|这|本)?(?:个)?(?:周|星期|礼拜)[一二三四五六日天]"),
    re.compile("(?:今天|明天|后天|昨天|前天|今年|明年|去年|上午|下午|早上|晚上)"),
    re.compile(f"{_HAN_NUMBER}(?:点半?|月|号|日|岁|块|元|万|千|个|次|年|公里|斤|只|条)+{_HAN_NUMBER}?[号日]?"),
    re.compile("(?<=在|叫|是|到|去|姓|为|了)(?![在叫是到去姓为了])[\u4e00-\u9fffA-Za-z]{1,6}$"),
)  # fmt: skip
"""What may take the place of what: the new words must be of a kind as a whole."""
_TRAILING = re.compile(r"(?:了|啦|呢|吧|这边|那边)$")


def joined(found: list[Sentence], text: str, offset: int) -> list[tuple[Sentence, str]]:
    """Sentences with what they are meant to say, where a slip in them is corrected.

    Args:
        found: the sentences of a text.
        text: the text.
        offset: position of the text in its message.

    Returns:
        Pairs of a sentence and the corrected text, empty where there is nothing to correct. A
        sentence that only corrects the one before is joined to it.
    """
    pairs: list[tuple[Sentence, str]] = []
    for sentence in found:
        if pairs and (_OPENS.match(sentence.text) or _CHINESE_OPENS.match(sentence.text)):
            last = pairs[-1][0]
            said = text[last.start - offset : sentence.end - offset]
            meant = corrected(said)
            if meant:
                pairs[-1] = (Sentence(last.start, sentence.end, said, last.line), meant)
                continue
        pairs.append((sentence, corrected(sentence.text)))
    return pairs


def corrected(text: str) -> str:
    """What a statement with a corrected slip is meant to say; empty when there is none."""
    for pattern in (_ENGLISH, _CHINESE):
        match = pattern.match(text)
        if match is None:
            continue
        before = _TRAILING.sub("", match["before"])
        replaced = _replaced(before, _TRAILING.sub("", match["new"].strip()))
        if replaced:
            now = match["now"] if pattern is _ENGLISH and match["now"] else ""
            return replaced + now + text[match.end() :]
    return ""


def _replaced(before: str, new: str) -> str:
    for kind in _KINDS:
        if not kind.fullmatch(new) and not _is_name(kind, new):
            continue
        olds = list(kind.finditer(before))
        if olds:
            return before[: olds[-1].start()] + new + before[olds[-1].end() :]
    for kind in _KINDS:
        at_end = [old for old in kind.finditer(before) if old.end() == len(before)]
        if at_end and kind.match(new):
            return before[: at_end[-1].start()] + new
    return ""


def _is_name(kind: "re.Pattern[str]", new: str) -> bool:
    """Names are told by where they stand, so that alone they are not found by their pattern."""
    return kind.fullmatch(f"x {new}", 2) is not None or kind.fullmatch(f"在{new}", 1) is not None
