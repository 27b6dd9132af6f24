"""How SQLite is written: settings, the line of writers, shared commits."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from memos.errors import ConfigError, ConflictError, StoreUnavailableError
from memos.records.sql.database import SqliteDatabase, connect


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    made = connect(f"sqlite:///{tmp_path}/x.db")
    assert isinstance(made, SqliteDatabase)
    made.write(lambda c: c.execute(text("CREATE TABLE n (n INTEGER PRIMARY KEY)")).rowcount)
    yield made
    made.close()


def put(number: int):
    def job(connection: Connection) -> int:
        connection.execute(text("INSERT INTO n VALUES (:n)"), {"n": number})
        return number

    return job


def numbers(database: SqliteDatabase) -> list[int]:
    return database.read(lambda c: [row.n for row in c.execute(text("SELECT n FROM n"))])


def in_line(database: SqliteDatabase, jobs: list) -> list:
    """Run the jobs from threads that all wait while the line is held, so that one commit has all."""
    results: list = [None] * len(jobs)

    def run(index: int) -> None:
        try:
            results[index] = database.write(jobs[index])
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[index] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]

    def hold(_: Connection) -> None:
        for thread in threads:
            thread.start()
        while len(database._waiting) < len(jobs):
            threading.Event().wait(0.001)

    database.exclusive(hold)
    for thread in threads:
        thread.join()
    return results


def test_each_connection_is_durable_and_erases(database: SqliteDatabase) -> None:
    expected = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}
    with database.engine.connect(), database.engine.connect() as second:
        found = {name: second.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}
    assert found == expected


def test_the_file_is_its_owners_alone(database: SqliteDatabase) -> None:
    assert database.path.stat().st_mode & 0o077 == 0


def test_thirty_two_writers_and_another_process_never_see_a_lock(database: SqliteDatabase) -> None:
    other = connect(f"sqlite:///{database.path}")
    with ThreadPoolExecutor(32) as threads:
        list(threads.map(lambda n: (other if n % 8 == 0 else database).write(put(n)), range(320)))
    other.close()
    assert numbers(database) == list(range(320))


def test_waiting_jobs_share_a_commit_and_one_that_fails_harms_no_other(
    database: SqliteDatabase,
) -> None:
    def broken(connection: Connection) -> int:
        put(99)(connection)
        raise KeyError("a bug")

    first, conflict, bug, last = in_line(database, [put(1), put(1), broken, put(2)])
    assert sorted([str(first), str(conflict)]).count("1") == 1
    assert any(isinstance(result, ConflictError) for result in (first, conflict))
    assert isinstance(bug, KeyError)
    assert last == 2
    assert numbers(database) == [1, 2]


def test_a_job_that_fails_alone_leaves_nothing_behind(database: SqliteDatabase) -> None:
    def broken(connection: Connection) -> int:
        put(99)(connection)
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        database.write(broken)
    assert numbers(database) == []
    assert database.write(put(1)) == 1
    with pytest.raises(ConflictError):
        database.write(put(1))
    assert database.write(put(2)) == 2
    assert numbers(database) == [1, 2]


def test_more_jobs_than_one_commit_takes_are_all_done(database: SqliteDatabase) -> None:
    assert in_line(database, [put(n) for n in range(150)]) == list(range(150))
    assert len(numbers(database)) == 150


def test_a_job_that_loses_the_transaction_fails_all_of_its_commit(database: SqliteDatabase) -> None:
    def lose(connection: Connection) -> None:
        # What SQLite does by itself when the disk is full.
        connection.connection.dbapi_connection.execute("ROLLBACK")  # type: ignore[union-attr]

    results = in_line(database, [put(1), lose, put(2)])
    assert all(isinstance(result, StoreUnavailableError) for result in results)
    assert numbers(database) == []
    assert database.write(put(3)) == 3


def test_a_read_leaves_no_transaction_open(database: SqliteDatabase) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("SELECT * FROM n")).all()
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        assert not driver.in_transaction
        database.write(put(1))
        busy, *_ = database.exclusive(
            lambda c: c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        )
    assert busy == 0


@pytest.mark.parametrize(
    "url",
    ["", "records.db", "sqlite://", "sqlite:///:memory:", "mysql://x/y", "sqlite:////proc/no/r.db"],
)
def test_a_url_that_cannot_be_used_is_told(url: str) -> None:
    with pytest.raises(ConfigError):
        connect(url)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    database = connect(f"postgresql://nobody@/x?host={tmp_path}")
    with pytest.raises(StoreUnavailableError):
        database.read(lambda c: c.scalar(text("SELECT 1")))
    database.close()


def test_a_full_disk_a_damaged_and_a_locked_file_are_told_apart(database: SqliteDatabase) -> None:
    pages = database.read(lambda c: c.execute(text("PRAGMA page_count")).scalar())

    def fill(connection: Connection) -> None:
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
        connection.execute(text("CREATE TABLE large AS SELECT randomblob(200000) AS b"))

    with pytest.raises(StoreUnavailableError, match="no room left"):
        database.write(fill)
    with pytest.raises(StoreUnavailableError, match="may not be written"):
        database.exclusive(
            lambda c: [c.execute(text(s)) for s in ("PRAGMA query_only=1", "DELETE FROM n")]
        )


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    made = connect(f"sqlite:///{path}")
    made.write(lambda c: c.execute(text("CREATE TABLE t AS SELECT randomblob(9000) AS b")).rowcount)
    made.close()
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xa5" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    with pytest.raises(StoreUnavailableError, match="damaged"):
        connect(f"sqlite:///{path}").read(lambda c: c.execute(text("SELECT b FROM t")).all())
