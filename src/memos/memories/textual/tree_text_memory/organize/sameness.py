"""Whether two statements say the same, and which of them says it better. Pure functions.

Statements that share nine words of ten often differ in the very number, name, day or "not" that
matters, so likeness is never enough: apart from words that change nothing, the words must be the
same in the same order, or both must claim the same state and nothing else.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from memos.memories.textual.tree_text_memory.organize.state import Claim, claims
from memos.memories.textual.tree_text_memory.organize.state_lexicon import word_set
from memos.types.language import is_chinese

_LONGEST = 600
"""Longer texts are documents or pasted; only the same text is the same then."""
_MOST_EXTRA = 6
_NEUTRAL = word_set(
    "a an the really very just so too also actually quite truly absolutely indeed definitely "
    "totally simply personally honestly certainly literally basically please that my is am are i "
    "it lot much currently now"
)
"""Words that may come and go. Denials, tenses, numbers, names and directions are not among them."""
_SPELLINGS = {
    "mom": "mother", "mum": "mother", "dad": "father", "kid": "child", "kids": "child",
    "children": "child", "purchase": "buy", "purchased": "bought", "reside": "live",
    "resides": "live", "lives": "live", "living": "live", "works": "work", "working": "work",
    "likes": "like", "loves": "love", "enjoys": "enjoy", "called": "named", "colour": "color",
    "favourite": "favorite", "movie": "film", "tv": "television", "cannot": "can not",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_CONTRACTIONS = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"\b(?:any longer|any more|anymore)\b"), "no longer"),
    (re.compile(r"\bdoes not\b"), "do not"),
    (re.compile(r"\b(?:has|have) (?=\w{2,}ed\b)"), ""),
)
_NAMED = (
    (re.compile(r"(.{1,40}?) (?:has|have|owns|got) (?:an?|the) ([\w ]{1,30}?) (?:named|called) "
                r"(\w[\w ]{0,30})"), r"\1's \2 named \3"),
    (re.compile(r"the name of (.{1,40}?)'s ([\w ]{1,30}?) is (\w[\w ]{0,30})"), r"\1's \2 named \3"),
    (re.compile(r"(.{1,40}?)'s ([\w ]{1,30}?)(?:'s name is| is (?:named|called)) (\w[\w ]{0,30})"),
     r"\1's \2 named \3"),
)  # fmt: skip
_WORD = re.compile(r"[a-z0-9]+(?:[.,:/][0-9]+)*|[^\W\d_]+")
_ADVERBIAL = word_set(
    "in on at during last next this every since after before yesterday today tomorrow"
)
_CHINESE_NEUTRAL = re.compile(
    "非常|特别|真的|其实|比较|超级|一直以来|十分|[很的呢啊吧呀哦啦嘛挺蛮也都就]"
)
_CHINESE_DIGITS = str.maketrans("一二两三四五六七八九", "1223456789")
_CHINESE_SPELLINGS = (
    ("妈妈", "母亲"), ("老妈", "母亲"), ("爸爸", "父亲"), ("老爸", "父亲"), ("老婆", "妻子"),
    ("老公", "丈夫"), ("名字叫", "叫"), ("名叫", "叫"), ("名字是", "叫"), ("购买", "买"),
    ("喜爱", "喜欢"), ("居住在", "住在"), ("家住", "住在"), ("家在", "住在"), ("如今", "现在"),
)  # fmt: skip
_CHINESE_MARKS = re.compile(r"[\W_]+")
_STATE_WORDS = {
    "home": word_set("live home house based in at stay settled place is"),
    "employer": word_set("work at for with employed by job company"),
    "job": word_set("work as job profession occupation"),
    "name": word_set("name named called go by"),
    "age": word_set("year years old age aged turned"),
}
"""Words that say the state itself, by attribute; states of other attributes are never the same by
their claim alone ("likes tea in winter" claims what "likes tea" claims)."""
_CHINESE_STATE_WORDS = {
    "home": frozenset("住在家现目前定居"),
    "employer": frozenset("在工作上班就职任职于公司现目前"),
    "age": frozenset("今年岁了现"),
}


class Better(str, Enum):
    """Which of two texts that say the same is kept."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class _Form:
    """A statement in normal form."""

    words: tuple[str, ...]
    chinese: bool


def says_the_same(first: str, second: str, speaker: str = "user") -> Better | None:
    """Whether two statements of one speaker say the same.

    Args:
        first: what memory holds.
        second: what was just read.
        speaker: whose statements they are, as `claims` wants it.

    Returns:
        Which text is kept; None when they may differ in what they say.
    """
    if max(len(first), len(second)) > _LONGEST:
        return None
    one, two = _form(first), _form(second)
    if one.chinese is not two.chinese or not one.words or not two.words:
        return None
    if one.words == two.words or (not one.chinese and _turned(one.words, two.words)):
        return Better.FIRST
    return _same_state(first, second, (one, two), speaker)


def _form(text: str) -> _Form:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").strip()
    if is_chinese(plain):
        for spelling, usual in _CHINESE_SPELLINGS:
            plain = plain.replace(spelling, usual)
        kept = _CHINESE_NEUTRAL.sub("", _CHINESE_MARKS.sub("", plain))
        return _Form(tuple(kept.translate(_CHINESE_DIGITS)), chinese=True)
    for pattern, usual in (*_CONTRACTIONS, *_NAMED):
        plain = pattern.sub(usual, plain)
    words = (_SPELLINGS.get(word, word) for word in _WORD.findall(plain.replace("'s ", " ")))
    return _Form(tuple(w for w in words if w not in _NEUTRAL), chinese=False)


def _turned(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """The same with the time or place at the other end: "In May, Anna moved", "Anna moved in May"."""
    if len(one) != len(two) or sorted(one) != sorted(two):
        return False
    return any(
        front[0] in _ADVERBIAL and front[n:] + front[:n] == back
        for front, back in ((one, two), (two, one))
        for n in range(1, min(5, len(one) - 1))
    )


def _same_state(first: str, second: str, forms: tuple[_Form, _Form], speaker: str) -> Better | None:
    """Both claim one and the same state: the one with more to say is kept, if only one has more."""
    told, again = claims(first, speaker), claims(second, speaker)
    if len(told) != 1 or told != again:
        return None
    words = _state_words(told[0], chinese=forms[0].chinese)
    if words is None or (_figures(forms[0].words) != _figures(forms[1].words)):
        return None
    one, two = (set(form.words) - words for form in forms)
    if one == two:
        return Better.FIRST
    extra = one ^ two
    if not (one < two or two < one) or len(extra) > _MOST_EXTRA or extra & _DENIALS:
        return None
    return Better.SECOND if one < two else Better.FIRST


def _state_words(claim: Claim, *, chinese: bool) -> frozenset[str] | None:
    table = _CHINESE_STATE_WORDS if chinese else _STATE_WORDS
    return None if claim.ended else table.get(claim.attribute)


_DENIALS = word_set(
    "not no never without if unless until except only when while but may might could would will "
    "want wants used formerly once before after since during 不 没 无 曾 若 如 但 想 要 将 前 后"
)


def _figures(words: tuple[str, ...]) -> list[str]:
    return sorted(word for word in words if any(c.isdigit() for c in word))
