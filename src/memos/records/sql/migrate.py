"""Bring the schema to the present version when a store is opened."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from memos.errors import ConfigError
from memos.records.sql.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

# Repeated from migrations/versions so that opening a present store needs no Alembic, whose
# import alone takes longer than the rest; a test holds the two together.
HEAD = "0006"

_LOCK = 0x6D656D6F73  # "memos"


def migrate(database: Database) -> None:
    """Create or upgrade the schema; safe when several processes open the store at once.

    Raises:
        ConfigError: the store was made by a newer version.
        StoreUnavailableError: the store cannot be reached.
    """
    if database.read(stamped) != HEAD:
        database.write(_upgrade)


def stamped(connection: Connection) -> str | None:
    """The revision the store is at, None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return revision


def alembic_config(connection: Connection) -> "Config":
    """Alembic over the shipped migrations and an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    # Asked again: another process may have been first while this one waited for the lock.
    if stamped(connection) == HEAD:
        return
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise ConfigError("the records store was made by a newer version of MemOS") from error
