"""Two workers over one pair of stores, one of which stalls: nothing is done twice or half.

Everything happens on one thread. A job is a row of steps; where a stall is drawn the clock passes
the lease and the other process does all there is to do, before the stalled one goes on.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos.errors import LeaseLostError, ModelReplyError
from memos.graph_dbs.base import NodeWrite
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.mem_scheduler.worker import Worker, WorkerOptions
from memos.records.base import COMPLETED, AuditRow, NewTask, Task
from memos.records.sql import SqlRecords, open_records
from memos.types.clock import RandomIds
from memos.types.memory import ALL_KINDS, MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import ManualClock

LEASE_S = 60
STEPS = 3
STALL, FAIL, GO_ON = "stall", "fail", "go on"
SCRIPT = st.lists(st.sampled_from([GO_ON, GO_ON, STALL, FAIL]), max_size=40)


@dataclass
class World:
    """Two processes on one folder, and what is to happen at each step that is taken."""

    folder: Path
    script: list[str] = field(default_factory=list)
    clock: ManualClock = field(default_factory=ManualClock)
    finished: Counter[tuple[str, int]] = field(default_factory=Counter)
    refused: int = 0

    def __post_init__(self) -> None:
        self.records = [self._open() for _ in range(2)]
        self.graphs = [SqliteGraphStore(self.folder / "g.db", self.clock) for _ in range(2)]
        self.workers = [self._worker(number) for number in range(2)]
        self.project = self.records[0].create_project("p").id
        self.cubes = 0

    def begin(self, script: list[str], tasks: int) -> list[str]:
        """Queue tasks of a new user; their ids."""
        self.cubes += 1
        self.script, self.refused = script, 0
        self.finished.clear()
        self.cube = Cube(self.project, CubeKind.USER, f"u{self.cubes}")
        names = [f"t{self.cubes}-{number}" for number in range(tasks)]
        for name in names:
            self.records[0].accept(self.cube, "talk", [], NewTask(name, "add"))
        return names

    def _open(self) -> SqlRecords:
        return open_records(f"sqlite:///{self.folder}/r.db", self.clock, RandomIds())

    def _worker(self, number: int) -> Worker:
        options = WorkerOptions(name=f"w{number}", lease_s=LEASE_S, max_attempts=50, backoff_s=0)
        return Worker(
            self.records[number],
            {"add": lambda task: self.work(number, task)},
            options,
            self.clock,
            fence=self.graphs[number].fence,
        )

    def work(self, number: int, task: Task) -> None:
        """As a job: memories derived from the task and the reading, then a row of the audit."""
        for step in range(STEPS):
            self.act(number)
            self.write(number, task, step)
        self.act(number)
        row = AuditRow(self.clock.now_ms(), task.project_id, "worker", "add", task.id)
        with self.counting_refusals():
            self.records[number].audit(row)
        self.finished[task.id, task.attempts] += 1

    def act(self, number: int) -> None:
        what = self.script.pop() if self.script else GO_ON
        if what == FAIL:
            raise ModelReplyError("drawn")
        if what == STALL:
            self.clock.advance(LEASE_S + 1)
            Context().run(self.workers[1 - number].drain)  # as on a thread of its own

    def write(self, number: int, task: Task, step: int) -> None:
        """A reader that never reads the same twice: each attempt writes memories of its own."""
        now = self.clock.now_ms()
        item = MemoryItem(
            id=f"{task.id}/{task.attempts}/{step}",
            cube=self.cube,
            kind=MemoryKind.USER,
            value=f"step {step}",
            created_at=now,
            updated_at=now,
            info={"task": task.id},
        )
        graph, scope = self.graphs[number], Scope.of(self.cube)
        known = graph.find(scope, ALL_KINDS, limit=1000).items
        outdated = [
            i.id
            for i in known
            if i.info["task"] == task.id and i.id.split("/")[1] != str(task.attempts)
        ]
        with self.counting_refusals():
            if outdated:
                graph.delete(scope, outdated)
            graph.put(scope, [NodeWrite(item, item.value)])

    @contextmanager
    def counting_refusals(self) -> Iterator[None]:
        try:
            yield
        except LeaseLostError:
            self.refused += 1
            raise

    def close(self) -> None:
        for graph in self.graphs:
            graph.close()
        for records in self.records:
            records.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("stores"))
    yield made
    made.close()


@given(script=SCRIPT, tasks=st.integers(1, 3))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_a_stalled_worker_still_writes_never_counts(
    world: World, script: list[str], tasks: int
) -> None:
    stalls = script.count(STALL)
    names = world.begin(script, tasks)
    while world.records[0].unfinished():
        world.workers[0].drain()
        world.clock.advance(LEASE_S + 1)
    audited = [row.subject for row in world.records[0].audit_rows(world.project, 10**6)]
    items = world.graphs[0].find(Scope.of(world.cube), ALL_KINDS, limit=1000).items
    for name in names:
        task = world.records[0].task(world.project, name)
        assert task is not None
        assert task.status == COMPLETED
        mine = [item.id for item in items if item.info["task"] == name]
        assert sorted(mine) == [f"{name}/{task.attempts}/{step}" for step in range(STEPS)]
        assert audited.count(name) == 1
        assert world.finished[name, task.attempts] == 1
    assert world.refused <= stalls
    assert sum(world.finished.values()) == tasks


def test_a_stalled_worker_is_refused_and_not_retried(world: World) -> None:
    """The plain case: the first stalls once, the second does all of it."""
    (name,) = world.begin([STALL], 1)
    assert world.workers[0].drain() == 1
    assert world.refused == 1
    assert dict(world.finished) == {(name, 2): 1}
    task = world.records[0].task(world.project, name)
    assert task is not None
    assert (task.status, task.attempts, task.error) == (COMPLETED, 2, None)
