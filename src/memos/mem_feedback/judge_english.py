"""Rules for English feedback."""

import re
from dataclasses import replace

from memos.mem_feedback.feedback import Feedback, FeedbackKind
from memos.memories.textual.tree_text_memory.organize.state import claims

_FLAGS = re.IGNORECASE
_GOOD = re.compile(
    r"(?:👍+|(?:very |so |really )?(?:good|great|nice|perfect|excellent|helpful|useful|correct|right)"
    r"(?: answer| job| one| response)?|(?:yes,? )?(?:that|this|it)(?:'s| is| was)"
    r" (?:very |really )?(?:right|correct|true|helpful|useful|good|great)|thumbs up|well done)[.! 👍]*",
    _FLAGS,
)
_BAD = re.compile(
    r"(?:👎+|(?:bad|wrong|poor|terrible|useless|unhelpful|incorrect|not helpful|not useful)"
    r"(?: answer| job| one| response)?|(?:no,? )?(?:that|this|it)(?:'s| is| was)"
    r" (?:not |very )?(?:wrong|incorrect|false|bad|useless|unhelpful|right|correct|true|helpful"
    r"|useful)|(?:that|this|it)(?: isn't| wasn't) (?:right|correct|true|helpful|useful)"
    r"|thumbs down)[.! 👎]*",
    _FLAGS,
)
_SMALL_TALK = re.compile(
    r"(?:hello|hi|hey|good (?:morning|evening|afternoon|night)|thanks?(?: you)?(?: (?:a lot|so much"
    r"|very much))?|ok(?:ay)?|bye|goodbye|lol|haha+|hmm+|test(?:ing)?|yes|no|sure|cool)"
    r"(?:[ ,]+(?:there|all|everyone|again))?[.!? ]*",
    _FLAGS,
)
_POLITE = re.compile(
    r"(?:(?:please|kindly|hey|from now on|so|and|also|ok(?:ay)?|can you|could you|would you"
    r"|i want you to|you should|you can|i'd like you to|i would like you to)[, ]+)+",
    _FLAGS,
)
_DENIAL = re.compile(
    r"(?:(?:no|nope|wrong|incorrect|not quite|not true|false"
    r"|(?:that|this|it)(?:'s| is| was)(?: not| all| completely)? (?:wrong|incorrect|right|true"
    r"|correct|false)|(?:that|this|it) (?:isn't|wasn't) (?:right|true|correct)"
    r"|you(?:'re| are| were) (?:wrong|mistaken)|you (?:got|have|remembered) (?:that|it|this) wrong"
    r")(?:\s*[,.!:;—–-]+\s*|\s+(?=actually\b))|👎\s*)+(?:actually,? )?",
    _FLAGS,
)
_KEEP = re.compile(
    r"(?:remember|note|keep in mind|memori[sz]e|don't forget|do not forget|never forget)"
    r"(?: the fact)?(?: that|:)?\s+(?P<what>.+)",
    _FLAGS,
)
_FORGET = re.compile(
    r"(?:forget|erase|delete|drop|remove|(?:don't|do not|stop|never|no longer) (?:remember|store"
    r"|keep|save|record|remembering|storing|keeping|saving|recording|memori[sz]ing|memori[sz]e))"
    r"(?P<about> (?:about|everything about|everything you know about|anything about"
    r"|all about|all memories about|all memories of|the memory about|the memories about))?"
    r"(?: (?:the fact )?that)? (?P<what>.+)",
    _FLAGS,
)
_VAGUE = re.compile(
    r"(?:it|that|this|about it|what i (?:just )?said|everything|me|this one)", _FLAGS
)
_ALL = r"(?:all|every|each|any)(?: of)?(?: the| my)?"
_PLACES = (
    r"(?:everywhere|globally|throughout|from now on|(?:in|across) (?:all|every|the|my|any)\b.*)"
)
_OCCURRENCES = rf"(?:(?:{_ALL} )?(?:the )?(?:occurrences?|mentions?|instances?|names?|uses?) of )"
_REPLACE = re.compile(
    rf"(?:replace|substitute|swap) (?:{_OCCURRENCES}|{_ALL} )?(?P<old>.+?) (?:with|by|for)"
    rf" (?P<new>.+?)(?:[, ]+{_PLACES})?",
    _FLAGS,
)
_CHANGE = re.compile(
    rf"(?P<verb>change|rename|update|set|correct|switch) (?P<all>{_OCCURRENCES}|{_ALL} )?"
    rf"(?P<old>.+?) (?:in)?to (?P<new>.+?)(?P<place>[, ]+{_PLACES})?",
    _FLAGS,
)
_RENAMED = re.compile(
    r"(?:i (?:have |'ve )?(?:just )?changed my name|my name (?:has |was |is )?(?:been )?changed"
    r"|i (?:have |'ve )?renamed myself) from (?P<old>.+?) to (?P<new>.+)",
    _FLAGS,
)
_NOW_CALLED = re.compile(
    r"(?P<old>.+?) (?:is now (?:called|named|known as)|(?:has been|was|is|got) renamed(?: to| as)?)"
    r" (?P<new>.+)",
    _FLAGS,
)
_FROM = re.compile(r"(?P<topic>.+?) from (?P<old>.+)", _FLAGS)
_NOT = r"(?:,?\s*(?:and |but )?not|,?\s*instead of|,?\s*rather than|,?\s*as opposed to)"
_NEW_NOT_OLD = re.compile(rf"(?P<head>.+?){_NOT} (?P<old>[^,;]+)", _FLAGS)
_NOT_OLD_BUT_NEW = re.compile(
    r"(?P<head>.*?)\b(?:not|isn't|wasn't|aren't|don't|doesn't|didn't)\s+(?P<old>.+?)"
    r"(?:,|;|\s+but)\s*(?:but\s+)?(?P<new>.+)",
    _FLAGS,
)
_SHOULD_BE = re.compile(
    r"(?P<topic>.+?) (?:should|must|has to|needs to|ought to) (?:actually |really |now )?be"
    r" (?P<new>.+)",
    _FLAGS,
)
_LEADING = re.compile(
    r"(?:it|that|this)(?:'s| is| was| should be)(?: actually| really)? "
    r"|(?:i|we|he|she|they) (?:mean|meant) |(?:actually|rather|really) ",
    _FLAGS,
)
_STATED = re.compile(
    r"(?:(?:i|we|he|she|they|it|that|this)(?:'m|'re|'s)?|my|our|the|his|her|their)\b", _FLAGS
)
_OWNED = re.compile(r"(?:my|our|the|his|her|their)\s+\S", _FLAGS)
_NO_VALUE = re.compile(
    r"(?:because|that|if|when|while|only|just|sure|yet|so|really|very|even|much)\b"
    r"|to (?-i:[a-z])|.*\bbut\b",
    _FLAGS,
)
_SPLIT = re.compile(r"(?<=[.!;])\s+(?=\S)")


def judged(text: str) -> Feedback:
    """What an English feedback means."""
    plain = text.strip().replace("’", "'")
    if _GOOD.fullmatch(plain):
        return Feedback(FeedbackKind.VOTE, vote=1)
    if _BAD.fullmatch(plain):
        return Feedback(FeedbackKind.VOTE, vote=-1)
    if _SMALL_TALK.fullmatch(plain):
        return Feedback(FeedbackKind.NONE)
    denial = _DENIAL.match(plain)
    if denial:
        rest = plain[denial.end() :].strip()
        if not rest or _SMALL_TALK.fullmatch(rest):
            return Feedback(FeedbackKind.VOTE, vote=-1)
        return _denied(_asked(rest) or _contrasted(rest) or _plain(rest))
    for part in dict.fromkeys((plain, *reversed(_SPLIT.split(plain)))):
        # "From now on, I changed my name. Replace User 1 with User 2 everywhere."
        found = _asked(part)
        if found:
            return found
    return _contrasted(plain) or _plain(plain)


def _denied(found: Feedback) -> Feedback:
    if found.kind is FeedbackKind.ADDITION:
        bare = _LEADING.match(found.statement)
        if bare:  # "it is 600" says nothing by itself
            new = _value(found.statement[bare.end() :])
            return Feedback(FeedbackKind.CORRECTION, new=new, wrong=True)
        return replace(found, kind=FeedbackKind.CORRECTION, wrong=True)
    return replace(found, wrong=True)


def _asked(text: str) -> Feedback | None:
    """What the user asks to be done with memory."""
    polite = _POLITE.match(text)
    plain = _bare(text[polite.end() :] if polite else text)
    if plain.endswith("?"):
        plain = plain[:-1] if polite else ""
    keep = _KEEP.fullmatch(plain)
    if keep:
        return _plain(keep["what"])
    return _forgotten(plain) or _replaced(plain)


def _forgotten(plain: str) -> Feedback | None:
    forget = _FORGET.fullmatch(plain)
    if not forget:
        return None
    if _VAGUE.fullmatch(forget["what"]):
        return Feedback(FeedbackKind.FORGETTING)
    return Feedback(FeedbackKind.FORGETTING, statement=forget["what"])


def _replaced(plain: str) -> Feedback | None:
    for pattern in (_REPLACE, _RENAMED, _NOW_CALLED):
        match = pattern.fullmatch(plain)
        if match:
            return _replacement(match["old"], match["new"])
    change = _CHANGE.fullmatch(plain)
    if not change:
        return None
    old, new = change["old"], change["new"]
    if change["all"] or change["place"]:
        return _replacement(old, new)
    moved = _FROM.fullmatch(old)
    if moved:
        return Feedback(
            FeedbackKind.CORRECTION,
            old=_value(moved["old"]),
            new=_value(new),
            statement=f"{moved['topic']} is {_value(new)}",
        )
    if _OWNED.match(old):
        return _set(old, new)
    return _replacement(old, new) if change["verb"].lower() in {"change", "rename"} else None


def _replacement(old: str, new: str) -> Feedback:
    return Feedback(FeedbackKind.REPLACEMENT, old=_value(old), new=_value(new))


def _set(topic: str, new: str) -> Feedback:
    value = _value(new)
    return Feedback(
        FeedbackKind.CORRECTION, new=value, topic=topic.strip(), statement=f"{topic} is {value}"
    )


def _contrasted(text: str) -> Feedback | None:
    """One value said in place of another."""
    plain = _bare(text)
    if plain.endswith("?"):
        return None
    if any(not claim.polarity for claim in claims(plain)):
        return None  # "I don't like apples, but I like pears" tells two tastes
    match = _NEW_NOT_OLD.fullmatch(plain)
    if match and not _STATED.match(match["old"]) and not _NO_VALUE.match(match["old"]):
        old = _value(match["old"])
        head = match["head"]
        new = tail_like(head, old)
        if new and new.casefold() != old.casefold():
            return Feedback(
                FeedbackKind.CORRECTION, old=old, new=new, statement=_statement(head, new)
            )
    match = _NOT_OLD_BUT_NEW.fullmatch(plain)
    if match:
        return _after_denied(match["head"], match["old"], match["new"])
    match = _SHOULD_BE.fullmatch(plain)
    if match:
        topic = match["topic"]
        bare = _LEADING.fullmatch(f"{topic} is ")
        if bare:
            return Feedback(FeedbackKind.CORRECTION, new=_value(match["new"]), wrong=True)
        return _set(topic, match["new"])
    return None


def _after_denied(head: str, old: str, new: str) -> Feedback | None:
    """The meaning of "(it is) not OLD, (but) NEW", where NEW may be a whole sentence."""
    old = _value(old)
    led = _LEADING.match(new)
    value = _value(new[led.end() :] if led else new)
    if not led and _STATED.match(new) and not _OWNED.match(new):
        # "I don't live in Lisbon, I live in Porto."
        value = tail_like(new, old)
        common = _shared_start(old, value)
        return Feedback(
            FeedbackKind.CORRECTION, old=old[common:], new=value[common:], statement=new
        )
    if not value or (not led and " but" not in f" {new}" and not head.strip()):
        return None
    subject = _bare(re.sub(r"(?:\b(?:is|was|are)|'s)?\s*$", "", head.strip()))
    self_standing = subject and not _LEADING.fullmatch(f"{subject} is ")
    statement = f"{subject} is {value}" if self_standing else ""
    return Feedback(FeedbackKind.CORRECTION, old=old, new=value, statement=statement)


def _statement(head: str, new: str) -> str:
    """The sentence before "not", unless it is the new value alone."""
    led = _LEADING.match(head)
    rest = head[led.end() :] if led else head
    return "" if _value(rest) == new else head.strip()


def _plain(text: str) -> Feedback:
    if _bare(text).endswith("?"):
        return Feedback(FeedbackKind.NONE)
    return Feedback(FeedbackKind.ADDITION, statement=text.strip())


def tail_like(head: str, old: str) -> str:
    """The words at the end of a sentence that stand where `old` would.

    "The limit is 600 CNY" against "800 CNY" gives "600 CNY"; "I chose Ji Hotel" against
    "7 Days Inn" gives "Ji Hotel".
    """
    words, model = head.split(), old.split()
    if not words or not model:
        return ""
    first = model[0].casefold()
    if len(model) > 1 and first in _FUNCTION_WORDS:
        places = [at for at, word in enumerate(words) if word.casefold() == first]
        if places:
            return _value(" ".join(words[places[-1] :]))
    if words[-1].casefold() == model[-1].casefold():
        return _value(" ".join(words[-len(model) :]))
    counts = [word for word in words if word.casefold() in _COUNTS]
    if len(model) == 1 and first in _COUNTS and counts:
        return counts[-1]
    if model[0][0].isdigit() and not _is_name(words[-1]):
        # "600 yuan, not 800": the unit is said once.
        numbers = [word for word in words if word[0].isdigit()]
        return _value(numbers[-1]) if numbers else ""
    if _is_name(model[0]):
        at = len(words)
        while at > 0 and _is_name(words[at - 1]) and (at > 1 or len(words) == 1):
            at -= 1
        if at < len(words):
            return _value(" ".join(words[at:]))
    return _value(" ".join(words[-len(model) :]))


def _shared_start(one: str, other: str) -> int:
    """Length of the words both values begin with."""
    length = 0
    for match, twin in zip(
        re.finditer(r"\S+\s*", one), re.finditer(r"\S+\s*", other), strict=False
    ):
        if match[0].casefold() != twin[0].casefold() or match.end() == len(one):
            break
        length = match.end()
    return length


_COUNTS = frozenset(
    {"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"}
    | {"twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}
    | {
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "once",
        "twice",
    }
)
_FUNCTION_WORDS = frozenset(
    {"the", "a", "an", "in", "on", "at", "to", "my", "our", "for", "with", "from"}
)


def _is_name(word: str) -> bool:
    bare = word.strip("\"'“”()")
    return bool(bare) and (bare[0].isupper() or bare[0].isdigit() or bare[0] in "$€£¥")


def _bare(text: str) -> str:
    return text.strip().rstrip(".!; ")


def _value(text: str) -> str:
    return _bare(text).strip("\"'“”‘’` ,")
