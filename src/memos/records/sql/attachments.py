"""What messages need of the file store, and what became of their parts."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, literal, select

from memos.records.sql.database import insert_into
from memos.records.sql.part import Part, dump
from memos.records.sql.tables import file_reference, message, task, task_report

MESSAGE_OWNER = "message:"
"""Prefix of the owner under which a message refers to content; the message's id follows."""


class SqlReports(Part):
    """The reports of tasks."""

    def note_report(self, task_id: str, lines: Sequence[dict[str, Any]]) -> None:
        """Keep the report of a task in place of the one before; nothing is kept for a task gone."""

        def job(connection: Connection) -> None:
            if connection.scalar(select(task.c.number).where(task.c.id == task_id)) is None:
                return
            connection.execute(delete(task_report).where(task_report.c.task_id == task_id))
            values = {"task_id": task_id, "lines": dump(list(lines))}
            connection.execute(insert(task_report), values)

        self._database.write(job)

    def report(self, task_id: str) -> list[dict[str, Any]]:
        """The report of a task; empty when it has none."""
        query = select(task_report.c.lines).where(task_report.c.task_id == task_id)
        found = self._database.read(lambda connection: connection.scalar(query))
        return [] if found is None else list(json.loads(found))


def refer_messages(connection: Connection, digests: Sequence[tuple[str, str]]) -> None:
    """Note which content messages need, as pairs of message id and digest."""
    rows = [{"owner": MESSAGE_OWNER + id_, "digest": digest} for id_, digest in digests]
    if rows:
        connection.execute(insert_into(connection, file_reference).on_conflict_do_nothing(), rows)


def release_messages(connection: Connection, which: ColumnElement[bool]) -> int:
    """Forget what the messages a condition holds for needed; before they are removed."""
    owners = select(literal(MESSAGE_OWNER) + message.c.id).where(which)
    gone = delete(file_reference).where(file_reference.c.owner.in_(owners))
    return connection.execute(gone).rowcount


def drop_reports(connection: Connection, tasks: Select[Any]) -> None:
    """Remove the reports of tasks, given their ids; before they are removed."""
    connection.execute(delete(task_report).where(task_report.c.task_id.in_(tasks)))
