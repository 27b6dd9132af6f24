"""Cutting a sentence into statements that stand by themselves.

"I moved to Lisbon and I work as a nurse" tells two things: either may change without the other, and
each is found by its own words. A cut needs a full statement on both sides; "I have a dog and I walk
it" stays one, and so does what was done one after the other ("I went to the gym and I bought ...").
"""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from memos.mem_reader.lexicon import BASE_VERBS, PAST_FORMS, words
from memos.mem_reader.rules.chinese_clause import own_pieces
from memos.mem_reader.rules.chinese_subject import BARE
from memos.mem_reader.rules.preference import is_former, is_preference
from memos.mem_reader.rules.shorthand import spelled_out
from memos.memories.textual.tree_text_memory.organize.state import claims

_TIME = (
    r"(?:(?:now|currently|today|tomorrow|tonight|nowadays|these days|recently|lately|meanwhile|then|"
    r"(?:last|next|this|every) \w+|on (?:\w+day|weekends)s?|since then|at the moment|right now),? )?"
)
_OWN = r"(?:I|I'm|I’m|I've|I’ve|we|we're|we’re|we've|we’ve|my|our|im|ive)\b"
_LINK = re.compile(
    rf"(?P<hard>(?:,\s+|\s+|;\s*)(?:and|but|so|though)\s+(?=(?:I|I'm|I’m|I've|I’ve|we|my|our)\b)|;\s+(?=(?:I|my)\b))"
    rf"|(?:\s*[,;]\s+|\s+)(?:and|but)\s+(?={_TIME}{_OWN})|\s*[,;]\s+(?={_TIME}{_OWN})",
    re.IGNORECASE,
)
_SHARED = re.compile(r"(?:,\s+(?:and\s+|but\s+)?|\s+(?:and|but)\s+)(?=[a-z])")
"""Where a second verb may share the subject of the first."""
_SUBJECT = re.compile(
    r"(?P<who>I(?=['’]m\b|['’]ve\b|\s)|(?:my|our) [\w-]+(?-i: [A-Z]\w+)?(?=\s))", re.IGNORECASE
)
_LONGEST_SHARED = 300
_SUBORDINATE = re.compile(
    r"\b(?:when|if|because|since|while|that|how|who|whom|what|where|which|as|until|whenever|after|before|"
    r"although|though|unless|whether|once|why|so)\b",
    re.IGNORECASE,
)
_CLAUSAL = re.compile(
    r"\b(?:think|guess|hope|believe|feel|know|knew|wish|say|said|says|tell|told|mean|sure|afraid|glad|"
    r"suppose|bet|swear|promise|realized|realised|heard|decided|would|could|might|should)\b|['’]d\b",
    re.IGNORECASE,
)
_REFERS = words(
    "then it its they them their theirs there this that these those one ones too neither either same do does did so"
)
_POINTS_BACK = re.compile(r"^\s*(?:I|we)\b.*\b(?:him|her|his|them|their)\b", re.IGNORECASE)
_REFERS_TO_PERSONS = words("he him his she her hers he's she's they're")
_FULL_FIRST = re.compile(
    rf"{_TIME}(?:I|we)(?:(?:['’](?:m|re|ve)|\s+(?!and\b|or\b)[\w'’-]+)\s+\S|m\s+\S|ve\s+\S)",
    re.IGNORECASE,
)
_FULL_OWN = re.compile(rf"{_TIME}(?:my|our)\s+(?P<rest>.+)", re.IGNORECASE | re.DOTALL)
_IS = re.compile(r"['’]s$", re.IGNORECASE)
_AFTER_IS = words(
    "a an the in at on not from called named also still now just always 2 3 4 5 6 7 8 9"
)
_FINITE = words(
    "is are was were has have had does do did can can't cannot will won't would could should might may must "
    "isn't aren't wasn't weren't hasn't haven't doesn't don't didn't needs wants"
)
_NOUN_PHRASE = 6
_PAST = re.compile(r"\b(?:was|were|had|did)\b|\w{2,}ed\b", re.IGNORECASE)
_LEAST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence, as positions in it.

    Args:
        start: first character.
        end: one past the last.
        preference: it states a preference.
        owner: what its subject is when it is left out: `用户`, `用户的`.
    """

    start: int
    end: int
    preference: bool
    owner: str = ""


def pieces_of(text: str, *, narrated: bool) -> list[Piece]:
    """The statements of a sentence, in order; the whole sentence when it is one statement.

    Args:
        text: a sentence.
        narrated: it is told to another person, who hears a story: only states are told apart.
    """
    chinese = own_pieces(text)
    if chinese is not None:
        return [
            Piece(start, end, owner != BARE and is_preference(text[start:end]), owner)
            for start, end, owner in chinese
        ]
    found: list[Piece] = []
    for piece in _linked(text, narrated=narrated):
        found.extend(_shared(text, piece))
    return found


def _linked(text: str, *, narrated: bool) -> list[Piece]:
    """Statements that each have a subject."""
    found = [Piece(0, len(text), is_preference(text))]
    for match in _LINK.finditer(text):
        whole = found[-1]
        left, right = text[whole.start : match.start()], text[match.end() :]
        comma = not match[0].strip()[:1].isalpha()
        hard = bool(match["hard"]) and (comma or not _SUBORDINATE.search(left))
        following = _next(right)
        hard = hard and not _points_back(following)
        if (hard and _differ(left, following)) or _independent(left, following, narrated=narrated):
            found[-1] = Piece(whole.start, match.start(), is_preference(left))
            found.append(Piece(match.end(), len(text), is_preference(right)))
    return found


def _shared(text: str, piece: Piece) -> list[Piece]:
    """`I live in Rome and work as a chef`: two states of one subject, which is said once."""
    said = text[piece.start : piece.end]
    subject = _SUBJECT.match(said)
    if subject is None or len(said) > _LONGEST_SHARED or _SUBORDINATE.search(said):
        return [piece]
    found = [piece]
    who = subject["who"] + " "
    for match in _SHARED.finditer(said):
        start, last = piece.start + match.end(), found[-1]
        left = last.owner + text[last.start : piece.start + match.start()]
        if _tell_apart(left, who + said[match.end() :].split(",")[0]):
            found[-1] = replace(
                last, end=piece.start + match.start(), preference=is_preference(left)
            )
            liked = is_preference(who + text[start : piece.end])
            found.append(Piece(start, piece.end, liked, who))
    return found


def _tell_apart(left: str, right: str) -> bool:
    """Each tells a state, of one subject, and not the same one; tastes in a row are one answer."""
    if is_preference(left) and is_preference(right):
        return False
    before, after = claims(spelled_out(left)), claims(spelled_out(right))
    if not before or not after or {c.subject for c in before} != {c.subject for c in after}:
        return False
    return not {c.attribute for c in before} & {c.attribute for c in after}


def _next(right: str) -> str:
    """The statement that follows a cut, up to the next place for one."""
    match = _LINK.search(right)
    return right[: match.start()] if match else right


def _points_back(right: str) -> bool:
    """It speaks of somebody or something named before it: `and I reread her books`."""
    return _POINTS_BACK.search(right) is not None


def _differ(left: str, right: str) -> bool:
    """One is a preference, or was so once, and the other is not."""
    return (is_preference(left), is_former(left)) != (is_preference(right), is_former(right))


def _independent(left: str, right: str, *, narrated: bool) -> bool:
    if not (_is_full(left) and _is_full(right)):
        return False
    if _SUBORDINATE.search(left) or _CLAUSAL.search(left):
        return False
    said = set(re.findall(r"[a-z']+", right.lower().replace("’", "'")))
    if said & _REFERS or (_FULL_FIRST.match(right) and said & _REFERS_TO_PERSONS):
        return False
    told = bool(claims(spelled_out(left))), bool(claims(spelled_out(right)))
    if is_former(left) and not told[1]:
        return False
    if narrated or (is_preference(left) and is_preference(right)):
        return all(told)
    past = _is_past(left), _is_past(right)
    return not any(past) or (any(told) and not all(past))


def _is_past(clause: str) -> bool:
    plain = set(re.findall(r"[a-z']+", clause.lower()))
    return bool(plain & (PAST_FORMS - {"used"}) or _PAST.search(clause)) and not re.search(
        r"\b(?:is|am|are)\b|['’](?:m|re)\b", clause
    )


def _is_full(clause: str) -> bool:
    """It has a subject of its own, `I` or somebody or something of mine, and a verb."""
    if len(clause.split()) < _LEAST_WORDS:
        return False
    if _FULL_FIRST.match(clause):
        return True
    owned = _FULL_OWN.match(clause)
    if owned is None:
        return False
    said = [word.strip(",.!").lower() for word in owned["rest"].split()][: _NOUN_PHRASE + 1]
    return any(_is_verb(said, at) for at in range(1, len(said))) or _is_contracted(said)


def _is_verb(said: list[str], at: int) -> bool:
    word = said[at]
    if word in _FINITE or word in PAST_FORMS:
        return True
    if word.endswith("s") and (word[:-1] in BASE_VERBS or word[:-2] in BASE_VERBS):
        return True
    if word.endswith("ed") and len(word) > 4:
        return True
    plural = any(noun.endswith("s") or noun in {"children", "people"} for noun in said[:at])
    return plural and word in BASE_VERBS


def _is_contracted(said: list[str]) -> bool:
    """`my husband's a chef`: a verb, where `my wife's birthday` has none."""
    return any(
        _IS.search(word) and (after in _AFTER_IS or after.endswith("ing") or after.isdigit())
        for word, after in pairwise(said)
    )
