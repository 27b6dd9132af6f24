"""Knowledge bases, their links to projects, and who needs which stored content."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from memos.errors import NotFoundError, QuotaExceededError
from memos.records.knowledge import KnowledgeBase, owner_of
from memos.records.sql.care import Care
from memos.records.sql.database import insert_into
from memos.records.sql.messages import check_text
from memos.records.sql.part import Part
from memos.records.sql.tables import (
    file_reference,
    file_state,
    knowledgebase,
    knowledgebase_file,
    knowledgebase_link,
    project,
    task,
)
from memos.types.scope import knowledge_cube

NO_SUCH_BASE = "there is no such knowledge base"
OVER_QUOTA = 50002
"""The documentation names no code for a full plan."""
_COLUMNS = [column for column in knowledgebase.c if column.name != "number"]
_IDS_IN_ONE_STATEMENT = 500


class SqlKnowledgeBases(Part):
    """The knowledge-base side of the store."""

    _care: Care

    def create_knowledgebase(
        self, project_id: str, name: str, description: str, *, most: int
    ) -> KnowledgeBase:
        """Make a knowledge base (id `base` + UUID) and link it to a project.

        Raises:
            NotFoundError: the project does not exist.
            QuotaExceededError: the project is linked to `most` already.
            InvalidInputError: a text that cannot be stored.
        """
        check_text("knowledgebase_name", name)
        check_text("knowledgebase_description", description)
        now = self._clock.now_ms()
        new = KnowledgeBase(f"base{self._ids.new_id()}", name, description, now)
        values = {column.name: getattr(new, column.name) for column in _COLUMNS}

        def job(connection: Connection) -> None:
            _lock_project(connection, project_id)
            linked = select(func.count()).select_from(knowledgebase_link)
            linked = linked.where(knowledgebase_link.c.project_id == project_id)
            if int(connection.execute(linked).scalar_one()) >= most:
                raise QuotaExceededError(
                    f"the project has {most} knowledge bases already; delete one or raise "
                    "MEMOS_KNOWLEDGEBASE_MAX_COUNT",
                    code=OVER_QUOTA,
                )
            connection.execute(insert(knowledgebase), values)
            _link(connection, new.id, project_id, now)

        self._database.write(job)
        return new

    def knowledgebase(self, knowledgebase_id: str) -> KnowledgeBase | None:
        """A knowledge base by id."""
        query = select(*_COLUMNS).where(knowledgebase.c.id == knowledgebase_id)

        def job(connection: Connection) -> KnowledgeBase | None:
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None or _is_husk(row["id"]) else KnowledgeBase(**row)

        return self._database.read(job)

    def knowledgebases(self, project_id: str | None = None) -> list[KnowledgeBase]:
        """Knowledge bases linked to a project, or all; oldest first."""
        query = select(*_COLUMNS).order_by(knowledgebase.c.number)
        if project_id is not None:
            link = knowledgebase_link.c
            query = query.join(knowledgebase_link, link.knowledgebase_id == knowledgebase.c.id)
            query = query.where(link.project_id == project_id)

        def job(connection: Connection) -> list[KnowledgeBase]:
            rows = connection.execute(query).mappings()
            return [KnowledgeBase(**row) for row in rows if not _is_husk(row["id"])]

        return self._database.read(job)

    def linked_projects(self, knowledgebase_id: str) -> list[str]:
        """Ids of the projects that may use it, first linked first."""
        link = knowledgebase_link.c
        query = select(link.project_id).where(link.knowledgebase_id == knowledgebase_id)
        query = query.order_by(link.created_at, link.project_id)
        return self._database.read(lambda connection: list(connection.scalars(query)))

    def link_knowledgebase(self, knowledgebase_id: str, project_id: str) -> None:
        """Let a project use it; nothing changes when it may already.

        Raises:
            NotFoundError: the project does not exist, or the knowledge base does not (50120).
        """
        now = self._clock.now_ms()

        def job(connection: Connection) -> None:
            _lock_project(connection, project_id)
            lock_base(connection, knowledgebase_id)
            _link(connection, knowledgebase_id, project_id, now)

        self._database.write(job)

    def unlink_knowledgebase(self, knowledgebase_id: str, project_id: str) -> bool:
        """Take it from a project; whether it was linked. Its unfinished work goes on for others."""
        link = knowledgebase_link.c
        gone = delete(knowledgebase_link).where(
            link.knowledgebase_id == knowledgebase_id, link.project_id == project_id
        )
        return self._database.write(lambda connection: connection.execute(gone).rowcount) == 1

    def erase_knowledgebase(self, knowledgebase_id: str) -> dict[str, int]:
        """Remove it with its links, files, references and tasks; rows removed by table.

        When it returns, no byte of its names is left in the store's files.
        """
        link, base = knowledgebase_link.c, knowledgebase.c

        def job(connection: Connection) -> dict[str, int]:
            found = select(base.number).where(base.id == knowledgebase_id).with_for_update()
            if connection.scalar(found) is None:
                return {"knowledgebase": 0, "knowledgebase_file": 0, "task": 0}
            files = select(knowledgebase_file.c.id)
            files = files.where(knowledgebase_file.c.knowledgebase_id == knowledgebase_id)
            removed = remove_files(connection, self._care, list(connection.scalars(files)))
            connection.execute(
                delete(knowledgebase_link).where(link.knowledgebase_id == knowledgebase_id)
            )
            owned = task.c.subject == knowledge_cube(knowledgebase_id).uid
            tasks = connection.execute(delete(task).where(owned)).rowcount
            self._care.remove_named(connection, knowledgebase, base.id == knowledgebase_id)
            return {"knowledgebase": 1, "knowledgebase_file": removed, "task": tasks}

        counts = self._database.write(job)
        self._care.settle()
        return counts

    def refer(self, owner: str, digests: Sequence[str]) -> None:
        """Note that an owner (`kind:id`) needs content; repeating it changes nothing."""
        rows = [{"owner": owner, "digest": digest} for digest in dict.fromkeys(digests)]
        if rows:
            self._database.write(lambda connection: add_references(connection, rows))

    def release(self, owner: str) -> None:
        """Forget what an owner needed."""
        gone = delete(file_reference).where(file_reference.c.owner == owner)
        self._database.write(lambda connection: connection.execute(gone).rowcount)

    def referred(self) -> set[str]:
        """Every digest somebody needs."""
        query = select(file_reference.c.digest).distinct()
        return self._database.read(lambda connection: set(connection.scalars(query)))


def add_references(connection: Connection, rows: Sequence[dict[str, str]]) -> None:
    """Add rows of owner and digest; those there already are left."""
    connection.execute(insert_into(connection, file_reference).on_conflict_do_nothing(), rows)


def lock_base(connection: Connection, knowledgebase_id: str) -> None:
    """Lock a knowledge base until the end of the transaction.

    Raises:
        NotFoundError: it does not exist (50120).
    """
    row = select(knowledgebase.c.number).where(knowledgebase.c.id == knowledgebase_id)
    if _is_husk(knowledgebase_id) or connection.scalar(row.with_for_update()) is None:
        raise NotFoundError(NO_SUCH_BASE, code=50120, field="knowledgebase_id")


def remove_files(connection: Connection, care: Care, ids: Sequence[str]) -> int:
    """Remove files with their state, tasks and references; the number that existed."""
    removed = 0
    for start in range(0, len(ids), _IDS_IN_ONE_STATEMENT):
        some = list(ids[start : start + _IDS_IN_ONE_STATEMENT])
        state = file_state.c.file_id.in_(some)
        tasks = select(file_state.c.task_id).where(state)
        connection.execute(delete(task).where(task.c.id.in_(tasks)))
        connection.execute(delete(file_state).where(state))
        owners = [owner_of(file_id) for file_id in some]
        connection.execute(delete(file_reference).where(file_reference.c.owner.in_(owners)))
        removed += care.remove_named(
            connection, knowledgebase_file, knowledgebase_file.c.id.in_(some)
        )
    return removed


def _lock_project(connection: Connection, project_id: str) -> None:
    row = select(project.c.id).where(project.c.id == project_id).with_for_update()
    if connection.scalar(row) is None:
        raise NotFoundError("there is no such project")


def _link(connection: Connection, knowledgebase_id: str, project_id: str, now: int) -> None:
    values = {"project_id": project_id, "knowledgebase_id": knowledgebase_id, "created_at": now}
    connection.execute(insert_into(connection, knowledgebase_link).on_conflict_do_nothing(), values)


def _is_husk(knowledgebase_id: str) -> bool:
    return knowledgebase_id.startswith("husk-")
