"""Which part of a life a question is about: now, before, the first or last time, a span."""

import re
from enum import Enum

from memos.memories.textual.tree_text_memory.retrieve.plan_kind import Language, QuestionKind


class TimeFocus(str, Enum):
    """What a question says about time, beside the spans it names."""

    NONE = "none"
    NOW = "now"
    """What holds at present: `currently`, `these days`, 现在, 最近住哪."""
    BEFORE = "before"
    """What held earlier: `used to`, `before moving`, 以前."""
    RANGE = "range"
    """A span that is named; it stands in the plan's times."""
    FIRST = "first"
    LAST = "last"
    DURATION = "duration"


class Tense(str, Enum):
    """Where a question looks; decides what a holiday without a year means."""

    PAST = "past"
    AHEAD = "ahead"
    """Plans, wishes and advice."""
    OPEN = "open"
    """Neither: habits, general questions."""


_NOT_ORDINAL = (
    r"(?! (?:half|name|place|prize|aid|grade|floor|class|lady|degree|language|person|hand|and|"
    r"responders?|thing in the morning|names?|minute|resort|straw|word)\b)"
)
_PERIODS = (
    "night|week|weekend|month|year|season|summer|winter|spring|autumn|fall|semester|term|quarter|"
    "few|couple|two|three|four|five|decade|century"
)
_LAST_EN = re.compile(
    rf"\blast(?! (?:{_PERIODS})\b){_NOT_ORDINAL}|\b(?:most recent|latest|recently)\b|"
    r"\b(?:final|last) time\b",
    re.IGNORECASE,
)
_ASKS_LAST = re.compile(
    r"\b(?:(?:the|my) )?(?:(?:last|final) time|most recent(?:ly)?|latest|recent(?:ly)?|last)\b"
    r"|最近(?:的?一?[次回]|的)?|最后一?[次回]?|上一?[次回]|最新的?",
    re.IGNORECASE,
)
_FIRST_EN = re.compile(
    rf"\bfirst\b{_NOT_ORDINAL}|\b(?:originally|initially|earliest|at first|in the beginning)\b|"
    r"\bwhen (?:did|have|had) (?:\S+ ){1,4}?(?:start|begin|begun|started)\b|\bfirst time\b",
    re.IGNORECASE,
)
_BEFORE_EN = re.compile(
    r"(?<!get )(?<!got )(?<!be )(?<!is )(?<!am )(?<!are )(?<!been )(?<!getting )"
    r"\bused to (?!it\b|this\b|that\b|the\b|them\b)|"
    r"\bdid(?:n['’]t)? (?:\S+ ){1,4}?use to (?:live|work|be|have|like|love|play|go|think|own|drive|"
    r"study|teach|eat|drink|smoke)\b|"
    r"\b(?:previously|formerly|in the past|back then|prior to|ex-\w+)\b|"
    r"\b(?:previous|former|old) (?:job|home|house|apartment|flat|address|city|town|employer|"
    r"company|boss|school|phone|car|partner|name|position|role|team)\b|"
    r"\bbefore (?:\w+ing\b|(?:i|we|he|she|they|you|it|that|then|the|my|his|her)\b)|"
    r"\bbefore[?.!]*$",
    re.IGNORECASE,
)
_NOW_EN = re.compile(
    r"\b(?:now|nowadays|currently|current|presently|at present|at the moment|these days|lately|"
    r"so far|still|anymore|any more|as of today|right now)\b(?!,? (?:that|then)\b)",
    re.IGNORECASE,
)
_LAST_ZH = re.compile(
    r"最近一[次回个本部条]|最后|上一?[次回](?!课)|最新|最近.{0,12}[了过](?!吗?年)|最近(?:的一|一)次|上一[个位本部份家]"
)
_FIRST_ZH = re.compile(
    r"第一[次回个份家本部位]|最早|最初|一开始|首次|起初|头一[次回]|先[^前后生行进]{1,6}的(?=是|哪|什么|[？?]|$)|(?:什么时候|何时|哪[一]?年)开始"
)
_BEFORE_ZH = re.compile(
    r"(?<!多久)(?:以前|之前)|曾经|曾(?!祖|孙|[\u4e00-\u9fff]?先生)|从前|原来|原先|当初|早先|早年|前任|过去(?!了)|旧(?:址|家|工作|公司)"
)
_NOW_ZH = re.compile(
    r"现在|目前|如今|当前|眼下|这阵子|这段时间|最近|近来|近期|现任|还[在住用](?!$)|至今|仍然?"
)

_DID = re.compile(
    r"\b(?:did|didn['’]t|was|were|wasn['’]t|weren['’]t|had|happened|used to|ago|been|went|got|gave|"
    r"made|bought|saw|met|spent|took|ate|came|told|said|wrote|won|lost|left|sent|cooked|visited|"
    r"celebrated|stayed|received|hosted|attended|travell?ed|invited|decorated|watched|wore|flew|"
    r"enjoyed|promised|planned|wanted|brought|found|drove|began|started|felt|heard|kept|ran|sang|"
    r"(?:i|we|he|she|they|who|you|it) \w{2,20}ed)\b",
    re.IGNORECASE,
)
_PLAN_EN = re.compile(
    r"\b(?:will|won['’]t|shall|gonna|going to|want to|wants to|wanna|hope to|hoping to|plan to|plans? "
    r"(?:for|to|on|are)|planning|would like|['’]d like|looking forward|should|upcoming|suggest|"
    r"suggestions?|recommend|recommendations?|ideas?|can (?:i|we)|could (?:i|we)|let['’]s|thinking "
    r"(?:of|about)|book (?:a|me|us)|where to|what to|how to|need to|must (?:i|we)|"
    r"(?:is|are|am) (?:\w+ )?(?:doing|going|coming|visiting|flying|travell?ing|spending))\b",
    re.IGNORECASE,
)
_FIRM_PLAN_EN = re.compile(
    r"\b(?:should (?:i|we)|shall (?:i|we)|will (?:i|we)|where (?:can|could) (?:i|we)|what (?:can|"
    r"could) (?:i|we)|thinking (?:of|about)|gonna|any (?:ideas?|suggestions?|recommendations?))\b",
    re.IGNORECASE,
)
_DID_ZH = re.compile(
    r"(?<!为)了(?!解|不起|如指掌)|当时|来着|曾|那次|[去吃看做玩买见到来住听说送收聊拍写用加](?:[过])|"
    r"(?:是|在哪|和谁|跟谁|怎么).{0,8}的[?？。!！\s]*$|(?:送|给|去|说|买|吃|做)的(?:是|什么)?"
)
_PLAN_ZH = re.compile(
    r"想[去要在吃买看做和跟]|打算|准备|计划|推荐|建议|该去|应该|快[到要]|即将|要[去来到]|可以去|能去|安排|"
    r"帮我|适合|规划|攻略|将会?|希望"
)
_HABIT_ZH = re.compile(r"每[年逢次到]|通常|一般|经常|总是?|往年|习惯|历年|从来|喜欢")


def focus_of(text: str, language: Language, kind: QuestionKind, *, spans: bool) -> TimeFocus:
    """Time focus of a question.

    Where several apply, the first of: duration, last, first, range, before, now.

    Args:
        text: the question with its date expressions blanked out, so that `last week` is no `last`.
        language: its language; of others only the spans count.
        kind: what it asks for.
        spans: whether the plan has spans of time to look in.
    """
    if kind is QuestionKind.HOW_LONG:
        return TimeFocus.DURATION
    chinese = language is Language.CHINESE
    last, first, before, now = (
        (_LAST_ZH, _FIRST_ZH, _BEFORE_ZH, _NOW_ZH)
        if chinese
        else (_LAST_EN, _FIRST_EN, _BEFORE_EN, _NOW_EN)
    )
    if last.search(text):
        return TimeFocus.LAST
    if first.search(text):
        return TimeFocus.FIRST
    if spans:
        return TimeFocus.RANGE
    if before.search(text):
        return TimeFocus.BEFORE
    return TimeFocus.NOW if now.search(text) else TimeFocus.NONE


def asks_last(text: str) -> list[tuple[int, int]]:
    """Where a question says that it is for the last of several, `[start, end)`.

    No statement says that it tells the last time; such words would find "for the first time".
    """
    return [match.span() for match in _ASKS_LAST.finditer(text)]


def tense_of(text: str, language: Language) -> Tense:
    """Whether a question looks back, ahead, or neither.

    English shows it by verbs. Chinese has no tense: a plain question about a holiday (国庆去哪玩) is
    one about the coming holiday unless 了, 过, 当时 or a word of habit says otherwise.

    Args:
        text: the question.
        language: its language.
    """
    if language is Language.CHINESE:
        if _PLAN_ZH.search(text) and not re.search("当时|来着|过[?？]?$", text):
            return Tense.AHEAD
        if _DID_ZH.search(text):
            return Tense.PAST
        return Tense.OPEN if _HABIT_ZH.search(text) else Tense.AHEAD
    if _FIRM_PLAN_EN.search(text):
        return Tense.AHEAD
    if _DID.search(text):
        return Tense.PAST
    return Tense.AHEAD if _PLAN_EN.search(text) else Tense.OPEN
