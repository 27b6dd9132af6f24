"""States that English statements assert.

A statement is cut into clauses; each clause gets a subject, its own or that of the clause before;
what follows the subject is matched against the rules of `state_english_rules`. A clause whose
subject is unclear (`he`, `it`, `if I`) asserts nothing.
"""

import re
from collections.abc import Iterator

from memos.memories.textual.tree_text_memory.organize.state_claim import Claim
from memos.memories.textual.tree_text_memory.organize.state_english_rules import (
    Predicate,
    owned_claims,
    state_claims,
)
from memos.memories.textual.tree_text_memory.organize.state_english_taste import (
    device_claims,
    diet_claims,
    owned_taste_claims,
    taste_claims,
)
from memos.memories.textual.tree_text_memory.organize.state_english_words import (
    SET_DATE,
    VERB_HEADS,
)
from memos.memories.textual.tree_text_memory.organize.state_lexicon import KIN, word_set
from memos.memories.textual.tree_text_memory.organize.state_limit import limit_claims

_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|`[^`]*`")
_NOTE = re.compile(r"\s*\([^)]*\)")
_ANSWERED = re.compile(r"^Asked (?:\"[^\"]*\"|“[^”]*”), .{1,40}? answered:\s*")
_SAID = re.compile(r"^(?P<who>[\w' -]{1,30}?) said:\s*", re.IGNORECASE)
_VIEW = re.compile(r"^\[assistant(?: view|观点)\]")
_SENTENCE = re.compile(r"(?<=[.!?;\n])\s+|\n")
_ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|St|Prof|Jr|Sr|Inc|Ltd|Co|vs)\.(?=\s)")
_NAME = r"(?:O'|D')?[A-Z][\w-]*[a-zé](?!'(?:d|ll|re|ve|m)\b)(?: [A-Z][a-z]+)?"
_KIN = "|".join(sorted(map(re.escape, KIN), key=len, reverse=True))
_OWNER = rf"(?:the user's|my|our|their|{_NAME}'s)"
_SUBJECT = rf"(?:the user\b|i\b|we\b|i'(?:m|ve)\b|we're\b|{_OWNER} )"
_LEAD = re.compile(
    r"(?:(?:"
    r"(?:in|since|as of|from|on|around) (?:(?:early|late|mid) )?(?:january|february|march|april|may|june|july|"
    r"august|september|october|november|december|\d{4})(?: \d{1,2})?(?:,? \d{4})?|"
    r"and|but|so|then|because|since|as|now|currently|recently|lately|finally|today|yesterday|"
    r"yes|yeah|well|also|actually|fortunately|luckily|sadly|unfortunately|these days|nowadays|"
    r"at the moment|right now|by the way|btw|oh|hey|hi|hello|update|news|good news|big news|"
    r"turns out|guess what|after all|eventually|meanwhile|anymore|at last|as you know|fyi|"
    r"(?:last|this) (?:week|month|year|spring|summer|autumn|fall|winter|weekend|\w+day)|"
    r"(?:a|one|two|three|\d+|a few|several) (?:days?|weeks?|months?|years?) ago|"
    rf"after [\w'-]+(?: [\w'-]+){{0,4}}?(?=,?\s+{_SUBJECT})|"
    r"for (?:the past |the last )?[\w-]+ (?:months?|years?|weeks?))[,:!.]?\s+)+",
    re.IGNORECASE,
)
_CLAUSE = rf"(?:{_SUBJECT}|{VERB_HEADS}\b|(?-i:[A-Z][a-z]+) (?:also |now |just |recently )?{VERB_HEADS}\b|(?:he|she|it|they|you|there|this|that)\b)"
_BREAK = re.compile(
    r"\s*[,;:—–]\s+(?:(?:and|but|so|then|because|although|while|yet|which is why|where)\s+)?"
    rf"(?={_CLAUSE})"
    rf"|(?<!the user)(?<!\bI)\s+(?:and|but|so|then|because|since|although|while|yet)\s+(?:then |now |also |so |finally |recently )*"
    rf"(?={_CLAUSE})"
    rf"|\s*,\s+(?=(?:now|then|currently)\b)"
    rf"|\s+-+\s+",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    rf"(?:the user|i)(?: and (?:others|(?:their|my|the user's) (?:(?:new|best|older|younger|twin|little|big) )?[\w-]+(?-i: [A-Z]\w+)?|{_NAME}))?\s+"
    r"|(?:my|the user's|their) [\w-]+ and (?:i|the user)\s+|we\s+|i'm\s+|i've\s+|i'd\s+|we're\s+|we've\s+",
    re.IGNORECASE,
)
_POSSESSED = re.compile(rf"(?P<owner>the user's|my|our|their|{_NAME}'s)\s+", re.IGNORECASE)
_NAMED = re.compile(rf"(?P<name>{_NAME})\s+")
_KINSHIP = re.compile(
    rf"(?:(?:older|younger|big|little|elder|twin|best|old|good|close|dear|late|new|oldest|youngest|own)\s+){{0,2}}"
    rf"(?P<kin>{_KIN})(?P<possessive>'s)?\b(?:,? (?P<name>[A-Z]\w+)(?P<named>'s)?,?)?\s*",
)
_UNKNOWN = re.compile(
    r"(?:he|she|it|they|you|there|this|that|these|those|who|which|someone|everyone|people|nobody|"
    r"he's|she's|it's|they're|you're|that's|there's|one|some|many|most|his|her|its|your|the(?! user)|a|an|"
    r"if|when|whenever|unless|whether|wish|imagine|suppose|maybe|perhaps|before|until|where|how|what|why)\b",
    re.IGNORECASE,
)
_NOT_NAMES = word_set(
    "this that these those it he she they you we i there here today yesterday tomorrow now then "
    "work life everyone everything nothing something someone people kids seeing being having "
    "living moving love thanks thank hey hi hello oh wow yes no yeah so and but or the a an my "
    "our your their his her in on at since after before when if while because as art music "
    "nature family home school god what who where why how which just still also really not "
    "never always maybe perhaps looking going getting making trying moved works lives glad "
    "happy excited definitely absolutely sounds feels looks seems takes means helps keeps gives brings "
    "asked even only once although though"
)
_ADVERB = (
    r"(?:(?:just|now|currently|recently|finally|also|still|already|actually|really|officially|lately|"
    r"absolutely|totally|truly|always|definitely|genuinely|honestly|simply|only|mostly|usually|"
    r"generally|personally|especially|particularly|kind of|sort of|kinda|eventually|successfully|"
    r"probably|both|all|do|does|too|so|even|quite|proudly|happily|secretly|fully|originally|"
    r"at the moment|these days|then|later|since|long|very much|sadly|unfortunately|ultimately|"
    r"apparently|again|strongly|newly|never really|right now|temporarily|permanently) )"
)
_PREFIX = re.compile(
    r"(?:(?P<not>(?:does not|doesn't|do not|don't|no longer|never|dont|doesnt) )"
    rf"|{_ADVERB}"
    r"|(?P<former>(?:used to|formerly|previously|once) )"
    r"|(?P<perfect>(?:has|have|'ve|'s)(?= (?:(?:just|now|always|recently|already|finally|also|never|since|been|long|not|only|actually|really|officially|even|"
    r"lived|worked|moved|joined|left|quit|become|gone|started|liked|loved|hated|enjoyed|got|gotten|switched|upgraded|"
    r"bought|relocated|settled|turned|studied|attended|changed|stopped|given|resigned|retired|broken|taken)\b)) )"
    rf"|(?:(?:will|'ll|(?:is|am|are|'m|'re) going to) (?=(?:be )?(?:start|begin|join|mov)[\w ]*{SET_DATE})))",
    re.IGNORECASE,
)
_IS_NOT = re.compile(
    r"^(?:is not|isn't|am not|are not|aren't|'m not|is no longer|am no longer|are no longer|ain't) (?:really |actually |even |currently )?"
)
_UNREAL = re.compile(
    r"(?:would|might|could|may|should|will|can(?!'t stand|not stand| not stand|'t bear|'t eat|not eat|'t drink|not drink| no longer (?:eat|drink)|'t have|not have)|won't|wants?|hopes?|wishes|wish|hoping|is (?:thinking|considering|hoping|"
    r"thinking)|am (?:thinking|considering|hoping)|almost|nearly|tried to|had to|did not|didn't|did|was thinking|'ll|has not|have not|hasn't|haven't|"
    r"had(?! (?:my|their) \d))\b",
    re.IGNORECASE,
)
_NOW_IN = re.compile(r"^(?:is|am|are)(?: now| back| currently)* in (?=[A-Z])")
"""Where somebody is who lived elsewhere before: "used to live in Rome but now is in Oslo"."""
_FIRST = re.compile(r"(?:i|we|my [\w-]+ and i|the user and \w+)\b", re.IGNORECASE)
_HEDGED = re.compile(
    r"\b(?:i wish|the user wishes|wishes|imagine|pretend|joking|kidding|hypothetically|in my dream|"
    r"in a dream|dreamed|dreamt|what if|as if|as though|if only)\b",
    re.IGNORECASE,
)


def english_claims(value: str, speaker: str) -> Iterator[Claim]:
    """Claims of an English statement, in order, repetitions included.

    Args:
        value: a statement as the reader writes it, or in the first person.
        speaker: who the first person is, a canonical subject.
    """
    text = value.strip().replace("’", "'")
    if _VIEW.match(text):
        return
    text = _QUOTED.sub(" ", _NOTE.sub("", _ANSWERED.sub("", text)))
    said = _SAID.match(text)
    if said is not None:
        who = said["who"].casefold()
        speaker = "user" if who == "the user" else who
        text = text[said.end() :]
    text = _ABBREVIATION.sub(r"\1", text)
    for sentence in _SENTENCE.split(text):
        if sentence.rstrip().endswith("?") or _HEDGED.search(sentence):
            continue
        yield from _sentence(sentence, speaker)


def _sentence(sentence: str, speaker: str) -> Iterator[Claim]:
    subject: str | None = None
    anchor = speaker
    first = False
    left: str | None = None
    for part in _BREAK.split(sentence):
        clause = part.strip(" .,!;:-")
        lead = _LEAD.match(clause + " ")
        begin = lead.end() if lead else 0
        found, owned, rest = _split(clause[begin:] + " ", anchor, speaker)
        if found is not None or not begin:
            clause = clause[begin:]
        else:
            found, owned, rest = _split(clause + " ", anchor, speaker)
            clause = clause if found else clause[begin:]
        if found is None:
            if _UNKNOWN.match(clause):
                subject = None
            if subject is None:
                continue
            first = first and not clause.startswith("like")
            found, owned, rest = subject, False, clause
        else:
            first = _FIRST.match(clause) is not None
            anchor = anchor if "'s " in found else found
        subject = found
        if subject == left and not owned:
            rest = _NOW_IN.sub("lives in ", rest)
        for claim in _matched(found, rest.strip(), owned=owned, first=first):
            left = claim.subject if claim.attribute == "home" and claim.ended else left
            yield claim


def _split(clause: str, anchor: str, speaker: str) -> tuple[str | None, bool, str]:
    """Subject of a clause, whether a noun of theirs is meant, and the rest."""
    together = _TOGETHER.match(clause)
    if together is not None:
        user = "user" if re.search(r"the user", together[0], re.IGNORECASE) else speaker
        verb = re.search(r"'(m|ve|re|d)\s*$", together[0])
        verbs = {"m": "am ", "re": "are ", "ve": "have ", "d": "would "}
        return user, False, (verbs[verb[1]] if verb else "") + clause[together.end() :]
    possessed = _POSSESSED.match(clause)
    if possessed is not None:
        word = possessed["owner"].casefold()
        if word.removesuffix("'s") in _NOT_NAMES - {"my", "our", "their"}:
            return None, False, clause
        owner = {"the user's": "user", "my": speaker, "our": speaker, "their": anchor}.get(
            word, word.removesuffix("'s")
        )
        rest = clause[possessed.end() :]
        kin = _KINSHIP.match(rest)
        if kin is None:
            return owner, True, rest
        owned = bool(kin["possessive"] or kin["named"])
        return f"{owner}'s {KIN[kin['kin']]}", owned, rest[kin.end() :]
    named = _NAMED.match(clause)
    if named is not None and named["name"].casefold() not in _NOT_NAMES:
        first = named["name"].split()[0]
        if first.casefold() not in _NOT_NAMES:
            return named["name"].casefold(), False, clause[named.end() :]
    return None, False, clause


def _matched(subject: str, rest: str, *, owned: bool, first: bool) -> Iterator[Claim]:
    if owned:
        yield from owned_claims(subject, rest)
        yield from owned_taste_claims(subject, rest)
        return
    said = _predicate(rest, first=first)
    if said is not None:
        for rules in (state_claims, diet_claims, device_claims, taste_claims):
            yield from rules(subject, said)
        yield from limit_claims(subject, said, negated=said.negated)


def _predicate(rest: str, *, first: bool) -> Predicate | None:
    """The predicate without adverbs and auxiliaries; None when it is unreal or asked.

    What lies ahead counts when its date is told: a memory of it holds from then on.
    """
    body = rest
    negated = former = perfect = False
    while True:
        match = _PREFIX.match(body)
        if match is None:
            break
        body = body[match.end() :]
        negated = negated or bool(match["not"])
        former = former or bool(match["former"])
        perfect = perfect or bool(match["perfect"])
    if _UNREAL.match(body) or (perfect and negated):
        return None
    body, changed = _IS_NOT.subn("is ", body, count=1)
    body = re.sub(r"^(?:am|are|be|'m|'s|'re)\b", "is", body)
    body = re.sub(rf"^is {_ADVERB}+", "is ", body)
    return Predicate(body, negated or bool(changed), former, perfect, first)
