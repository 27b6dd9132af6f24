"""English statements whose subject is left out: `Sold my car`, `Gonna repaint the kitchen`.

The speaker is supplied where the words show that nobody else can be meant; `Taking long walks is
good` and `Adopted children need love` have a subject and stay.
"""

import re

from memos.mem_reader.lexicon import BASE_VERBS, MODALS, PAST_FORMS, alternation, words

_ADVERB = (
    r"(?:(?:just|already|finally|also|recently|still|currently|actually|almost|officially|only) )*"
)
_OBJECT = (
    r"(?=\s+(?:my|our|an?|the|this|that|some|another|all|both|no|two|three|four|five|six|seven|eight|nine|ten|"
    r"\d+|to|from|up|down|out|off|on|in|into|at|with|for|back|over|about|around|through|away|it|him|her|them|"
    r"myself|last|yesterday|today|(?-i:[A-Z]\w+))\b)"
)
"""What comes after a verb and hardly after an adjective or a noun."""
_NO_PAST = MODALS | words(
    "was were had did been done gone said told meant thought knew understood known"
)
_REGULAR = {
    "stop": "stopped", "plan": "planned", "ship": "shipped", "shop": "shopped", "drop": "dropped",
    "regret": "regretted", "try": "tried", "study": "studied", "carry": "carried", "jog": "jogged",
    "chat": "chatted", "hug": "hugged", "skip": "skipped",
}  # fmt: skip
_MORE_VERBS = (
    "adopt pass fail order upgrade switch quit change turn return receive submit complete apply graduate "
    "book cancel renew resign retire propose adopt install repair fix sign reach land score earn gain hire "
    "borrow donate download register enrol enroll order attend launch publish accept reject drop injure twist "
    "sprain break swap trade adopt move relocate replace rent attend order update reserve hand turn"
)


def _past(verb: str) -> str:
    if verb in _REGULAR:
        return _REGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "ed"


def _gerund(verb: str) -> str:
    if verb in {"run", "swim", "plan", "stop", "shop", "jog", "get", "put", "chat", "sit", "cut"}:
        return verb + verb[-1] + "ing"
    return verb[:-1] + "ing" if verb.endswith("e") and not verb.endswith("ee") else verb + "ing"


_VERBS = BASE_VERBS | frozenset(_MORE_VERBS.split())
_PASTS = alternation(
    " ".join((PAST_FORMS - _NO_PAST) | {_past(v) for v in _VERBS} | {"quit", "tore", "put", "read"})
)
_NO_GERUND = words("look seem hear feel love like hate know mean see wish hope want need hang")
_GERUNDS = alternation(
    " ".join(
        {_gerund(v) for v in _VERBS - _NO_GERUND} | {"moving", "relocating", "saving", "living"}
    )
)
_MAIN_VERB = re.compile(
    r"\b(?:is|are|was|were|means?|makes?|made|can|could|helps?|helped|gives?|brings?|feels|felt|"
    r"reminds?|keeps?|must|will|would|really|has|have|takes?|costs?|sounds?|seems?|needs?)\b",
    re.IGNORECASE,
)
_OWN_SUBJECT = re.compile(r",\s*(?:I|I'm|I’m|I've|I’ve|we|my)\b")
_I_FOLLOWS = re.compile(r",\s*(?:I|I'm|I’m|I've|I’ve|we)\b")
_SINCE = r"(?: such| quite| almost)? (?:a|an|ages|forever|so|too)\b(?: [\w-]+){0,4} since\b"
_IMPERSONAL = re.compile(rf"^been(?={_SINCE})", re.IGNORECASE)
_FORMS = (
    (re.compile(r"(?:gonna|going to)\b", re.IGNORECASE), "is going to"),
    (re.compile(r"wanna\b", re.IGNORECASE), "wants to"),
    (re.compile(r"gotta\b", re.IGNORECASE), "has to"),
    (re.compile(r"can't wait\b", re.IGNORECASE), "can't wait"),
    (re.compile(rf"(?:been|never been|just been)\b(?!{_SINCE})", re.IGNORECASE), "has {}"),
    (
        re.compile(
            r"(?:just |still |also |currently |already )?(?:planning|thinking (?:of|about)|trying to|hoping to|"
            r"working on|looking forward|looking (?:into|for)|getting ready|taking|feeling|excited|off to|not sure|"
            r"allergic to|based in|engaged to|married to|(?:not |really )*(?:a (?:big |huge )?fan of|fond of|keen on))\b",
            re.IGNORECASE,
        ),
        "is {}",
    ),
    (re.compile(rf"{_ADVERB}(?:{_GERUNDS})\b{_OBJECT}", re.IGNORECASE), "is {}"),
    (
        re.compile(
            r"(?:just |already |finally |also |recently )?(?:got|went|had|took|made|saw|did|bought|"
            r"started|finished|came|met|found|tried|spent|felt|loved|enjoyed|moved|visited|joined|decided|"
            r"learned|used to|booked|ran|won|painted|signed|managed|ended up)\b",
            re.IGNORECASE,
        ),
        "{}",
    ),
    (re.compile(rf"{_ADVERB}(?:{_PASTS})\b{_OBJECT}", re.IGNORECASE), "{}"),
)  # fmt: skip


def impersonal(text: str) -> str:
    """`Been ages since ...` with its `It has`."""
    return _IMPERSONAL.sub("It has been", text)


def without_subject(text: str) -> tuple[str, str] | None:
    """The verb of the speaker that a statement opens with.

    Returns:
        The verb in the third person, and the rest of the statement; None when the statement has a
        subject, or it is not clear who is meant.
    """
    for pattern, form in _FORMS:
        match = pattern.match(text)
        if match is not None and not _has_subject(match[0], text):
            lead = match[0][:1].lower() + match[0][1:]
            return form.format(lead), text[match.end() :]
    return None


def _has_subject(lead: str, text: str) -> bool:
    """A sentence that seems to lack a subject has one: `Taking a break is vital`."""
    gerund = lead.lower().endswith("ing") or " " in lead
    if not gerund:
        return bool(_I_FOLLOWS.search(text))
    return bool(_OWN_SUBJECT.search(text) or _MAIN_VERB.search(text, len(lead)))
