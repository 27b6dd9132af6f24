"""Erasing: spans of messages, a subject, a project. What returns from here is gone."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    func,
    null,
    select,
    update,
)

from memos.errors import NotFoundError
from memos.records.sql.attachments import drop_reports, release_messages
from memos.records.sql.care import Care
from memos.records.sql.messages import REDACTED, read_messages
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

    def redact(self, cube: Cube, spans: Sequence[Span]) -> int:
        """Blank spans (message id, start, end; None = whole text) so that no byte of them is left.

        A span is overwritten by the same number of U+2588 characters, so that offsets of other
        spans stay right; parts and tool calls of a touched message are dropped. A message left
        without a visible character is removed.

        Returns:
            Number of messages touched, removed ones included.
        """
        now = self._clock.now_ms()
        wanted: dict[str, list[Span]] = {}
        for span in spans:
            wanted.setdefault(span[0], []).append(span)

        def job(connection: Connection) -> int:
            found = read_messages(connection, cube, list(wanted))
            texts = {each.id: _blanked(each.text, wanted[each.id]) for each in found}
            kept = {id_: text for id_, text in texts.items() if _is_visible(text)}
            self._write_texts(connection, kept, now)
            for some in _chunks(list(texts.keys() - kept.keys())):
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

    def _write_texts(self, connection: Connection, texts: dict[str, str], now: int) -> None:
        if not texts:
            return
        change = (
            update(message)
            .where(message.c.id == bindparam("message_id"))
            .values(text=bindparam("left"), parts=null(), tool_calls=null(), updated_at=now)
        )
        blank = self._care.blank
        rows = [
            {"message_id": id_, "left": text.replace(REDACTED, blank)}
            for id_, text in texts.items()
        ]
        connection.execute(change, rows)
        for some in _chunks(list(texts)):
            release_messages(connection, message.c.id.in_(some))

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


def _is_visible(text: str) -> bool:
    return bool(text.replace(REDACTED, " ").strip())


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
