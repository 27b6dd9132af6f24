"""Calls that hang are left in time and never take more threads than allowed."""

import threading

import pytest

from memos.memories.textual.tree_text_memory.retrieve.bounded import BoundedCalls
from memos.types.clock import SystemClock


def test_calls_that_hang_hold_their_threads_until_they_end() -> None:
    clock, go_on, ended = SystemClock(), threading.Event(), threading.Event()
    begun: list[int] = []

    def hang() -> None:
        begun.append(1)
        assert go_on.wait(30)
        ended.set()

    calls = BoundedCalls("test", clock, threads=1)
    for _ in range(3):
        assert calls.run(hang, clock.monotonic() + 0.02) is None
    assert len(begun) == 1
    go_on.set()
    assert ended.wait(30)
    done = calls.run(lambda: 7, clock.monotonic() + 30)
    assert done is not None
    assert done.result() == 7


def test_a_call_after_its_deadline_is_not_begun() -> None:
    clock = SystemClock()
    begun: list[int] = []
    calls = BoundedCalls("test", clock, threads=1)
    assert calls.run(lambda: begun.append(1), clock.monotonic() - 0.01) is None
    assert begun == []


def test_an_error_is_raised_where_the_result_is_read_and_frees_the_thread() -> None:
    clock = SystemClock()
    calls = BoundedCalls("test", clock, threads=1)
    for _ in range(2):
        call = calls.run(lambda: 1 // 0, clock.monotonic() + 30)
        assert call is not None
        with pytest.raises(ZeroDivisionError):
            call.result()
