"""Spelling out what people shorten when they type, before a statement is retold.

`my gf and i r in nyc rn lol` is `my girlfriend and I are in nyc right now`. Only the memory's wording
changes: the words it cites stay as they were typed.
"""

import re

_LONG = {
    "gf": "girlfriend", "bf": "boyfriend", "bff": "best friend", "hubby": "husband",
    "fav": "favorite", "fave": "favorite", "favs": "favorites", "bday": "birthday",
    "appt": "appointment", "apt": "apartment", "yrs": "years", "yr": "year", "hrs": "hours",
    "mins": "minutes", "wks": "weeks", "mths": "months", "rn": "right now", "atm": "at the moment",
    "tmrw": "tomorrow", "tmr": "tomorrow", "tomoz": "tomorrow", "2moro": "tomorrow", "2nite": "tonight",
    "u": "you", "ur": "your", "r": "are", "ppl": "people", "smth": "something", "sth": "something",
    "bc": "because", "cuz": "because", "coz": "because", "cos": "because", "tho": "though",
    "thru": "through", "w/": "with", "w/o": "without", "b4": "before", "gr8": "great", "2day": "today",
    "recieved": "received", "definately": "definitely", "untill": "until", "becuase": "because",
}  # fmt: skip
_TITLE_CASE = (
    "monday tuesday wednesday thursday friday saturday sunday january february april june july august "
    "september october november december english spanish french german italian japanese chinese korean "
    "portuguese russian arabic dutch swedish hindi greek turkish polish mandarin cantonese christmas easter"
)
"""Names whose capital is missed most; `march` and `may` are other words as well."""
_LONG_PATTERN = re.compile(
    rf"(?<![\w'’@./-])(?:{'|'.join(sorted(map(re.escape, _LONG), key=len, reverse=True))})(?![\w'’@/-]|\.\w)"
)
_NAMES = re.compile(rf"(?<![\w'’@./-])(?:{'|'.join(_TITLE_CASE.split())})s?(?![\w@/-]|\.\w)")
_MONTH = re.compile(r"(?:(?<=\bin )|(?<=\d )|(?<=\dth ))(?:march|may)\b(?! i\b)")
_QUOTED = re.compile(r"(\"[^\"\n]{0,400}\"|“[^”\n]{0,400}”|`[^`\n]{0,400}`)")
_SMILEY = re.compile(r"\s*(?<!\w)(?:[:;=]['’]?-?[()DPpoO/|]|<3|xD|XD|\^\^|T_T|:\'\()(?!\w)")
_NOISE = (
    r"(?:lol|lmao|rofl|haha(?:ha)*|hehe|ugh|smh|omg|tbh|ngl|idk|btw|imo|imho|xoxo|yay|sigh|meh)"
)
_AT_END = re.compile(rf"(?:[,\s]+{_NOISE})+(?=[\s.!?~…]*$)", re.IGNORECASE)
_AT_START = re.compile(
    r"^(?:(?:tbh|ngl|honestly|ugh|lol|omg|sigh|argh|jeez|gosh)[,.!]*\s+)+(?=\S)", re.IGNORECASE
)
_BELIEF = re.compile(r"^(?:imo|imho|in my (?:humble |honest )?opinion)[,:]?\s+", re.IGNORECASE)
_GOT = re.compile(
    r"\b(I|we|you|they)(?:['’]ve| have) got (?=(?:an?|the|no|some|my|our|to|two|three|four|five|six|several|"
    r"lots|\d+)\b)",
    re.IGNORECASE,
)
_IS = re.compile(
    r"\b((?:my|our) (?:[\w-]+ ){0,2}[\w-]+)['’]s (?=(?:an?|the|in|at|from|not|called|named|also|still|\w+ing)\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"^((?:I['’]m|I am|im) [^,.;]{1,40}), (?=(?:one|two|three|four|five|no|\d+) "
    r"(?:kids?|children|child|sons?|daughters?|dogs?|cats?|siblings|brothers?|sisters?)\b[^,.;]*$)",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"^((?:I['’]m|I am|im) (?:\d{1,3}|[\w-]+ years old)), (?=(?:single|married|divorced|engaged|widowed|retired|"
    r"vegan|vegetarian|separated|pregnant|male|female)[.!]*$)",
    re.IGNORECASE,
)


def spelled_out(text: str) -> str:
    """An English statement with its short forms spelled out; quoted text stays as it is."""
    parts = _QUOTED.split(text)
    for at in range(0, len(parts), 2):
        parts[at] = _plain(parts[at])
    whole = _AT_END.sub("", _AT_START.sub("", "".join(parts)))
    return whole if whole.strip() else text


def _plain(text: str) -> str:
    text = _SMILEY.sub("", text)
    text = _BELIEF.sub("I think ", text)
    text = _LONG_PATTERN.sub(lambda match: _LONG[match[0]], text)
    text = _NAMES.sub(lambda match: match[0].capitalize(), text)
    text = _MONTH.sub(lambda match: match[0].capitalize(), text)
    text = _IS.sub(r"\1 is ", _GOT.sub(r"\1 have ", text))
    return _STATUS.sub(r"\1 and ", _COUNTED.sub(r"\1 and I have ", text))
