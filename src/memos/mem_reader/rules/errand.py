"""Sentences to an assistant that are kept apart from statements: errands, orders, nothing at all.

"Remind me to see the flat on Saturday" asks for something and tells what the user is about; "Forget
that I live in Porto" must not become a memory of Porto.
"""

import re
from enum import Enum

from memos.mem_reader.injection import is_injection
from memos.mem_reader.rules import chinese, english
from memos.mem_reader.rules.cast import Cast
from memos.mem_reader.rules.filler import content_words
from memos.types.language import is_chinese

_POLITE = r"(?:(?:please|pls|kindly|hey|ok|okay|can you|could you|would you|will you)[, ]+)*"
_REMIND = re.compile(
    rf"{_POLITE}(?:remind me|don't let me forget)(?P<how> (?:to|about|of)) (?P<what>.{{3,200}})",
    re.IGNORECASE,
)
_NOTE = re.compile(
    rf"{_POLITE}(?:note(?: down)?|record|jot down|write down|log|keep track of|make a note of|take note of)"
    r" (?P<what>(?!that\b|it\b|this\b|these\b|those\b|me\b|i\b).{6,200})",
    re.IGNORECASE,
)
_HELP = re.compile(
    rf"{_POLITE}(?:help me|i need help|i need you to help me) (?P<what>(?:check|track|plan|book|compare|"
    r"choose|prepare|organi[sz]e|arrange|schedule) .{6,200})",
    re.IGNORECASE,
)
_CHINESE_POLITE = "(?:请|麻烦|你|您|能不能|可以|记得|到时候?)*"
_CHINESE_REMIND = re.compile(
    rf"{_CHINESE_POLITE}(?:提醒(?:一下)?我|叫我别忘了)(?P<what>.{{2,100}})"
)
_CHINESE_NOTE = re.compile(
    rf"{_CHINESE_POLITE}(?:帮我)?(?:记录一下|记录下?|记一下|记下来?|记个)(?P<what>(?![我，,：: 这那]).{{4,100}})"
)
_CHINESE_HELP = re.compile(
    rf"{_CHINESE_POLITE}(?:帮我|帮忙)(?P<what>(?:查一下|查一查|查查|查|对比一下|对比|比较一下|比较|规划|计划|预订|订|安排|准备)"
    r".{4,100})"
)
_FORGET = re.compile(
    rf"{_POLITE}(?:forget|erase|delete|(?:don't|do not|stop|never) remember(?:ing)?)"
    r" (?:that|about|everything|all|what|my|our|the fact)\b.{0,300}",
    re.IGNORECASE,
)
_CHINESE_FORGET = re.compile(
    "(?:请|你|帮我|麻烦)*(?:把.{1,40})?(?:忘掉|忘记|忘了(?!我)|删除|删掉|清除|(?:别|不要|不用)(?:再)?(?:记住|记得|记录|记))"
    ".{0,100}"
)
_VAGUE = re.compile(
    r"(?:i (?:feel|think)(?: like)? )?(?:a lot of |so many |too many |lots of )?(?:things|stuff|tasks|everything)"
    r" (?:are|is|keep|keeps) (?:really |just )?(?:piling up|a mess|too much|overwhelming|all over the place)"
    rf"(?: (?:lately|recently|again|right now|these days))?|{_POLITE}(?:sort|help me sort|help me organi[sz]e) "
    r"(?:it|this|that|them|things|everything|stuff|what.{1,40})(?: (?:all |out|for me|up))*",
    re.IGNORECASE,
)
_CHINESE_VAGUE = re.compile(
    "(?:我?(?:感觉|觉得))?(?:最近)?(?:好多|很多|一堆|太多|好些)(?:的)?(?:事情?|东西|任务)?(?:都)?(?:堆(?:积)?(?:在一起|起来|成山)?|乱|忙不过来|压着)了?"
    "|(?:请|你|能不能|麻烦)*(?:帮我|给我)(?:理一理|理理|整理一下|整理|梳理一下|梳理|捋一捋|捋捋)(?:最近的?|手头的?|这些|现在的?)?(?:事情?|东西|思路|任务)?"
)
_LEAST_WORDS = 3


class Apart(Enum):
    """What becomes of a sentence that is no statement."""

    QUOTED = "quoted"
    """Kept as something that was said."""
    ERRAND = "errand"
    """Kept as what somebody wants done."""
    NOTHING = "nothing"


def apart(text: str, *, instructs: bool) -> Apart | None:
    """What becomes of a sentence; None for one to be read like any other.

    Args:
        text: the sentence.
        instructs: it is said to an assistant.
    """
    if is_injection(text):
        return Apart.QUOTED
    plain = text.strip(" \t.!?~。！？～…").replace("’", "'")
    if not instructs or len(plain) > 400:
        return None
    if _FORGET.fullmatch(plain) or _CHINESE_FORGET.fullmatch(plain):
        return Apart.NOTHING
    clauses = re.split(r"[,，;；]\s*", plain)
    if all(_VAGUE.fullmatch(c) or _CHINESE_VAGUE.fullmatch(c) for c in clauses):
        return Apart.NOTHING
    found = _errand(plain)
    if found is None:
        return None
    least = 1 if found.re in {_REMIND, _CHINESE_REMIND} else _LEAST_WORDS
    return Apart.ERRAND if len(content_words(found["what"])) >= least else None


def told(text: str, cast: Cast) -> str | None:
    """An errand as a statement about who gives it; None when it cannot be put so."""
    plain = text.strip(" \t.!?~。！？～…").replace("’", "'")
    found = _errand(plain)
    if found is None:
        return None
    if is_chinese(plain):
        said = chinese.retell(found["what"], cast, supply=False)
        verb = {_CHINESE_REMIND: "希望被提醒", _CHINESE_NOTE: "要求记录", _CHINESE_HELP: "请求帮忙"}
        return f"{cast.speaker}{verb[found.re]}{said.text}。" if said.safe else None
    lead = {_REMIND: "be reminded", _NOTE: "note", _HELP: ""}[found.re]
    how = found["how"].lower() if found.re is _REMIND else ""
    words = f"I want to {lead}{how} {found['what']}".replace("  ", " ")
    said = english.retell(words, cast)
    return f"{said.text[:1].upper()}{said.text[1:]}." if said.safe else None


def _errand(plain: str) -> "re.Match[str] | None":
    if is_chinese(plain):
        patterns = (_CHINESE_REMIND, _CHINESE_NOTE, _CHINESE_HELP)
    else:
        patterns = (_REMIND, _NOTE, _HELP)
    return next((match for p in patterns if (match := p.fullmatch(plain))), None)
