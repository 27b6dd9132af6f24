"""The worker finishes every task once, in order, and gives back what it could not do."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.mem_scheduler.worker import Worker, WorkerOptions
from memos.records.base import COMPLETED, FAILED, RUNNING, NewMessage, NewTask, Records, Task
from memos.records.sql import open_records
from memos.types.clock import SystemClock
from memos.types.scope import Cube, CubeKind
from tests.conftest import CountedIds, ManualClock

OPTIONS = WorkerOptions(name="w", threads=2, lease_s=60, max_attempts=3, backoff_s=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def records(tmp_path: Path, clock: ManualClock) -> Iterator[Records]:
    store = open_records(f"sqlite:///{tmp_path / 'r.db'}", clock, CountedIds())
    yield store
    store.close()


@pytest.fixture
def project(records: Records) -> str:
    return records.create_project("p").id


def queue(records: Records, project: str, user: str, task_id: str) -> None:
    message = NewMessage(f"m-{task_id}", "user", "text", 0)
    records.accept(Cube(project, CubeKind.USER, user), "c", [message], NewTask(task_id, "job"))


def status(records: Records, project: str, task_id: str) -> str:
    task = records.task(project, task_id)
    assert task is not None
    return task.status


def test_tasks_of_one_subject_run_oldest_first(
    records: Records, project: str, clock: ManualClock
) -> None:
    done: list[str] = []
    for number in range(5):
        queue(records, project, "u", f"t{number}")
        clock.advance(1)
    worker = Worker(records, {"job": lambda task: done.append(task.id)}, OPTIONS, clock)
    assert worker.drain() == 5
    assert done == [f"t{n}" for n in range(5)]
    assert {status(records, project, t) for t in done} == {COMPLETED}


def test_a_failing_task_is_retried_with_growing_delay_and_then_failed(
    records: Records, project: str, clock: ManualClock
) -> None:
    attempts: list[int] = []

    def job(task: Task) -> None:
        attempts.append(clock.now_ms())
        raise ModelReplyError("down")

    queue(records, project, "u", "t")
    worker = Worker(records, {"job": job}, OPTIONS, clock)
    worker.drain()
    assert status(records, project, "t") == RUNNING
    clock.advance(0.5)
    assert worker.drain() == 0
    clock.advance(0.5)
    assert worker.drain() == 1
    clock.advance(1.9)
    assert worker.drain() == 0
    clock.advance(0.1)
    assert worker.drain() == 1
    assert status(records, project, "t") == FAILED
    task = records.task(project, "t")
    assert task is not None
    assert task.error == "down"
    assert len(attempts) == 3


def test_an_outage_is_waited_out_for_longer_than_a_failure(
    records: Records, project: str, clock: ManualClock
) -> None:
    attempts: list[int] = []

    def job(task: Task) -> None:
        attempts.append(clock.now_ms())
        if len(attempts) <= 2 * OPTIONS.max_attempts:
            raise ModelUnavailableError("down", retry_after_s=30)

    queue(records, project, "u", "t")
    worker = Worker(records, {"job": job}, OPTIONS, clock)
    while status(records, project, "t") == RUNNING:
        worker.drain()
        clock.advance(5)
    assert status(records, project, "t") == "completed"
    assert attempts[1] - attempts[0] == 30_000


def test_an_unforeseen_error_does_not_leak_its_text(
    records: Records, project: str, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    def job(task: Task) -> None:
        raise ValueError("secret words of a memory")

    queue(records, project, "u", "t")
    Worker(records, {"job": job}, WorkerOptions(name="w", max_attempts=1), clock).drain()
    task = records.task(project, "t")
    assert task is not None
    assert task.status == FAILED
    assert task.error == "ValueError"
    assert "secret" not in caplog.text
    assert all("secret" not in str(vars(r)) for r in caplog.records)


def test_a_task_that_kills_its_workers_is_failed_in_the_end(
    records: Records, project: str, clock: ManualClock
) -> None:
    queue(records, project, "u", "t")
    for _ in range(4 * OPTIONS.max_attempts):
        assert records.claim("dies", 60) is not None
        clock.advance(61)
    ran: list[str] = []
    Worker(records, {"job": lambda task: ran.append(task.id)}, OPTIONS, clock).drain()
    assert ran == []
    assert status(records, project, "t") == FAILED


def test_threads_run_what_is_queued_and_stop(records: Records, project: str) -> None:
    done = threading.Event()
    seen: list[str] = []

    def job(task: Task) -> None:
        seen.append(task.id)
        if len(seen) == 20:
            done.set()

    worker = Worker(records, {"job": job}, OPTIONS, SystemClock())
    worker.start()
    for number in range(20):
        queue(records, project, f"u{number % 4}", f"t{number}")
        worker.wake()
    assert done.wait(20)
    worker.stop()
    assert sorted(seen) == sorted(f"t{n}" for n in range(20))
    assert records.unfinished() == 0


def test_finish_runs_the_task_on_the_calling_thread(
    records: Records, project: str, clock: ManualClock
) -> None:
    threads: list[int] = []
    worker = Worker(
        records, {"job": lambda _: threads.append(threading.get_ident())}, OPTIONS, clock
    )
    queue(records, project, "u", "t")
    assert worker.finish(project, "t", 5) == COMPLETED
    assert threads == [threading.get_ident()]


def test_finish_waits_behind_earlier_tasks_of_the_subject(records: Records, project: str) -> None:
    order: list[str] = []
    worker = Worker(records, {"job": lambda task: order.append(task.id)}, OPTIONS, SystemClock())
    queue(records, project, "u", "first")
    queue(records, project, "u", "second")
    worker.start()
    assert worker.finish(project, "second", 20) == COMPLETED
    worker.stop()
    assert order == ["first", "second"]


def test_finish_gives_up_waiting_but_leaves_the_task(
    records: Records, project: str, clock: ManualClock
) -> None:
    queue(records, project, "u", "first")
    held = records.claim("somebody", 60)
    assert held is not None
    queue(records, project, "u", "second")
    worker = Worker(records, {"job": lambda _: None}, OPTIONS, clock)
    assert worker.finish(project, "second", 0) == RUNNING
    records.complete(held.lease)
    assert worker.drain() == 1
