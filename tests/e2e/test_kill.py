"""Short form of `make chaos`: a server killed at random moments loses and doubles nothing."""

from pathlib import Path

import apsw
import pytest
from bench.chaos import Options, Report, run, unsound


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """One run for both tests."""
    return run(Options(rounds=3, seconds=3.0, seed=7), tmp_path_factory.mktemp("kill"))


@pytest.mark.chaos
def test_a_killed_server_loses_and_doubles_nothing(report: Report) -> None:
    assert report.problems == []
    assert report.kills >= 3
    assert report.acknowledged > 0
    assert report.messages >= report.acknowledged


@pytest.mark.chaos
def test_the_last_acknowledged_statements_are_found_after_kills(report: Report) -> None:
    assert report.unfound == []


def test_the_check_of_the_files_sees_a_row_whose_owner_is_gone(tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "a.db"))
    connection.execute(
        "create table owner(id integer primary key);"
        "create table thing(owner integer references owner(id)); insert into thing values (1)"
    ).fetchall()
    connection.close()
    assert len(unsound(tmp_path / "a.db")) == 1
