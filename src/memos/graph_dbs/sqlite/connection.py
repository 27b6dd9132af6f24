"""Connections to the store's file: settings, the pool of readers, and errors in our own words."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

import apsw

from memos.errors import ConfigError, InvalidInputError, StoreUnavailableError
from memos.graph_dbs.tokenize import VERSION as TOKENIZER

SqlValue = int | float | bytes | str | None
"""What SQLite stores and takes."""

APPLICATION_ID = 0x4D656D47
FORMAT = 3
_UPGRADES = {1: "history.sql", 2: "fence.sql"}
"""What a store of a former format lacks."""
_PAGE_SIZE = 8192
_SETTINGS = (
    "pragma busy_timeout=5000",
    "pragma journal_mode=wal",
    "pragma synchronous=full",
    "pragma foreign_keys=on",
    "pragma secure_delete=on",
    "pragma cache_size=-16384",
    "pragma temp_store=memory",
    "pragma mmap_size=0",
    "pragma journal_size_limit=67108864",
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours: `StoreUnavailableError`, `InvalidInputError` for values."""
    try:
        yield
    except (UnicodeEncodeError, OverflowError) as error:
        raise InvalidInputError("a text is not Unicode or a number is over 64 bits") from error
    except apsw.BusyError as error:
        raise StoreUnavailableError("the memory store is busy; try again") from error
    except apsw.FullError as error:
        raise StoreUnavailableError("the disk of the memory store is full") from error
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise StoreUnavailableError(
            "the file of the memory store is damaged; stop the server and put a backup in its place"
        ) from error
    except apsw.Error as error:
        raise StoreUnavailableError("the memory store cannot be read or written") from error


def connect(path: Path) -> apsw.Connection:
    """Open the file with the store's settings; to be used by one thread at a time."""
    connection = apsw.Connection(str(path))
    # One statement at a time: the driver leaves later ones of a script unrun until results are read.
    for statement in _SETTINGS:
        connection.execute(statement).fetchall()
    connection.create_scalar_function("casefold", _casefold, 1, deterministic=True)
    return connection


def prepare(path: Path) -> None:
    """Make the file and its tables when they are not there.

    Raises:
        ConfigError: the file is something else, or of another format or tokenizer.
        StoreUnavailableError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with translated():
            _prepare(path)
    except StoreUnavailableError as error:
        if isinstance(error.__cause__, apsw.NotADBError):
            raise ConfigError(f"{path.name} is not a memory store") from error
        raise


def _prepare(path: Path) -> None:
    make_private(path)
    first = apsw.Connection(str(path))
    first.execute("pragma busy_timeout=5000").fetchall()
    first.execute(f"pragma page_size={_PAGE_SIZE}").fetchall()
    first.close()
    connection = connect(path)
    try:
        connection.execute("begin immediate")
        if not connection.execute("select count(*) from sqlite_schema").get:
            connection.execute(f"pragma application_id={APPLICATION_ID}").fetchall()
            _run_script(connection, "schema.sql")
            connection.execute("insert into meta values ('tokenizer', ?)", (TOKENIZER,))
            connection.execute("pragma user_version=1").fetchall()
        if connection.execute("pragma application_id").get == APPLICATION_ID:
            _upgrade(connection)
        connection.execute("commit")
        _check(connection, path)
    finally:
        connection.close()


def _upgrade(connection: apsw.Connection) -> None:
    for former, script in _UPGRADES.items():
        if connection.execute("pragma user_version").get == former:
            _run_script(connection, script)
            connection.execute(f"pragma user_version={former + 1}").fetchall()


def make_private(path: Path) -> None:
    """Make a file that is not there, so that what will be in it is the owner's alone.

    One that is there is not opened: closing it would drop the locks of SQLite in this process.
    """
    with suppress(OSError):  # what is wrong with the folder, SQLite tells
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _run_script(connection: apsw.Connection, name: str) -> None:
    script = resources.files(__package__).joinpath(name).read_text("utf-8")
    connection.execute(script).fetchall()


def _check(connection: apsw.Connection, path: Path) -> None:
    if connection.execute("pragma application_id").get != APPLICATION_ID:
        raise ConfigError(f"{path.name} is not a memory store")
    if connection.execute("pragma user_version").get != FORMAT:
        raise ConfigError(f"{path.name} was written by another version of MemOS")
    if read_meta(connection, "tokenizer") != TOKENIZER:
        raise ConfigError(f"{path.name} was indexed with another tokenizer")


def read_meta(connection: apsw.Connection, name: str) -> str | None:
    """A remembered setting of the store."""
    value = connection.execute("select value from meta where name=?", (name,)).get
    return None if value is None else str(value)


def write_meta(connection: apsw.Connection, name: str, value: str) -> None:
    """Remember a setting of the store."""
    connection.execute(
        "insert into meta values (?,?) on conflict(name) do update set value=excluded.value",
        (name, value),
    )


def _casefold(*arguments: SqlValue) -> str | None:
    (text,) = arguments
    return text.casefold() if isinstance(text, str) else None


class Readers:
    """Connections for reading, handed from call to call; as many as calls run at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[apsw.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """A connection inside one read transaction: all its reads see one state of the store."""
        with translated():
            connection = self._take()
            try:
                connection.execute("begin")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("rollback")
                self._give(connection)

    def _take(self) -> apsw.Connection:
        with self._lock:
            if self._closed:
                raise StoreUnavailableError("the memory store is closed")
            if self._idle:
                return self._idle.pop()
        return connect(self._path)

    def _give(self, connection: apsw.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
