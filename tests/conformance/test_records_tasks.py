"""The task queue, on both engines."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from memos.errors import LeaseLostError, NotFoundError
from memos.records.base import COMPLETED, FAILED, RUNNING, AuditRow, NewTask, Task
from memos.records.sql import SqlRecords
from memos.types.lease import Lease, working_under
from memos.types.scope import Cube
from tests.conformance.records_stores import START_MS, Store, add, user


def queued(records: SqlRecords, *task_ids: str, name: str = "ann", kind: str = "add") -> Cube:
    """Queue tasks of one subject of the project `p`, which is made when it is not there."""
    known = [project.id for project in records.projects()]
    cube = user(known[0] if known else records.create_project("p").id, name)
    for task_id in task_ids:
        records.accept(cube, "talk", [], NewTask(task_id, kind, {"window": [1, 2]}))
    return cube


def claimed(records: SqlRecords, worker: str = "w", lease_s: float = 60) -> str | None:
    task = records.claim(worker, lease_s)
    return None if task is None else task.id


def test_a_claimed_task_says_what_to_do_and_who_holds_it(records: SqlRecords) -> None:
    cube = queued(records, "t")
    expected = Task(
        id="t",
        project_id=cube.project,
        subject=cube.uid,
        kind="add",
        payload={"window": [1, 2]},
        status=RUNNING,
        attempts=0,
        error=None,
        created_at=START_MS,
        updated_at=START_MS,
    )
    assert records.task(cube.project, "t") == expected
    held = replace(expected, attempts=1, leased_by="w", leased_until=START_MS + 60_000)
    assert records.claim("w", 60) == held
    assert records.task(cube.project, "t") == held
    assert records.task("another", "t") is None


def test_tasks_of_a_subject_run_one_at_a_time_oldest_first(records: SqlRecords) -> None:
    queued(records, "a1", "a2", name="ann")
    queued(records, "b1", name="bob")
    assert [claimed(records), claimed(records), claimed(records)] == ["a1", "b1", None]
    assert records.complete(Lease("a1", "w", 1))
    assert claimed(records) == "a2"


def test_work_for_later_waits_for_older_tasks_and_holds_up_only_its_own_kind(
    records: SqlRecords,
) -> None:
    queued(records, "a1")
    queued(records, "l1", "l2", kind="later:learn")
    queued(records, "o1", kind="later:other")
    queued(records, "a2")
    assert claimed(records) == "a1"
    assert claimed(records) is None
    records.complete(Lease("a1", "w", 1))
    assert [claimed(records) for _ in range(4)] == ["l1", "o1", "a2", None]
    records.complete(Lease("l1", "w", 1))
    assert claimed(records) == "l2"


def test_a_completed_task_is_done_for_good(records: SqlRecords) -> None:
    cube = queued(records, "t")
    assert claimed(records) == "t"
    assert records.complete(Lease("t", "w", 1))
    done = records.task(cube.project, "t")
    assert done is not None
    assert (done.status, done.leased_by, done.leased_until) == (COMPLETED, None, None)
    assert not records.complete(Lease("t", "w", 1))
    assert not records.renew(Lease("t", "w", 1), 60)
    assert claimed(records) is None
    assert records.unfinished() == 0


def test_only_the_holder_may_renew_complete_or_give_back(records: SqlRecords) -> None:
    cube = queued(records, "t")
    assert claimed(records, "holder") == "t"
    before = records.task(cube.project, "t")
    assert not records.renew(Lease("t", "thief", 1), 60)
    assert not records.complete(Lease("t", "thief", 1))
    assert records.retry_or_fail(Lease("t", "thief", 1), "no", delay_s=0, max_attempts=1) == before
    assert records.complete(Lease("t", "holder", 1))


def test_an_expired_lease_is_claimable_and_lost_to_its_first_holder(store: Store) -> None:
    records = store.open()
    cube = queued(records, "t")
    assert claimed(records, "slow", 10) == "t"
    store.clock.advance(9.999)
    assert claimed(records, "next") is None
    store.clock.advance(0.001)
    assert claimed(records, "next") == "t"
    assert not records.complete(Lease("t", "slow", 1))
    assert not records.renew(Lease("t", "slow", 1), 10)
    task = records.task(cube.project, "t")
    assert task is not None
    assert (task.leased_by, task.attempts, task.status) == ("next", 2, RUNNING)


def test_what_is_written_under_a_lost_lease_is_refused(store: Store) -> None:
    records, other = store.open(), store.open()
    cube = queued(records, "t")
    stalled = records.claim("slow", 10)
    assert stalled is not None
    row = AuditRow(1, cube.project, "worker", "test", "user")
    add(records, cube, "later", "hello")
    with working_under(stalled.lease):
        records.audit(row)
        store.clock.advance(10)
        records.audit(row)  # nobody has taken it over yet
        assert claimed(other, "next") == "t"
        for write in (
            lambda: records.audit(row),
            lambda: records.redact(cube, [("later-0", None, None)]),
            lambda: add(records, cube, "more", "text"),
        ):
            with pytest.raises(LeaseLostError):
                write()
    assert len(records.audit_rows(cube.project)) == 2
    assert [m.text for m in records.messages(cube, ["later-0", "more-0"])] == ["hello"]


def test_a_renewed_lease_lasts_longer(store: Store) -> None:
    records = store.open()
    queued(records, "t")
    assert claimed(records, "w", 10) == "t"
    store.clock.advance(8)
    assert records.renew(Lease("t", "w", 1), 10)
    store.clock.advance(8)
    assert claimed(records, "other") is None
    assert records.complete(Lease("t", "w", 1))


def test_a_task_that_waits_for_a_retry_blocks_its_subject_and_no_other(store: Store) -> None:
    records = store.open()
    cube = queued(records, "a1", "a2", name="ann")
    assert claimed(records) == "a1"
    task = records.retry_or_fail(Lease("a1", "w", 1), "model away", delay_s=30, max_attempts=3)
    assert (task.status, task.error, task.leased_by) == (RUNNING, "model away", None)
    assert task.next_attempt_at == START_MS + 30_000
    queued(records, "b1", name="bob")
    assert [claimed(records), claimed(records)] == ["b1", None]
    store.clock.advance(30)
    assert claimed(records) == "a1"
    assert not records.complete(Lease("a1", "w", 1)), "an earlier lease of the same worker"
    assert records.complete(Lease("a1", "w", 2))
    finished = records.task(cube.project, "a1")
    assert finished is not None
    assert (finished.error, finished.attempts) == (None, 2)


def test_a_failed_task_unblocks_its_subject(store: Store) -> None:
    records = store.open()
    cube = queued(records, "a1", "a2")
    for number in (1, 2):
        assert claimed(records) == "a1"
        records.retry_or_fail(Lease("a1", "w", number), "bad reply", delay_s=0, max_attempts=2)
    failed = records.task(cube.project, "a1")
    assert failed is not None
    assert (failed.status, failed.error, failed.attempts) == (FAILED, "bad reply", 2)
    assert claimed(records) == "a2"


def test_claims_may_name_kinds(records: SqlRecords) -> None:
    queued(records, "a", name="ann", kind="add")
    queued(records, "b", name="bob", kind="import")
    queued(records, "a2", name="ann", kind="import")
    task = records.claim("w", 60, ["import", "other"])
    assert task is not None
    assert task.id == "b"
    # Its turn has not come: an older task of ann, of whatever kind, is not finished.
    assert records.claim("w", 60, ["import"]) is None
    assert records.claim("w", 60, []) is None


def test_one_task_may_be_claimed_by_name_when_it_is_its_turn(records: SqlRecords) -> None:
    queued(records, "a1", "a2", name="ann")
    queued(records, "b1", name="bob")
    assert records.claim_task("a2", "w", 60) is None
    assert records.claim_task("unknown", "w", 60) is None
    task = records.claim_task("b1", "w", 60)
    assert task is not None
    assert (task.id, task.attempts) == ("b1", 1)
    assert records.claim_task("b1", "other", 60) is None


def test_no_task_is_claimed_twice_by_workers_of_two_processes(store: Store) -> None:
    stores = [store.open(), store.open()]
    for n in range(30):
        queued(stores[0], f"{n}-a", f"{n}-b", name=f"user{n}")

    def work(number: int) -> list[str]:
        records, worker, done = stores[number % 2], f"w{number}", []
        while stores[0].unfinished():
            task = records.claim(worker, 60)
            if task is not None and records.complete(task.lease):
                done.append(task.id)
        return done

    with ThreadPoolExecutor(8) as threads:
        finished = [task_id for done in threads.map(work, range(8)) for task_id in done]
    assert sorted(finished) == sorted(f"{n}-{part}" for n in range(30) for part in "ab")


def test_unfinished_counts_by_project_and_subject(records: SqlRecords) -> None:
    ann = queued(records, "a1", "a2", name="ann")
    queued(records, "b1", name="bob")
    other = user(records.create_project("q").id)
    add(records, other, "c1")
    assert claimed(records) == "a1"
    records.complete(Lease("a1", "w", 1))
    assert records.unfinished() == 3
    assert records.unfinished(ann.project) == 2
    assert records.unfinished(subject=ann.uid) == 1
    assert records.unfinished(other.project, ann.uid) == 0


def test_a_task_erased_under_its_worker_is_noticed(records: SqlRecords) -> None:
    cube = queued(records, "t")
    assert claimed(records) == "t"
    records.erase_subject(cube)
    assert not records.renew(Lease("t", "w", 1), 60)
    assert not records.complete(Lease("t", "w", 1))
    with pytest.raises(NotFoundError):
        records.retry_or_fail(Lease("t", "w", 1), "gone", delay_s=0, max_attempts=3)
