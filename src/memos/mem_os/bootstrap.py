"""Builds the system from settings. The one place, with the command line, that chooses adapters."""

import logging
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.embedders.factory import EmbedderOptions, build_embedder
from memos.errors import ConfigError
from memos.graph_dbs.base import GraphStore
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.handlers.add import AddLimits, AddMessages
from memos.handlers.erase import EraseMemories
from memos.handlers.listing import ListMemories
from memos.handlers.meter import Meter
from memos.handlers.project import Projects
from memos.handlers.search import SearchLimits, SearchMemory
from memos.handlers.view import Viewer
from memos.llms.factory import build_llm
from memos.mem_os.active_embedder import ActiveEmbedder
from memos.mem_os.reembed import Reembedder
from memos.mem_reader.base import Reader
from memos.mem_reader.model import ModelReader
from memos.mem_reader.rules import RuleReader
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.ingest import ADD_TASK, Ingest
from memos.mem_scheduler.worker import Worker, WorkerOptions
from memos.memories.textual.tree_text_memory.retrieve.retriever import Retriever
from memos.records.base import Records
from memos.records.sql import open_records
from memos.types.clock import Clock, IdSource, RandomIds, SystemClock

logger = logging.getLogger(__name__)

MEMORY_FILE = "memory.db"
RECORDS_FILE = "records.db"
BUNDLED_EMBEDDER = "use_multilingual"


@dataclass(frozen=True, slots=True)
class System:
    """Every component, built and connected. Close it when done."""

    settings: Settings
    clock: Clock
    records: Records
    graph: GraphStore
    embedder: Embedder
    worker: Worker
    reembedder: Reembedder
    projects: Projects
    add: AddMessages
    search: SearchMemory
    listing: ListMemories
    erase: EraseMemories

    def start(self) -> None:
        """Make the default project, start the worker, and re-embed when the embedder changed."""
        self.projects.ensure_default()
        if self.settings.embedded_worker:
            self.worker.start()
        self.reembedder.start()

    def close(self) -> None:
        """Stop the threads and release the files. Unfinished tasks go on at the next start."""
        self.reembedder.stop()
        self.worker.stop()
        self.embedder.close()
        self.graph.close()
        self.records.close()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    embedder: Embedder | None = None,
) -> System:
    """Open the data folder and connect every component; nothing runs until `start`.

    Args:
        settings: the values.
        clock: source of time; the machine's when left out.
        ids: source of new identifiers; random ones when left out.
        embedder: used instead of the one the settings describe, and closed with the system.

    Raises:
        ConfigError: the data folder cannot be used, or a setting cannot.
    """
    clock = clock or SystemClock()
    ids = ids or RandomIds()
    folder = open_folder(settings.data_dir)
    records = open_records(settings.records_url, clock, ids)
    graph = SqliteGraphStore(
        folder / MEMORY_FILE, clock, cache_bytes=settings.cache_megabytes * 2**20
    )
    target = embedder or _embedder(settings, clock)
    active = ActiveEmbedder(graph, target, lambda: build_embedder(BUNDLED_EMBEDDER, clock))
    gate = SubjectGate()
    ingest = Ingest(records, graph, active, reader=_reader(settings, clock), clock=clock, gate=gate)
    worker = Worker(records, {ADD_TASK: ingest.refine}, _worker_options(settings), clock)
    meter = Meter(records, clock, settings.tokens_per_minute)
    viewer = Viewer(records)
    erase = EraseMemories(graph, records, active, gate=gate, clock=clock)
    return System(
        settings=settings,
        clock=clock,
        records=records,
        graph=graph,
        embedder=active,
        worker=worker,
        reembedder=Reembedder(graph, records, active),
        projects=Projects(records, graph, _bootstrap_secret(settings)),
        add=AddMessages(
            records,
            ingest,
            worker,
            meter=meter,
            ids=ids,
            limits=AddLimits(settings.add_max_tokens),
        ),
        search=SearchMemory(
            Retriever(graph, active, clock=clock, zone=settings.zone),
            viewer,
            meter=meter,
            limits=SearchLimits(settings.query_max_tokens, settings.default_relativity),
        ),
        listing=ListMemories(graph, records, records, viewer),
        erase=erase,
    )


def open_folder(path: Path) -> Path:
    """Make the data folder, readable by its owner only.

    Raises:
        ConfigError: it cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            f"the data folder {path} cannot be made: {error.strerror}; "
            "set MEMOS_DATA_DIR or --data-dir to a folder you may write"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigError(
            f"the data folder {path} is not writable; "
            "set MEMOS_DATA_DIR or --data-dir to a folder you may write"
        )
    return path


def _embedder(settings: Settings, clock: Clock) -> Embedder:
    return build_embedder(
        settings.embedder_backend,
        clock,
        model=settings.embedder_model,
        api_base=settings.embedder_api_base,
        api_key=_plain(settings.embedder_api_key),
        options=EmbedderOptions(
            dimension=settings.embedder_dimension,
            dense_weight=settings.embedder_dense_weight,
            mean_cosine=settings.embedder_mean_cosine,
            timeout_s=settings.embedder_timeout_seconds,
        ),
    )


def _reader(settings: Settings, clock: Clock) -> Reader:
    rules = RuleReader(zone=settings.zone)
    if not settings.llm_model:
        return rules
    llm = build_llm(
        settings.llm_model,
        clock=clock,
        api_base=settings.llm_api_base,
        api_key=_plain(settings.llm_api_key),
        timeout_s=settings.llm_timeout_seconds,
        max_retries=settings.llm_max_retries,
    )
    return ModelReader(llm, rules)


def _worker_options(settings: Settings) -> WorkerOptions:
    return WorkerOptions(
        name=f"{socket.gethostname()}-{os.getpid()}",
        threads=settings.worker_threads,
        lease_s=settings.lease_seconds,
        max_attempts=settings.task_max_attempts,
    )


def _bootstrap_secret(settings: Settings) -> str | None:
    return _plain(settings.bootstrap_api_key)


def _plain(secret: object) -> str | None:
    value = getattr(secret, "get_secret_value", None)
    return value() if value else None
