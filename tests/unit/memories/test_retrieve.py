"""Calibrating and ordering, without a store."""

import random
import re

import pytest

from memos.graph_dbs.base import RecallHit
from memos.memories.textual.tree_text_memory.retrieve.boost import Moment, Ranked
from memos.memories.textual.tree_text_memory.retrieve.order import (
    distinct,
    interleaved,
    ordered,
    spread,
)
from memos.memories.textual.tree_text_memory.retrieve.relativity import FACTS, relativity
from memos.types.memory import MemoryItem, MemoryKind, Source
from memos.types.scope import Cube, CubeKind

CUBE = Cube("p", CubeKind.USER, "u")


def hit(name: str, score: float, messages: tuple[str, ...] = (), **more: object) -> Ranked:
    more.setdefault("value", name)
    item = MemoryItem(
        id=name,
        cube=CUBE,
        kind=MemoryKind.LONG_TERM,
        sources=tuple(Source(m, "user") for m in messages),
        **more,  # type: ignore[arg-type]
    )
    return Ranked(item, 0.5, RecallHit(item, score, 0.0, 0.0, 0.0, 0.0, 0.0))


def names(ranked: list[Ranked]) -> list[str]:
    return [r.item.id for r in ranked]


def test_siblings_of_a_turn_stand_behind_other_turns() -> None:
    hits = [
        hit("a1", 2.0, ("A",)),
        hit("a2", 1.9, ("A",)),
        hit("a3", 1.8, ("A",)),
        hit("b", 1.5, ("B",)),
    ]
    assert names(spread(hits)) == ["a1", "b", "a2", "a3"]


def test_a_memory_of_several_turns_counts_by_its_least_told_one() -> None:
    hits = [hit("a", 2.0, ("A",)), hit("ab", 1.9, ("A", "B")), hit("c", 1.5, ("C",))]
    assert names(spread(hits)) == ["a", "ab", "c"]


def test_hits_without_sources_are_left_where_they_are() -> None:
    assert names(spread([hit("a", 2.0), hit("b", 1.0)])) == ["a", "b"]


def test_what_says_the_same_but_for_filler_is_told_once() -> None:
    hits = [
        hit("a", 2.0, value="The user bought a lamp."),
        hit("b", 1.9, value="the user just bought the lamp!"),
        hit("c", 1.8, value="用户买了台灯。"),
        hit("d", 1.7, value="用户买台灯"),
    ]
    assert names(distinct(hits)) == ["a", "c"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ticket 3000001 lies in the red drawer.", "Ticket 3000002 lies in the red drawer."),
        ("The user likes rice.", "The user does not like rice."),
        ("Anna gave Tom a book.", "Tom gave Anna a book."),
        ("用户住在上海的老房子里。", "用户住在北京的老房子里。"),
    ],
)
def test_what_differs_in_a_number_a_name_or_a_not_is_told_twice(one: str, other: str) -> None:
    assert len(distinct([hit("a", 2.0, value=one), hit("b", 1.9, value=other)])) == 2


def test_texts_are_alike_when_nothing_is_left_between_them_but_filler() -> None:
    filler = re.compile(r"\b(?:the|an?|just|really|very|also|actually)\b|[\W_]+|[了的呢啊吧]")
    pieces = ["the", "An", "just", "ally", "_", " ", ".", "了", "的", "Big", "dog", "DOG", "é", "ß"]
    pieces += ["İ", "1", "'s", "-", "theatre", "狗", "the_", "_the", "\u0301", "²", "K"]
    chance = random.Random(3)
    values = ["".join(chance.choices(pieces, k=chance.randrange(7))) for _ in range(3000)]
    kept, seen = [], set()
    for number, value in enumerate(values):
        told = filler.sub("", value.casefold())
        if not told or told not in seen:
            kept.append(str(number))
        seen.add(told)
    assert names(distinct([hit(str(n), 1.0, value=v) for n, v in enumerate(values)])) == kept


def test_the_current_conversation_weighs_a_little_more() -> None:
    hits = [hit("far", 1.00), hit("near", 0.97, conversation_id="c"), hit("low", 0.5)]
    assert names(ordered(hits, Moment(0, "c"))) == ["near", "far", "low"]
    assert names(ordered(hits, Moment(0))) == ["far", "near", "low"]


def test_rough_memories_are_never_taken_for_each_other() -> None:
    assert names(distinct([hit("a", 2.0, value=""), hit("b", 1.0, value="")])) == ["a", "b"]


def test_the_assistant_gets_one_place_in_four_while_others_are_left() -> None:
    hits = [hit(f"a{n}", 9 - n, speaker="assistant") for n in range(4)]
    hits += [hit(f"u{n}", 3 - n / 10, speaker="user") for n in range(5)]
    assert names(interleaved(hits)) == [
        "a0",
        "u0",
        "u1",
        "u2",
        "a1",
        "u3",
        "u4",
        "a2",
        "a3",
    ]


def test_what_is_recent_and_sure_comes_first_among_equals() -> None:
    day = 86_400_000
    hits = [
        hit("old", 1.0, event_from=0),
        hit("new", 1.0, event_from=300 * day),
        hit("unsure", 1.0, event_from=300 * day, confidence=0.5),
    ]
    assert names(ordered(hits, Moment(300 * day))) == ["new", "old", "unsure"]


def test_equal_scores_are_ordered_by_id() -> None:
    assert names(ordered([hit("b", 1.0), hit("a", 1.0)], Moment(0))) == ["a", "b"]


def test_relativity_grows_with_every_part_and_stays_within_bounds() -> None:
    item = hit("a", 0).item
    values = [
        relativity(RecallHit(item, 0, lexical, dense, own, 0, 0), FACTS)
        for lexical, dense, own in [
            (0.0, -1.0, -1.0),
            (0.0, 0.0, 0.01),
            (0.2, 0.0, 0.01),
            (0.2, 0.3, 0.01),
            (0.2, 0.3, 0.4),
            (1.0, 9.0, 9.0),
        ]
    ]
    assert values == sorted(values)
    assert all(0 < v <= 1 for v in values)
    assert values[1] < 0.45 < values[4]


def test_a_memory_without_a_vector_is_judged_by_its_evidence() -> None:
    item = hit("a", 0).item
    rough = relativity(RecallHit(item, 0, 0.0, 0.34, 0.0, 0, 0), FACTS)
    refined = relativity(RecallHit(item, 0, 0.0, 0.34, 0.34, 0, 0), FACTS)
    assert rough == pytest.approx(refined)
