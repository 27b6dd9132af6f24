"""The task queue against a model small enough to be seen to be right, with clocks turned by hand."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from memos.errors import LeaseLostError
from memos.records.base import COMPLETED, FAILED, RUNNING, AuditRow, NewTask
from memos.records.sql import SqlRecords
from memos.types.lease import Lease, working_under
from tests.conformance.records_stores import Store, user

SUBJECTS = st.sampled_from(["ann", "bob", "cid"])
WORKERS = st.sampled_from(["w1", "w2", "w3"])
SECONDS = st.sampled_from([0, 1, 5, 30])
KINDS = st.sampled_from(["add", "import"])
MAX_ATTEMPTS = 2


@dataclass
class Expected:
    """A task as the model sees it."""

    id: str
    subject: str
    kind: str
    status: str = RUNNING
    attempts: int = 0
    holder: str | None = None
    lease_end: int = 0
    not_before: int = 0


class TaskQueueMachine(RuleBasedStateMachine):
    """Two processes share the queue; every answer is compared with the model's."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(f"sqlite:///{self.folder}/records.db")
        self.processes = [self.store.open(), self.store.open()]
        self.project = self.processes[0].create_project("p").id
        self.tasks: list[Expected] = []
        self.turn = 0
        self.written: list[str] = []

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @property
    def now(self) -> int:
        return self.store.clock.now_ms()

    def process(self) -> SqlRecords:
        self.turn += 1
        return self.processes[self.turn % 2]

    def is_ready(self, task: Expected) -> bool:
        open_ones = [t for t in self.tasks if t.subject == task.subject and t.status == RUNNING]
        return (
            bool(open_ones)
            and open_ones[0] is task
            and task.not_before <= self.now
            and (task.holder is None or task.lease_end <= self.now)
        )

    def take(self, task: Expected, worker: str, seconds: int) -> None:
        task.holder, task.lease_end = worker, self.now + seconds * 1000
        task.attempts += 1

    def pick(self, data: st.DataObject) -> Expected:
        return data.draw(st.sampled_from(self.tasks))

    def pick_with_lease(self, data: st.DataObject) -> tuple[Expected, Lease]:
        """A task, and a lease of its holder or of anybody, the last one or the one before."""
        task = self.pick(data)
        worker = data.draw(st.just(task.holder or "w1") | WORKERS)
        return task, Lease(task.id, worker, task.attempts - data.draw(st.integers(0, 1)))

    @staticmethod
    def holds(task: Expected, lease: Lease) -> bool:
        same = (task.holder, task.attempts) == (lease.worker, lease.number)
        return task.status == RUNNING and same

    @rule(subject=SUBJECTS, kind=KINDS)
    def accept(self, subject: str, kind: str) -> None:
        task = Expected(f"t{len(self.tasks)}", subject, kind)
        cube = user(self.project, subject)
        self.process().accept(cube, "talk", [], NewTask(task.id, kind))
        self.tasks.append(task)

    @rule(worker=WORKERS, seconds=SECONDS, kinds=st.none() | st.lists(KINDS))
    def claim(self, worker: str, seconds: int, kinds: list[str] | None) -> None:
        ready = [t for t in self.tasks if self.is_ready(t) and (kinds is None or t.kind in kinds)]
        found = self.process().claim(worker, seconds, kinds)
        assert (found and found.id) == (ready[0].id if ready else None)
        if ready:
            self.take(ready[0], worker, seconds)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), worker=WORKERS, seconds=SECONDS)
    def claim_by_name(self, data: st.DataObject, worker: str, seconds: int) -> None:
        task = self.pick(data)
        found = self.process().claim_task(task.id, worker, seconds)
        assert (found is not None) == self.is_ready(task)
        if found is not None:
            self.take(task, worker, seconds)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), seconds=SECONDS)
    def renew(self, data: st.DataObject, seconds: int) -> None:
        task, lease = self.pick_with_lease(data)
        held = self.holds(task, lease)
        assert self.process().renew(lease, seconds) == held
        if held:
            task.lease_end = self.now + seconds * 1000

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        task, lease = self.pick_with_lease(data)
        held = self.holds(task, lease)
        assert self.process().complete(lease) == held
        if held:
            task.status, task.holder = COMPLETED, None

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), seconds=SECONDS)
    def give_back(self, data: st.DataObject, seconds: int) -> None:
        task, lease = self.pick_with_lease(data)
        self.expect_given_back(task, lease, seconds)

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def write_under_a_lease(self, data: st.DataObject) -> None:
        """What a worker writes beside its task is kept if the task is still its own."""
        task, lease = self.pick_with_lease(data)
        row = AuditRow(self.now, self.project, "worker", "test", str(len(self.written)))
        try:
            with working_under(lease):
                self.process().audit(row)
        except LeaseLostError:
            assert not self.holds(task, lease)
        else:
            assert self.holds(task, lease)
            self.written.append(row.subject)

    @rule(worker=WORKERS)
    def claim_and_give_back(self, worker: str) -> None:
        self.claim(worker=worker, seconds=30, kinds=None)
        for task in [t for t in self.tasks if t.holder == worker]:
            self.expect_given_back(task, Lease(task.id, worker, task.attempts), 0)

    def expect_given_back(self, task: Expected, lease: Lease, seconds: int) -> None:
        if self.holds(task, lease):
            task.status = FAILED if task.attempts >= MAX_ATTEMPTS else RUNNING
            task.holder, task.not_before = None, self.now + seconds * 1000
        found = self.process().retry_or_fail(
            lease, "bad", delay_s=seconds, max_attempts=MAX_ATTEMPTS
        )
        assert (found.status, found.leased_by) == (task.status, task.holder)

    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.store.clock.advance(seconds)

    @invariant()
    def nothing_is_lost_and_all_agree(self) -> None:
        for task in self.tasks:
            stored = self.processes[0].task(self.project, task.id)
            assert stored is not None
            assert (stored.status, stored.attempts) == (task.status, task.attempts)
            assert (stored.leased_by, stored.kind) == (task.holder, task.kind)
        rows = self.processes[1].audit_rows(self.project, 10**6)
        assert [row.subject for row in reversed(rows)] == self.written
        unfinished = sum(task.status == RUNNING for task in self.tasks)
        assert self.processes[1].unfinished() == unfinished


TaskQueueMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, derandomize=True
)
TestTaskQueue = TaskQueueMachine.TestCase
