"""Choosing what of a message is worth a draft: spans that are kept, joined or cut."""

import re
from dataclasses import dataclass, replace
from enum import Enum

from memos.mem_reader.rules import filler, question
from memos.mem_reader.rules.errand import Apart, apart
from memos.mem_reader.rules.preference import is_former, is_instruction, is_preference
from memos.mem_reader.rules.sentence import Sentence, sentences
from memos.memories.textual.tree_text_memory.organize.state import claims

_JOINED_LENGTH = 400
_VIEW_LENGTH = 800
"""What an assistant says in one go is one view up to this many characters: its lists and
explanations must not drown what people say."""
_DEPENDS = re.compile(
    r"(?:it|it's|its|they|they're|them|their|he|he's|she|she's|his|her|this|that|that's|these|those|"
    r"there|which|because|cause|especially|like|such as|for example|also|then|after that|since then|"
    r"so|one of them|both|all of|some of|makes?|helps?|just|gives?|reminds?)\b"
    r"|(?:他|她|它|这|那|因为|所以|而且|然后|比如|例如|其中|之后|后来|尤其|特别是|主要)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:,\s+|\s+|;\s*)(?:and|but|so|though)\s+(?=(?:I|I'm|I’m|I've|I’ve|we|my|our)\b)|;\s+(?=(?:I|my)\b)"
    r"|[，,；;]\s?(?=(?:我|但我?|不过我?|也|喜欢|不喜欢|讨厌|爱|不吃|不喝|对|最喜欢|昨天|今天|前天|上周|去年|今年|上个?月|现在|住在?|在|养|叫|是|从事))"
)
_LABEL = re.compile(
    r"(?P<label>[A-Za-z][\w '’/&()-]{1,60}|[\u4e00-\u9fffA-Za-z]{2,24})[ \t]*[:：](?!//)[ \t]*(?P<value>\S.*)",
    re.DOTALL,
)
_OWN_LABEL = re.compile(
    r"(?:my |(?:least )?favou?rite|preferred|(?:dis)?likes?$|name|age|job|occupation|city|country|home|"
    r"birthday|hobb|allerg|diet|languages?|interests?|.*\b(?:i|my)\b|profession|education|company)"
    r"|.*(?:我|姓名|名字|年龄|职业|城市|生日|爱好|过敏|喜欢|偏好|讨厌|兴趣|忌口|家乡|性别|身高|体重)",
    re.IGNORECASE,
)
_NO_LABEL = re.compile(
    r"(?:note|warning|error|question|answer|example|ps|update|edit|tip|summary|https?|todo|step \d+|"
    r"注意|备注|提示|说明|问题?|答案?|例如|比如|总结)$",
    re.IGNORECASE,
)


_SUBORDINATE = re.compile(
    r"\b(?:when|if|because|since|while|that|how|who|what|where|as|until|whenever|after|before)\b",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"(?:by the way|btw|anyway|anyways|on (?:a|an)(?:other| different)? \w* ?note|speaking of|lately|"
    r"recently|also|plus)\b|另外|还有|顺便|对了|话说",
    re.IGNORECASE,
)
_OWN_SUBJECT = re.compile(r"(?:I|I'm|I’m|I've|I’ve|My|Our|We)\b|我")


class Form(Enum):
    """How a unit is written down."""

    STATEMENT = "statement"
    LABEL = "label"
    REQUEST = "request"
    PASTED = "pasted"
    ERRAND = "errand"
    QUOTED = "quoted"


@dataclass(frozen=True, slots=True)
class Unit:
    """A span that becomes one draft.

    Args:
        start: first character in the message text.
        end: one past the last.
        text: exactly these characters.
        form: how it is written down.
        preference: it states a preference or a standing instruction.
        line: a line of its own, never joined.
        dependent: it refers to what was said before.
        fresh: it opens a new subject, never joined to what is before.
    """

    start: int
    end: int
    text: str
    form: Form = Form.STATEMENT
    preference: bool = False
    line: bool = False
    dependent: bool = False
    fresh: bool = False


def units_of(
    text: str, offset: int, names: frozenset[str], *, person: bool, instructs: bool
) -> list[Unit]:
    """Units of a spoken text, in order.

    Args:
        text: what was said, without the speaker's name.
        offset: where it begins in the message text.
        names: lower-case names of those who talk.
        person: a person speaks; an assistant's preferences and labels are only views.
        instructs: the person speaks to an assistant, so that imperatives may be standing wishes.
    """
    found: list[tuple[int, Unit]] = []
    cut = sentences(text, offset)
    labels = sum(1 for s in cut if s.line and _LABEL.fullmatch(s.text))
    for index, sentence in enumerate(cut):
        kept = apart(sentence.text, instructs=instructs) if person else None
        if kept is not None:
            chosen = _apart(sentence, kept)
        elif instructs and is_instruction(sentence.text):
            chosen = [_instruction(sentence)]
        else:
            chosen = _chosen(sentence, names, person=person, listed=labels > 1)
            if not chosen and instructs and question.reveals(sentence.text):
                chosen = [
                    Unit(sentence.start, sentence.end, sentence.text, Form.REQUEST, line=True)
                ]
        found.extend((index, unit) for unit in chosen)
    return _joined(text, offset, found, person=person)


def _apart(sentence: Sentence, kept: Apart) -> list[Unit]:
    if kept is Apart.NOTHING:
        return []
    form = Form.QUOTED if kept is Apart.QUOTED else Form.ERRAND
    return [Unit(sentence.start, sentence.end, sentence.text, form, line=True)]


def _chosen(sentence: Sentence, names: frozenset[str], *, person: bool, listed: bool) -> list[Unit]:
    label = _label_unit(sentence, listed=listed) if person else None
    if label is not None:
        return [label]
    if sentence.line and sentence.text.endswith((":", "：")):
        return []
    skipped = filler.skip_openers(sentence.text)
    unit = Unit(
        sentence.start + skipped,
        sentence.end,
        sentence.text[skipped:],
        line=sentence.line,
        fresh=bool(_TURN.match(sentence.text)),
    )
    if filler.is_small_talk(unit.text, names) or filler.is_small_talk(sentence.text, names):
        return []
    if not person and question.is_offer(unit.text):
        return []
    if question.is_question(unit.text):
        return _stated(unit, names, person=person)
    if question.is_request(unit.text):
        return _requested(unit, names, person=person)
    if not person:
        return [unit]
    end = question.trailing_request(unit.text)
    return _clauses(_part(unit, 0, end) if end else unit)


def _instruction(sentence: Sentence) -> Unit:
    return Unit(sentence.start, sentence.end, sentence.text, Form.REQUEST, True, line=sentence.line)


def _label_unit(sentence: Sentence, *, listed: bool) -> Unit | None:
    match = _LABEL.fullmatch(sentence.text)
    if match is None or _NO_LABEL.match(match["label"].strip()):
        return None
    if re.match(r"\d", match["value"]) and re.search(r"\d$", match["label"]):
        return None
    own = _OWN_LABEL.match(match["label"])
    if not own and not (listed and sentence.line):
        return None
    liked = bool(
        re.match(
            r"(?:my )?(?:least )?(?:favou?rite|preferred)|(?:dis)?likes?$",
            match["label"],
            re.IGNORECASE,
        )
    )
    liked = liked or bool(re.search("喜欢|偏好|讨厌|最爱|忌口|过敏", match["label"]))
    return Unit(sentence.start, sentence.end, sentence.text, Form.LABEL, liked, line=True)


def _stated(unit: Unit, names: frozenset[str], *, person: bool) -> list[Unit]:
    """What a question states beside asking."""
    span = question.stated_part(unit.text) if person else None
    if span is None:
        return []
    part = _part(unit, *span)
    return [] if filler.is_small_talk(part.text, names) else _clauses(part)


def _requested(unit: Unit, names: frozenset[str], *, person: bool) -> list[Unit]:
    if not person:
        return []
    stated = _stated(unit, names, person=person)
    if stated:
        return stated
    if question.tells_something(unit.text):
        return [replace(unit, form=Form.REQUEST)]
    return []


def _part(unit: Unit, start: int, end: int) -> Unit:
    text = unit.text[start:end]
    lead = len(text) - len(text.lstrip(" ，,;；"))
    stripped = text.strip(" ，,;；")
    begin = unit.start + start + lead
    return replace(unit, start=begin, end=begin + len(stripped), text=stripped)


def _clauses(unit: Unit) -> list[Unit]:
    """Cut a sentence where a preference and something else meet."""
    pieces, at = [], 0
    for match in _CLAUSE.finditer(unit.text):
        pieces.append((at, match.start()))
        at = match.end()
    pieces.append((at, len(unit.text)))
    pieces = _unsubordinated(unit.text, pieces)
    parts = [_part(unit, start, end) for start, end in pieces]
    liked = [is_preference(part.text) for part in parts]
    signs = [(likes, is_former(part.text)) for part, likes in zip(parts, liked, strict=True)]
    if len(set(signs)) == 1:
        whole = is_preference(unit.text)
        return [replace(unit, preference=whole, dependent=bool(_DEPENDS.match(unit.text)))]
    found: list[Unit] = []
    before = None
    for part, sign in zip(parts, signs, strict=True):
        likes, same = sign[0], sign == before
        before = sign
        start = found.pop().start if same else part.start
        whole_part = _part(unit, start - unit.start, part.end - unit.start)
        dependent = bool(_DEPENDS.match(whole_part.text))
        found.append(replace(whole_part, preference=likes, dependent=dependent))
    return found


def _unsubordinated(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Undo cuts without a comma inside a subordinate clause: `when it rains and I am tired`."""
    kept = pieces[:1]
    for start, end in pieces[1:]:
        before = text[kept[-1][0] : kept[-1][1]]
        bare = text[kept[-1][1] : start].strip()[:1].isalpha()
        if bare and _SUBORDINATE.search(before):
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return kept


def _joined(text: str, offset: int, found: list[tuple[int, Unit]], *, person: bool) -> list[Unit]:
    """Join a unit to the sentence before it when it makes no sense alone."""
    kept: list[tuple[int, Unit]] = []
    for index, unit in found:
        if kept and (_belongs if person else _continues)(kept[-1], index, unit):
            last = kept[-1][1]
            span = text[last.start - offset : unit.end - offset]
            preference = last.preference or unit.preference
            kept[-1] = (index, replace(last, end=unit.end, text=span, preference=preference))
        else:
            kept.append((index, unit))
    return [unit for _, unit in kept]


def _continues(last: tuple[int, Unit], index: int, unit: Unit) -> bool:
    """An assistant goes on talking."""
    return index == last[0] + 1 and unit.end - last[1].start <= _VIEW_LENGTH


def _belongs(last: tuple[int, Unit], index: int, unit: Unit) -> bool:
    before = last[1]
    if index != last[0] + 1 or unit.line or before.line or unit.fresh:
        return False
    if Form.STATEMENT is not unit.form or Form.STATEMENT is not before.form:
        return False
    if unit.end - before.start > _JOINED_LENGTH:
        return False
    if not unit.dependent and _stands_alone(before, unit):
        return False
    short = len(filler.content_words(unit.text)) < (4 if not unit.preference else 0)
    return (unit.dependent or short) and (before.preference or not unit.preference)


def _stands_alone(before: Unit, unit: Unit) -> bool:
    """Whether two sentences say different things, at least one of them what holds for a while.

    Joined, the second could not be found, corrected or outdated without the first.
    """
    if claims(unit.text):
        return True
    return bool(_OWN_SUBJECT.match(unit.text)) and bool(claims(before.text))
