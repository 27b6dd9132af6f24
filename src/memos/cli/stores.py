"""Opens the stores of a data folder for administration, also while a server uses them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memos.errors import ConfigError

if TYPE_CHECKING:
    from memos.graph_dbs.base import GraphStore
    from memos.handlers.project import Projects
    from memos.records.base import Project, Records
    from memos.records.files import FileStore

_CACHE_BYTES = 2**24


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of a data folder and what administers them.

    Args:
        records: the system of record.
        graph: the memory graph.
        files: the uploaded files.
        projects: administration of projects and keys.
        own_records: the records are a file of ours, not a database server.
    """

    records: "Records"
    graph: "GraphStore"
    files: "FileStore"
    projects: "Projects"
    own_records: bool

    def project(self, name: str) -> "Project":
        """A project by name or id; the default one is made when the store has none at all.

        Raises:
            NotFoundError: there is none.
        """
        from memos.handlers.project import DEFAULT_PROJECT

        if name == DEFAULT_PROJECT and not self.records.projects():
            return self.records.create_project(DEFAULT_PROJECT)
        return self.projects.find(name)


@contextmanager
def open_stores(data_dir: Path | None, *, make: bool = False) -> Iterator[Stores]:
    """Open the stores, and close them again.

    Args:
        data_dir: the folder; None takes the configured one.
        make: make an empty data folder when there is none.

    Raises:
        ConfigError: the folder cannot be used, or is not there and `make` is false.
    """
    from memos.configs.settings import load_settings
    from memos.graph_dbs.sqlite import SqliteGraphStore
    from memos.handlers.project import Projects
    from memos.mem_os.bootstrap import FILES_FOLDER, MEMORY_FILE, open_folder
    from memos.records.file_folder import FileFolder
    from memos.records.sql import open_records
    from memos.types.clock import RandomIds, SystemClock

    settings = load_settings({"data_dir": data_dir}).settings
    if not make and not (settings.data_dir / MEMORY_FILE).exists():
        raise ConfigError(
            f"there is no data in {settings.data_dir}; check --data-dir, or start "
            "`memos serve` once to make it"
        )
    folder = open_folder(settings.data_dir)
    clock = SystemClock()
    records = open_records(settings.records_url, clock, RandomIds())
    try:
        graph = SqliteGraphStore(folder / MEMORY_FILE, clock, cache_bytes=_CACHE_BYTES)
    except BaseException:
        records.close()
        raise
    try:
        own_records = settings.records_url.startswith("sqlite")
        files = FileFolder(folder / FILES_FOLDER)
        yield Stores(
            records, graph, files, Projects(records, graph, None, files=files), own_records
        )
    finally:
        graph.close()
        records.close()
