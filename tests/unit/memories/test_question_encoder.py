"""A slow embedder costs a search its vectors, not its deadline."""

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from memos.embedders.base import EmbedderProfile
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.graph_dbs.base import RecallWeights
from memos.memories.textual.tree_text_memory.retrieve.encode import QuestionEncoder
from memos.types.clock import SystemClock


class Slow:
    """An embedder that hangs until told to go on."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked = 0
        self.go_on = threading.Event()

    @property
    def profile(self) -> EmbedderProfile:
        return EmbedderProfile("slow", 2, dense_weight=2.0, mean_cosine=0.5)

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        assert query
        self.asked += 1
        assert self.go_on.wait(30)
        if self.failure is not None:
            raise self.failure
        return np.ones((len(texts), 2), np.float32)

    def close(self) -> None:
        self.go_on.set()


def test_an_embedder_that_hangs_is_left_before_the_deadline_and_not_asked_again() -> None:
    clock, slow = SystemClock(), Slow()
    deadline = clock.monotonic() + 0.5
    encoding = QuestionEncoder(slow, clock).begin(deadline)
    assert encoding.weights().dense == 2.0
    assert encoding.vector("one") is None
    assert clock.monotonic() < deadline
    assert encoding.outcome == "skipped: deadline"
    assert encoding.vector("two") is None
    slow.close()
    assert slow.asked == 1


def test_once_known_the_constants_are_there_whatever_the_deadline() -> None:
    clock, ready = SystemClock(), Slow()
    encoder = QuestionEncoder(ready, clock)
    assert encoder.begin().weights().dense == 2.0
    late = encoder.begin(clock.monotonic() - 1)
    assert late.weights().dense == 2.0
    assert late.vector("one") is None
    assert late.outcome == "skipped: deadline"


def test_a_deadline_that_is_over_asks_nothing() -> None:
    clock, slow = SystemClock(), Slow()
    encoding = QuestionEncoder(slow, clock).begin(clock.monotonic() - 1)
    assert encoding.weights() == RecallWeights()
    assert encoding.outcome == "skipped: deadline"
    assert encoding.vector("one") is None
    assert slow.asked == 0


@pytest.mark.parametrize("in_s", [None, 60.0])
@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (None, "done"),
        (ModelUnavailableError("away"), "failed: unavailable"),
        (ModelReplyError("nonsense"), "failed: reply"),
    ],
)
def test_with_or_without_a_deadline_the_outcome_is_told(
    in_s: float | None, failure: Exception | None, outcome: str
) -> None:
    clock, ready = SystemClock(), Slow(failure)
    ready.go_on.set()
    deadline = None if in_s is None else clock.monotonic() + in_s
    encoding = QuestionEncoder(ready, clock).begin(deadline)
    assert (encoding.vector("one") is None) is (failure is not None)
    assert encoding.outcome == outcome


def test_an_error_of_the_program_is_raised_with_a_deadline_as_without() -> None:
    clock, broken = SystemClock(), Slow(ZeroDivisionError())
    broken.go_on.set()
    for deadline in (None, clock.monotonic() + 60):
        with pytest.raises(ZeroDivisionError):
            QuestionEncoder(broken, clock).begin(deadline).vector("one")
