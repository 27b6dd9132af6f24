"""Retelling English in the third person.

A small agreement engine, not a parser: it finds the verb of a first or second person subject,
makes it agree with a singular name, and leaves every word it is not sure about as it was. Quoted
text is never touched.
"""

import re

from memos.mem_reader.lexicon import (
    ADVERBS,
    BASE_IN_ED,
    BASE_VERBS,
    NOT_VERBS,
    PAST_FORMS,
    UNCHANGING,
    words,
)
from memos.mem_reader.rules.cast import Cast, Retold

_TOKEN = re.compile(
    r"\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”|`[^`\n]{0,400}`|https?://\S+|\S+@\S+\.\w+"
    r"|[^\W\d_]+(?:['’][^\W\d_]+)*|\s+|[^\w\s]|\w"
)
_FIRST = words("i i'm i've i'd i'll im ive we we're we've we'd we'll i'd've ima")
_SECOND = words("you you're you've you'd you'll youre ya")
_TAILS = {"m": "is", "re": "is", "ve": "has", "ll": "will"}
_PLURAL = {
    "we": "", "we're": " are", "we've": " have", "we'll": " will", "we'd": " would", "us": "",
}  # fmt: skip
_AGREED = {
    "am": "is", "are": "is", "were": "was", "have": "has", "do": "does", "don't": "does not",
    "dont": "does not", "haven't": "has not", "aren't": "is not", "weren't": "was not",
    "ain't": "is not", "gotta": "has to", "wanna": "wants to", "gonna": "is going to",
    "finna": "is going to", "tryna": "is trying to", "go": "goes", "usta": "used to",
    "goin": "is going", "bet": "bets", "havent": "has not",
}  # fmt: skip
_POSSESSIVE = {"my": 1, "our": 1, "your": 2}
_OWN = {"mine": 1, "ours": 1, "yours": 2}
_OBJECT = {"me": 1, "us": 1}
_SELF = words("myself ourselves yourself yourselves")
_OTHERS = words(
    "he she they him her them his their hers theirs friends kids children parents people guys team "
    "family students neighbors neighbours coworkers colleagues cousins brothers sisters"
)
_STOPS_AGREEMENT = words(
    "to can will would could should may might must let lets help make makes he she they you it who "
    "which that because when if while not they're it's he's she's that's there's who's those these"
)
_CLAUSE_OPENERS = words(
    "that if when because and but so what since while as where how or though although until before "
    "after then think thinks know knows hope hopes believe glad happy sure whether why once unless"
)
_COMES_BETWEEN = (
    _OTHERS
    | (_CLAUSE_OPENERS - {"and", "but", "so"})
    | words(
        "he's she's it's it they they're you who which this these those there there's let want wants"
    )
)
"""After one of these, a clause without a subject might not be the speaker's."""
_SUBJUNCTIVE = words("if wish though")
_NUMERAL_BEFORE = words("war type part chapter class phase level volume book act grade episode")
_TAKES_PERSON = words(
    "help helps helped helping let lets make makes made making see saw seeing have had watch hear heard "
    "to for with of from by at in on about like than thank love miss appreciate told tell asked ask "
    "give gave show showed wish bet want wants need needs get gets and or"
)
_AUXILIARIES = words("is are am was were be have has do does")
_SURE_VERBS = words(
    "are were have don't do can will could would should did had haven't aren't need"
)
_TOGETHER = re.compile(
    r"\b(?:we|we're|we’re|we've|we’ve|us|let us) (?:all|both|each)\b|\b(?:each other|(?<!back )together|all of us|"
    r"both of us|one another)\b|\bwe (?:last |just |recently )?(?:spoke|talked|chatted|caught up)\b",
    re.IGNORECASE,
)
_WE_TWO = re.compile(
    r"\bwe (?:last |just |recently )?(?:spoke|talked|chatted|caught up)\b|\bboth of us\b|\bwe both\b",
    re.IGNORECASE,
)
_YOU_SEVERAL = words("two three guys folks lot")
_BOTH = re.compile(
    r"(?P<whose>my|our) (?P<who>[\w'’-]+(?: [\w'’-]+){0,3}) and i(?= )(?!['’])", re.IGNORECASE
)
_ROLES = frozenset({"the user", "the assistant", "用户", "助手"})
_HABITS = words("usually normally typically mostly often always never rarely generally")
_PARTICIPLES = words("been gone done seen known taken given written eaten forgotten gotten better")


def retell(sentence: str, cast: Cast) -> Retold:
    """Put a statement into the third person.

    Args:
        sentence: one English sentence or a few.
        cast: who "I" and "you" are.
    """
    return _Retelling(_led(_unaddressed(sentence, cast.listener)), cast).run()


def _led(sentence: str) -> str:
    """`My wife and I run a hotel` as `I and my wife run a hotel`, to be told of the speaker."""
    match = _BOTH.match(sentence)
    if match is None or any(_is_verb(word.lower()) for word in match["who"].split()):
        return sentence
    return f"I and {match['whose'].lower()} {match['who']}{sentence[match.end() :]}"


def _unaddressed(sentence: str, listener: str | None) -> str:
    """Without the name of who is spoken to, in front (`Jon, you should`) or at the end."""
    if listener is None or listener in _ROLES or listener not in sentence:
        return sentence
    name = re.escape(listener)
    plain = re.sub(rf"^{name}(?:,|!)\s+(?=\S)", "", sentence)
    if set(re.findall(r"[a-z]+", plain.lower())) & (_SECOND | {"your", "we"}):
        plain = re.sub(rf",\s+{name}(?=[.!?]*$)", "", plain)
    return plain[:1].upper() + plain[1:] if sentence[:1].isupper() else plain


def third_person(verb: str) -> str:
    """A present-tense base form as it goes with he or she; other forms unchanged."""
    lower = verb.lower()
    if lower in _AGREED:
        return _AGREED[lower]
    if not verb.isascii() or not verb.isalpha() or verb != lower or _is_fixed(lower):
        return verb
    if lower.endswith("y") and lower[-2:-1] not in "aeiou":
        return verb[:-1] + "ies"
    if lower.endswith(("s", "x", "z", "ch", "sh", "o")):
        return verb + "es"
    return verb + "s"


def _is_fixed(lower: str) -> bool:
    if "'" in lower or lower in {"cant", "didnt", "wont", "couldnt", "wouldnt", "shouldnt"}:
        return True
    past = lower.endswith("ed") and len(lower) > 3 and lower not in BASE_IN_ED
    return past or lower in PAST_FORMS or lower in UNCHANGING or lower.endswith("ing")


class _Retelling:
    """One pass over the tokens of a text."""

    def __init__(self, sentence: str, cast: Cast) -> None:
        self._tokens: list[str] = _TOKEN.findall(sentence)
        self._cast = cast
        self._out: list[str] = []
        self._named = False
        self._safe = True
        self._waiting = False
        """A subject was written and its verb has not been met."""
        self._agreeing = False
        """A present-tense verb agreed; a second verb after `and` should too."""
        lower = {token.lower() for token in self._tokens}
        self._crowded = False
        """Somebody else was met, so that `their` might be theirs."""
        self._alone = False
        """The speaker is the subject of the clause before, and nobody came between."""
        self._together = bool(_TOGETHER.search(sentence))
        self._pair = self._is_pair(sentence, lower)

    def run(self) -> Retold:
        for at, token in enumerate(self._tokens):
            if token[0].isalpha():
                self._word(at, token)
            else:
                self._mark(token)
        text = "".join(self._out)
        return Retold(text, self._named, self._safe)

    def _is_pair(self, sentence: str, lower: set[str]) -> bool:
        """`we` are the speaker and a named listener, who is spoken to, and nobody else."""
        listener = self._cast.listener
        if listener is None or listener in _ROLES:
            return False
        addressed = bool(lower & (_SECOND | {"your"})) or listener in sentence
        return bool(_WE_TWO.search(sentence)) or (addressed and not lower & _OTHERS)

    def _mark(self, mark: str) -> None:
        self._out.append(mark)
        if mark in ".!?;:\n":
            self._waiting = self._agreeing = self._alone = False

    def _word(self, at: int, token: str) -> None:
        lower = token.lower().replace("’", "'")
        self._crowded = self._crowded or lower in _OTHERS
        self._alone = self._alone and lower not in _COMES_BETWEEN
        if self._together and lower in _PLURAL:
            self._group(lower)
        elif lower in _FIRST and self._is_person(at, lower):
            self._subject(at, lower, self._cast.speaker)
        elif lower in _SECOND:
            self._second(at, lower)
        elif lower in _POSSESSIVE:
            self._out.append(self._owner(_POSSESSIVE[lower]))
        elif lower == "me" or token in _OBJECT:
            self._out.append(self._name(_OBJECT[lower]))
        elif lower in _OWN:
            self._out.append(self._name(_OWN[lower]) + "'s")
        elif lower in _SELF:
            self._out.append("themselves")
        elif lower == "name's":
            self._out.append("name is")
        else:
            self._plain(at, token, lower)

    def _plain(self, at: int, token: str, lower: str) -> None:
        if self._waiting:
            self._out.append(self._verb(at, token, lower))
        elif lower == "am" and not self._previous(at)[:1].isdigit():
            self._out.append("is")
        elif self._agreeing and lower in BASE_VERBS and self._goes_on(at):
            self._out.append(third_person(token))
        else:
            towards = lower == "to" and self._following(at) not in BASE_VERBS
            if lower in _STOPS_AGREEMENT and not towards:
                self._agreeing = False
            self._out.append(token)

    def _verb(self, at: int, token: str, lower: str) -> str:
        """The word after a subject: an adverb, its verb, or neither."""
        if (
            self._leads_verb(at, lower)
            or lower in ADVERBS
            or (lower.endswith("ly") and lower not in {"fly", "rely", "apply"})
        ):
            return token
        if lower == "no":
            return token
        if lower == "last" and self._following(at) in PAST_FORMS:
            return token
        self._waiting = False
        if lower == "were" and self._word_before_subject(at) in _SUBJUNCTIVE:
            return token
        if lower in NOT_VERBS and lower not in _AGREED:
            return token
        agreed = third_person(token) if lower not in _AGREED else _AGREED[lower]
        self._agreeing = agreed != token and not agreed.endswith(" not")
        return agreed

    def _leads_verb(self, at: int, lower: str) -> bool:
        """A word unknown as a verb right before a known one is taken for an adverb."""
        if lower in BASE_VERBS or lower in _AGREED or lower in NOT_VERBS or _is_fixed(lower):
            return False
        return self._following(at) in BASE_VERBS

    def _following(self, at: int) -> str:
        """The token after, spaces apart, lower case."""
        return "".join(self._tokens[at + 1 : at + 3]).strip().lower()

    def _subject(self, at: int, lower: str, name: str) -> None:
        own = name == self._cast.speaker
        self._named = self._named or own
        if own and self._alone and self._previous(at).lower() in {"and", "but", "or"}:
            self._out[-1:] = []  # "lives in Rome and the user works": the second is not said again
        else:
            self._out.append(self._cased(name))
        self._alone = (own and self._previous(at).lower() != "and") or self._alone
        _, mark, tail = lower.partition("'")
        plain = {"im": "m", "ive": "ve", "ima": "ll", "youre": "re"}.get(lower)
        tail = plain or (tail if mark else "")
        self._waiting = not tail and not self._inverted(at) and not self._compound(at)
        self._agreeing = False
        if tail:
            self._out.append(" " + (self._would_or_had(at) if tail[0] == "d" else _TAILS[tail]))
            self._agreeing = tail != "ll" and tail[0] != "d"

    def _group(self, lower: str) -> None:
        """`we` of several who are said to act together: the verb stays plural."""
        self._named = True
        others = self._cast.listener if self._pair else "others"
        self._out.append(f"{self._cased(self._cast.speaker)} and {others}{_PLURAL[lower]}")
        self._waiting = self._agreeing = False

    def _second(self, at: int, lower: str) -> None:
        if self._cast.listener is None:
            self._safe = False
            self._out.append(self._tokens[at])
            return
        if self._following(at) in _YOU_SEVERAL:
            self._safe = False
        before = self._previous(at)
        opens = not before or not before[0].isalpha() or before.lower() in _CLAUSE_OPENERS
        following = self._following(at)
        verb = following in BASE_VERBS and before.lower() not in _TAKES_PERSON
        self._crowded = True
        if opens or verb or "'" in lower or lower == "youre" or following in _SURE_VERBS:
            self._subject(at, lower, self._cast.listener)
        else:
            self._out.append(self._cast.listener)

    def _name(self, person: int) -> str:
        if person == 1:
            self._named = True
            return self._cased(self._cast.speaker)
        if self._cast.listener is None:
            self._safe = False
            return "you"
        return self._cased(self._cast.listener)

    def _owner(self, person: int) -> str:
        if person == 2 and self._cast.listener is None:
            self._safe = False
            return "your"
        if person == 1 and self._named and not self._crowded and "".join(self._out).strip():
            return self._cased("their")
        return self._name(person) + "'s"

    def _cased(self, name: str) -> str:
        written = "".join(self._out[-4:]).rstrip(" \"'“(")
        opens = not written or written[-1] in ".!?\n"
        return name[:1].upper() + name[1:] if opens else name

    def _is_person(self, at: int, lower: str) -> bool:
        if lower != "i":
            return not (lower in {"im", "ive", "ima"} and self._tokens[at][0] == "I" and at > 0)
        following = self._tokens[at + 1 : at + 3]
        if following == [".", "e"]:
            return False
        return self._previous(at).lower() not in _NUMERAL_BEFORE

    def _previous(self, at: int) -> str:
        """The token before, spaces apart; empty at the start."""
        found = [part for part in self._tokens[max(0, at - 2) : at] if not part.isspace()]
        return str(found[-1]) if found else ""

    def _word_before_subject(self, at: int) -> str:
        found = [t.lower() for t in self._tokens[max(0, at - 4) : at] if t[0].isalpha()]
        return found[-2] if len(found) > 1 else ""

    def _follows_and(self, at: int) -> bool:
        for token in reversed(self._tokens[max(0, at - 6) : at]):
            lower = token.lower()
            if lower in {"and", "but", "or"}:
                return True
            if not token.isspace() and lower not in ADVERBS:
                return False
        return False

    def _goes_on(self, at: int) -> bool:
        """A second verb of the subject: `and go`, or `, usually go`."""
        before = [t.lower() for t in self._tokens[max(0, at - 6) : at] if not t.isspace()]
        habit = before[-1:] and before[-1] in _HABITS and before[-2:-1] == [","]
        return bool(habit) or self._follows_and(at)

    def _would_or_had(self, at: int) -> str:
        following = next((t for t in self._tokens[at + 1 : at + 3] if t[0].isalpha()), "").lower()
        past = following.endswith("ed") and following not in BASE_IN_ED
        return "had" if past or following in _PARTICIPLES else "would"

    def _inverted(self, at: int) -> bool:
        return self._previous(at).lower() in words("am do did have should would can could was will")

    def _compound(self, at: int) -> bool:
        """`My wife and I` before a verb: a plural subject, whose verb is left alone."""
        if self._previous(at).lower() != "and":
            return False
        clause: list[str] = []
        for word in reversed(self._tokens[max(0, at - 16) : at]):
            if word in ".,;:!?\n":
                break
            if word[0].isalpha():
                clause.append(word)
        names = clause[1:]
        if not 1 <= len(names) <= 5 or any(_is_verb(word.lower()) for word in names):
            return False
        first = names[-1]
        return first[0].isupper() or first.lower() in words("my our the his her their me both")


def _is_verb(lower: str) -> bool:
    fixed = _is_fixed(lower) and not lower.endswith("ing")
    agreeing = lower.removesuffix("s") in BASE_VERBS or lower.removesuffix("es") in BASE_VERBS
    return fixed or agreeing or lower in _AUXILIARIES or lower in _FIRST
