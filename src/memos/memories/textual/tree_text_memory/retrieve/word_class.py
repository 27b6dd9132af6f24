"""Words of a question that name a class of things, and what counts as a member of it.

"Which sports do I do?" shares no word with "I went bouldering on Sunday". The list beside this
module says that bouldering is a sport, so the store may take the one for the other, at a part of
its weight. docs/evaluation.md has what it is worth.
"""

import re
from collections.abc import Mapping
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
    return tuple(known[token] for token in dict.fromkeys(tokenize_query(words)) if token in known)


@lru_cache(maxsize=1)
def _classes() -> Mapping[str, Kin]:
    """Members by token of a class's name."""
    members: dict[str, dict[str, None]] = {}
    for line in _lines():
        names, _, listed = line.partition("|")
        told = dict.fromkeys(t for word in listed.split() for t in _tokens(word))
        for name in names.split():
            for token in _tokens(name):
                members.setdefault(token, {}).update(told)
    return {
        token: Kin(token, tuple(m for m in told if m != token)) for token, told in members.items()
    }


def _lines() -> list[str]:
    text = files(__package__).joinpath("word_classes.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if "|" in line and not line.startswith("#")]


def _tokens(word: str) -> list[str]:
    """The tokens that stand for a word alone: of a Chinese one not its single characters."""
    tokens = tokenize_query(word)
    if _CJK_WORD.fullmatch(word) and len(word) > 1:
        return [token for token in tokens if len(token) > 1]
    return tokens
