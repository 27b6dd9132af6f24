"""What a question asks for: a person, a time, a number, a list ... English and Chinese, by form."""

import re
from enum import Enum


class Language(str, Enum):
    """Language a question is read in."""

    ENGLISH = "en"
    """Any text in Latin script: only English forms are known."""
    CHINESE = "zh"
    OTHER = "other"


class QuestionKind(str, Enum):
    """What would answer a question."""

    WHO = "who"
    WHAT = "what"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    HOW = "how"
    HOW_MANY = "how_many"
    """A number: counts, amounts, ages, sizes, how often."""
    HOW_LONG = "how_long"
    """A length of time. `How long ago` asks for a time: WHEN."""
    YES_NO = "yes_no"
    LIST = "list"
    """Several things: `which books`, `what are`, 哪些."""
    STATEMENT = "statement"
    """No question: keywords, or something told."""


Rules = tuple[tuple[QuestionKind, "re.Pattern[str]"], ...]

_FILLER = r"(?:(?:hey|hi|hello|ok|okay|so|and|but|well|also|please|now|by the way)\b[\s,]*)"
_ASKING = re.compile(
    rf"\W*{_FILLER}{{0,4}}"
    r"(?P<asked>(?:(?:can|could|would|will) you (?:please |also )?)?"
    r"(?:(?:tell|remind|show) (?:me|us) (?:again )?(?:about )?"
    r"|do you (?:still |happen to )?(?:know|remember|recall) |(?:find|figure) out "
    r"|did (?:i|we) (?:ever )?(?:tell you|mention|say) "
    r"|i(?: want|'d like|’d like| would like|'m trying| am trying) to (?:know|remember) "
    r"|i (?:wonder|forgot|forget|(?:do not|don['’]t|can['’]t|cannot) (?:know|remember|recall)) ))?",
    re.IGNORECASE,
)
"""What stands before the question proper."""
_AUXILIARY = (
    "is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|shall|may|might|must"
)
_SIDE_CLAUSE = re.compile(
    rf"(?:when|while|after|before|if|as|since|where|once)\b[^,?]{{1,200}},\s*"
    rf"(?=(?:\w+ ){{0,2}}(?:what|which|who|whom|whose|where|when|why|how|{_AUXILIARY})\b)",
    re.IGNORECASE,
)
_YES_NO = re.compile(rf"(?:{_AUXILIARY})(?:n['’]t)?\b(?! me\b)", re.IGNORECASE)
_REQUEST = re.compile(
    r"(?:can|could|would|will) you (?:please |kindly )?(?:recommend|suggest|give|help|write|book|plan|"
    r"make|explain|describe|summari[sz]e|send|create|translate)\b",
    re.IGNORECASE,
)
"""Polite orders: they have the form of a question, and want no yes or no."""
_LEAD = re.compile(
    r"(?:(?:in|on|at|for|with|from|to|by|of|about|around|during|since|until|through|under|after|"
    r"before|into|near)\s+|according to [^,]{1,60},\s*)?",
    re.IGNORECASE,
)
_WH = re.compile(
    r"\b(?:how|who|whom|whose|whos|what|whats|which|when|where|wheres|why)\b", re.IGNORECASE
)
_KNOWING = re.compile(
    r"\b(?:tell|know|remember|recall|remind|find|show|explain|recommend|say|wonder|about|of)"
    r"(?: me| us)? $",
    re.IGNORECASE,
)
_LISTING = re.compile(
    r"(?:(?:can|could|would|will) you (?:please )?)?(?:list|enumerate|name (?:all|every|some|the|three|two|five|a few)|"
    r"give me (?:a list|all|the names?|every)|all (?:the )?\w+s\b)",
    re.IGNORECASE,
)
_BE = r"(?:['’]?s| is| was|['’]?re| are| were)?"
_PLURAL = (
    r"(?:what|which)(?: (?!kinds?\b|types?\b|sorts?\b|is\b|was\b|does\b|has\b|did\b|do\b|had\b)"
    r"[\w'’-]{1,40}){0,2} "
    r"(?!(?:is|was|does|has|this|as|us|news|kinds|types|sorts|class|bus|business|address|process|"
    r"business|lens|status|focus|campus|genus|series|dress|illness|princess|boss|glass|always)\b)"
    r"(?:\w{2,40}s|people|children|pets) (?:do|does|did|has|have|had|are|were|is|was|would|will|"
    r"can|could|should|am|i|we|you|he|she|they)\b"
)

_ENGLISH: Rules = tuple(
    (kind, re.compile(form, re.IGNORECASE))
    for kind, form in (
        (
            QuestionKind.WHEN,
            rf"how long ago|when\b|(?:what|which){_BE} (?:the )?(?:exact |US )?"
            r"(?:dates?|days?|months?|years?|time|seasons?|weeks?|weekday|weekend|decade|birthday)\b"
            r"(?! (?:of (?:activity|trip|music)|management|frame|travel))",
        ),
        (
            QuestionKind.HOW_LONG,
            r"how long|how much (?:longer|time)|"
            r"how many (?:more )?(?:years|months|weeks|days|hours|minutes|seconds|nights)\b"
            r"(?! (?:old|a|per|each|in a)\b)",
        ),
        (
            QuestionKind.HOW_MANY,
            r"how (?:many|much|often|old|far|tall|big|high|heavy|fast|large|deep|wide|frequently|"
            rf"close|late|early|soon|expensive)\b|(?:what|which){_BE} (?:the |my |her |his )?"
            r"(?:total |average |highest |lowest |maximum |minimum |exact )?"
            r"(?:numbers? of|amount|price|cost|total|percentage|age|score|salary|weight|height)\b",
        ),
        (
            QuestionKind.WHERE,
            rf"where|(?:what|which){_BE} (?:the |my |her |his )?(?:city|country|"
            r"place|location|town|state|province|address|neighbou?rhood|area|region|venue|"
            r"continent|island)\b",
        ),
        (
            QuestionKind.WHO,
            r"who(?:m|se|s)?\b|(?:what|which) (?:person|people|friends?|relative)\b",
        ),
        (
            QuestionKind.WHY,
            rf"why\b|how come\b|(?:what|which){_BE} (?:the |her |his |my |their )?reasons?\b|"
            r"what (?:made|makes|caused|causes|motivated|motivates|prompted|led|inspired)\b",
        ),
        (
            QuestionKind.LIST,
            rf"(?:what|which) (?:(?:are|were)(?! (?:i|you|we|they)\b)|all|of)\b|what['’]re\b|{_PLURAL}",
        ),
        (QuestionKind.HOW, r"how\b"),
        (QuestionKind.WHAT, r"what|which"),
    )
)

_CHINESE: Rules = tuple(
    (kind, re.compile(form))
    for kind, form in (
        (
            QuestionKind.WHEN,
            r"多久(?:以前|之前|前)|(?:什么|啥|甚么)(?:时候|时间|日子|日期)|何时|哪一?[天年日]|"
            r"哪个?(?:月|星期|周|季节|时候)|几[月号点]|(?:星期|周|礼拜)几|几几年|(?:日期|生日)(?:是|$)",
        ),
        (
            QuestionKind.HOW_LONG,
            r"多久|多长时间|多少时间|(?:几|多少)(?:年|个?月|天|个?星期|周|个?小时|个?钟头|分钟)(?!前|级|纪)",
        ),
        (
            QuestionKind.WHY,
            r"为什么|为何|为啥|怎么会|(?:什么|啥)(?:原因|理由)|原因|因为什么|凭什么|何故",
        ),
        (
            QuestionKind.LIST,
            r"哪些|哪几|列出|列举|列一下|都.{0,8}(?:什么|啥|谁|哪)|(?:有|了)(?:些什么|什么.{1,6}(?:们|些))|"
            r"分别",
        ),
        (
            QuestionKind.WHERE,
            r"哪里|哪儿|(?:哪一?[个座所家]?|什么)(?:城市?|国家?|地方|省份?|县|区|小区|位置|地址|街)|"
            r"何处|何地|[在去到住从往回来]哪(?![些个位种年天本部一家只条款])|(?:地址|位置)(?:是|$)",
        ),
        (QuestionKind.WHO, r"谁|哪位|哪个人|什么人|何人|(?:叫|姓)什么名?字?的人"),
        (QuestionKind.HOW_MANY, r"多少|多[大高重远贵宽深快]|几(?![乎何])"),
        (
            QuestionKind.HOW,
            r"怎么(?!了)|如何|怎样|咋",
        ),
        (
            QuestionKind.WHAT,
            r"(?<!没)(?<!没有)什么(?!都[不没])|(?<!没)啥|哪|呢[?？。\s]*$|怎么了",
        ),
        (
            QuestionKind.YES_NO,
            r"吗|嘛[?？]|是否|是不是|有没有|能不能|([\u4e00-\u9fff])[不没]\1|对不对|没有?[?？]\s*$|[?？]\s*$",
        ),
    )
)

_ASKS = re.compile(r"[?？]\W*$")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_FOREIGN = re.compile(r"[\u0370-\u1eff\u2c00-\u2dff\u3040-\u30ff\ua000-\ud7af]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def language_of(text: str, *, chinese: bool) -> Language:
    """Language to read a question in.

    Args:
        text: the question.
        chinese: what `memos.types.language.is_chinese` says of it.
    """
    if text.isascii():
        return Language.ENGLISH
    if chinese and not _KANA_OR_HANGUL.search(text):
        return Language.CHINESE
    foreign = len(_FOREIGN.findall(text)) + (len(text) if chinese else 0)
    return Language.OTHER if foreign > len(_LATIN.findall(text)) else Language.ENGLISH


def kind_of(text: str, language: Language) -> QuestionKind:
    """What a question asks for.

    Args:
        text: the question; its date expressions may be blanked out.
        language: its language. Of others only the question mark is understood.
    """
    if language is Language.CHINESE:
        return _first(_CHINESE, text) or QuestionKind.STATEMENT
    if language is Language.OTHER:
        return QuestionKind.WHAT if _ASKS.search(text) else QuestionKind.STATEMENT
    return _english_kind(text)


def _first(rules: Rules, text: str) -> QuestionKind | None:
    return next((kind for kind, form in rules if form.search(text)), None)


def _english_kind(text: str) -> QuestionKind:
    opening = _ASKING.match(text)
    start = opening.end() if opening else 0
    asked = bool(opening and opening["asked"])
    side = _SIDE_CLAUSE.match(text, start)
    if side:
        start = side.end()
    if _LISTING.match(text, start):
        return QuestionKind.LIST
    if _REQUEST.match(text, start):
        return QuestionKind.STATEMENT
    if _YES_NO.match(text, start) and not asked:
        return QuestionKind.YES_NO
    lead = _LEAD.match(text, start)
    word = _WH.search(text, start)
    questioned = bool(_ASKS.search(text))
    if word and (
        questioned
        or word.start() == (lead.end() if lead else start)
        or _KNOWING.search(text[max(start, word.start() - 24) : word.start()])
    ):
        return next(
            (k for k, form in _ENGLISH if form.match(text, word.start())), QuestionKind.WHAT
        )
    return QuestionKind.YES_NO if questioned else QuestionKind.STATEMENT
