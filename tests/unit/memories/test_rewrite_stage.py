"""Asking a model for further queries never makes a search late."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from memos.errors import MemosError, ModelReplyError, ModelUnavailableError
from memos.llms.base import Reply, Turn
from memos.memories.textual.tree_text_memory.retrieve.rewrite import RewriteStage
from memos.types.clock import SystemClock
from tests.conftest import ManualClock

QUESTION = "Did I travel more after the job I got through Anna?"
ANSWER = '{"queries": ["job through Anna", "my trips"]}'


class Model:
    """A model that answers one text, takes its time on the clock, or hangs until told to go on."""

    name = "scripted"

    def __init__(self, answer: str = ANSWER, failure: Exception | None = None) -> None:
        self.answer = answer
        self.failure = failure
        self.clock: ManualClock | None = None
        self.takes_s = 0.0
        self.asked = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Reply:
        self.asked += 1
        assert self.go_on.wait(30)
        if self.clock is not None:
            self.clock.advance(self.takes_s)
        if self.failure is not None:
            raise self.failure
        return Reply(self.answer)

    def stream(self, *_: object, **__: object) -> Any:
        raise AssertionError


def test_further_queries_leave_the_question_out() -> None:
    found = RewriteStage(Model(), ManualClock()).further(QUESTION, None)
    assert found == (("job through Anna", "my trips"), "done")


def test_without_a_model_nothing_is_asked() -> None:
    assert RewriteStage(None, ManualClock()).further(QUESTION, None) == ((), "skipped: no model")


def test_with_too_little_time_nothing_is_asked() -> None:
    clock, model = ManualClock(), Model()
    stage = RewriteStage(model, clock)
    assert stage.further(QUESTION, clock.monotonic() + 1.4) == ((), "skipped: deadline")
    assert stage.further(QUESTION, clock.monotonic() - 1) == ((), "skipped: deadline")
    assert model.asked == 0


def test_a_model_that_hangs_is_left_in_time_for_the_search() -> None:
    clock, model = SystemClock(), Model()
    model.go_on.clear()
    stage = RewriteStage(model, clock)
    deadline = clock.monotonic() + 1.51
    assert stage.further(QUESTION, deadline) == ((), "skipped: deadline")
    assert clock.monotonic() < deadline
    model.go_on.set()


def test_a_model_known_to_be_too_slow_is_not_asked() -> None:
    clock, model = ManualClock(), Model()
    model.clock, model.takes_s = clock, 8.0
    stage = RewriteStage(model, clock)
    assert stage.further(QUESTION, None)[1] == "done"
    assert stage.further(QUESTION, clock.monotonic() + 3) == ((), "skipped: deadline")
    assert model.asked == 1


@pytest.mark.parametrize(
    ("model", "outcome"),
    [
        (Model(failure=ModelUnavailableError("away")), "failed: unavailable"),
        (Model(failure=ModelReplyError("nonsense")), "failed: reply"),
        (Model(answer="I would rather not."), "failed: reply"),
    ],
)
def test_after_a_failure_the_model_rests(model: Model, outcome: str) -> None:
    clock = ManualClock()
    stage = RewriteStage(model, clock)
    assert stage.further(QUESTION, None) == ((), outcome)
    assert stage.further(QUESTION, None) == ((), "failed: unavailable")
    assert model.asked == 1
    clock.advance(1.1)
    model.failure, model.answer = None, ANSWER
    assert stage.further(QUESTION, None)[1] == "done"


def test_an_unexpected_error_is_an_outcome() -> None:
    stage = RewriteStage(Model(failure=MemosError("closed")), ManualClock())
    assert stage.further(QUESTION, None) == ((), "failed: error")
