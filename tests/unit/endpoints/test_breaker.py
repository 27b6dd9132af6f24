import pytest

from conftest import ManualClock
from memos.endpoints.breaker import CLOSED, HALF_OPEN, OPEN, Breaker, BreakerOptions
from memos.errors import ModelUnavailableError

OPTIONS = BreakerOptions(failures=3, rest_s=10.0, longest_rest_s=60.0)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return Breaker("http://model", clock, OPTIONS, jitter=lambda: 1.0)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.failed()


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.admit()
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state == CLOSED
    fail(breaker, 1)
    assert breaker.state == OPEN
    with pytest.raises(ModelUnavailableError, match="left alone") as caught:
        breaker.admit()
    assert caught.value.retry_after_s == pytest.approx(10.0)


def test_after_the_rest_one_call_probes_and_closes_it(breaker: Breaker, clock: ManualClock) -> None:
    fail(breaker, 3)
    clock.advance(10)
    assert breaker.state == HALF_OPEN
    breaker.admit()
    with pytest.raises(ModelUnavailableError):
        breaker.admit()
    breaker.succeeded()
    assert breaker.state == CLOSED
    breaker.admit()


def test_a_probe_that_fails_doubles_the_rest_up_to_the_longest(
    breaker: Breaker, clock: ManualClock
) -> None:
    fail(breaker, 3)
    for rest in (10, 20, 40, 60, 60):
        clock.advance(rest - 1)
        assert breaker.state == OPEN
        clock.advance(1)
        fail(breaker, 1)


def test_a_success_makes_the_next_rest_short_again(breaker: Breaker, clock: ManualClock) -> None:
    fail(breaker, 3)
    clock.advance(10)
    fail(breaker, 1)
    clock.advance(20)
    breaker.admit()
    breaker.succeeded()
    fail(breaker, 3)
    clock.advance(10)
    assert breaker.state == HALF_OPEN


def test_a_pause_the_endpoint_asks_for_opens_it_at_once(
    breaker: Breaker, clock: ManualClock
) -> None:
    breaker.admit()
    breaker.failed(retry_after_s=30)
    clock.advance(29)
    assert breaker.state == OPEN
    clock.advance(1)
    assert breaker.state == HALF_OPEN


def test_a_probe_that_tells_nothing_leaves_the_next_one_to_tell(
    breaker: Breaker, clock: ManualClock
) -> None:
    fail(breaker, 3)
    clock.advance(10)
    breaker.admit()
    breaker.abandoned()
    breaker.admit()
    breaker.succeeded()
    assert breaker.state == CLOSED
