"""The relational records store, as one object over one database."""

from pathlib import Path

from memos.records.sql.attachments import SqlReports
from memos.records.sql.care import Care, SqliteCare
from memos.records.sql.database import SqliteDatabase, connect
from memos.records.sql.erasure import SqlErasure
from memos.records.sql.erasures import SqlErasures
from memos.records.sql.holds import SqlHolds
from memos.records.sql.knowledge_files import SqlKnowledgeFiles
from memos.records.sql.knowledgebases import SqlKnowledgeBases
from memos.records.sql.ledger import Buffer
from memos.records.sql.messages import SqlMessages
from memos.records.sql.migrate import migrate
from memos.records.sql.model_ledger import ModelBuffer
from memos.records.sql.projects import KeyCache
from memos.records.sql.tasks import SqlTasks, under_lease
from memos.types.clock import Clock, IdSource


class SqlRecords(
    SqlErasure,
    SqlErasures,
    SqlMessages,
    SqlTasks,
    SqlReports,
    SqlKnowledgeBases,
    SqlKnowledgeFiles,
    SqlHolds,
):
    """`Records` over SQLite or PostgreSQL. Share one among all threads; close it at the end.

    Args:
        url: `sqlite:////path/records.db` or `postgresql://user:password@host/name`.
        clock: source of time.
        ids: source of project and key ids.

    Raises:
        ConfigError: the URL cannot be used, or a newer version made the store.
        StoreUnavailableError: the store cannot be reached.
    """

    def __init__(self, url: str, clock: Clock, ids: IdSource) -> None:
        super().__init__(connect(url), clock, ids)
        self._buffer = Buffer()
        self._models = ModelBuffer()
        self._cache = KeyCache()
        database = self._database
        database.checked = under_lease
        self._care = (
            SqliteCare(database) if isinstance(database, SqliteDatabase) else Care(database)
        )

    def migrate(self) -> None:
        """Bring the schema to the present version."""
        migrate(self._database)

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while in use (SQLite only, else UnavailableError)."""
        self.flush()
        self._care.backup(target)

    def close(self) -> None:
        """Flush what is buffered and release connections."""
        try:
            self.flush()
        finally:
            self._database.close()


def open_records(url: str, clock: Clock, ids: IdSource) -> SqlRecords:
    """Open a store, creating it or bringing its schema to the present version.

    Raises:
        ConfigError: the URL cannot be used, or a newer version made the store.
        StoreUnavailableError: the store cannot be reached.
    """
    records = SqlRecords(url, clock, ids)
    try:
        records.migrate()
    except BaseException:
        records.close()
        raise
    return records
