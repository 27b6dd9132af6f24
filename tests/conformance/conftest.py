"""Engines for the conformance suites: every adapter with its real engine, never a mock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from memos.records.sql import SqlRecords
from tests.conformance.postgres_server import running_server
from tests.conformance.records_stores import Store


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One server for the session."""
    with running_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty records store on each engine, which a test may open several times."""
    if request.param == "sqlite":
        made = Store(f"sqlite:///{tmp_path}/records.db")
    else:
        made = Store(request.getfixturevalue("postgres_url"))
        _empty(made.url)
    yield made
    made.close()


@pytest.fixture
def records(store: Store) -> SqlRecords:
    """The store, opened."""
    return store.open()


def _empty(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        tables = [
            name for name in inspect(connection).get_table_names() if name != "alembic_version"
        ]
        if tables:
            connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
    engine.dispose()
