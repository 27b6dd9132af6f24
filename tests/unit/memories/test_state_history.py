"""When statements of a state hold: worked cases, and a comparison with replaying every instant."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from memos.memories.textual.tree_text_memory.organize.state import (
    Stated,
    Validity,
    is_multiple,
    supersede,
)


def _by_id(history: Sequence[Stated], *, multiple: bool = False) -> dict[str, Validity]:
    return {v.id: v for v in supersede(history, multiple=multiple)}


def _spans(found: dict[str, Validity]) -> dict[str, tuple[int | None, int | None]]:
    return {key: (v.since, v.until) for key, v in found.items()}


def test_a_new_value_closes_the_one_before():
    found = _by_id([Stated("a", "beijing", 10), Stated("b", "shanghai", 20)])

    assert _spans(found) == {"a": (10, 20), "b": (20, None)}
    assert (found["a"].current, found["a"].closed_by, found["b"].current) == (False, "b", True)


def test_an_old_message_learnt_late_leaves_the_present_alone():
    found = _by_id([Stated("new", "shanghai", 20), Stated("old", "beijing", 90, event_from=10)])

    assert _spans(found) == {"new": (20, None), "old": (10, 20)}
    assert found["new"].current


def test_repeating_a_value_makes_one_interval():
    found = _by_id([Stated("a", "oslo", 10), Stated("b", "oslo", 30), Stated("c", "rome", 50)])

    assert _spans(found) == {"a": (10, 50), "b": (10, 50), "c": (50, None)}


def test_returning_to_a_value_makes_a_second_interval():
    found = _by_id([Stated("a", "oslo", 10), Stated("b", "rome", 20), Stated("c", "oslo", 30)])

    assert _spans(found) == {"a": (10, 20), "b": (20, 30), "c": (30, None)}


def test_what_ended_leaves_nothing_and_is_the_last_word():
    found = _by_id([Stated("a", "google", 10), Stated("b", "google", 20, ended=True)])

    assert _spans(found) == {"a": (10, 20), "b": (10, 20)}
    assert not found["a"].current
    assert found["b"].current


def test_quitting_without_a_name_closes_what_is_open():
    found = _by_id([Stated("a", "google", 10), Stated("b", "", 20, ended=True)])

    assert found["a"].until == 20


def test_what_used_to_be_ends_where_the_known_value_begins():
    found = _by_id([Stated("a", "berlin", 20), Stated("b", "paris", 30, ended=True)])

    assert _spans(found) == {"a": (20, None), "b": (None, 20)}
    assert found["a"].current
    assert not found["b"].current


def test_a_move_ends_one_value_and_begins_another():
    history = [
        Stated("a", "beijing", 10),
        Stated("move", "shanghai", 20),
        Stated("move", "beijing", 20, ended=True),
    ]
    ended = supersede(history)

    assert [(v.since, v.until) for v in ended] == [(10, 20), (20, None), (10, 20)]
    assert [v.current for v in ended] == [False, True, False]


def test_of_two_values_of_one_day_the_later_learnt_holds():
    found = _by_id([Stated("b", "rome", 6, event_from=5), Stated("a", "oslo", 7, event_from=5)])

    assert (found["a"].current, found["b"].current) == (True, False)


def test_a_dislike_closes_the_like():
    found = _by_id([Stated("a", "apple", 10), Stated("b", "apple", 20, polarity=False)])

    assert _spans(found) == {"a": (10, 20), "b": (20, None)}


def test_goals_hold_beside_each_other():
    history = [
        Stated("a", "run", 10),
        Stated("b", "read", 20),
        Stated("c", "run", 30, ended=True),
    ]
    found = _by_id(history, multiple=True)

    assert _spans(found) == {"a": (10, 30), "b": (20, None), "c": (10, 30)}
    assert is_multiple("goal")
    assert is_multiple("plan:travel")
    assert not is_multiple("device:phone")
    assert not is_multiple("taste:apple")


STATEMENTS = st.lists(
    st.builds(
        Stated,
        id=st.uuids().map(str),
        object=st.sampled_from(["a", "b", "c"]),
        recorded_at=st.integers(0, 12),
        event_from=st.none() | st.integers(0, 12),
        ended=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda s: s.id,
)


def _holding(history: Sequence[Stated], instant: int, *, multiple: bool) -> set[str]:
    """Values that hold at an instant: replay everything up to it."""
    values: set[str] = set()
    known = [s for s in history if s.at <= instant]
    for stated in sorted(known, key=lambda s: (s.at, s.recorded_at, not s.ended, s.id)):
        if stated.ended:
            values.discard(stated.object)
        else:
            values = (values if multiple else set()) | {stated.object}
    return values


@given(STATEMENTS, st.booleans())
def test_intervals_agree_with_replaying_every_instant(history: list[Stated], multiple: bool):
    found = supersede(history, multiple=multiple)
    for instant in range(14):
        claimed = {
            stated.object
            for stated, v in zip(history, found, strict=True)
            if v.since is not None and v.since <= instant and (v.until is None or instant < v.until)
        }
        assert claimed == _holding(history, instant, multiple=multiple)


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(history: list[Stated], draw):
    shuffled = list(history)
    draw.shuffle(shuffled)

    assert _by_id(shuffled) == _by_id(history)


@given(STATEMENTS)
def test_one_value_at_most_is_current(history: list[Stated]):
    found = zip(history, supersede(history), strict=True)
    current = {(s.object, s.ended) for s, v in found if v.current}

    assert len(current) <= 1
