"""Tastes, diets and devices in English predicates."""

import re
from collections.abc import Iterator

from memos.memories.textual.tree_text_memory.organize.state_claim import Claim
from memos.memories.textual.tree_text_memory.organize.state_english_rules import Predicate
from memos.memories.textual.tree_text_memory.organize.state_lexicon import (
    DEVICE_NOUNS,
    KIN,
    canonical,
    device_kind,
    singular,
    thing,
    word_set,
)

_LIKE = re.compile(
    r"(?:(?P<like>likes?|loves?|enjoys?|adores?|prefers?|(?:is|been) (?:(?:so|very|super|big|mostly|more|mainly|pretty|quite|totally|now|really|not|much|also|always) )?(?:a (?:big |huge |massive |real )?fan of|fond of|"
    r"into|crazy about|obsessed with|keen on)|(?:has |have )?(?:started|begun|come|grown|learned|learnt|grew|came) "
    r"(?:to )?(?:like|liking|love|loving|enjoy|enjoying)|fell in love with)"
    r"|(?P<hate>hates?|dislikes?|detests?|loathes?|(?:can't|cannot|can not) (?:stand|bear)|"
    r"(?:is )?(?:tired|sick) of|got (?:tired|sick) of|went off|stopped (?:liking|enjoying|loving|eating|drinking)|"
    r"(?:is )?not (?:\w+ )?(?:a (?:big |huge )?fan of|fond of|into|keen on)))\s+(?P<what>.+)"
)
_LIKED = re.compile(r"(?P<like>liked|loved|enjoyed|adored)\s+(?P<what>.+)")
_BARE = re.compile(r"(?:like|love|enjoy|adore|prefer|hate|dislike|detest|loathe)\b")
"""Forms that do not agree with a third person: `like` is a preposition there, `love` a noun."""
_CONSUME = re.compile(r"(?:eats?|drinks?)\s+(?P<what>.+)")
_CANNOT = re.compile(r"(?:can't|cannot|can not|can no longer) (?:eat|drink|have)\s+(?P<what>.+)")
_CUT = re.compile(
    r"\s*(?:[.;:!?(]|\b(?:because|but|when|while|since|as|so|that|which|who|with|from|in|on|at|for|every|after|"
    r"before|than|over|more|very much|a lot|too|now|any ?more|most|again|lately|by|if|to|about|though|"
    r"although|where|until|especially|like|these days|recently|instead|then|both|during|rather|under|"
    r"around|through|together|outside|even|much|anyway|best|lots|first|today|all|somewhat|either)\b)"
)
_ITEM = re.compile(r"\s*(?:, only .*|, just .*|,? and |,? or |, | & )\s*")
_LEADING = re.compile(
    r"^(?:(?:a good|a nice|a cup of|some|really|very|too|so|any|all kinds? of|all sorts? of|overly|"
    r"eating|drinking|a|an|the sound of|the taste of|to eat|to drink|to) )+"
)
_NO_THING = re.compile(
    r"(?:it|its|this|that|these|those|how|what|when|your|you|yours|him|her|his|them|they|each|one|who|"
    r"seeing|hearing|having|being|making|getting|spending|knowing|giving|helping|sharing|finding|"
    r"taking|using|keeping|connecting|learning|looking|trying|feeling|be|see|hear|know|have|say|think|"
    r"make|get|spend|find|help|keep|share|everything|something|anything|nothing|both|every|working|doing|"
    r"being|me|us|we|i|he|she|there|way|idea|caroline|same|going|bringing|talking|exploring|discovering|"
    r"creating|watching|experiencing|supporting|combining|pushing|putting|showing|also|it's|people|not|"
    r"such|lots|do|try|hang|hanging|meeting|inspiring|capturing|catch|catching|go|up|"
    r"living|time|much|well|no|more|just|most|own|stuff|things?|ones|better|part|challenging|escaping|"
    r"exchanging|building|expressing|mixing|adding|encouraging|starting|chatting|challenge|bit|blend)\b"
)
_DEFINITE = word_set(
    "beach outdoors ocean mountains sea rain snow cold heat guitar piano violin countryside "
    "city gym winter summer drums cello forest"
)
_LITTLE = word_set(
    "the your his her our their its is was are were a an i my it them him he she they you me us "
    "this that these those what how said did do does has have had will can and"
)
_HEAD_NOUNS = word_set("food foods music movies movie books book drinks dishes wine films")
_WORD = re.compile(r"[\w'’-]+$")
_SPECIFIC = re.compile(r"(?:the|my|our|their|his|her|your) [\w'-]+(?: [\w'-]+)*\s*(?:,|\band\b|&)")
_DEFINITE_NOUN = re.compile(r"the (?P<noun>[a-z]+)$")

_DIET = re.compile(
    r"(?:(?:is|became|went|turned|been|gone|turned|stayed|become|started being|has become|is going|eats?|"
    r"decided to (?:go|become|be)|switched to|following|follows?|started|adopted|(?:is )?on|is following)"
    r"(?: (?:a|an|strictly|fully|now|mostly|currently|still|back|to|being|strict|the|recently|eating))* )"
    r"(?P<diet>vegan|vegetarian|pescatarian|flexitarian|keto|ketogenic|paleo|gluten[- ]free|halal|kosher|low[- ]carb|omnivore|"
    r"plant[- ]based|dairy[- ]free|carnivore|mediterranean|omnivorous)\b(?! (?:restaurants?|food|dish(?:es)?|recipes?|cook\w*|place|"
    r"options?|meals?|burger|cheese|club|friend|caf\w+|lasagna|chef|cake))",
    re.IGNORECASE,
)
_MEAT_AGAIN = re.compile(
    r"(?:(?:is )?(?:eats?|eating|started eating|started to eat|went back to eating|been eating) meat(?: again| now|\s*$))"
)
_NO_MEAT = re.compile(
    r"(?:stopped eating|gave up|(?:has )?given up|quit|quit eating|cut out) (?:all )?meat\b|(?:doesn't|don't|does not|do not) eat meat"
)
_NO_DIET = re.compile(
    r"(?:stopped|quit|gave up)(?: being| eating| the)?(?: a| my| their)? (?P<diet>vegan|vegetarian|pescatarian|keto|paleo|"
    r"gluten[- ]free|low[- ]carb|plant[- ]based)"
)
_MEAT = re.compile(r"(?:any |eating )?meat\b")
_DIET_NAMES = {
    "ketogenic": "keto", "plant-based": "vegan", "omnivorous": "omnivore", "gluten free": "gluten-free",
    "low carb": "low-carb", "plant based": "vegan", "dairy free": "dairy-free",
}  # fmt: skip

_MODEL = r"(?P<new>[A-Za-z0-9][\w.+'-]*(?: (?!(?:last|this|for|from|in|at|on|with|to|as|because|and|but|now|instead|so|since|after|yesterday|today|when|that|which|which|while|recently|a|again|these|but|by|next)\b)[\w.+'-]+){0,5})"
_GET = re.compile(
    rf"(?:(?:is )?us(?:es?|ing)|bought|purchased|got|picked up|owns?|has|have|drives?|is driving|(?:switched|upgraded|moved|changed)"
    rf"(?: [\w ]{{1,20}}?)??(?: from (?P<old>[\w .+'-]{{2,30}}?))? to|replaced (?P<replaced>[\w .+'-]{{2,40}}?) (?:with|by)|"
    rf"traded(?: in)? (?P<traded>[\w .+'-]{{2,40}}?) for|carries) "
    rf"(?:(?:my|their|his|her|our|myself|themselves|a|an|the|brand[- ]new|new|used|second-hand|old|latest|refurbished|of) )*{_MODEL}"
)
_LOSE = re.compile(
    rf"(?:sold|got rid of|gave away|returned|threw away) (?:(?:my|their|his|her|our|the|old|a|an) )*{_MODEL}"
)
_ACCESSORY = re.compile(
    r"\b(?:case|charger|stock|stocks|cable|app|shares?|dealership|dealer|store|plug|screen protector|factory|"
    r"field|foundation|museum|event|stand|mount|bag|cover|battery|games?|mustang poster|show)\b",
    re.IGNORECASE,
)
_FOR_OTHERS = re.compile(rf" for (?:my|their|his|her|the|our) (?:\w+ )?(?:{'|'.join(KIN)})\b")
_OWNED_DEVICE = re.compile(
    r"(?:(?:new|current|work|main|personal|old|other) ){0,2}(?P<noun>phone|smartphone|mobile|laptop|computer|tablet|car|"
    r"vehicle|watch|smartwatch|headphones|earbuds|camera|console|device) ?(?:is|are|:)(?: now| currently)? "
    r"(?:(?P<article>a|an|the) )?(?:(?:new|brand[- ]new|\d+-inch|old|used) )*" + _MODEL
)
_FAVOURITE = re.compile(
    r"(?:(?:new|current|all-time|absolute|own|personal) ){0,2}favou?rite (?P<kind>[a-z]+(?: [a-z]+)?) ?(?:is|are|has become|is now|:)(?: now| probably| definitely| still| currently)? "
    r"(?P<what>.+)"
)


def taste_claims(subject: str, said: Predicate) -> Iterator[Claim]:
    """Likes and dislikes of a predicate."""
    match = _LIKE.match(said.body) or (_LIKED.match(said.body) if said.perfect else None)
    if match is not None:
        if _BARE.match(said.body) and not (said.first or said.negated or said.former):
            return
        likes = bool(match["like"]) and not said.negated
        if match.groupdict().get("hate") and said.negated:
            return
        if _MEAT.match(match["what"]) and not likes:
            return
        for item in things(match["what"]):
            yield Claim(subject, f"taste:{item}", item, said.former, likes)
        return
    match = _CANNOT.match(said.body) or (_CONSUME.match(said.body) if said.negated else None)
    if match is not None and not _MEAT.match(match["what"]):
        for item in things(match["what"]):
            yield Claim(subject, f"taste:{item}", item, False, False)


def things(text: str) -> Iterator[str]:
    """Canonical things of a list of likes; none where the object is a clause or a pronoun."""
    if re.match(r"(?:to|the way|it|that|this|when|how)\b(?! (?:eat|drink|play|read|swim|run|hike|cook|dance|paint|travel|sing|draw|bake|garden|ski|surf|fish)\b)", text):  # fmt: skip
        return
    text = re.sub(r"^to (\w+)", lambda m: _gerund(m[1]), text)
    cut = _CUT.search(text)
    if cut is not None and cut[0].strip() in {"that", "which", "who", "where"}:
        return
    head = (text[: cut.start()] if cut else text).strip(" ,")
    if _SPECIFIC.match(head):
        return
    items = [i.strip() for i in _ITEM.split(head) if i.strip()]
    noun = items[-1].split()[-1] if items else ""
    for item in items[:6]:
        bare = _LEADING.sub("", item.lower())
        if len(items) > 1 and noun in _HEAD_NOUNS and " " not in bare and bare.endswith("y"):
            bare = f"{bare} {noun}"
        definite = _DEFINITE_NOUN.match(bare)
        if definite is not None and definite["noun"] in _DEFINITE:
            bare = definite["noun"]
        if _is_thing(bare):
            yield thing(bare)


def _is_thing(text: str) -> bool:
    words = text.split()
    if not words or len(words) > 3 or _NO_THING.match(text) or text.startswith("the "):
        return False
    if words[0].endswith("ing") and words[1:2] == ["the"]:
        return words[2:] != [] and words[2] in _DEFINITE
    if any(w in _LITTLE or w.endswith("'s") for w in words):
        return False
    return all(_WORD.match(word) for word in words) and len(words[0]) > 1


def _gerund(verb: str) -> str:
    if verb in {"eat", "drink"}:
        return ""
    doubled = {"swim", "run", "jog", "knit", "chat"}
    if verb in doubled:
        return verb + verb[-1] + "ing"
    return (verb[:-1] if verb.endswith("e") and verb != "see" else verb) + "ing"


def diet_claims(subject: str, said: Predicate) -> Iterator[Claim]:
    """What somebody lives on."""
    body = ("does not " if said.negated else "") + said.body
    stopped = _NO_DIET.match(body)
    if stopped is not None:
        yield Claim(subject, "diet", _diet(stopped["diet"]), ended=True)
    elif _NO_MEAT.match(body):
        yield Claim(subject, "diet", "vegetarian")
    elif _MEAT_AGAIN.match(body) and not said.former:
        yield Claim(subject, "diet", "omnivore")
    else:
        match = _DIET.match(said.body) or _DIET.match(re.sub("^be ", "is ", said.body))
        if match is not None:
            yield Claim(subject, "diet", _diet(match["diet"]), ended=said.negated or said.former)


def _diet(text: str) -> str:
    plain = text.lower()
    return _DIET_NAMES.get(plain, plain)


def device_claims(subject: str, said: Predicate) -> Iterator[Claim]:
    """Devices somebody uses, bought or gave away, by model."""
    match = _GET.match(said.body)
    if match is not None and not _FOR_OTHERS.search(said.body):
        former = _LEADING.sub("", match["old"] or match["replaced"] or match["traded"] or "")
        if device_kind(former) and not said.negated:
            yield from _device(subject, former, ended=True)
        yield from _device(subject, match["new"], ended=said.negated or said.former)
    match = _LOSE.match(said.body)
    if match is not None and not said.negated:
        yield from _device(subject, match["new"], ended=True)


def _device(subject: str, model: str, *, ended: bool) -> Iterator[Claim]:
    plain = canonical(re.sub(r"^(?:my|their|old|new|the) ", "", model))
    kind = device_kind(plain)
    if kind is None or plain in DEVICE_NOUNS or _ACCESSORY.search(plain):
        return
    if plain.split()[-1] in DEVICE_NOUNS and not any(c.isdigit() or c.isupper() for c in model):
        return
    yield Claim(subject, f"device:{kind}", plain, ended)


def owned_taste_claims(subject: str, rest: str) -> Iterator[Claim]:
    """`phone is an iPhone 15`, `favourite food is sushi`."""
    match = _OWNED_DEVICE.match(rest)
    if match is not None:
        model = match["new"]
        if match["article"] or device_kind(model) or any(c.isdigit() for c in model):
            kind = DEVICE_NOUNS[match["noun"]]
            found = device_kind(model)
            kind = (found or kind) if match["noun"] == "device" else kind
            yield Claim(subject, f"device:{kind}", canonical(model))
        return
    match = _FAVOURITE.match(rest)
    if match is not None:
        kind = singular(match["kind"].split()[-1])
        what = list(things(match["what"])) or _names(match["what"])
        if what and kind not in {"part", "thing", "one", "memory", "way", "of"}:
            yield Claim(subject, f"favourite:{kind}", what[0])


def _names(text: str) -> list[str]:
    match = re.match(r"(?:the )?(?P<name>[A-Z][\w'-]*(?: [A-Z0-9][\w'-]*)*)", text)
    return [canonical(match["name"])] if match else []
