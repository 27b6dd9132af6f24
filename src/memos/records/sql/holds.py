"""Holds across processes, and the policies of projects."""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, or_, select, text, update

from memos.errors import NotFoundError
from memos.records.sql.database import insert_into
from memos.records.sql.part import Part, dump
from memos.records.sql.tables import hold, project, project_policy, task
from memos.types.lease import Lease


class SqlHolds(Part):
    """The keeping side of the store."""

    def take_hold(self, name: str, holder: str, seconds: float) -> bool:
        """Take or renew a hold; False while another holder has it."""
        now = self._clock.now_ms()
        values = {"holder": holder, "until": now + round(seconds * 1000)}
        free = or_(hold.c.holder == holder, hold.c.until <= now)

        def job(connection: Connection) -> bool:
            add = insert_into(connection, hold).values(name=name, **values)
            taken = connection.execute(add.on_conflict_do_nothing()).rowcount
            if taken == 1:
                return True
            change = update(hold).where(hold.c.name == name, free).values(**values)
            return connection.execute(change).rowcount == 1

        return self._database.write(job)

    def drop_hold(self, name: str, holder: str) -> None:
        """Give a hold back; nothing when it is not this holder's."""
        mine = delete(hold).where(hold.c.name == name, hold.c.holder == holder)
        self._database.write(lambda connection: connection.execute(mine).rowcount)

    def worked_on_elsewhere(self, subject: str, own: str) -> bool:
        """Whether a task of a subject is leased by a worker whose name does not begin with `own`."""
        now = self._clock.now_ms()
        # Locked, so that a claim that has not committed yet is waited for (PostgreSQL).
        leased = (
            select(task.c.leased_by)
            .where(
                text("task.status = 'running'"),
                task.c.subject == subject,
                task.c.leased_until > now,
            )
            .with_for_update(of=task)
        )

        def job(connection: Connection) -> bool:
            holders = connection.scalars(leased).all()
            return any(holder and not holder.startswith(own) for holder in holders)

        return self._database.write(job)

    def lapsed(self, subject: str) -> list[Lease]:
        """Claims on a subject's tasks whose lease ran out with nobody taking the task over."""
        query = select(task.c.id, task.c.leased_by, task.c.attempts).where(
            text("task.status = 'running'"),
            task.c.subject == subject,
            task.c.leased_until <= self._clock.now_ms(),
        )
        rows = self._database.read(lambda connection: connection.execute(query).all())
        return [Lease(*row) for row in rows]

    def policy(self, project_id: str) -> dict[str, int]:
        """Values by name; empty when the defaults apply."""
        query = select(project_policy.c.policy).where(project_policy.c.project_id == project_id)
        stored = self._database.read(lambda connection: connection.scalar(query))
        return dict(json.loads(stored)) if stored else {}

    def set_policy(self, project_id: str, values: Mapping[str, int]) -> None:
        """Replace a project's values. Raises NotFoundError when there is no such project."""
        known = select(project.c.id).where(project.c.id == project_id)
        mine = delete(project_policy).where(project_policy.c.project_id == project_id)

        def job(connection: Connection) -> None:
            if connection.scalar(known) is None:
                raise NotFoundError("there is no such project")
            connection.execute(mine)
            if values:
                row = {"project_id": project_id, "policy": dump(dict(values))}
                connection.execute(insert(project_policy), row)

        self._database.write(job)
