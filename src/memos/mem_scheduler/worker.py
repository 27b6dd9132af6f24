"""Worker threads over the durable task queue: lease, run, renew, retry with backoff."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from memos.endpoints.usage import charged_to
from memos.errors import (
    DocumentError,
    LeaseLostError,
    MemosError,
    ModelRefusedError,
    UnavailableError,
)
from memos.log import origin_of
from memos.records.base import FAILED, RUNNING, Task, TaskQueue
from memos.types.clock import Clock
from memos.types.lease import Lease, working_under

logger = logging.getLogger(__name__)

_WAIT_STEP_S = 0.05
_DEATHS_PER_ATTEMPT = 4
"""A worker that dies has not failed: most deaths are not the task's doing."""
_OUTAGE_PATIENCE = 4
"""Nor has a task whose embedder or store is away: it is kept for about two hours."""
_LONGEST_DELAY_S = 600.0
Job = Callable[[Task], object]


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker behaves.

    Args:
        name: unique among all workers on the records store.
        threads: tasks run at once.
        lease_s: a task of a dead worker is taken over after this long.
        max_attempts: then a task is failed for good.
        idle_poll_s: longest wait before looking again when nothing wakes the worker.
        backoff_s: delay of the first retry; doubles with each.
        long: kinds of tasks that take minutes; of several threads one never takes them.
    """

    name: str
    threads: int = 2
    lease_s: float = 60.0
    max_attempts: int = 5
    idle_poll_s: float = 0.5
    backoff_s: float = 1.0
    long: frozenset[str] = frozenset()


class Worker:
    """Runs tasks until stopped. Failing tasks are retried; nothing is dropped silently.

    Args:
        queue: the durable queue.
        jobs: what to do for each kind of task.
        options: see `WorkerOptions`.
        clock: measures how long a caller waited.
        fence: makes the store of memories refuse what is still written under earlier leases of a
            task. The queue does so by itself.
    """

    def __init__(
        self,
        queue: TaskQueue,
        jobs: Mapping[str, Job],
        options: WorkerOptions,
        clock: Clock,
        *,
        fence: Callable[[Lease], None] = lambda _: None,
    ) -> None:
        self._queue = queue
        self._fence = fence
        self._clock = clock
        self._jobs = dict(jobs)
        self._options = options
        self._wake = threading.Condition()
        self._pending_wakes = 0
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._held: dict[str, Lease] = {}
        self._finished = threading.Condition()

    def start(self) -> None:
        """Start the threads (idempotent)."""
        if self._threads:
            return
        self._stopped.clear()
        targets = [self._loop] * self._options.threads + [self._renew_loop]
        for index, target in enumerate(targets):
            thread = threading.Thread(
                target=target, args=(index,), name=f"memos-worker-{index}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let running tasks finish, then end the threads. Leases of stragglers simply expire."""
        self._stopped.set()
        with self._wake:
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout_s)
        self._threads = []

    def wake(self) -> None:
        """Look for work now (called after a task was queued)."""
        with self._wake:
            self._pending_wakes = min(self._pending_wakes + 1, self._options.threads)
            self._wake.notify()

    def finish(self, project: str, task_id: str, wait_s: float) -> str:
        """Status of a task once it is done, or `running` after `wait_s`.

        The task is run on the calling thread as soon as it is the next of its subject; until
        then earlier ones are waited for.
        """
        holder = f"{self._options.name}/sync-{task_id}"
        deadline = self._clock.monotonic() + wait_s
        while True:
            mine = self._queue.claim_task(task_id, holder, self._options.lease_s)
            if mine is not None:
                self._run(mine)
            task = self._queue.task(project, task_id)
            if task is None or task.status != RUNNING:
                return FAILED if task is None else task.status
            if self._clock.monotonic() >= deadline:
                return RUNNING
            with self._finished:
                self._finished.wait(_WAIT_STEP_S)

    def drain(self) -> int:
        """Run everything that is ready on the calling thread; the number of tasks run."""
        holder = f"{self._options.name}/drain"
        count = 0
        while (task := self._claim(holder, list(self._jobs))) is not None:
            self._run(task)
            count += 1
        return count

    def _loop(self, index: int) -> None:
        holder = f"{self._options.name}/{index}"
        kinds = list(self._jobs)
        if index == 0 and self._options.threads > 1:
            kinds = [kind for kind in kinds if kind not in self._options.long]
        while not self._stopped.is_set():
            task = self._claim(holder, kinds)
            if task is not None:
                self._run(task)
                continue
            with self._wake:
                if not self._pending_wakes and not self._stopped.is_set():
                    self._wake.wait(self._options.idle_poll_s)
                self._pending_wakes = max(0, self._pending_wakes - 1)

    def _claim(self, holder: str, kinds: Sequence[str]) -> Task | None:
        try:
            return self._queue.claim(holder, self._options.lease_s, kinds)
        except MemosError as error:
            logger.warning(
                "queue not readable", extra={"code": error.code, "reason": error.message}
            )
            return None

    def _run(self, task: Task) -> None:
        if task.attempts > _DEATHS_PER_ATTEMPT * self._options.max_attempts:
            self._give_back(task, UnavailableError("every worker that took it died"))
            return
        self._held[task.id] = task.lease
        try:
            if task.attempts > 1:  # whoever had it may be stalled rather than dead
                self._fence(task.lease)
            with charged_to(task.project_id, task.kind), working_under(task.lease):
                self._jobs[task.kind](task)
            if not self._queue.complete(task.lease):
                self._report_loss(task)
        except LeaseLostError:
            self._report_loss(task)
        except Exception as error:  # noqa: BLE001 - task edge: any failure is recorded and retried
            self._give_back(task, error)
        finally:
            self._held.pop(task.id, None)
            with self._finished:
                self._finished.notify_all()
            self.wake()

    @staticmethod
    def _report_loss(task: Task) -> None:
        """Nothing is to be done: another worker has the task, or its subject was erased."""
        logger.warning("lease lost", extra={"task": task.id, "attempt": task.attempts})

    def _give_back(self, task: Task, error: Exception) -> None:
        reason = error.message if isinstance(error, MemosError) else type(error).__name__
        logger.warning(
            "task failed",
            extra={
                "task": task.id,
                "kind": task.kind,
                "attempt": task.attempts,
                "error": type(error).__name__,
                "reason": reason,
                "at": origin_of(error),
            },
        )
        delay = min(self._options.backoff_s * 2 ** max(0, task.attempts - 1), _LONGEST_DELAY_S)
        # A file that cannot be read today cannot be read tomorrow.
        most = 1 if isinstance(error, DocumentError) else self._options.max_attempts
        if isinstance(error, UnavailableError) and not isinstance(error, ModelRefusedError):
            delay = max(delay, getattr(error, "retry_after_s", None) or 0.0)
            most *= _OUTAGE_PATIENCE
        try:
            self._queue.retry_or_fail(task.lease, reason, delay_s=delay, max_attempts=most)
        except MemosError as second:
            logger.warning("task not given back", extra={"task": task.id, "code": second.code})

    def _renew_loop(self, _index: int) -> None:
        while not self._stopped.wait(self._options.lease_s / 3):
            for lease in list(self._held.values()):
                self._renew(lease)

    def _renew(self, lease: Lease) -> None:
        try:
            self._queue.renew(lease, self._options.lease_s)
        except MemosError as error:
            logger.warning("lease not renewed", extra={"code": error.code})
