"""An erasure and the workers of other processes keep out of each other's way."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.errors import LeaseLostError, StoreUnavailableError
from memos.graph_dbs.base import NodeWrite
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.mem_scheduler.alone import AloneEverywhere
from memos.mem_scheduler.gate import SubjectGate
from memos.records.base import NewMessage, NewTask
from memos.records.sql import SqlRecords, open_records
from memos.types.clock import RandomIds, SystemClock
from memos.types.lease import working_under
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import ManualClock

MARGIN_S = 20


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqlRecords]:
    opened = open_records(f"sqlite:///{tmp_path}/records.db", SystemClock(), RandomIds())
    yield opened
    opened.close()


@pytest.fixture
def cube(records: SqlRecords) -> Cube:
    """A user with one task."""
    made = Cube(records.create_project("p").id, CubeKind.USER, "u")
    message = NewMessage("m", "user", "hello", 1)
    records.accept(made, "c", [message], NewTask("t", "add"))
    return made


def alone(records: SqlRecords, name: str = "here/") -> AloneEverywhere:
    return AloneEverywhere(SubjectGate(), records, name, SystemClock())


def test_a_task_that_another_process_works_on_is_waited_for(
    records: SqlRecords, cube: Cube
) -> None:
    task = records.claim("there/0", 60)
    assert task is not None
    entered = threading.Event()

    def erase() -> None:
        with alone(records).exclusive(cube.uid):
            entered.set()

    thread = threading.Thread(target=erase)
    thread.start()
    assert not entered.wait(0.3)
    assert records.complete(task.lease)
    assert entered.wait(MARGIN_S)
    thread.join()


def test_no_process_takes_a_task_of_the_subject_meanwhile(records: SqlRecords, cube: Cube) -> None:
    with alone(records).exclusive(cube.uid):
        assert records.claim("there/0", 60) is None
        assert records.claim("here/0", 60) is None
    assert records.claim("there/0", 60) is not None


def test_a_task_of_its_own_process_is_left_to_the_gate(records: SqlRecords, cube: Cube) -> None:
    """Forgetting is such a task: it erases while it is leased itself."""
    assert records.claim("here/0", 60) is not None
    with alone(records).exclusive(cube.uid):
        pass


def test_two_processes_erase_one_after_the_other(records: SqlRecords, cube: Cube) -> None:
    order = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(MARGIN_S)
        with alone(records, "there/").exclusive(cube.uid):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with alone(records).exclusive(cube.uid):
        inside.set()
        thread.join(0.3)
        order.append("first")
    thread.join(MARGIN_S)
    assert order == ["first", "second"]


def test_a_process_that_never_ends_is_reported_and_leaves_no_hold(tmp_path: Path) -> None:
    clock = ManualClock()
    records = open_records(f"sqlite:///{tmp_path}/records.db", clock, RandomIds())
    cube = Cube(records.create_project("p").id, CubeKind.USER, "u")
    records.accept(cube, "c", [NewMessage("m", "user", "x", 1)], NewTask("t", "add"))
    task = records.claim("there/0", 10_000)
    assert task is not None
    stopped = threading.Event()

    def pass_time() -> None:
        while not stopped.wait(0.01):
            clock.advance(5)

    thread = threading.Thread(target=pass_time)
    thread.start()
    waiting = AloneEverywhere(SubjectGate(), records, "here/", clock)
    with pytest.raises(StoreUnavailableError), waiting.exclusive(cube.uid):
        pass
    stopped.set()
    thread.join()
    records.complete(task.lease)
    with waiting.exclusive(cube.uid):
        pass
    records.close()


def test_a_worker_that_stalled_past_its_lease_writes_nothing_after_an_erasure(
    tmp_path: Path,
) -> None:
    """Its lease is over, so nobody waits for it, and nobody has taken the task over either."""
    clock = ManualClock()
    records = open_records(f"sqlite:///{tmp_path}/records.db", clock, RandomIds())
    here, there = (SqliteGraphStore(tmp_path / "g.db", clock) for _ in range(2))
    cube = Cube(records.create_project("p").id, CubeKind.USER, "u")
    records.accept(cube, "c", [NewMessage("m", "user", "x", 1)], NewTask("t", "add"))
    task = records.claim("there/0", 60)
    assert task is not None
    item = MemoryItem("i", cube, MemoryKind.USER, "tea", created_at=1, updated_at=1)
    clock.advance(61)
    waiting = AloneEverywhere(SubjectGate(), records, "here/", clock, fence=here.fence)
    with waiting.exclusive(cube.uid):
        here.delete_cubes(Scope.of(cube))
    with working_under(task.lease), pytest.raises(LeaseLostError):
        there.put(Scope.of(cube), [NodeWrite(item, "tea")])
    taken = records.claim("there/1", 60)
    assert taken is not None
    with working_under(taken.lease):
        there.put(Scope.of(cube), [NodeWrite(item, "tea")])
    for store in (here, there, records):
        store.close()
