"""Files of knowledge bases. Their status is that of the task that works on them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from memos.errors import NotFoundError, QuotaExceededError
from memos.records.base import COMPLETED, FAILED, NewTask
from memos.records.knowledge import (
    FILE_TASK,
    FileChange,
    FilePage,
    FileType,
    KnowledgeFile,
    NewFile,
    owner_of,
)
from memos.records.sql.care import Care
from memos.records.sql.knowledgebases import OVER_QUOTA, add_references, lock_base, remove_files
from memos.records.sql.messages import check_text, task_row
from memos.records.sql.part import Part
from memos.records.sql.tables import file_state, knowledgebase_file, knowledgebase_link, task
from memos.types.scope import knowledge_cube

_file, _state = knowledgebase_file.c, file_state.c
_OF_FILE = ("id", "knowledgebase_id", "name", "type", "url", "created_at")
_OF_STATE = ("format", "digest", "size", "task_id", "progress", "pages", "twin_of", "updated_at")
_CHANGEABLE = ("digest", "size", "format", "progress", "pages", "twin_of")
_SELECT = (
    select(
        *(_file[name] for name in _OF_FILE),
        *(_state[name] for name in _OF_STATE),
        func.coalesce(task.c.status, FAILED).label("status"),
        task.c.error.label("reason"),
    )
    .join(file_state, _state.file_id == _file.id)
    .outerjoin(task, task.c.id == _state.task_id)
)


class SqlKnowledgeFiles(Part):
    """The side of the store that knows the files of knowledge bases."""

    _care: Care

    def add_files(
        self, project_id: str, knowledgebase_id: str, files: Sequence[NewFile], *, most_bytes: int
    ) -> list[KnowledgeFile]:
        """Note files and queue a task for each (kind `file:` + type), in one durable transaction.

        A file whose content and type the knowledge base has already (and did not fail on) is not
        added: the one that is there stands in its place in the answer. Calling it again with the
        same ids changes nothing.

        Raises:
            NotFoundError: the knowledge base does not exist (50120).
            QuotaExceededError: it would hold more than `most_bytes`; nothing is added.
            InvalidInputError: a name that cannot be stored.
        """
        for new in files:
            check_text("name", new.name)
            check_text("content", new.url or "")
        now = self._clock.now_ms()

        def job(connection: Connection) -> list[KnowledgeFile]:
            lock_base(connection, knowledgebase_id)
            ids = []
            for new in files:
                known = _known(connection, knowledgebase_id, new)
                if known is None:
                    _check_room(connection, knowledgebase_id, new.size, most_bytes)
                    _insert(connection, (project_id, knowledgebase_id), new, now)
                ids.append(known or new.id)
            return _by_ids(connection, ids)

        added = self._database.write(job)
        for wake in self._subscribers:
            wake()
        return added

    def file(self, file_id: str) -> KnowledgeFile | None:
        """A file by id, whosever it is; for the work on it."""
        return next(iter(self._database.read(lambda c: _by_ids(c, [file_id]))), None)

    def files(self, project_id: str, ids: Sequence[str]) -> list[KnowledgeFile]:
        """Files with these ids in knowledge bases linked to the project, in the order asked."""
        link = knowledgebase_link.c
        mine = select(link.knowledgebase_id).where(link.project_id == project_id)
        query = _SELECT.where(_file.knowledgebase_id.in_(mine))
        return self._database.read(lambda connection: _by_ids(connection, ids, query))

    def files_of(
        self, knowledgebase_id: str, only: FileType | None = None, *, limit: int, offset: int = 0
    ) -> FilePage:
        """A page of the files of a knowledge base (of one type only), newest first."""
        which = [_file.knowledgebase_id == knowledgebase_id]
        if only is not None:
            which.append(_file.type == only.value)
        page = _SELECT.where(*which).order_by(_file.number.desc()).limit(limit).offset(offset)
        count = select(func.count()).select_from(knowledgebase_file).where(*which)

        def job(connection: Connection) -> FilePage:
            total = int(connection.execute(count).scalar_one())
            return FilePage(tuple(_rows(connection, page)), total)

        return self._database.read(job)

    def change_file(self, file_id: str, change: FileChange) -> bool:
        """Note what was learnt about a file; False when it is gone."""
        values: dict[str, Any] = {name: getattr(change, name) for name in _CHANGEABLE}
        values = {name: value for name, value in values.items() if value is not None}
        values["updated_at"] = self._clock.now_ms()
        note = update(file_state).where(_state.file_id == file_id).values(values)

        def job(connection: Connection) -> bool:
            if not connection.execute(note).rowcount:
                return False
            if change.digest is not None:
                refers = {"owner": owner_of(file_id), "digest": change.digest}
                add_references(connection, [refers])
            return True

        return self._database.write(job)

    def twin(self, file: KnowledgeFile, digest: str) -> KnowledgeFile | None:
        """Another file of the same knowledge base and type with this content that is completed."""
        query = _SELECT.where(
            _file.knowledgebase_id == file.knowledgebase_id,
            _file.type == file.type.value,
            _file.id != file.id,
            _state.digest == digest,
            _state.twin_of.is_(None),
            task.c.status == COMPLETED,
        ).order_by(_file.number)
        return next(iter(self._database.read(lambda connection: _rows(connection, query))), None)

    def twins_of(self, ids: Sequence[str]) -> list[KnowledgeFile]:
        """Files noted as twins of these."""
        query = _SELECT.where(_state.twin_of.in_(list(ids))).order_by(_file.number)
        return self._database.read(lambda connection: _rows(connection, query))

    def held_bytes(self, knowledgebase_id: str) -> int:
        """Bytes of all files of a knowledge base."""
        return self._database.read(lambda connection: _held(connection, knowledgebase_id))

    def redo_file(self, file_id: str, task_id: str) -> None:
        """Queue a new task for a file in place of the one it had.

        Raises:
            NotFoundError: the file is gone.
        """
        now = self._clock.now_ms()

        def job(connection: Connection) -> None:
            found = _by_ids(connection, [file_id])
            if not found:
                raise NotFoundError("there is no such file any more")
            old = select(task.c.project_id).where(task.c.id == found[0].task_id)
            owner = (connection.scalar(old), found[0].knowledgebase_id)
            change = update(file_state).where(_state.file_id == file_id)
            values = {"task_id": task_id, "progress": 0, "twin_of": None, "updated_at": now}
            connection.execute(change.values(values))
            _queue(connection, owner, (file_id, found[0].type), task_id, now=now)

        self._database.write(job)
        for wake in self._subscribers:
            wake()

    def erase_files(self, ids: Sequence[str]) -> int:
        """Remove files with their references and tasks; the number that existed.

        When it returns, no byte of their names is left in the store's files.
        """
        removed = self._database.write(lambda c: remove_files(c, self._care, list(ids)))
        self._care.settle()
        return removed


def _known(connection: Connection, knowledgebase_id: str, new: NewFile) -> str | None:
    """Id of the file that is this one already: by its id, or by content and type."""
    if connection.scalar(select(_file.id).where(_file.id == new.id)) is not None:
        return new.id
    if new.digest is None:
        return None
    same = (
        select(_file.id)
        .join(file_state, _state.file_id == _file.id)
        .join(task, task.c.id == _state.task_id)
        .where(
            _file.knowledgebase_id == knowledgebase_id,
            _file.type == new.type.value,
            _state.digest == new.digest,
            _state.twin_of.is_(None),
            task.c.status != FAILED,
        )
        .order_by(_file.number)
    )
    found: str | None = connection.scalar(same)
    return found


def _held(connection: Connection, knowledgebase_id: str) -> int:
    sizes = (
        select(func.coalesce(func.sum(_state.size), 0))
        .join(knowledgebase_file, _file.id == _state.file_id)
        .where(_file.knowledgebase_id == knowledgebase_id)
    )
    return int(connection.execute(sizes).scalar_one())


def _check_room(connection: Connection, knowledgebase_id: str, size: int, most: int) -> None:
    if _held(connection, knowledgebase_id) + size > most:
        raise QuotaExceededError(
            f"the knowledge base would hold more than {most // 2**20} MB; delete files or raise "
            "MEMOS_KNOWLEDGEBASE_MAX_MEGABYTES",
            code=OVER_QUOTA,
        )


def _insert(connection: Connection, owner: tuple[str, str], new: NewFile, now: int) -> None:
    row = {"id": new.id, "knowledgebase_id": owner[1], "name": new.name, "type": new.type.value}
    connection.execute(insert(knowledgebase_file), {**row, "url": new.url, "created_at": now})
    state = {"file_id": new.id, "task_id": new.task_id, "digest": new.digest, "size": new.size}
    connection.execute(
        insert(file_state), {**state, "format": new.format, "progress": 0, "updated_at": now}
    )
    if new.digest is not None:
        add_references(connection, [{"owner": owner_of(new.id), "digest": new.digest}])
    _queue(connection, owner, (new.id, new.type), new.task_id, now=now)


def _queue(
    connection: Connection,
    owner: tuple[str | None, str],
    file: tuple[str, FileType],
    task_id: str,
    *,
    now: int,
) -> None:
    """Queue the task of a file; its subject is the knowledge base, its project who asked for it."""
    project_id, knowledgebase_id = owner
    new = NewTask(task_id, FILE_TASK + file[1].value, {"file_id": file[0]})
    row = task_row(knowledge_cube(knowledgebase_id), new, [], now)
    connection.execute(insert(task), {**row, "project_id": project_id})


def _by_ids(
    connection: Connection, ids: Sequence[str], query: Select[Any] = _SELECT
) -> list[KnowledgeFile]:
    distinct = list(dict.fromkeys(ids))
    found = {}
    for start in range(0, len(distinct), 500):
        some = query.where(_file.id.in_(distinct[start : start + 500]))
        found.update({file.id: file for file in _rows(connection, some)})
    return [found[file_id] for file_id in ids if file_id in found]


def _rows(connection: Connection, query: Select[Any]) -> list[KnowledgeFile]:
    rows = connection.execute(query.where(_file.knowledgebase_id.is_not(None))).mappings()
    return [KnowledgeFile(**{**row, "type": FileType(row["type"])}) for row in rows]
