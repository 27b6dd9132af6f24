"""Worker threads over the durable task queue: lease, run, renew, retry with backoff."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from memos.errors import MemosError
from memos.records.base import Task, TaskQueue

logger = logging.getLogger(__name__)

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
    """

    name: str
    threads: int = 2
    lease_s: float = 60.0
    max_attempts: int = 5
    idle_poll_s: float = 0.5
    backoff_s: float = 1.0


class Worker:
    """Runs tasks until stopped. Failing tasks are retried; nothing is dropped silently.

    Args:
        queue: the durable queue.
        jobs: what to do for each kind of task.
        options: see `WorkerOptions`.
    """

    def __init__(self, queue: TaskQueue, jobs: Mapping[str, Job], options: WorkerOptions) -> None:
        self._queue = queue
        self._jobs = dict(jobs)
        self._options = options
        self._wake = threading.Condition()
        self._pending_wakes = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._held: dict[str, str] = {}
        self._finished = threading.Condition()

    def start(self) -> None:
        """Start the threads (idempotent)."""
        if self._threads:
            return
        self._stopping = False
        targets = [self._loop] * self._options.threads + [self._renew_loop]
        for index, target in enumerate(targets):
            thread = threading.Thread(
                target=target, args=(index,), name=f"memos-worker-{index}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Let running tasks finish, then end the threads. Leases of stragglers simply expire."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(timeout_s)
        self._threads = []

    def wake(self) -> None:
        """Look for work now (called after a task was queued)."""
        with self._wake:
            self._pending_wakes += 1
            self._wake.notify()

    def run_now(self, task_id: str) -> bool:
        """Run one task on the calling thread if it is ready and the next of its subject."""
        holder = f"{self._options.name}/sync"
        task = self._queue.claim_task(task_id, holder, self._options.lease_s)
        if task is None:
            return False
        self._run(task, holder)
        return True

    def wait_finished(self, timeout_s: float) -> None:
        """Return when some task of this process has finished, or after `timeout_s`."""
        with self._finished:
            self._finished.wait(timeout_s)

    def drain(self) -> int:
        """Run everything that is ready on the calling thread; the number of tasks run."""
        holder = f"{self._options.name}/drain"
        count = 0
        while (task := self._claim(holder)) is not None:
            self._run(task, holder)
            count += 1
        return count

    def _loop(self, index: int) -> None:
        holder = f"{self._options.name}/{index}"
        while True:
            task = self._claim(holder)
            if task is not None:
                self._run(task, holder)
                continue
            with self._wake:
                if self._stopping:
                    return
                if not self._pending_wakes:
                    self._wake.wait(self._options.idle_poll_s)
                self._pending_wakes = max(0, self._pending_wakes - 1)
                if self._stopping:
                    return

    def _claim(self, holder: str) -> Task | None:
        if self._stopping:
            return None
        try:
            return self._queue.claim(holder, self._options.lease_s, list(self._jobs))
        except MemosError as error:
            logger.warning("queue not readable", extra={"code": error.code})
            return None

    def _run(self, task: Task, holder: str) -> None:
        self._held[task.id] = holder
        try:
            self._jobs[task.kind](task)
            self._queue.complete(task.id, holder)
        except Exception as error:  # noqa: BLE001 - task edge: any failure is recorded and retried
            self._give_back(task, holder, error)
        finally:
            self._held.pop(task.id, None)
            with self._finished:
                self._finished.notify_all()
            self.wake()

    def _give_back(self, task: Task, holder: str, error: Exception) -> None:
        known = isinstance(error, MemosError)
        reason = error.message if isinstance(error, MemosError) else type(error).__name__
        logger.warning(
            "task failed",
            extra={"task": task.id, "kind": task.kind, "attempt": task.attempts, "known": known},
            exc_info=None if known else error,
        )
        delay = self._options.backoff_s * 2 ** max(0, task.attempts - 1)
        try:
            self._queue.retry_or_fail(
                task.id, holder, reason, delay_s=delay, max_attempts=self._options.max_attempts
            )
        except MemosError as second:
            logger.warning("task not given back", extra={"task": task.id, "code": second.code})

    def _renew_loop(self, _index: int) -> None:
        while True:
            with self._wake:
                if self._stopping:
                    return
            for task_id, holder in list(self._held.items()):
                try:
                    self._queue.renew(task_id, holder, self._options.lease_s)
                except MemosError as error:
                    logger.warning("lease not renewed", extra={"code": error.code})
            with self._wake:
                if not self._stopping:
                    self._wake.wait(self._options.lease_s / 3)
