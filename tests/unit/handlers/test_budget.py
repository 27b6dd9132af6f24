import threading
from pathlib import Path

import pytest

from conftest import ManualClock
from memos.errors import ModelBudgetError, QuotaExceededError
from memos.handlers.budget import CALLS, EMBEDDER_TOKENS, MINUTE, MODEL_TOKENS, Budgets
from memos.handlers.loop import LoopBreaker
from memos.handlers.meter import Meter
from memos.records.base import ModelUsageRow
from memos.records.sql import SqlRecords, open_records
from memos.types.clock import RandomIds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def records(tmp_path: Path, clock: ManualClock) -> SqlRecords:
    opened = open_records(f"sqlite:///{tmp_path}/records.db", clock, RandomIds())
    yield opened
    opened.close()


@pytest.fixture
def project(records: SqlRecords) -> str:
    return records.create_project("p").id


def meter_of(records: SqlRecords, clock: ManualClock, **limits: int) -> Meter:
    return Meter(records, clock, Budgets(records, clock, limits), LoopBreaker(clock, 0))


def call(meter: Meter, project: str, tokens: int = 1) -> None:
    with meter.measure(project, "add", tokens):
        pass


def test_calls_of_a_day_are_refused_with_their_code_when_used_up(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    meter = meter_of(records, clock, calls_per_day=2)
    call(meter, project)
    call(meter, project)
    with pytest.raises(QuotaExceededError, match="midnight") as caught:
        call(meter, project)
    assert caught.value.code == 40304
    call(meter, "another project")
    clock.advance(24 * 3600)
    call(meter, project)


def test_tokens_of_a_day_are_refused_with_their_code_when_used_up(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    meter = meter_of(records, clock, tokens_per_day=10)
    call(meter, project, 6)
    with pytest.raises(QuotaExceededError) as caught:
        call(meter, project, 5)
    assert caught.value.code == 40300
    call(meter, project, 4)


def test_failed_calls_cost_nothing(records: SqlRecords, clock: ManualClock, project: str) -> None:
    meter = meter_of(records, clock, calls_per_day=1, tokens_per_minute=5)
    for _ in range(5):
        with pytest.raises(KeyError), meter.measure(project, "add", 5):
            raise KeyError
    call(meter, project, 5)
    assert [row.calls for row in records.usage(project)] == [1]


def test_a_refused_call_leaves_the_tokens_of_the_minute(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    meter = meter_of(records, clock, tokens_per_day=8, tokens_per_minute=9)
    call(meter, project, 5)
    with pytest.raises(QuotaExceededError, match="today"):
        call(meter, project, 4)
    call(meter, project, 3)


def test_not_one_call_too_many_passes_at_once(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    meter = meter_of(records, clock, calls_per_day=10)
    passed: list[int] = []

    def run() -> None:
        try:
            call(meter, project)
            passed.append(1)
        except QuotaExceededError:
            pass

    threads = [threading.Thread(target=run) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 10


def test_a_projects_own_budget_goes_before_the_settings(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    records.set_budget(project, CALLS, 1)
    records.set_budget(project, MINUTE, 0)
    meter = meter_of(records, clock, calls_per_day=100, tokens_per_minute=1)
    call(meter, project, 50)
    with pytest.raises(QuotaExceededError):
        call(meter, project)
    records.set_budget(project, CALLS, None)
    clock.advance(6)
    call(meter, project)


def test_what_another_process_spent_is_seen_within_seconds(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    here, there = (meter_of(records, clock, calls_per_day=3) for _ in range(2))
    call(here, project)
    call(there, project)
    call(there, project)
    clock.advance(6)
    with pytest.raises(QuotaExceededError):
        call(here, project)


def test_model_tokens_used_up_stop_models_and_nothing_else(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    budgets = Budgets(records, clock, {MODEL_TOKENS: 100})
    budgets.admit_model(project, "reader")
    budgets.note_model(project, "reader", 60)
    budgets.admit_model(project, "reader")
    budgets.note_model(project, "reader", 40)
    with pytest.raises(ModelBudgetError) as caught:
        budgets.admit_model(project, "reader")
    assert caught.value.code == 40300
    budgets.take(project, 1)


def test_tokens_of_embedders_have_a_budget_of_their_own(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    records.add_model_usage(
        ModelUsageRow(project, "", "add", "reader", "m", input_tokens=30, output_tokens=20)
    )
    records.add_model_usage(ModelUsageRow(project, "", "add", "embedder", "e", input_tokens=999))
    budgets = Budgets(records, clock, {MODEL_TOKENS: 50, EMBEDDER_TOKENS: 1000})
    assert budgets.used(project)[MODEL_TOKENS] == 50
    assert budgets.used(project)[EMBEDDER_TOKENS] == 999
    with pytest.raises(ModelBudgetError):
        budgets.admit_model(project, "reader")
    budgets.admit_model(project, "embedder")
    budgets.note_model(project, "embedder", 1)
    with pytest.raises(ModelBudgetError, match="embedder tokens"):
        budgets.admit_model(project, "embedder")


def test_work_that_waits_for_its_budget_looks_again_at_midnight_or_sooner(
    records: SqlRecords, clock: ManualClock, project: str
) -> None:
    budgets = Budgets(records, clock, {EMBEDDER_TOKENS: 1})
    budgets.note_model(project, "embedder", 1)

    def wait() -> float | None:
        with pytest.raises(ModelBudgetError) as caught:
            budgets.admit_model(project, "embedder")
        return caught.value.retry_after_s

    assert wait() == 7200
    clock.advance(86_400 - clock.now_ms() // 1000 % 86_400 - 60)
    budgets.note_model(project, "embedder", 1)
    assert wait() == pytest.approx(60, abs=1)


def test_the_same_add_again_and_again_is_a_loop(clock: ManualClock) -> None:
    loops = LoopBreaker(clock, 10)
    for _ in range(10):
        loops.add("user", "c", ["user\x1ehello"])
    with pytest.raises(QuotaExceededError, match="loop") as caught:
        loops.add("user", "c", ["user\x1ehello"])
    assert caught.value.code == 40300
    loops.add("user", "c", ["user\x1eanother"])
    loops.add("user", "another conversation", ["user\x1ehello"])
    loops.add("another user", "c", ["user\x1ehello"])
    clock.advance(600)
    loops.add("user", "c", ["user\x1ehello"])


def test_a_loop_of_feedback_is_stopped_sooner(clock: ManualClock) -> None:
    loops = LoopBreaker(clock, 20)
    for _ in range(4):
        loops.feedback("user", "replace a with b")
        loops.feedback("user", "replace b with a")
    with pytest.raises(QuotaExceededError):
        loops.feedback("user", "replace a with b")


def test_without_a_number_nothing_is_a_loop(clock: ManualClock) -> None:
    loops = LoopBreaker(clock, 0)
    for _ in range(1000):
        loops.add("user", None, ["same"])
        loops.feedback("user", "same")
