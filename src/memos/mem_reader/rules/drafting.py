"""Writing a unit down as a draft: value, kind, dates, labels."""

import re
from dataclasses import dataclass
from datetime import tzinfo

from memos.mem_reader.rules import chinese, english, errand, topic
from memos.mem_reader.rules.cast import Cast, Retold
from memos.mem_reader.rules.dating import dated, event_of
from memos.mem_reader.rules.ellipsis import impersonal, without_subject
from memos.mem_reader.rules.shorthand import spelled_out
from memos.mem_reader.rules.unit import Form, Unit
from memos.types.language import is_chinese
from memos.types.memory import Draft, MemoryKind, Source
from memos.types.message import Message
from memos.types.time_expression import find_times, render_span

CERTAIN, HEDGED, VIEW = 0.99, 0.7, 0.6

_STABLE = re.compile(
    r"\b(?:i'm called|my (?:full |first |last |nick)?name|call me|i(?:'m| am) from|i was born|i grew up|i live\b|"
    r"i(?:'ve| have)? moved|i(?:'m| am) (?:now )?living|i(?:'ve| have) lived|i used to live|we live|we moved|i work|i(?:'m| am|'ve been| have been) working (?:as|at|for)|"
    r"i(?:'m| am) (?:a|an) (?:\w+ ){0,3}(?:engineer|teacher|doctor|nurse|student|developer|designer|writer|"
    r"artist|manager|lawyer|mother|father|mom|dad|parent|\w+ist|\w+er|\w+or|\w+ian)\b|years old|"
    r"i(?:'m| am) \d{1,3}\b|i(?:'m| am) (?:single|married|divorced|engaged|pregnant|retired|diabetic|"
    r"transgender|gay|bisexual|vegetarian|vegan)|my (?:wife|husband|partner|girlfriend|boyfriend|son|daughter|mother|father|mom|dad|"
    r"parents|sister|brother|job|birthday|hometown|address|phone|dog|cat|pet|kids|children|age|major|"
    r"blood|email|laptop|device|computer|car)(?:'s)? (?:is|are|was|has|have|lives?|works?|name)|i have (?:a|an|one|two|three|four|"
    r"\d) (?:\w+ ){0,2}(?:kids?|children|child|sons?|daughters?|sisters?|brothers?|dogs?|cats?|pets?|twins)|"
    r"i (?:have no|don't have (?:any |a )?|do not have (?:any |a )?) ?(?:kids|children|siblings|"
    r"brothers|sisters|pets|car|allergies)|i (?:can )?speak|i study|i(?:'m| am) studying|i graduated|i(?:'ve| have) (?:diabetes|asthma|"
    r"hypertension|high blood pressure|adhd)|i play the|i own)",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"(?:I'm|I am|My name is|I’m) [A-Z][a-z]+(?: [A-Z][a-z]+)?(?=[\s.,!]*$|,| and )"
)
_STABLE_CHINESE = re.compile(
    r"我(?:的)?(?:体重|身高|血型|属)|我没有?(?:兄弟|姐妹|孩子|车)|我(?:叫|姓|是(?!想|说|在|要|不|觉得|打算|准备|去|来)|住|家住|家在|来自|出生|老家|今年\d|\d+岁|的(?:名字|工作|职业|生日|老家|"
    r"电话|专业|身高|体重|血型|公司)(?:是|叫|在|[\d：:])|(?:在|于).{1,12}(?:工作|上班|上学|读书|生活|长大|定居)|搬|已婚|未婚|单身|离婚|结婚|"
    r"有(?:一个|两个|三个|[一两二三四\d]个)?(?:孩子|儿子|女儿|哥哥|弟弟|姐姐|妹妹)|养了|会说|会讲|毕业|患有|有(?:糖尿病|高血压|哮喘))|"
    r"我(?:老婆|老公|妻子|丈夫|儿子|女儿|妈妈|爸爸|妈|爸|父亲|母亲|孩子)(?:叫|是|在|今年)|岁了?$"
)
_STABLE_SUBJECTLESS = re.compile(
    r"(?:现在|目前|去年|今年|后来|上个?月|刚刚?)?(?:住在|家住|搬到|搬去|搬家|来自|出生于|毕业于|就读于|在.{2,12}(?:工作|上班|上学))"
)
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|might|possibly|probably|not sure|i guess|i suppose|could be|i think|may be)\b"
    r"|可能|大概|也许|或许|好像|应该是|不确定|说不定|估计",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:(?:please|kindly|pls|i'd like you to|i would like you to|i want you to|i need you to|"
    r"(?:can|could|would|will) you)\s+)+",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r'^(?:Asked "[^"]{0,300}", .{1,60}? answered: "?|被问到“[^”]{0,300}”，.{1,20}?回答：“?)'
)


@dataclass(frozen=True, slots=True)
class Teller:
    """Whose words are written down.

    Args:
        cast: both sides, in the language of the text.
        label: speaker field of the draft: a name or a role.
        named: the speaker is known by name.
        view: an assistant's words, marked as its view.
    """

    cast: Cast
    label: str
    named: bool
    view: bool


def draft_of(
    unit: Unit,
    message: Message,
    teller: Teller,
    *,
    zone: tzinfo,
    tags: tuple[str, ...],
    asked: str = "",
) -> Draft:
    """Write one unit down.

    Args:
        unit: what to write.
        message: the message it is from.
        teller: who says it.
        zone: zone of the dates.
        tags: the caller's candidate tags.
        asked: the question this answers, when it makes no sense without.
    """
    value = _value(unit, teller, asked, chinese=is_chinese(unit.text))
    return finish(value, unit, message, teller, zone=zone, tags=tags)


def finish(
    value: str,
    unit: Unit,
    message: Message,
    teller: Teller,
    *,
    zone: tzinfo,
    tags: tuple[str, ...],
) -> Draft:
    """A draft with everything but the wording worked out here; `value` is not yet dated."""
    han = is_chinese(unit.text if value.isascii() else value)
    kind = kind_of(unit, teller)
    body = unit.text if unit.text in value or han else _ASKED.sub("", value)
    names = tuple(n for n in topic.entities_of(body) if n != teller.cast.speaker)
    lasting = kind is not MemoryKind.LONG_TERM
    begin, until = event_of(unit.told, message.chat_time, zone, lasting=lasting)
    reasoning = ""
    if kind is MemoryKind.EXPLICIT_PREFERENCE:
        reasoning = _reasoning(teller, message, zone, chinese=han)
    return Draft(
        kind=kind,
        value=dated(value, message.chat_time, zone, chinese=han),
        statement=unit.text,
        sources=(Source(message.id, message.role, unit.start, unit.end, message.chat_time),),
        key=topic.key_of(_ASKED.sub("", value), chinese=han),
        reasoning=reasoning,
        speaker=teller.label,
        tags=topic.tags_of(unit.text, names, tags, chinese=han),
        entities=names,
        confidence=_confidence(unit, teller),
        event_from=begin,
        event_until=until,
    )


def kind_of(unit: Unit, teller: Teller) -> MemoryKind:
    """Preference, stable fact about the speaker, or anything else."""
    if teller.view or unit.form is Form.QUOTED:
        return MemoryKind.LONG_TERM
    if unit.preference:
        return MemoryKind.EXPLICIT_PREFERENCE
    plain = unit.told.replace("’", "'")
    stable = (
        _STABLE.search(plain)
        or _IDENTITY.search(plain)
        or _STABLE_CHINESE.search(plain)
        or _STABLE_SUBJECTLESS.match(plain)
    )
    about = unit.form is Form.LABEL
    return MemoryKind.USER if stable or about else MemoryKind.LONG_TERM


def _confidence(unit: Unit, teller: Teller) -> float:
    if teller.view or unit.form is Form.QUOTED:
        return VIEW
    return HEDGED if _HEDGE.search(unit.text) else CERTAIN


def _reasoning(teller: Teller, message: Message, zone: tzinfo, *, chinese: bool) -> str:
    today = find_times("today", message.chat_time, zone)[0]
    day = render_span(today, chinese=chinese, zone=zone)
    if chinese:
        return f"{teller.cast.speaker}于{day}明确说过。"
    return f"{teller.cast.opening()} said so explicitly on {day}."


def _value(unit: Unit, teller: Teller, asked: str, *, chinese: bool) -> str:
    text = unit.told.strip()
    if asked:
        return _answered(text, asked, teller.cast, chinese=chinese)
    if unit.form is Form.PASTED:
        return (
            f"{teller.cast.speaker}分享了：{text}"
            if chinese
            else f"{teller.cast.opening()} shared: {text}"
        )
    if unit.form is Form.QUOTED:
        return _said(text, teller.cast, chinese=chinese, quoted=True)
    if unit.form is Form.ERRAND:
        said = errand.told(text, teller.cast)
        return said or _requested(text, teller.cast, chinese=chinese, lasting=False)
    if unit.form is Form.LABEL:
        return _labelled(text, teller.cast, chinese=chinese)
    if unit.form is Form.REQUEST:
        return _requested(text, teller.cast, chinese=chinese, lasting=unit.preference)
    return _closed(_stated(text, teller, chinese=chinese), chinese=chinese)


def _stated(text: str, teller: Teller, *, chinese: bool) -> str:
    told = _retold(text, teller.cast, chinese=chinese)
    if teller.view:
        body = told.text if told.safe else text
        return ("[assistant观点] " if chinese else "[assistant view] ") + body
    if not told.safe:
        return _said(text, teller.cast, chinese=chinese, quoted=True)
    if teller.named and not told.names_speaker:
        return _said(told.text, teller.cast, chinese=chinese, quoted=False)
    return told.text


def _retold(text: str, cast: Cast, *, chinese: bool) -> Retold:
    if chinese:
        return _chinese_retell(text, cast)
    text = spelled_out(text)
    open_verb = without_subject(text)
    if open_verb is not None:
        verb, after = open_verb
        rest = english.retell("I will" + after, cast)
        tail = rest.text[len(cast.speaker + " will") :]
        return Retold(f"{cast.opening()} {verb}{tail}", True, rest.safe)
    told = english.retell(impersonal(text), cast)
    return Retold(told.text[:1].upper() + told.text[1:], told.names_speaker, told.safe)


_chinese_retell = chinese.retell


def _said(text: str, cast: Cast, *, chinese: bool, quoted: bool) -> str:
    if chinese:
        return f"{cast.speaker}说：“{text}”" if quoted else f"{cast.speaker}说：{text}"
    return f'{cast.opening()} said: "{text}"' if quoted else f"{cast.opening()} said: {text}"


def _answered(text: str, asked: str, cast: Cast, *, chinese: bool) -> str:
    """An answer that is not understood alone, with its question."""
    told = _retold(text, cast, chinese=chinese)
    mark = ("“", "”") if chinese else ('"', '"')
    said = _closed(told.text, chinese=chinese) if told.safe else mark[0] + text + mark[1]
    if chinese:
        return f"被问到“{asked}”，{cast.speaker}回答：{said}"
    return f'Asked "{asked}", {cast.speaker} answered: {said}'


def _labelled(text: str, cast: Cast, *, chinese: bool) -> str:
    label, mark, rest = re.split(r"\s*([:：])\s*", text, maxsplit=1)
    if chinese or mark == "：":
        told = _chinese_retell(label, cast, supply=False)
        if told.names_speaker:
            return f"{told.text}：{rest}"
        owner = "" if re.match("最|喜欢|偏好|讨厌|希望|想|不", label) else "的"
        return f"{cast.speaker}{owner}{label}：{rest}"
    told = english.retell(label, cast)
    if told.names_speaker:
        return f"{told.text[:1].upper()}{told.text[1:]}: {rest}"
    word = label.split(" ")[0]
    lower = label if word.isupper() and len(word) > 1 else label[:1].lower() + label[1:]
    return f"{cast.opening()}'s {lower}: {rest}"


def _requested(text: str, cast: Cast, *, chinese: bool, lasting: bool) -> str:
    if chinese:
        if not lasting or cast.listener is None:
            return f"{cast.speaker}请求：“{text}”"
        told = _chinese_retell(re.sub("^请(?!假)", "", text), cast, supply=False)
        return _closed(f"{cast.speaker}要求{cast.listener}{told.text}", chinese=True)
    if not lasting:
        return f'{cast.opening()} asked: "{text}"'
    return _instructed(text, cast)


_OCCASION = re.compile(
    r"(?P<when>(?:when|whenever|each time|every time|any time) [^.?!,]{1,80}"
    r"|for (?:all|any|every|future|later|my)\b[^.?!,]{1,80}), (?:please |kindly )?(?P<rest>[^.?!]+[.!]?)$",
    re.IGNORECASE,
)
"""When an instruction is to hold, said before it."""


def _instructed(text: str, cast: Cast) -> str:
    """`Please always answer in French.` as what the user asks the assistant to do."""
    listener = cast.listener or "the assistant"
    plain = _POLITE.sub("", text)
    match = re.match(
        r"(?P<when>from now on|going forward|in (?:the )?future|henceforth)[,:]?\s+(?:please\s+)?(?P<rest>.*)",
        plain,
        re.IGNORECASE | re.DOTALL,
    )
    tail = ""
    if match is not None:
        plain, tail = match["rest"], " " + match["when"].lower()
    occasion = _OCCASION.match(plain)
    if occasion is not None:
        said = occasion["rest"].rstrip(" .!")
        plain = f"{said} {occasion['when'][:1].lower()}{occasion['when'][1:]}"
    negative = re.match(r"(?:do not|don't|don’t)\s+", plain, re.IGNORECASE)
    if negative is not None:
        plain = "not to " + plain[negative.end() :]
    elif re.match(r"(?:i|we|you|my|the|it|all)\b", plain, re.IGNORECASE):
        return f'{cast.opening()} asked: "{text}"'
    else:
        plain = "to " + plain[:1].lower() + plain[1:]
    told = english.retell("I ask " + plain, cast)
    if not told.safe:
        return f'{cast.opening()} asked: "{text}"'
    body = told.text.partition(" asks ")[2].rstrip(" .!?")
    return f"{cast.opening()} asks {listener} {body}{tail}."


def _closed(text: str, *, chinese: bool) -> str:
    """One closing mark at the end of a statement."""
    plain = re.sub(r"[\s\U0001f000-\U0001faff\u2600-\u27bf\ufe0f~～]+$", "", text)
    plain = re.sub(r"(?:!+|！+|\s*[,;，；])$", "", plain)
    if not plain or plain[-1] in '.。?？…"”』」)）`':
        return plain
    return plain + ("。" if chinese else ".")
