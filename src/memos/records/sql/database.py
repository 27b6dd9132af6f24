"""One way to read and one way to write, on SQLite and on PostgreSQL. Knows no table.

Jobs are functions of a connection. A read job sees one committed state per statement and leaves no
transaction behind. A write job is one durable transaction; jobs never start another job.
"""

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from memos.errors import (
    ConfigError,
    ConflictError,
    InvalidInputError,
    MemosError,
    StoreUnavailableError,
)

T = TypeVar("T")
Job = Callable[[Connection], T]


class Checked(Protocol):
    """See `Database.checked`."""

    def __call__(self, job: Job[T]) -> Job[T]:
        """The job with what must be true before it."""
        ...


_BUSY_TIMEOUT_MS = 30_000
_MOST_JOBS_IN_ONE_COMMIT = 64
_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
)
_REASONS = {
    "disk image is malformed": "is damaged; stop the server and put a backup in its place",
    "disk is full": "has no room left on its disk",
    "disk I/O error": "cannot read or write its disk; is it full?",
    "readonly database": "may not be written",
}
"""What SQLite says, in our words."""


def insert_into(connection: Connection, table: Table) -> "postgresql.Insert | sqlite.Insert":
    """INSERT in the words of the engine, which know `ON CONFLICT`."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of SQLAlchemy and its drivers into those of MemOS.

    Raises:
        ConflictError: a row breaks a unique or foreign key.
        InvalidInputError: a value does not fit its column.
        ConfigError: the file is something else.
        StoreUnavailableError: anything else the driver reports.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConflictError(
            "a record with this identity exists already or its owner is gone"
        ) from error
    except DataError as error:
        raise InvalidInputError("a value cannot be stored") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        said = str(getattr(error, "orig", error))
        if "file is not a database" in said:
            raise ConfigError("the records file is not a database of ours") from error
        reason = next(
            (_REASONS[words] for words in _REASONS if words in said), "cannot be used now"
        )
        raise StoreUnavailableError(f"the records store {reason}") from error


class Database:
    """PostgreSQL, and the part that SQLite shares. Use it from any number of threads.

    Args:
        engine: SQLAlchemy engine; closed with `close`.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.checked: Checked = lambda job: job
        """Adds to a write job what must be true in its transaction; called by its thread."""

    def read(self, job: Job[T]) -> T:
        """Run a job of SELECT statements."""
        with translated(), self.engine.connect() as connection:
            return job(connection)

    def write(self, job: Job[T]) -> T:
        """Run a job as one transaction; when it returns, the change is durable."""
        checked = self.checked(job)
        with translated(), self.engine.begin() as connection:
            return checked(connection)

    def close(self) -> None:
        """Release the connections."""
        self.engine.dispose()


class _Ticket(Generic[T]):
    """A write job on its way through a shared commit."""

    def __init__(self, job: Job[T]) -> None:
        self.job = job
        self.done = False
        # Stays when the leading thread is interrupted between the job and the end of the commit.
        self.error: Exception | None = StoreUnavailableError("the write was interrupted")
        self.value: T

    def run(self, connection: Connection, *, alone: bool) -> None:
        """Run the job; beside others in a savepoint, so that its failure harms none of them."""
        try:
            with translated(), nullcontext() if alone else connection.begin_nested():
                self.value = self.job(connection)
            self.error = None
        except Exception as error:  # noqa: BLE001 - handed to the thread whose job it is
            self.error = error

    def result(self) -> T:
        """What the job returned, or its error."""
        if self.error is not None:
            raise self.error
        return self.value


class SqliteDatabase(Database):
    """One SQLite file with one writer at a time.

    Writers of this process form a line in memory. Whoever is first opens the transaction, runs
    the jobs of all who wait, and commits once for all of them (group commit): 32 threads pay for
    a few fsyncs, and none ever sees "database is locked". Writers of other processes are waited
    for by SQLite's busy handler, since each transaction begins IMMEDIATE.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        super().__init__(engine)
        self.path = path
        self._line = threading.Condition()
        self._busy = False
        self._waiting: deque[_Ticket[Any]] = deque()

    def write(self, job: Job[T]) -> T:
        """Run a job as one transaction; when it returns, the change is durable."""
        ticket = _Ticket(self.checked(job))
        with self._line:
            self._waiting.append(ticket)
        while self._my_turn(ticket):
            self._lead()
        return ticket.result()

    def exclusive(self, job: Job[T]) -> T:
        """Run a job outside any transaction while no other thread writes (checkpoint, VACUUM)."""
        with self._line:
            self._line.wait_for(lambda: not self._busy)
            self._busy = True
        try:
            with translated(), self.engine.connect() as connection:
                return job(connection)
        finally:
            self._leave()

    def _my_turn(self, ticket: _Ticket[Any]) -> bool:
        """Wait; True when this thread now leads, False when its job is done."""
        with self._line:
            self._line.wait_for(lambda: ticket.done or not self._busy)
            if ticket.done:
                return False
            self._busy = True
            return True

    def _lead(self) -> None:
        with self._line:
            count = min(len(self._waiting), _MOST_JOBS_IN_ONE_COMMIT)
            batch = [self._waiting.popleft() for _ in range(count)]
        try:
            self._commit(batch)
        finally:
            self._leave(batch)

    def _commit(self, batch: list[_Ticket[Any]]) -> None:
        try:
            with translated(), self.engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                for ticket in batch:
                    ticket.run(connection, alone=len(batch) == 1)
                    _check_transaction(connection)
                if len(batch) == 1 and batch[0].error is not None:
                    connection.rollback()
                else:
                    connection.commit()
        except MemosError as error:
            for ticket in batch:
                ticket.error = ticket.error or error

    def _leave(self, batch: list[_Ticket[Any]] | None = None) -> None:
        with self._line:
            for ticket in batch or ():
                ticket.done = True
            self._busy = False
            self._line.notify_all()


def _check_transaction(connection: Connection) -> None:
    """Notice that SQLite gave the whole transaction up (a full disk), earlier jobs included."""
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        raise StoreUnavailableError("the records store lost a transaction; is the disk full?")


def connect(url: str) -> Database:
    """Make the database of a URL; nothing is written yet except an empty SQLite file.

    Args:
        url: `sqlite:////path/records.db` or `postgresql://user:password@host/name`.

    Raises:
        ConfigError: the URL cannot be used.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _connect_sqlite(parsed)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_size=16, max_overflow=48, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise ConfigError(
            "the records URL must be sqlite:////path/records.db or, with the 'postgres' extra "
            "installed, postgresql://user@host/name"
        ) from error
    return Database(engine)


def _connect_sqlite(url: URL) -> SqliteDatabase:
    if not url.database or url.database == ":memory:":
        raise ConfigError("the records store needs a file: sqlite:////path/records.db")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made by us first, so that what is inside is the owner's alone whatever the umask. Never
        # opened when it is there: closing it would drop the locks of SQLite in this process.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(f"the records file cannot be opened: {error.strerror}") from error
    engine = create_engine(
        url,
        pool_size=16,
        max_overflow=112,
        pool_use_lifo=True,
        connect_args={"check_same_thread": False, "timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    event.listen(engine, "connect", _prepare)
    return SqliteDatabase(engine, path)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    """Leave transactions to us and set what SQLite keeps per connection."""
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).fetchall()
