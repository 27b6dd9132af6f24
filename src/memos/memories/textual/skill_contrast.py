"""Whether one wish takes back another."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from memos.graph_dbs.tokenize import tokenize
from memos.memories.textual.tree_text_memory.organize.state import Claim, claims

_NEGATIVE = re.compile(
    r"\bnot (?:\w+ )?(?:like|want|enjoy|interested|love|need|eat|drink|mind|care|into|keen|a fan|visit|go|use|include|do|be)\b"
    r"|n't (?:\w+ )?(?:like|want|enjoy|love|need|eat|drink|care|visit|go|use|include|do|be|stand|bear)\b"
    r"|\b(?:cannot|can't) (?:stand|bear)\b|\b(?:hates?|dislikes?|avoid\w*|never|no longer|skip|without|stop|detests?)\b"
    r"|^(?:no|do not|don't|leave out) "
    "|不(?:再)?(?:太|怎么|想|要)*(?:喜欢|想|要|爱|吃|喝|感兴趣|去|用|坐|逛)|没兴趣|讨厌|避免|受不了|^别|不再|从不",
    re.IGNORECASE,
)
_WORDS_OF_TASTE = frozenset(
    tokenize(
        "the user users would rather really now like likes love loves prefer prefers enjoy enjoys "
        "want wants interested into hate hates dislike dislikes avoid never no longer not don't "
        "does do can't stand care fan keen more most also please always anymore any it to visit go "
        "see i my me we and or"
    )
)
_HAN_TASTE = re.compile(
    "用户|我们?|现在|以后|喜欢|讨厌|感兴趣|没兴趣|不再|避免|从不|非常|更|想|要|不|没|别|对|也|爱|去|了|很|的|，|。"
)
_SHARED = 0.6


@dataclass(frozen=True, slots=True)
class Wish:
    """What a wish says, read once to be compared with many.

    Args:
        claims: states it claims, by subject and attribute.
        negative: it says what is not wanted.
        things: words of what it is about.
    """

    claims: Mapping[tuple[str, str], Claim]
    negative: bool
    things: frozenset[str]


def wish_of(text: str) -> Wish:
    """Read a wish, in the first or third person."""
    stated = {(c.subject, c.attribute): c for c in claims(text)}
    return Wish(stated, bool(_NEGATIVE.search(text)), frozenset(_things(text)))


def takes_back(later: Wish, earlier: Wish) -> bool:
    """Whether a later wish says the opposite of an earlier one.

    The tastes both claim decide; without any, the same things with and without a "not".
    """
    for key, claim in later.claims.items():
        known = earlier.claims.get(key)
        if known is None or not claim.attribute.startswith("taste"):
            continue
        if claim.ended or claim.polarity != known.polarity:
            return True
    if later.negative == earlier.negative:
        return False
    smaller = min(len(later.things), len(earlier.things))
    return smaller > 0 and len(later.things & earlier.things) / smaller >= _SHARED


def _things(text: str) -> set[str]:
    """What a wish is about: its words without those of liking and disliking."""
    tokens = tokenize(_HAN_TASTE.sub(" ", text))
    return {token for token in tokens if len(token) > 1 and token not in _WORDS_OF_TASTE}
