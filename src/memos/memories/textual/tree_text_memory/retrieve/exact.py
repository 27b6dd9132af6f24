"""Identifiers and quotations of a question are looked for as they stand.

An order number is one word among many: a memory that holds it can score below its likes. Whoever
writes an identifier means that one.
"""

from collections.abc import Sequence

from memos.graph_dbs.base import Bucket
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import ALL_KINDS

EXACT_BOOST = 0.5
"""Added to a memory for holding every string asked for; less in proportion when it holds some."""
EXACT_RELATIVITY = 0.9
_MOST = 10
_REACH = 256
"""A memory that holds the string has its words in its evidence, and they are rare: it is among so
many of the best, and the texts of a large cube need not be read."""
_STRINGS = 4
_SHORTEST = 3


def exact_strings(plan: Plan) -> tuple[str, ...]:
    """Strings of a question that are looked for as they stand."""
    strings = (s.strip("#").strip() for s in (*plan.identifiers, *plan.quotes))
    return tuple(dict.fromkeys(s for s in strings if len(s) >= _SHORTEST))[:_STRINGS]


def exact_bucket(strings: Sequence[str], where: Group | None) -> Bucket:
    """Memories that hold any of the strings."""
    holding = Group(False, tuple(Condition(Field.VALUE, Operator.LIKE, s) for s in strings))
    return Bucket(ALL_KINDS, _MOST, all_of(holding, where), reach=_REACH)


def lifted(found: Sequence[Ranked], strings: Sequence[str]) -> list[Ranked]:
    """Lift the memories that hold the strings, and whose evidence says some word of the question."""
    if not strings:
        return list(found)
    return [_lifted(r, _share(r.item.value, strings)) for r in found]


def _lifted(ranked: Ranked, share: float) -> Ranked:
    if not share or not ranked.hit.lexical:
        return ranked
    relevant = ranked._replace(relativity=max(ranked.relativity, share * EXACT_RELATIVITY))
    return relevant.with_boost("exact", share * EXACT_BOOST)


def _share(value: str, strings: Sequence[str]) -> float:
    text = value.casefold()
    return sum(s.casefold() in text for s in strings) / len(strings)
