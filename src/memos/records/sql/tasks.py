"""The durable queue: rows with leases."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Executable,
    RowMapping,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)

from memos.errors import LeaseLostError, NotFoundError
from memos.records.base import COMPLETED, FAILED, LATER, RUNNING, Task
from memos.records.keeping import holding
from memos.records.sql.database import Job
from memos.records.sql.part import Part
from memos.records.sql.tables import hold, task
from memos.types.lease import Lease, current_lease

T = TypeVar("T")

_COLUMNS = [column for column in task.c if column.name not in {"number", "message_ids"}]
_older = task.alias("older")
_now: Any = bindparam("now")

# Ready and the oldest open one of its subject. The status is spelled out because SQLite uses a
# partial index only for a literal.
_READY = and_(
    text("task.status = 'running'"),
    task.c.next_attempt_at <= _now,
    or_(task.c.leased_until.is_(None), task.c.leased_until <= _now),
    ~select(_older.c.number)
    .where(
        text("older.status = 'running'"),
        _older.c.subject == task.c.subject,
        _older.c.number < task.c.number,
        or_(_older.c.kind == task.c.kind, _older.c.kind.not_like(f"{LATER}%")),
    )
    .exists(),
    # Whoever holds a subject works on it alone; see `holding`.
    ~select(hold.c.name)
    .where(hold.c.name == literal(holding("")) + task.c.subject, hold.c.until > _now)
    .exists(),
)
_HELD = and_(
    task.c.id == bindparam("task_id"),
    text("task.status = 'running'"),
    task.c.leased_by == bindparam("holder"),
    task.c.attempts == bindparam("claimed"),
)
# Built once: a worker pays for running a statement, not for composing it.
_FIRST_READY = select(task.c.number).where(_READY).order_by(task.c.number).limit(1)
_LEASE = (
    update(task)
    .where(task.c.number == bindparam("picked"))
    .values(
        attempts=task.c.attempts + 1,
        leased_by=bindparam("worker"),
        leased_until=bindparam("until"),
        updated_at=_now,
    )
    .returning(*_COLUMNS)
)
_RENEW = update(task).where(_HELD).values(leased_until=bindparam("until"), updated_at=_now)
_COMPLETE = (
    update(task)
    .where(_HELD)
    .values(status=COMPLETED, error=null(), leased_by=null(), leased_until=null(), updated_at=_now)
)
_BY_ID = select(*_COLUMNS).where(task.c.id == bindparam("task_id"))
# Locked (PostgreSQL), so that nobody takes the task over before what is written under it is there.
_STILL_HELD = select(task.c.number).where(_HELD).with_for_update(read=True)


class SqlTasks(Part):
    """The queue side of the store.

    A lease that ran out is lost when another worker claims the task, not before: until then its
    holder may still renew or complete it.
    """

    def claim(self, worker: str, lease_s: float, kinds: Sequence[str] | None = None) -> Task | None:
        """Lease the oldest ready task whose subject has no older unfinished one; None when idle.

        An older one of a `LATER` kind holds up only tasks of its own kind.
        """
        ready = _FIRST_READY
        if kinds is not None:
            ready = ready.where(task.c.kind.in_(list(kinds)))
        return self._claim(ready, worker, lease_s)

    def claim_task(self, task_id: str, worker: str, lease_s: float) -> Task | None:
        """Lease this very task if it is ready and next of its subject; for synchronous adds."""
        return self._claim(
            select(task.c.number).where(_READY, task.c.id == task_id), worker, lease_s
        )

    def renew(self, lease: Lease, lease_s: float) -> bool:
        """Extend a lease; False when the lease was lost."""
        until = self._clock.now_ms() + _ms(lease_s)
        return self._change(_RENEW, {**_values(lease), "until": until})

    def complete(self, lease: Lease) -> bool:
        """Mark done; False when the lease was lost."""
        return self._change(_COMPLETE, _values(lease))

    def retry_or_fail(self, lease: Lease, error: str, *, delay_s: float, max_attempts: int) -> Task:
        """Give a task back for a later attempt, or fail it for good when attempts are used up.

        Returns:
            The task as it is now: unchanged when the lease was lost.

        Raises:
            NotFoundError: the task is gone (its subject was erased meanwhile).
        """
        now = self._clock.now_ms()
        give_back = (
            update(task)
            .where(_HELD)
            .values(
                status=case((task.c.attempts >= max_attempts, FAILED), else_=RUNNING),
                error=error,
                leased_by=null(),
                leased_until=null(),
                next_attempt_at=now + _ms(delay_s),
                updated_at=now,
            )
        )

        def job(connection: Connection) -> Task | None:
            connection.execute(give_back, _values(lease))
            return _read(connection, _BY_ID, {"task_id": lease.task_id})

        found = self._database.write(job)
        if found is None:
            raise NotFoundError("there is no such task any more")
        return found

    def task(self, project_id: str, task_id: str) -> Task | None:
        """A task of the project."""
        query = _BY_ID.where(task.c.project_id == project_id)
        return self._database.read(lambda c: _read(c, query, {"task_id": task_id}))

    def finished_tasks(self, project_id: str, subject: str, kind: str, limit: int) -> list[Task]:
        """A subject's completed tasks of a kind, newest first."""
        query = (
            select(*_COLUMNS)
            .where(
                task.c.project_id == project_id,
                task.c.subject == subject,
                task.c.kind == kind,
                task.c.status == COMPLETED,
            )
            .order_by(task.c.number.desc())
            .limit(limit)
        )
        rows = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [_task(row) for row in rows]

    def unfinished(self, project_id: str | None = None, subject: str | None = None) -> int:
        """Number of tasks neither completed nor failed."""
        query = select(func.count()).select_from(task).where(text("task.status = 'running'"))
        if project_id is not None:
            query = query.where(task.c.project_id == project_id)
        if subject is not None:
            query = query.where(task.c.subject == subject)
        return self._database.read(lambda connection: int(connection.execute(query).scalar_one()))

    def _claim(self, ready: Select[Any], worker: str, lease_s: float) -> Task | None:
        now = self._clock.now_ms()
        values = {"now": now, "worker": worker, "until": now + _ms(lease_s)}
        # Asked without a lock first: an idle worker that polls must not stand in the writers' way.
        if self._database.read(lambda connection: connection.scalar(ready, {"now": now})) is None:
            return None
        locking = ready.with_for_update(skip_locked=True, of=task)

        def job(connection: Connection) -> Task | None:
            picked = connection.scalar(locking, {"now": now})
            if picked is None:
                return None
            return _read(connection, _LEASE, {**values, "picked": picked})

        return self._database.write(job)

    def _change(self, change: Update, values: dict[str, Any]) -> bool:
        values["now"] = self._clock.now_ms()
        return self._database.write(lambda c: c.execute(change, values).rowcount) == 1


def under_lease(job: Job[T]) -> Job[T]:
    """A write job that is refused when the lease this thread works under was lost meanwhile."""
    lease = current_lease()
    if lease is None:
        return job

    def checked(connection: Connection) -> T:
        if connection.scalar(_STILL_HELD, _values(lease)) is None:
            raise LeaseLostError("another worker has taken this task over")
        return job(connection)

    return checked


def _values(lease: Lease) -> dict[str, Any]:
    return {"task_id": lease.task_id, "holder": lease.worker, "claimed": lease.number}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _read(
    connection: Connection, statement: Executable, values: Mapping[str, Any] | None = None
) -> Task | None:
    row = connection.execute(statement, values).mappings().one_or_none()
    return None if row is None else _task(row)


def _task(row: RowMapping) -> Task:
    return Task(**{**row, "payload": json.loads(row["payload"])})
