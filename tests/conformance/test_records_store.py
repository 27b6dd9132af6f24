"""The store as a whole, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from memos.records.sql.migrate import HEAD, stamped
from memos.records.sql.tables import metadata
from tests.conformance.records_stores import Store, add, user


def test_migrations_make_exactly_the_tables_of_the_code(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    database = store.open()._database
    assert database.read(differences) == []
    assert database.read(stamped) == HEAD


def test_what_was_stored_is_there_after_a_restart(store: Store) -> None:
    first = store.open()
    cube = user(first.create_project("p").id)
    _, secret = first.create_key(cube.project, "k")
    stored = add(first, cube, "t", "a", "b")
    task = first.claim("w", 60)
    first.add_usage("p", "add", 1, 1)
    first.close()
    second = store.open()
    assert second.recent_messages(cube, "talk", 9) == stored
    assert second.task(cube.project, "t") == task
    assert second.authenticate(secret) is not None
    assert len(second.usage()) == 1
