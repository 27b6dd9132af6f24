"""Answers that need the question before them."""

import re

from memos.mem_reader.lexicon import words
from memos.mem_reader.rules import chinese, english
from memos.mem_reader.rules.cast import Cast

_YES = re.compile(
    r"(?:(?:yes|yeah|yep|yup|yea|right|correct|exactly|indeed|sure|absolutely|definitely|of course|"
    r"that's (?:right|correct|true)|i do|i am|i did|i have)[\s,.!]*)+",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:(?:no|nope|nah|not really|i don't|i'm not|i am not|i didn't|i haven't)[\s,.!]*)+",
    re.IGNORECASE,
)
_CHINESE_YES = re.compile(
    r"(?:对+|是的?|是啊|对的|对啊|对呀|没错|嗯+|确实|当然|可以这么说|就是)[，,。.！!\s的啊呀呢]*"
)
_UNSAFE = re.compile(
    r"\b(?:or|any\w*|ever|yet|not|n't|either|neither|what|which|where|when|how|who|whose|why|if|else|still)\b"
    r"|n't\b|还是|什么|哪|谁|多少|几|怎么|如何|为什么|不|没|或者",
    re.IGNORECASE,
)
_DECLARED = re.compile(
    r"(?:(?:so|oh|ah|then|and|ok|okay|i see|got it|wow)[,.!]?\s+)*"
    r"(?P<core>(?:you're|you are|you've|you have|you|your)\b[^,?]{2,120}?)"
    r"(?:,\s*(?:right|correct|yes|no|huh|is that right|aren't you|don't you|haven't you))?\s*\?+$",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"(?:(?:so|oh|and|then|ok|okay)[,.!]?\s+)*(?P<aux>are|were|do|did|have|will)\s+you\s+"
    r"(?P<rest>[^,?]{2,120})\?+$",
    re.IGNORECASE,
)
_CHINESE_ASKED = re.compile(
    r"(?:(?:所以|那么?|这么说|明白了|好的|哦|嗯|也就是说|看来)[，,\s]*)*"
    r"(?P<core>(?:你们?|您)[^？?]{2,60}?)[，,\s]*(?:对吗|是吗|对吧|是吧|对不对|是不是|吗|吧)[？?]+$"
)
_CONSTRAINED = re.compile(
    r"(?:(?:yes|yeah|yep|sure|ok|okay|of course)(?:,? please)?|please|please do|i'd love that)[,.!]?\s+"
    r"(?:but|just|only|though)?[,]?\s*(?:please )?"
    r"(?P<limit>(?:nothing|no|not too|without)\s+[^.!?]{2,60})[.!]*",
    re.IGNORECASE,
)
_CHINESE_CONSTRAINED = re.compile(
    r"(?:好的?|好啊|可以|行|要|当然)[，,]?\s*(?:但是?|不过|只是)?(?P<limit>(?:不要|别|不能)[^，,。！!？?]{1,20})[。！!]*"
)
_NEGATED = {"are": "are not", "were": "were not", "do": "do not", "have": "have not",
            "did": "did not", "will": "will not"}  # fmt: skip


def agreement(text: str) -> bool | None:
    """Whether a whole answer is a bare yes (True) or no (False); None when it says more."""
    plain = text.strip().replace("’", "'")
    if _YES.fullmatch(plain) or _CHINESE_YES.fullmatch(plain):
        return True
    return False if _NO.fullmatch(plain) else None


def leading_yes(text: str) -> int:
    """Length of a yes at the start of a longer answer, 0 without one."""
    match = re.match(r"(?:yes|yeah|yep|yup|right|exactly|correct)[,.!]\s+", text, re.IGNORECASE)
    match = match or re.match(r"(?:对的?|是的|没错|是啊|对啊)[，,。！!]", text)
    return match.end() if match else 0


def confirmed(question: str, cast: Cast, *, agreed: bool) -> str | None:
    """The statement a yes or no makes of a question, in the third person.

    Args:
        question: the question, one sentence.
        cast: who is asked is its `listener`.
        agreed: the answer was yes.

    Returns:
        None when the question leaves open what was answered: it offers a choice, asks what or how
        many, is negative, or is no yes/no question at all.
    """
    plain = question.strip().replace("’", "'")
    if _UNSAFE.search(plain) or cast.listener is None:
        return None
    match = _CHINESE_ASKED.match(plain)
    if match is not None:
        return chinese.retell(match["core"], cast).text + "。" if agreed else None
    match = _DECLARED.match(plain)
    if match is not None:
        told = english.retell(match["core"], cast)
        return told.text + "." if agreed and told.safe else None
    match = _INVERTED.match(plain)
    if match is None:
        return None
    return _uninverted(match["aux"].lower(), match["rest"], cast, agreed=agreed)


def _uninverted(aux: str, rest: str, cast: Cast, *, agreed: bool) -> str | None:
    verb = "" if aux == "do" else aux + " "
    if not agreed:
        verb = _NEGATED[aux] + " "
    told = english.retell(f"you {verb}{rest.strip()}", cast)
    if not told.safe:
        return None
    return told.text[:1].upper() + told.text[1:] + "."


def constraint(text: str) -> str | None:
    """What an accepted offer must not be: `nothing spicy` of `Yes please, but nothing spicy`.

    None when the answer rules out nothing.
    """
    match = _CONSTRAINED.fullmatch(text.strip()) or _CHINESE_CONSTRAINED.fullmatch(text.strip())
    return match["limit"] if match else None


def as_if_told(question: str) -> str:
    """A question to "you" in the words of who is asked, to see what it is about."""
    text = re.sub(r"\byou(?:'re| are)\b", "I am", question.replace("’", "'"), flags=re.IGNORECASE)
    text = re.sub(r"\b(?:are|do|did|have) you\b", "I", text, flags=re.IGNORECASE)
    text = re.sub(
        r"\byour\b", "my", re.sub(r"\byou\b", "I", text, flags=re.IGNORECASE), flags=re.IGNORECASE
    )
    return re.sub("你们?|您", "我", text).rstrip("?？吗吧 ")


def needs_question(text: str, question: str) -> bool:
    """Whether an answer is not understood without its question."""
    if len(question.split()) <= 3 and not re.search("[\u4e00-\u9fff]", question):
        return False
    return bool(_POINTS_BACK.match(text)) or is_fragment(text)


def is_fragment(text: str) -> bool:
    """Whether an answer lacks a subject and a verb, so that it needs its question."""
    if re.search("[\u4e00-\u9fff]", text):
        return len(text) <= 12 and not re.search("我|他|她|它|你|是|有|在|想|要|会|喜欢|了", text)
    plain = re.findall(r"[a-z']+", text.lower())
    if not plain or len(plain) > 9:
        return False
    return not any(word in _FINITE or word.endswith("ed") for word in plain)


_POINTS_BACK = re.compile(
    r"(?:it|it's|they|they're|he|he's|she|she's|because|cause)\b|它|他|她|因为", re.IGNORECASE
)
_FINITE = words(
    "i i'm i've i'd i'll we we're we've my it it's they they're he she you you're he's she's that's "
    "there's is are was were am has have had do does did will would can could should love like "
    "went got made saw took its there this that these those"
)
