"""Erasing so that nothing is left, and copying while in use: where the two engines differ.

PostgreSQL: rows are deleted, its own maintenance does the rest.

SQLite with `secure_delete` zeroes what it frees, but when it rebalances pages it leaves copies of
rows in the gaps of pages (measured: 1 to 5 of 1,462 deleted texts), and only a VACUUM of the whole
file removes those. So message rows are never given a reason to be rebalanced. They are appended;
a redacted character is stored as one zero byte, so that a row only shrinks; and an erased row
stays as a husk of a few bytes that belongs to nobody. The cost of erasing then depends on what is
erased, not on the size of the store. When husks are many they are deleted and the file is
vacuumed, once for all of them.
"""

import os
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, null, select, update

from memos.errors import ConflictError, StoreUnavailableError, UnavailableError
from memos.records.sql.database import Database, SqliteDatabase
from memos.records.sql.messages import BLANK, REDACTED
from memos.records.sql.tables import knowledgebase, knowledgebase_file, message

_HUSKS_WORTH_A_VACUUM = 10_000
_VACUUM_DUE = 1
_CHECKPOINT_TRIES = 4
_NAMED: dict[str, dict[str, Any]] = {
    "knowledgebase": {"name": "", "description": "", "created_at": 0},
    "knowledgebase_file": {
        "knowledgebase_id": null(),
        "name": "",
        "type": "",
        "url": null(),
        "created_at": 0,
    },
}
"""What is left of a husk of these tables, besides its id."""


class Care:
    """Erasing and copying on PostgreSQL.

    Args:
        database: the store's database.
    """

    blank = REDACTED

    def __init__(self, database: Database) -> None:
        self._database = database

    def remove_messages(self, connection: Connection, which: ColumnElement[bool]) -> int:
        """Remove the messages a condition holds for; their number."""
        return connection.execute(delete(message).where(which)).rowcount

    def remove_named(self, connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
        """Remove rows of `knowledgebase` or `knowledgebase_file`; their number."""
        return connection.execute(delete(table).where(which)).rowcount

    def settle(self) -> None:
        """Called after an erasing transaction; when it returns, no byte of it is in the files."""

    def backup(self, target: Path) -> None:
        """Raises UnavailableError: a server has tools of its own."""
        raise UnavailableError(
            f"{target.name} cannot be written: back a PostgreSQL store up with pg_dump"
        )


class SqliteCare(Care):
    """Erasing and copying on SQLite.

    Args:
        database: the store's file.
    """

    blank = BLANK

    def __init__(self, database: SqliteDatabase) -> None:
        super().__init__(database)
        self._file = database
        # A copy reads one old state for its whole length; no erasure can settle meanwhile.
        self._one_at_a_time = threading.Lock()

    def remove_messages(self, connection: Connection, which: ColumnElement[bool]) -> int:
        """Turn the messages a condition holds for into husks; their number."""
        husk: dict[str, Any] = {
            "id": func.printf("husk-%d", message.c.number),
            "subject_number": null(),
            **dict.fromkeys(("conversation_id", "role", "text"), ""),
            **dict.fromkeys(("sequence", "chat_time", "created_at", "updated_at"), 0),
            **dict.fromkeys(("name", "parts", "tool_calls", "tool_call_id"), null()),
        }
        return connection.execute(update(message).where(which).values(husk)).rowcount

    def remove_named(self, connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
        """Turn rows of `knowledgebase` or `knowledgebase_file` into husks; their number."""
        husk = {"id": func.printf("husk-%d", table.c.number), **_NAMED[table.name]}
        return connection.execute(update(table).where(which).values(husk)).rowcount

    def settle(self) -> None:
        """Empty the write-ahead log, and the husks when they are the greater part of the rows.

        Raises:
            StoreUnavailableError: another process keeps reading an old state. What was erased is
                gone for every reader; call again to have it gone from the log as well.
        """
        with self._one_at_a_time:
            if self._database.read(_needs_vacuum):
                self._database.write(_delete_husks)
                self._file.exclusive(_vacuum)
            for _ in range(_CHECKPOINT_TRIES):
                if self._file.exclusive(_checkpoint):
                    return
        raise StoreUnavailableError("erased, but another process holds the log; try again")

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while in use.

        Raises:
            ConflictError: the file exists.
            StoreUnavailableError: it cannot be written.
        """
        if target.exists():
            raise ConflictError("the backup file exists already")
        partial = target.with_name(target.name + ".partial")
        try:
            partial.unlink(missing_ok=True)
            partial.touch(mode=0o600)
            with self._one_at_a_time:
                self._database.read(
                    lambda connection: connection.exec_driver_sql("VACUUM INTO ?", (str(partial),))
                )
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)
        except OSError as error:
            raise StoreUnavailableError("the backup file cannot be written") from error


def _needs_vacuum(connection: Connection) -> bool:
    """Whether husks are the greater part of many rows, or a vacuum was begun and not ended."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar_one() == _VACUUM_DUE:
        return True
    count = select(func.count()).select_from(message)
    husks = int(connection.execute(count.where(message.c.subject_number.is_(None))).scalar_one())
    if husks < _HUSKS_WORTH_A_VACUUM:
        return False
    return husks * 2 > int(connection.execute(count).scalar_one())


def _delete_husks(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA user_version={_VACUUM_DUE}")
    connection.execute(delete(message).where(message.c.subject_number.is_(None)))
    for table in (knowledgebase, knowledgebase_file):
        connection.execute(delete(table).where(table.c.id.startswith("husk-")))


def _vacuum(connection: Connection) -> None:
    connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA user_version=0")


def _checkpoint(connection: Connection) -> bool:
    """Move the log into the file and truncate it; False when a reader stands in the way."""
    busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
