"""Choosing what of a message is worth a draft: spans that are kept, joined or cut."""

import re
from dataclasses import dataclass, replace
from enum import Enum

from memos.mem_reader.rules import filler, question
from memos.mem_reader.rules.chatter import is_chatter
from memos.mem_reader.rules.clause import pieces_of
from memos.mem_reader.rules.correction import joined
from memos.mem_reader.rules.errand import Apart, apart
from memos.mem_reader.rules.preference import is_instruction, is_preference
from memos.mem_reader.rules.sentence import Sentence, sentences
from memos.mem_reader.rules.unreal import is_unreal
from memos.memories.textual.tree_text_memory.organize.state import claims
from memos.memories.textual.tree_text_memory.organize.state_lexicon import KIN

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
_REFERS = re.compile(
    r"(?:it|they|that|this|these|those|he|she|which)\b|[他她它这那]", re.IGNORECASE
)
_PRONOUN = re.compile(r"(?:she|he)(?P<is>['’]s)?\b", re.IGNORECASE)
_RELATIVE = re.compile(
    rf"\bmy (?:(?:little|big|older|younger|best) )?(?:{'|'.join(map(re.escape, KIN))})\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?P<label>[A-Za-z][\w '’/&()-]{1,60}|[\u4e00-\u9fffA-Za-z]{2,24})[ \t]*[:：](?!//)[ \t]*(?P<value>(?![()DPpoO|/\\]+$)\S.*)",
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
        meant: the same with a slip corrected, a subject supplied; empty when it is as said.
    """

    start: int
    end: int
    text: str
    form: Form = Form.STATEMENT
    preference: bool = False
    line: bool = False
    dependent: bool = False
    fresh: bool = False
    meant: str = ""

    @property
    def told(self) -> str:
        """The words as they are meant."""
        return self.meant or self.text


@dataclass(frozen=True, slots=True)
class Setting:
    """Who talks to whom.

    Args:
        names: lower-case names of those who talk.
        person: a person speaks; an assistant's preferences and labels are only views.
        instructs: the person speaks to an assistant, so that imperatives may be standing wishes.
    """

    names: frozenset[str]
    person: bool
    instructs: bool


def units_of(text: str, offset: int, setting: Setting) -> list[Unit]:
    """Units of a spoken text, in order.

    Args:
        text: what was said, without the speaker's name.
        offset: where it begins in the message text.
        setting: who talks to whom.
    """
    if setting.instructs:
        text = text[: question.material(text)]
    found: list[tuple[int, Unit]] = []
    cut = sentences(text, offset)
    labels = sum(1 for s in cut if s.line and _LABEL.fullmatch(s.text))
    told = joined(cut, text, offset) if setting.person else [(s, "") for s in cut]
    for index, (sentence, meant) in enumerate(told):
        if meant:
            chosen = [_corrected(sentence, meant)]
        else:
            chosen = _read(sentence, setting, listed=labels > 1)
        if chosen and index and not any(at == index - 1 for at, _ in found[-1:]):
            chosen[0] = _named(chosen[0], told[index - 1][0].text)
        found.extend((index, unit) for unit in chosen)
    return _joined(text, offset, found, setting)


def _named(unit: Unit, asked: str) -> Unit:
    """`She turns 70 on Saturday` behind a question about my mum, which is not kept itself."""
    pronoun = _PRONOUN.match(unit.told)
    kin = [*dict.fromkeys(match[0].lower() for match in _RELATIVE.finditer(asked))]
    if pronoun is None or len(kin) != 1:
        return unit
    verb = " is" if pronoun["is"] else ""
    return replace(unit, meant=kin[0] + verb + unit.told[pronoun.end() :], dependent=False)


def _read(sentence: Sentence, setting: Setting, *, listed: bool) -> list[Unit]:
    kept = apart(sentence.text, instructs=setting.instructs) if setting.person else None
    if kept is not None:
        return _apart(sentence, kept)
    if setting.instructs and is_instruction(sentence.text):
        return [_instruction(sentence)]
    if setting.instructs and is_unreal(sentence.text):
        return []
    role = question.role(sentence.text) if setting.instructs else None
    if role is not None:
        end, meant = role
        said = sentence.text[:end]
        start = sentence.start
        return [Unit(start, start + end, said, preference=is_preference(meant), meant=meant)]
    chosen = _chosen(sentence, setting, listed=listed)
    if not chosen and setting.instructs and question.reveals(sentence.text):
        return [Unit(sentence.start, sentence.end, sentence.text, Form.REQUEST, line=True)]
    return chosen


def _corrected(sentence: Sentence, meant: str) -> Unit:
    liked = is_preference(meant)
    skipped = filler.skip_openers(meant)
    return Unit(
        sentence.start, sentence.end, sentence.text, preference=liked, meant=meant[skipped:]
    )


def _apart(sentence: Sentence, kept: Apart) -> list[Unit]:
    if kept is Apart.NOTHING:
        return []
    form = Form.QUOTED if kept is Apart.QUOTED else Form.ERRAND
    return [Unit(sentence.start, sentence.end, sentence.text, form, line=True)]


def _chosen(sentence: Sentence, setting: Setting, *, listed: bool) -> list[Unit]:
    person, names = setting.person, setting.names
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
        return _stated(unit, setting)
    if question.is_request(unit.text):
        return _requested(unit, setting)
    if not person:
        return [unit]
    end = question.trailing_request(unit.text)
    return _clauses(_part(unit, 0, end) if end else unit, setting)


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


def _stated(unit: Unit, setting: Setting) -> list[Unit]:
    """What a question states beside asking."""
    span = question.stated_part(unit.text) if setting.person else None
    if span is None:
        return []
    part = _part(unit, *span)
    return [] if filler.is_small_talk(part.text, setting.names) else _clauses(part, setting)


def _requested(unit: Unit, setting: Setting) -> list[Unit]:
    if not setting.person:
        return []
    stated = _stated(unit, setting)
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


def _clauses(unit: Unit, setting: Setting) -> list[Unit]:
    """One unit for each statement of a sentence."""
    pieces = pieces_of(unit.text, narrated=not setting.instructs)
    found = []
    for piece in pieces:
        part = _part(unit, piece.start, piece.end) if len(pieces) > 1 else unit
        meant = piece.owner + part.text if piece.owner and len(pieces) > 1 else ""
        dependent = bool(_DEPENDS.match(part.text))
        found.append(replace(part, preference=piece.preference, dependent=dependent, meant=meant))
    return found


def _joined(text: str, offset: int, found: list[tuple[int, Unit]], setting: Setting) -> list[Unit]:
    """Join a unit to the sentence before it when it makes no sense alone."""
    kept: list[tuple[int, Unit]] = []
    for index, unit in found:
        if kept and (_belongs if setting.person else _continues)(kept[-1], index, unit):
            last = kept[-1][1]
            if setting.instructs and not _REFERS.match(unit.text) and is_chatter(unit.text):
                continue
            between = text[last.end - offset : unit.start - offset]
            span = text[last.start - offset : unit.end - offset]
            meant = last.told + between + unit.told if last.meant or unit.meant else ""
            liked = last.preference or unit.preference
            joint = replace(last, end=unit.end, text=span, preference=liked, meant=meant)
            kept[-1] = (index, joint)
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
