"""The schema in the code, the shipped migrations and what is on disk are one."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from memos.errors import ConfigError, StoreUnavailableError
from memos.records.sql import open_records
from memos.records.sql.database import connect
from memos.records.sql.migrate import HEAD, alembic_config, migrate
from memos.types.clock import RandomIds, SystemClock


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder}/records.db"


def test_the_head_written_in_the_code_is_that_of_the_shipped_migrations(tmp_path: Path) -> None:
    database = connect(url_of(tmp_path))
    config = database.read(alembic_config)
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    database.close()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    open_records(url_of(tmp_path), SystemClock(), RandomIds()).close()
    with sqlite3.connect(tmp_path / "records.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ConfigError, match="newer"):
        open_records(url_of(tmp_path), SystemClock(), RandomIds())


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"not a database, " * 100)
    with pytest.raises(ConfigError):
        open_records(url_of(tmp_path), SystemClock(), RandomIds())


def test_an_upgrade_that_breaks_off_leaves_nothing_half_made(tmp_path: Path) -> None:
    database = connect(url_of(tmp_path))
    database.write(lambda c: c.execute(text("CREATE TABLE task (x)")).rowcount)
    with pytest.raises(StoreUnavailableError):
        migrate(database)
    tables = database.read(
        lambda c: list(c.scalars(text("SELECT name FROM sqlite_schema WHERE type = 'table'")))
    )
    assert tables == ["task"]
    database.close()


OPEN = """
import sys
from memos.records.sql import open_records
from memos.types.clock import RandomIds, SystemClock
sys.stdin.readline()
records = open_records(sys.argv[1], SystemClock(), RandomIds())
records.create_project(sys.argv[2])
records.close()
"""


def test_two_processes_may_make_the_store_at_once(tmp_path: Path) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", OPEN, url_of(tmp_path), name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    errors = [opener.communicate(timeout=60)[1] for opener in openers]
    assert errors == ["", "", ""]
    records = open_records(url_of(tmp_path), SystemClock(), RandomIds())
    assert {project.name for project in records.projects()} == {"one", "two", "three"}
    records.close()


def test_a_present_store_opens_without_alembic_and_at_once(tmp_path: Path) -> None:
    open_records(url_of(tmp_path), SystemClock(), RandomIds()).close()
    code = """
import sys
from memos.records.sql import open_records
from memos.types.clock import RandomIds, SystemClock
clock = SystemClock()
start = clock.monotonic()
open_records(sys.argv[1], clock, RandomIds()).close()
took = clock.monotonic() - start
assert not [name for name in sys.modules if name.startswith("alembic")]
print(took)
"""
    start = time.monotonic()
    run = [sys.executable, "-c", code, url_of(tmp_path)]
    took = float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    assert took < 0.3 < time.monotonic() - start + 0.3
