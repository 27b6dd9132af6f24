"""How sure a search is of an answer, and the small cues of a question's form."""

import pytest

from memos.graph_dbs.base import RecallHit
from memos.memories.textual.tree_text_memory.retrieve.boost import STATED, Moment, Ranked
from memos.memories.textual.tree_text_memory.retrieve.order import ordered
from memos.memories.textual.tree_text_memory.retrieve.relativity import answerable
from memos.memories.textual.tree_text_memory.retrieve.states import STATE_BOOST
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind

CUBE = Cube("p", CubeKind.USER, "u")


def hit(name: str, told: float, speaker: str = "user", value: str = "x") -> Ranked:
    item = MemoryItem(id=name, cube=CUBE, kind=MemoryKind.LONG_TERM, value=value, speaker=speaker)
    found = RecallHit(item, told, told, 0.0, 0.1, 0.0, 0.0)
    return Ranked(item, min(1.0, told), found)


def test_a_close_hit_makes_an_answer_likely_and_a_far_one_does_not() -> None:
    close = answerable([hit("a", 0.9), hit("b", 0.2)], ())
    far = answerable([hit("a", 0.15), hit("b", 0.1)], ())
    assert close > 0.8
    assert far < 0.1


def test_no_hit_means_no_answer() -> None:
    assert answerable([], ("Ann",)) == 0


def test_what_only_another_speaker_told_answers_no_question_about_the_named_one() -> None:
    told_by_ann = answerable([hit("a", 0.9, "Ann"), hit("b", 0.4, "Ben")], ("Ann",))
    told_by_ben = answerable([hit("a", 0.4, "Ann"), hit("b", 0.9, "Ben")], ("Ann",))
    assert told_by_ann > 0.8
    assert told_by_ben < 0.5


def test_a_question_that_names_both_speakers_asks_for_neither_alone() -> None:
    hits = [hit("a", 0.4, "Ann"), hit("b", 0.9, "Ben")]
    assert answerable(hits, ("Ann", "Ben")) == answerable(hits, ())


def test_a_hit_in_two_lists_counts_once() -> None:
    near = [hit(f"n{n}", 0.5, "Ben") for n in range(9)]
    mine = hit("mine", 0.4, "Ann")
    twice = answerable([*near, *near, mine, mine], ("Ann",))
    assert twice == answerable([*near, mine], ("Ann",))


def test_a_statement_of_the_state_asked_for_is_an_answer_however_worded() -> None:
    far = hit("a", 0.1)
    stated = Ranked(far.item, 0.95, far.hit, {STATED: STATE_BOOST})
    assert answerable([stated], ()) == pytest.approx(0.95)


def test_a_figure_comes_first_among_equals_only_when_one_is_asked_for() -> None:
    hits = [hit("a", 0.5, value="The user ran."), hit("b", 0.5, value="The user ran 5 km.")]
    asked = ordered(hits, Moment(0, figure=True))
    plain = ordered(hits, Moment(0))
    assert [r.item.id for r in asked] == ["b", "a"]
    assert [r.item.id for r in plain] == ["a", "b"]


def test_what_one_says_of_the_other_stands_behind_what_they_say_themselves() -> None:
    hits = [
        hit("a", 0.5, "Ben", "Ben said: Ann's paintings are lovely."),
        hit("b", 0.5, "Ann", "Ann has shown paintings."),
    ]
    assert [r.item.id for r in ordered(hits, Moment(0, speakers=("Ann",)))] == ["b", "a"]
    assert [r.item.id for r in ordered(hits, Moment(0, speakers=("Ann", "Ben")))] == ["a", "b"]


def test_a_name_inside_a_longer_word_addresses_nobody() -> None:
    hits = [
        hit("a", 0.5, "Ben", "Ben sold annual tickets by Annex."),
        hit("b", 0.5, "Ann", "Ann has shown paintings."),
    ]
    assert [r.item.id for r in ordered(hits, Moment(0))] == ["a", "b"]
