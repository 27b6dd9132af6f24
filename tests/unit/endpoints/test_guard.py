import threading

import pytest

from conftest import ManualClock
from memos.endpoints.breaker import CLOSED, OPEN, BreakerOptions
from memos.endpoints.guard import Caller, Guard, Guards
from memos.endpoints.usage import (
    Account,
    ModelUse,
    Spent,
    charged_to,
    counting,
    joined,
    payers,
    report,
    shared_by,
    split,
)
from memos.errors import (
    ModelBudgetError,
    ModelRefusedError,
    ModelReplyError,
    ModelUnavailableError,
)

READER = Caller("reader", "m")
FAST = BreakerOptions(failures=2, rest_s=10)


class Books:
    """A ledger in memory that turns away the projects it is told to."""

    def __init__(self) -> None:
        self.uses: list[ModelUse] = []
        self.spent_up: set[str] = set()

    def admit(self, account: Account, role: str) -> None:
        if account.project in self.spent_up:
            raise ModelBudgetError("used up")

    def note(self, use: ModelUse) -> None:
        self.uses.append(use)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def guard(clock: ManualClock, books: Books) -> Guard:
    return Guard("http://model", clock, places=1, ledger=books, breaker=FAST)


def test_a_call_is_noted_with_its_tokens_time_and_payer(
    guard: Guard, books: Books, clock: ManualClock
) -> None:
    with charged_to("p", "add"), guard.call(READER) as spent:
        clock.advance(0.25)
        spent.input_tokens, spent.output_tokens = 7, 3
    assert books.uses == [ModelUse(Account("p", "add"), "reader", "m", 1, 0, 7, 3, 250)]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ModelUnavailableError("away"), OPEN),
        (ModelRefusedError("too long"), CLOSED),
        (ModelReplyError("empty"), CLOSED),
        (KeyError("a fault of ours"), OPEN),
    ],
    ids=["away", "refused", "empty", "fault"],
)
def test_only_what_is_not_answered_opens_the_breaker(
    guard: Guard, books: Books, error: Exception, state: str
) -> None:
    for _ in range(2):
        with pytest.raises(type(error)), guard.call(READER):
            raise error
    assert guard.breaker.state == state
    assert [use.failures for use in books.uses] == [1, 1]


def test_a_call_that_is_turned_away_is_not_counted(guard: Guard, books: Books) -> None:
    books.spent_up.add("p")
    with charged_to("p", "add"), pytest.raises(ModelBudgetError), guard.call(READER):
        pass
    with charged_to("p", "add"), guard.call(Caller("embedder", "m", budgeted=False)):
        pass
    assert [use.role for use in books.uses] == ["embedder"]


def test_who_finds_no_place_is_told_so_and_opens_nothing(guard: Guard) -> None:
    impatient = Caller("reader", "m", wait_s=0.01)
    with guard.call(READER):
        for _ in range(3):
            refused = pytest.raises(ModelUnavailableError, match="MODEL_CONCURRENCY")
            with refused, guard.call(impatient):
                pass
    assert guard.breaker.state == CLOSED


def test_no_more_calls_than_places_run_at_once(clock: ManualClock) -> None:
    guard = Guards(clock, places=3).of("http://model")
    running, most, lock = 0, 0, threading.Lock()

    def run() -> None:
        nonlocal running, most
        with guard.call(READER):
            with lock:
                running += 1
                most = max(most, running)
            threading.Event().wait(0.01)
            with lock:
                running -= 1

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_one_guard_stands_before_everything_at_an_address(clock: ManualClock) -> None:
    guards = Guards(clock, breaker=FAST)
    assert guards.of("http://a") is guards.of("http://a")
    for _ in range(2):
        with pytest.raises(ModelUnavailableError), guards.of("http://a").call(READER):
            raise ModelUnavailableError("away")
    with guards.of("http://b").call(READER):
        pass
    assert guards.states() == {"http://a": OPEN, "http://b": CLOSED}


def test_a_batch_of_several_is_charged_in_shares_without_loss(guard: Guard, books: Books) -> None:
    a, b = Account("a", "add"), Account("b", "search")
    shares = joined([(((a, 1),), 10), (((b, 1),), 20), (((a, 1),), 1)])
    assert dict(shares) == {a: 11, b: 20}
    with shared_by(shares), guard.call(READER) as spent:
        spent.input_tokens = 100
    assert {use.account: use.input_tokens for use in books.uses} == {a: 35, b: 65}


@pytest.mark.parametrize("tokens", [0, 1, 2, 7, 1000])
def test_splitting_neither_loses_nor_adds(tokens: int) -> None:
    shares = tuple((Account(str(n), "add"), weight) for n, weight in enumerate((1, 5, 3)))
    parts = split(ModelUse(Account(), "r", "m", input_tokens=tokens), shares)
    assert sum(part.input_tokens for part in parts) == tokens
    assert [part.account for part in parts] == [account for account, _ in shares]


def test_the_payer_of_a_generator_does_not_outlive_it() -> None:
    def generator():
        with charged_to("p", "chat"):
            yield payers()

    made = generator()
    assert next(made)[0][0].project == "p"
    made.close()
    assert payers()[0][0].project == ""


def test_what_an_adapter_reports_lands_in_the_call_under_way_only() -> None:
    report(9)
    spent = Spent()
    with counting(spent):
        report(5, 2)
        report(None)
        report("7")
        report(-1)
    report(9)
    assert (spent.input_tokens, spent.output_tokens) == (5, 2)
