"""What is said and not meant: games of pretending, irony. Nothing of it is kept."""

import re

_PRETENDED = re.compile(
    r"(?:ok(?:ay)?,? |so,? |now,? |please )*(?:imagine|suppose|supposing|pretend|assume|say|let['’]?s (?:say|pretend|imagine|assume)|"
    r"what if|hypothetically|in my dream|i (?:dreamed|dreamt|had a dream))\b(?! (?:hi|hello|thanks|goodbye)\b)",
    re.IGNORECASE,
)
_IRONIC = re.compile(
    r"(?:(?:oh|yeah|sure|right|great|wow|ha|haha|of course)[,!. ]+)+(?:because|cuz|cos|like|as if) (?:i|my|we|that)\b"
    r"|(?:yeah[, ]+)?as if (?:i|my|we)\b|(?:yeah[, ]+right|sure[, ]+jan)\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "(?:想象一下|假装|假设|设想|比方说|打个比方)"
    "|(?:假如|如果|要是|倘若)[^，,。就那]*$"
    "|(?:我)?(?:梦见|梦到)"
    "|(?:呵呵|是啊|对啊)[，,]?(?:说得好像|搞得好像)"
)


def is_unreal(text: str) -> bool:
    """Whether a sentence of a person pretends, or means the opposite of what it says."""
    plain = text.strip(" \t\"'“”")
    return bool(_PRETENDED.match(plain) or _IRONIC.match(plain) or _CHINESE.match(plain))
