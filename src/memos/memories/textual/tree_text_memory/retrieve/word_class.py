"""Words of a question that name a class of things, and what counts as a member of it.

"Which sports do I do?" shares no word with "I went bouldering on Sunday". The lists beside this
module say that bouldering is a sport, and that who moves relocates, so the store may take the one
for the other, at a part of its weight. docs/evaluation.md has what it is worth.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from memos.graph_dbs.base import Kin
from memos.graph_dbs.tokenize import tokenize_query
from memos.types.language import CJK

_CJK_WORD = re.compile(f"[{CJK}]+")


def kin_of(words: str) -> tuple[Kin, ...]:
    """The classes that a question's words name, each with its members.

    Args:
        words: the words searched for, speakers and dates left out.

    Returns:
        One entry for each token of a class's name that the question holds, in order.
    """
    known = _classes()
    asked = dict.fromkeys(tokenize_query(words))
    found = {token: known[token] for token in asked if token in known}
    for token in [*found]:
        if _CJK_WORD.fullmatch(token):
            # The characters of a Chinese word are asked for with it, and stand for it alike.
            members = known[token].members
            found |= {c: Kin(c, members) for c in token if c in asked and c not in found}
    return tuple(found.values())


@lru_cache(maxsize=1)
def _classes() -> Mapping[str, Kin]:
    """Members by token of a class's name."""
    known = [*_classes_of("word_classes.txt"), *((g, g) for g in _groups("word_synonyms.txt"))]
    words = {word for names, listed in known for word in (*names, *listed)}
    members: dict[str, dict[str, None]] = {}
    for names, listed in known:
        told = dict.fromkeys(t for word in listed for t in _tokens(word, words))
        for name in names:
            for token in _tokens(name, words):
                members.setdefault(token, {}).update(told)
    return {
        token: Kin(token, tuple(m for m in told if m != token)) for token, told in members.items()
    }


def _classes_of(file: str) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    for line in _lines(file):
        names, _, listed = line.partition("|")
        yield names.split(), listed.split()


def _groups(file: str) -> Iterator[Sequence[str]]:
    return (line.split() for line in _lines(file))


def _lines(file: str) -> list[str]:
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _tokens(word: str, words: Collection[str]) -> list[str]:
    """The tokens that stand for a word alone.

    Of a Chinese one not its single characters, nor a pair that is a word of the lists itself:
    who says 朋友 does not speak of a 男朋友.
    """
    tokens = tokenize_query(word)
    if _CJK_WORD.fullmatch(word) and len(word) > 1:
        return [t for t in tokens if len(t) > 1 and (t == word or t not in words)]
    return tokens
