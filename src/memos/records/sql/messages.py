"""Messages and the subjects that own them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select

from memos.errors import ConflictError, InvalidInputError, NotFoundError
from memos.records.base import RUNNING, NewMessage, NewTask
from memos.records.sql.attachments import refer_messages
from memos.records.sql.database import insert_into
from memos.records.sql.part import Part, dump
from memos.records.sql.tables import message, project, subject, task
from memos.types.message import Message
from memos.types.scope import Cube

_IDS_IN_ONE_QUERY = 500

REDACTED = "\u2588"
BLANK = "\x00"
"""What SQLite holds in place of a redacted character, see care.py; no accepted text has it."""


# Built once: a request pays for running a statement, not for composing it.
_SUBJECT = select(subject.c.number).where(subject.c.uid == bindparam("uid"))
_SUBJECT_LOCKED = _SUBJECT.with_for_update()
_ADD_MESSAGE = insert(message)
_ADD_TASK = insert(task)
_PROJECT = select(project.c.id).where(project.c.id == bindparam("project_id"))
_ACCEPTED = select(task.c.subject, task.c.message_ids).where(task.c.id == bindparam("task_id"))
_LAST_SEQUENCE = select(func.max(message.c.sequence)).where(
    message.c.subject_number == bindparam("subject_number"),
    message.c.conversation_id == bindparam("conversation_id"),
)
_COUNT = (
    select(func.count())
    .select_from(message)
    .join(subject, subject.c.number == message.c.subject_number)
    .where(subject.c.uid == bindparam("uid"), message.c.id.in_(bindparam("ids", expanding=True)))
)
_OF_SUBJECT = (
    select(message)
    .join(subject, subject.c.number == message.c.subject_number)
    .where(subject.c.uid == bindparam("uid"))
)


class SqlMessages(Part):
    """The message side of the store."""

    def accept(
        self, cube: Cube, conversation_id: str, messages: Sequence[NewMessage], task: NewTask
    ) -> list[Message]:
        """Store messages, note the subject, and queue the task, in one durable transaction.

        Sequences of a conversation count from 1. Calling it again with the same task id changes
        nothing and returns what was stored.

        Raises:
            NotFoundError: the project does not exist.
            ConflictError: a message id, or the task id for another subject, is taken.
            InvalidInputError: a text that cannot be stored (NUL, half a surrogate pair).
        """
        rows = [_row(new) for new in messages]
        needed = [(new.id, digest) for new in messages for digest in new.digests]
        now = self._clock.now_ms()
        work = task_row(cube, task, [row["id"] for row in rows], now)

        def job(connection: Connection) -> list[Message]:
            # First the subject's lock: on PostgreSQL the same call may run twice at a time.
            number = _subject_number(connection, cube, now)
            known = _accepted(connection, cube, task.id)
            if known is not None:
                return known
            at = {"subject_number": number, "conversation_id": conversation_id}
            stored = _append(connection, rows, at, now)
            refer_messages(connection, needed)
            connection.execute(_ADD_TASK, work)
            return stored

        stored = self._database.write(job)
        for wake in self._subscribers:
            wake()
        return stored

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each `accept` of this process, in the accepting thread.

        It must return at once and raise nothing: setting an event is what it is for.
        """
        self._subscribers = (*self._subscribers, wake)

    def messages(self, cube: Cube, ids: Sequence[str]) -> list[Message]:
        """Messages of a subject by id, in sequence order; unknown ids are left out."""
        if not ids:
            return []
        return self._database.read(lambda connection: read_messages(connection, cube, ids))

    def holds(self, cube: Cube, ids: Sequence[str]) -> bool:
        """Whether every one of these messages of a subject is there."""

        def job(connection: Connection) -> bool:
            values = [{"uid": cube.uid, "ids": some} for some in _chunks(ids)]
            found = [connection.execute(_COUNT, each).scalar_one() for each in values]
            return sum(found) == len(set(ids))

        return self._database.read(job)

    def recent_messages(
        self, cube: Cube, conversation_id: str, limit: int, *, before_sequence: int | None = None
    ) -> list[Message]:
        """The last `limit` messages of a conversation (before a sequence), oldest first."""
        query = _OF_SUBJECT.where(message.c.conversation_id == conversation_id)
        if before_sequence is not None:
            query = query.where(message.c.sequence < before_sequence)
        query = query.order_by(message.c.sequence.desc()).limit(max(limit, 0))

        def job(connection: Connection) -> list[Message]:
            return [
                _message(row) for row in connection.execute(query, {"uid": cube.uid}).mappings()
            ][::-1]

        return self._database.read(job)

    def subject_exists(self, cube: Cube) -> bool:
        """Whether anything was ever added for this subject (and not erased since)."""
        values = {"uid": cube.uid}
        return self._database.read(lambda c: c.scalar(_SUBJECT, values)) is not None


def read_messages(connection: Connection, cube: Cube, ids: Sequence[str]) -> list[Message]:
    """Messages of a subject by id, in the order they were stored."""
    found: list[RowMapping] = []
    query = _OF_SUBJECT.where(message.c.id.in_(bindparam("ids", expanding=True)))
    for some in _chunks(ids):
        found.extend(connection.execute(query, {"uid": cube.uid, "ids": list(some)}).mappings())
    found.sort(key=lambda row: int(row["number"]))
    return [_message(row) for row in found]


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    distinct = list(dict.fromkeys(ids))
    for start in range(0, len(distinct), _IDS_IN_ONE_QUERY):
        yield distinct[start : start + _IDS_IN_ONE_QUERY]


def _message(row: Mapping[Any, Any]) -> Message:
    return Message(
        id=row["id"],
        role=row["role"],
        text=row["text"].replace(BLANK, REDACTED),
        sequence=row["sequence"],
        chat_time=row["chat_time"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        conversation_id=row["conversation_id"],
        name=row["name"],
        parts=tuple(json.loads(row["parts"] or "[]")),
        tool_calls=tuple(json.loads(row["tool_calls"] or "[]")),
        tool_call_id=row["tool_call_id"],
    )


def _row(new: NewMessage) -> dict[str, Any]:
    row = {
        "id": new.id,
        "role": new.role,
        "text": new.text,
        "chat_time": new.chat_time,
        "name": new.name,
        "parts": dump(new.parts) if new.parts else None,
        "tool_calls": dump(new.tool_calls) if new.tool_calls else None,
        "tool_call_id": new.tool_call_id,
    }
    for column, value in row.items():
        if isinstance(value, str):
            check_text(column, value)
    return row


def check_text(column: str, value: str) -> None:
    """Refuse a text that one of the engines cannot store. Raises InvalidInputError."""
    # PostgreSQL stores neither, and two engines must not disagree on what a message may be.
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError("a text holds half a surrogate pair", field=column) from error
    if "\x00" in value:
        raise InvalidInputError("a text holds a NUL character", field=column)


def _accepted(connection: Connection, cube: Cube, task_id: str) -> list[Message] | None:
    """What an earlier call with this task id stored; None when there was none."""
    row = connection.execute(_ACCEPTED, {"task_id": task_id}).one_or_none()
    if row is None:
        return None
    if row.subject != cube.uid:
        raise ConflictError("this task id belongs to another subject")
    return read_messages(connection, cube, json.loads(row.message_ids))


def _subject_number(connection: Connection, cube: Cube, now: int) -> int:
    """The subject's row, locked until the end of the transaction; made when it is new.

    The lock gives the subject's messages and tasks the order in which they become visible.
    """
    number: int | None = connection.scalar(_SUBJECT_LOCKED, {"uid": cube.uid})
    if number is not None:
        return number
    if connection.scalar(_PROJECT, {"project_id": cube.project}) is None:
        raise NotFoundError("there is no such project")
    values = {"uid": cube.uid, "project_id": cube.project, "created_at": now}
    connection.execute(insert_into(connection, subject).on_conflict_do_nothing(), values)
    return int(connection.execute(_SUBJECT_LOCKED, {"uid": cube.uid}).scalar_one())


def _append(
    connection: Connection, rows: list[dict[str, Any]], at: dict[str, Any], now: int
) -> list[Message]:
    """Insert rows behind the last of their subject and conversation."""
    last: int | None = connection.scalar(_LAST_SEQUENCE, at)
    first = (last or 0) + 1
    place = {**at, "created_at": now, "updated_at": now}
    full = [{**row, **place, "sequence": first + n} for n, row in enumerate(rows)]
    if full:
        connection.execute(_ADD_MESSAGE, full)
    return [_message(row) for row in full]


def task_row(cube: Cube, new: NewTask, message_ids: list[str], now: int) -> dict[str, Any]:
    """Row of a new task."""
    return {
        "id": new.id,
        "project_id": cube.project,
        "subject": cube.uid,
        "kind": new.kind,
        "payload": dump(new.payload),
        "message_ids": dump(message_ids),
        "status": RUNNING,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
        "next_attempt_at": 0,
    }
