"""Erasing: spans of messages, a subject, a project. What returns from here is gone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)

from memos.errors import NotFoundError
from memos.records.sql.attachments import drop_reports, refer_messages, release_messages
from memos.records.sql.care import Care
from memos.records.sql.messages import REDACTED, read_messages
from memos.records.sql.part import dump
from memos.records.sql.projects import SqlProjects
from memos.records.sql.tables import (
    api_key,
    audit,
    budget,
    erasure,
    knowledgebase_link,
    message,
    model_usage,
    project,
    project_policy,
    subject,
    task,
    usage,
)
from memos.types.message import Message, is_attachment, part_id, stored_digest
from memos.types.scope import Cube, knowledge_cube

Span = tuple[str, int | None, int | None]

_MESSAGES_IN_ONE_STATEMENT = 500
_OF_A_PROJECT = (
    project_policy, knowledgebase_link, task, subject, api_key, budget, usage, model_usage, audit,
    erasure,
)  # fmt: skip


class SqlErasure(SqlProjects):
    """The erasing side of the store."""

    _care: Care

    def redact(self, cube: Cube, spans: Sequence[Span], parts: Collection[str] = ()) -> int:
        """As the port. Messages that are removed count as touched."""
        now = self._clock.now_ms()
        wanted: dict[str, list[Span]] = {}
        for span in spans:
            wanted.setdefault(span[0], []).append(span)

        def job(connection: Connection) -> int:
            found = read_messages(connection, cube, list(wanted))
            left = [_left(each, wanted[each.id], parts) for each in found]
            kept = [each for each in left if _is_visible(each)]
            self._rewrite(connection, kept, now)
            gone = {each.id for each in left} - {each.id for each in kept}
            for some in _chunks(list(gone)):
                self._remove(connection, message.c.id.in_(some))
            return len(found)

        touched = self._database.write(job)
        self._care.settle()
        return touched

    def erase_subject(self, cube: Cube) -> dict[str, int]:
        """Remove a subject's messages, tasks and note of existence; rows removed by table.

        When it returns, no byte of the messages is left in the store's files. Calling it again
        removes nothing more and makes as sure of that.
        """

        def job(connection: Connection) -> dict[str, int]:
            owner = select(subject.c.number).where(subject.c.uid == cube.uid)
            # Locked before it is counted, so that no message of a running accept slips in between.
            number = connection.scalar(owner.with_for_update())
            if number is None:
                return {"message": 0, "task": 0, "subject": 0}
            messages = self._remove(connection, message.c.subject_number == number)
            drop_reports(connection, select(task.c.id).where(task.c.subject == cube.uid))
            return {
                "message": messages,
                "task": _delete(connection, task, task.c.subject == cube.uid),
                "subject": _delete(connection, subject, subject.c.uid == cube.uid),
            }

        removed = self._database.write(job)
        self._care.settle()
        return removed

    def delete_project(self, project_id: str) -> dict[str, int]:
        """Erase a project and every row of it; rows removed by table. As `erase_subject`.

        Raises:
            NotFoundError: the project does not exist.
        """
        self.flush()

        def job(connection: Connection) -> dict[str, int]:
            row = select(project.c.id).where(project.c.id == project_id).with_for_update()
            if connection.scalar(row) is None:
                raise NotFoundError("there is no such project")
            owned = select(subject.c.number).where(subject.c.project_id == project_id)
            numbers = [int(n) for n in connection.scalars(owned.with_for_update())]
            removed = {"message": 0}
            for some in _chunks(numbers):
                which = message.c.subject_number.in_(some)
                removed["message"] += self._remove(connection, which)
            _hand_over(connection, project_id)
            drop_reports(connection, select(task.c.id).where(task.c.project_id == project_id))
            for table in _OF_A_PROJECT:
                where = table.c.project_id == project_id
                removed[table.name] = _delete(connection, table, where)
            removed["project"] = _delete(connection, project, project.c.id == project_id)
            return removed

        removed = self._database.write(job)
        self._cache.drop()
        self._care.settle()
        return removed

    def _rewrite(self, connection: Connection, left: Sequence[Message], now: int) -> None:
        if not left:
            return
        change = (
            update(message)
            .where(message.c.id == bindparam("message_id"))
            .values(
                text=bindparam("text_left"),
                parts=bindparam("parts_left"),
                tool_calls=bindparam("calls_left"),
                updated_at=now,
            )
        )
        rows = [
            {
                "message_id": each.id,
                "text_left": each.text.replace(REDACTED, self._care.blank),
                "parts_left": dump(each.parts) if each.parts else None,
                "calls_left": dump(each.tool_calls) if each.tool_calls else None,
            }
            for each in left
        ]
        connection.execute(change, rows)
        for some in _chunks([each.id for each in left]):
            release_messages(connection, message.c.id.in_(some))
        needed = [(m.id, digest) for m in left for p in m.parts if (digest := stored_digest(p))]
        refer_messages(connection, needed)

    def _remove(self, connection: Connection, which: ColumnElement[bool]) -> int:
        """Remove messages, and forget which content they needed; their number."""
        release_messages(connection, which)
        return self._care.remove_messages(connection, which)


def _blanked(text: str, spans: Iterable[Span]) -> str:
    characters = list(text)
    for _, start, end in spans:
        first, last, _ = slice(start, end).indices(len(characters))
        characters[first:last] = REDACTED * max(last - first, 0)
    return "".join(characters)


def _left(whole: Message, spans: Sequence[Span], gone: Collection[str]) -> Message:
    """What is left of a message. Places of its parts stay, as their ids are made of them."""
    text = any((start, end) != (0, 0) for _, start, end in spans)
    parts = tuple(
        {} if part_id(whole.id, n) in gone or (text and not is_attachment(part)) else part
        for n, part in enumerate(whole.parts)
    )
    return replace(
        whole,
        text=_blanked(whole.text, spans),
        parts=parts if any(parts) else (),
        tool_calls=() if text else whole.tool_calls,
    )


def _is_visible(left: Message) -> bool:
    return bool(left.text.replace(REDACTED, " ").strip()) or any(map(is_attachment, left.parts))


def _chunks(values: list[str] | list[int]) -> Iterable[list[str] | list[int]]:
    for start in range(0, len(values), _MESSAGES_IN_ONE_STATEMENT):
        yield values[start : start + _MESSAGES_IN_ONE_STATEMENT]


def _hand_over(connection: Connection, project_id: str) -> None:
    """Give tasks on knowledge bases to another project that is linked to them."""
    mine, other = knowledgebase_link.alias(), knowledgebase_link.alias()
    query = (
        select(other.c.knowledgebase_id, func.min(other.c.project_id))
        .join(mine, mine.c.knowledgebase_id == other.c.knowledgebase_id)
        .where(mine.c.project_id == project_id, other.c.project_id != project_id)
        .group_by(other.c.knowledgebase_id)
    )
    for knowledgebase_id, heir in connection.execute(query).all():
        owned = task.c.subject == knowledge_cube(knowledgebase_id).uid
        change = update(task).where(owned, task.c.project_id == project_id)
        connection.execute(change.values(project_id=heir))


def _delete(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(which)).rowcount
