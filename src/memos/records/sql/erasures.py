"""Erasures under way: what is to go, until it is gone."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from memos.records.base import AuditRow, PendingErasure
from memos.records.sql.database import insert_into
from memos.records.sql.ledger import add_audit_row
from memos.records.sql.part import Part, dump
from memos.records.sql.tables import erasure, message, subject, task
from memos.types.scope import Cube


class SqlErasures(Part):
    """The side of the store that remembers what is being erased."""

    def begin_erasure(self, pending: PendingErasure) -> None:
        """Remember what is going to be erased. Nothing when it is known already."""
        row = {
            "id": pending.id,
            "project_id": pending.project_id,
            "plan": dump(dict(pending.plan)),
            "begun_at": pending.begun_at,
        }

        def job(connection: Connection) -> int:
            add = insert_into(connection, erasure).values(**row)
            return connection.execute(add.on_conflict_do_nothing()).rowcount

        self._database.write(job)

    def pending_erasures(self, before: int) -> list[PendingErasure]:
        """Erasures that began before a time (ms UTC) and are not finished, oldest first."""
        query = select(erasure).where(erasure.c.begun_at < before).order_by(erasure.c.begun_at)
        rows = self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [PendingErasure(**{**row, "plan": json.loads(row["plan"])}) for row in rows]

    def note_erasure(self, erasure_id: str, plan: Mapping[str, Any]) -> None:
        """Replace what is remembered of an erasure."""
        change = update(erasure).where(erasure.c.id == erasure_id).values(plan=dump(dict(plan)))
        self._database.write(lambda connection: connection.execute(change).rowcount)

    def finish_erasure(self, erasure_id: str, row: AuditRow) -> bool:
        """Forget an erasure and append its row to the audit trail; False when that was done."""

        def job(connection: Connection) -> bool:
            gone = connection.execute(delete(erasure).where(erasure.c.id == erasure_id)).rowcount
            if gone:
                add_audit_row(connection, row)
            return gone == 1

        return self._database.write(job)

    def holdings(self, cube: Cube) -> dict[str, int]:
        """How many messages and tasks a subject has, by table."""
        mine = select(subject.c.number).where(subject.c.uid == cube.uid).scalar_subquery()
        messages = select(func.count()).where(message.c.subject_number == mine)
        tasks = select(func.count()).where(task.c.subject == cube.uid)

        def job(connection: Connection) -> dict[str, int]:
            return {
                "message": int(connection.execute(messages).scalar_one()),
                "task": int(connection.execute(tasks).scalar_one()),
            }

        return self._database.read(job)
