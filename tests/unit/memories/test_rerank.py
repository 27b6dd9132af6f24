"""The stage that lets a reranker nudge, and never lets it hold up a search."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import ManualClock
from memos.errors import ConfigError, MemosError, ModelReplyError, ModelUnavailableError
from memos.graph_dbs.base import RecallHit
from memos.memories.textual.tree_text_memory.retrieve import rerank as stage
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.rerank import (
    Pace,
    RerankOptions,
    RerankStage,
    candidates,
)
from memos.types.clock import SystemClock
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind

CUBE = Cube("p", CubeKind.USER, "u")
FAR = 1e9


class Values:
    """Texts are the values."""

    def texts(self, items: Sequence[MemoryItem]) -> list[str]:
        return [item.value for item in items]


class Judge:
    """Relevance by text; 0.5 for texts not told of. It may wait, fail, or let time pass."""

    name = "judge"

    def __init__(self, relevance: dict[str, float] | None = None) -> None:
        self.relevance = relevance or {}
        self.asked: list[list[str]] = []
        self.timeouts: list[float] = []
        self.failure: Exception | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.clock: ManualClock | None = None
        self.takes_s = 0.0
        self.closed = False

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
        self.asked.append(list(texts))
        self.timeouts.append(timeout_s)
        self.go_on.wait()
        if self.clock:
            self.clock.advance(self.takes_s)
        if self.failure:
            raise self.failure
        return [self.relevance.get(text, 0.5) for text in texts]

    def close(self) -> None:
        self.closed = True
        self.go_on.set()


def hit(name: str, score: float) -> Ranked:
    item = MemoryItem(id=name, cube=CUBE, kind=MemoryKind.LONG_TERM, value=name)
    return Ranked(item, 0.7, RecallHit(item, score, 0.1, 0.2, 0.3, 0.0, 0.0))


def names(ranked: Sequence[Ranked]) -> list[str]:
    return [r.item.id for r in ranked]


def build(judge: Judge | None, clock: ManualClock | SystemClock, **options: object) -> RerankStage:
    return RerankStage(judge, Values(), clock, RerankOptions(**options))  # type: ignore[arg-type]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(0)


HITS = [hit("a", 1.0), hit("b", 0.98), hit("c", 0.5)]


def test_a_judgement_nudges_the_score_and_leaves_the_rest_of_the_hit(clock: ManualClock) -> None:
    judge = Judge({"a": 0.0, "b": 1.0})
    found, outcome = build(judge, clock, weight=0.1).rerank_hits(HITS, "q", deadline=FAR)
    assert outcome == "done"
    assert names(found) == ["b", "a", "c"]
    assert [r.score for r in found] == pytest.approx([1.03, 0.95, 0.5])
    assert {(r.relativity, r.hit.lexical, r.hit.dense, r.hit.own) for r in found} == {
        (0.7, 0.1, 0.2, 0.3)
    }


def test_a_judgement_cannot_lift_what_is_far_below(clock: ManualClock) -> None:
    judge = Judge({"a": 0.0, "b": 0.0, "c": 1.0})
    found, _ = build(judge, clock, weight=0.1).rerank_hits(HITS, "q", deadline=FAR)
    assert names(found) == ["a", "b", "c"]


@given(
    scores=st.lists(st.floats(-2, 3), min_size=1, max_size=12),
    data=st.data(),
    weight=st.floats(0.001, 5),
    most=st.integers(1, 15),
)
def test_nothing_is_lost_and_no_score_moves_by_more_than_half_the_weight(
    scores: list[float], data: st.DataObject, weight: float, most: int
) -> None:
    hits = [hit(str(n), score) for n, score in enumerate(scores)]
    relevance = {str(n): data.draw(st.floats(0, 1)) for n in range(len(scores))}
    made = build(Judge(relevance), ManualClock(0), weight=weight, candidates=most)
    found, outcome = made.rerank_hits(hits, "q", deadline=FAR)
    assert outcome == "done"
    assert sorted(names(found)) == sorted(names(hits))
    assert [r.score for r in found] == sorted((r.score for r in found), reverse=True)
    before = {r.item.id: r.score for r in hits}
    moved = [r.item.id for r in found if r.score != before[r.item.id]]
    assert len(moved) <= most
    assert all(abs(r.score - before[r.item.id]) <= weight / 2 + 1e-9 for r in found)


def test_only_the_best_candidates_are_judged_and_all_lists_share_one_call(
    clock: ManualClock,
) -> None:
    judge = Judge({"x": 1.0})
    other = [hit("y", 0.1), hit("x", 0.2)]
    lists, outcome = build(judge, clock, candidates=3).rerank_lists(
        [HITS, other, []], "q", deadline=FAR
    )
    assert outcome == "done"
    assert judge.asked == [["a", "x", "b"]]
    assert [names(found) for found in lists] == [["a", "b", "c"], ["x", "y"], []]
    assert lists[1][0].score == pytest.approx(0.25)


def test_a_hit_of_two_lists_is_judged_once_and_moves_in_both(clock: ManualClock) -> None:
    assert names(candidates([HITS, HITS], 9)) == ["a", "b", "c"]
    lists, _ = build(Judge({"a": 1.0}), clock).rerank_lists([HITS, HITS], "q", deadline=FAR)
    assert [found[0].score for found in lists] == pytest.approx([1.05, 1.05])


@pytest.mark.parametrize(("judge", "weight"), [(None, 0.1), (Judge(), 0.0)])
def test_without_reranker_or_weight_it_is_off(
    clock: ManualClock, judge: Judge | None, weight: float
) -> None:
    made = build(judge, clock, weight=weight)
    assert made.rerank_hits(HITS[::-1], "q", deadline=FAR) == (HITS, "skipped: off")
    made.close()


def test_nothing_found_asks_nothing(clock: ManualClock) -> None:
    judge = Judge()
    assert build(judge, clock).rerank_hits([], "q", deadline=FAR) == ([], stage.NOTHING)
    assert judge.asked == []


def test_a_deadline_that_is_over_asks_nothing(clock: ManualClock) -> None:
    judge = Judge()
    found = build(judge, clock).rerank_hits(HITS, "q", deadline=clock.monotonic())
    assert found == (HITS, "skipped: deadline")
    assert judge.asked == []


def test_the_reranker_is_told_the_time_left_but_no_more_than_its_own_limit(
    clock: ManualClock,
) -> None:
    judge = Judge()
    made = build(judge, clock, timeout_s=2.0)
    made.rerank_hits(HITS, "q", deadline=clock.monotonic() + 0.75)
    made.rerank_hits(HITS, "q", deadline=clock.monotonic() + 60)
    assert judge.timeouts == pytest.approx([0.75, 2.0])


@contextmanager
def hanging(judge: Judge) -> Iterator[None]:
    judge.go_on.clear()
    try:
        yield
    finally:
        judge.go_on.set()


def test_a_reranker_that_hangs_is_left_at_the_deadline_with_the_old_order() -> None:
    clock, judge = SystemClock(), Judge({"c": 1.0})
    made = build(judge, clock)
    with hanging(judge):
        found = made.rerank_hits(HITS, "q", deadline=clock.monotonic() + 0.02)
        assert found == (HITS, "skipped: deadline")
    made.close()


def test_calls_that_hang_take_no_more_threads_than_allowed() -> None:
    clock, judge = SystemClock(), Judge()
    made = build(judge, clock, threads=2)
    with hanging(judge):
        outcomes = [
            # Long enough that even a busy machine begins the call before its deadline.
            made.rerank_hits(HITS, "q", deadline=clock.monotonic() + 1.0)[1]
            for _ in range(4)
        ]
        assert outcomes == ["skipped: deadline"] * 2 + ["skipped: busy"] * 2
    made.close()
    assert len(judge.asked) == 2


def test_a_call_that_would_not_fit_is_not_begun_and_tried_again_later(clock: ManualClock) -> None:
    judge = Judge()
    judge.clock, judge.takes_s = clock, 1.0
    made = build(judge, clock)
    assert made.rerank_hits(HITS, "q", deadline=FAR)[1] == "done"
    tries = []
    for _ in range(30):
        tries.append(made.rerank_hits(HITS, "q", deadline=clock.monotonic() + 0.5)[1])
        if len(judge.asked) > 1:
            break
    # 0.9 ** 7 < 0.5: after seven refusals it is tried again.
    assert len(tries) == 8
    assert set(tries[:-1]) == {"skipped: deadline"}


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (ModelUnavailableError("away"), "failed: unavailable"),
        (ConfigError("no files"), "failed: unavailable"),
        (ModelReplyError("nonsense"), "failed: reply"),
        (MemosError("closed"), "failed: error"),
        (ZeroDivisionError(), "failed: error"),
    ],
)
def test_a_failure_leaves_the_order_and_the_reranker_rests(
    clock: ManualClock, failure: Exception, outcome: str
) -> None:
    judge = Judge()
    judge.failure = failure
    made = build(judge, clock)
    assert made.rerank_hits(HITS, "q", deadline=FAR) == (HITS, outcome)
    assert made.rerank_hits(HITS, "q", deadline=FAR) == (HITS, "failed: unavailable")
    assert len(judge.asked) == 1
    judge.failure = None
    clock.advance(1)
    assert made.rerank_hits(HITS, "q", deadline=FAR)[1] == "done"


def test_a_missing_score_is_an_unusable_answer(clock: ManualClock) -> None:
    class Forgetful(Judge):
        def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:
            return super().rerank(query, texts, timeout_s=timeout_s)[1:]

    assert build(Forgetful(), clock).rerank_hits(HITS, "q", deadline=FAR)[1] == "failed: reply"


def test_rest_doubles_with_each_failure_up_to_half_a_minute(clock: ManualClock) -> None:
    pace = Pace(clock)
    rests = []
    for _ in range(7):
        pace.failed()
        begin = clock.monotonic()
        while pace.resting():
            clock.advance(0.5)
        rests.append(clock.monotonic() - begin)
    assert rests == [1, 2, 4, 8, 16, 30, 30]
    pace.took(0.1)
    assert not pace.resting()
    pace.failed()
    clock.advance(1)
    assert not pace.resting()


def test_the_expected_duration_is_a_moving_average(clock: ManualClock) -> None:
    pace = Pace(clock)
    learnt = []
    for duration in (1.0, 2.0, 0.2):
        pace.took(duration)
        learnt.append(pace.expected_s)
    assert learnt == pytest.approx([1.0, 1.2, 1.0])


def test_closing_closes_the_reranker() -> None:
    judge = Judge()
    build(judge, SystemClock()).close()
    assert judge.closed
