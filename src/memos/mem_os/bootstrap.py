"""Builds the system from settings. The one place, with the command line, that chooses adapters."""

import logging
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.embedders.factory import build_embedder
from memos.endpoints.guard import Guards
from memos.errors import ConfigError
from memos.graph_dbs.base import GraphStore
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.handlers.add import AddLimits, AddMessages
from memos.handlers.chat import ChatParts
from memos.handlers.erase import EraseMemories
from memos.handlers.explain import ExplainMemory
from memos.handlers.feedback import AddFeedback
from memos.handlers.listing import ListMemories
from memos.handlers.profile import Profiles
from memos.handlers.project import Projects
from memos.handlers.reach import Reach
from memos.handlers.search import SearchLimits, SearchMemory
from memos.handlers.view import Viewer
from memos.mem_feedback.apply import FeedbackJob
from memos.mem_feedback.payload import FEEDBACK_TASK
from memos.mem_feedback.spoken import SpokenForgetting
from memos.mem_os.active_embedder import ActiveEmbedder
from memos.mem_os.chat import Conversation, build_conversation, configured_chat_models
from memos.mem_os.feedback import Stores, build_feedback
from memos.mem_os.files import build_reading, connect_files, connect_payloads
from memos.mem_os.knowledge import LONG_KINDS, Knowledge, build_knowledge
from memos.mem_os.models import (
    configured_embedder,
    configured_llm,
    configured_reranker,
    configured_rewriter,
    plain,
    rerank_options,
)
from memos.mem_os.organise import build_organizer, connect_scheduling
from memos.mem_os.reembed import Reembedder
from memos.mem_os.tools import connect_skills, connect_tools
from memos.mem_os.truth import Truth, build_truth, process_name
from memos.mem_os.usage import Spending, build_spending
from memos.mem_reader.base import Reader
from memos.mem_reader.model import ModelReader
from memos.mem_reader.rules import RuleReader
from memos.mem_scheduler.alone import AloneEverywhere
from memos.mem_scheduler.conceal import ConcealedMessages
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.ingest import ADD_TASK, LONG_ADD_TASK, Ingest
from memos.mem_scheduler.resumer import Resumer
from memos.mem_scheduler.returned import ReturnedMemories
from memos.mem_scheduler.skill_learning import SKILL_TASK
from memos.mem_scheduler.worker import Worker, WorkerOptions
from memos.memories.textual.tree_text_memory.retrieve.rerank import RerankStage
from memos.memories.textual.tree_text_memory.retrieve.retriever import Retriever
from memos.memories.textual.tree_text_memory.retrieve.rewrite import RewriteStage
from memos.memories.textual.tree_text_memory.retrieve.texts import MemoryTexts
from memos.records.base import Records
from memos.records.file_folder import FileFolder
from memos.records.files import FileStore
from memos.records.sql import open_records
from memos.reranker.embedded import EmbeddedReranker
from memos.types.clock import Clock, IdSource, RandomIds, SystemClock

logger = logging.getLogger(__name__)

MEMORY_FILE = "memory.db"
RECORDS_FILE = "records.db"
FILES_FOLDER = "files"
BUNDLED_EMBEDDER = "use_multilingual"
_MODEL_WORKERS = 4
_WORKERS = 2
"""One for what users say, one that also takes files."""


@dataclass(frozen=True, slots=True)
class System:
    """Every component, built and connected. Close it when done."""

    settings: Settings
    clock: Clock
    records: Records
    graph: GraphStore
    files: FileStore
    embedder: Embedder
    worker: Worker
    rerank: RerankStage
    reembedder: Reembedder
    projects: Projects
    add: AddMessages
    search: SearchMemory
    explain: ExplainMemory
    listing: ListMemories
    erase: EraseMemories
    resumer: Resumer
    feedback: AddFeedback
    conversation: Conversation
    truth: Truth
    knowledge: Knowledge
    spending: Spending
    profiles: Profiles

    def start(self) -> None:
        """Make the default project, start the worker, and re-embed when the embedder changed."""
        self.projects.ensure_default()
        self.knowledge.tidy()
        if self.settings.embedded_worker:
            self.work()
        self.truth.uses.start()
        self.reembedder.start()

    def work(self) -> None:
        """Do what is done behind requests: tasks, the nightly care, erasures that broke off."""
        self.worker.start()
        self.truth.nightly.start()
        self.resumer.start()

    def close(self) -> None:
        """Stop the threads and release the files. Unfinished tasks go on at the next start."""
        ends = (
            self.reembedder.stop,
            self.worker.stop,
            self.resumer.stop,
            self.knowledge.close,
            self.truth.close,
            self.conversation.close,
            self.rerank.close,
            self.spending.guards.close,
            self.embedder.close,
            self.graph.close,
            self.records.close,
        )
        # Each of them whatever became of the others: a disk may be full.
        with ExitStack() as closing:
            for end in reversed(ends):
                closing.callback(end)


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
    stores = _open_stores(settings, clock, ids, embedder)
    records, graph = stores.records, stores.graph
    told = ConcealedMessages(records, settings.secrets)
    reach = Reach(records, graph)
    work = _build_work(settings, stores, ids, (told, reach))
    meter, viewer = stores.spending.meter, Viewer(told)
    searching = _build_search(settings, stores, clock, (viewer, reach))
    connect_scheduling(
        stores, work.returned, clock, ingest=work.ingest, erase=work.erase, searching=searching
    )
    limits = AddLimits(settings.add_max_tokens, settings.secrets)
    add = AddMessages(records, work.ingest, work.worker, meter=meter, ids=ids, limits=limits)
    connect_payloads(stores, add, work.erase)
    models = configured_chat_models(settings, clock, stores.spending.guards)
    chatting = ChatParts(searching.search, add, records, graph, models, meter, clock)
    judge = searching.rerank.reranker or EmbeddedReranker(stores.embedder, clock)
    truth = build_truth(settings, stores, viewer, searching.search, gate=work.gate, clock=clock)
    return System(
        settings=settings,
        clock=clock,
        records=records,
        graph=graph,
        files=stores.files,
        embedder=stores.embedder,
        worker=work.worker,
        rerank=searching.rerank,
        reembedder=Reembedder(graph, told, stores.embedder),
        projects=Projects(records, graph, plain(settings.bootstrap_api_key), files=stores.files),
        add=add,
        search=searching.search,
        explain=ExplainMemory(graph, searching.retriever, searching.search, reach),
        listing=ListMemories(graph, records, viewer, reach, clock=clock),
        erase=work.erase,
        resumer=Resumer(work.erase.resume, clock),
        feedback=AddFeedback(records, work.feedback, work.worker, meter=meter, ids=ids),
        conversation=build_conversation(chatting, work.reader, judge, ids),
        truth=truth,
        knowledge=work.knowledge,
        spending=stores.spending,
        profiles=Profiles(graph, stores.embedder, gate=work.gate, clock=clock),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What writes memories, and the worker that has it done."""

    ingest: Ingest
    erase: EraseMemories
    feedback: FeedbackJob
    knowledge: Knowledge
    worker: Worker
    reader: Reader
    gate: SubjectGate
    returned: ReturnedMemories


def _build_work(
    settings: Settings, stores: Stores, ids: IdSource, reads: tuple[ConcealedMessages, Reach]
) -> _Work:
    records, graph, active, clock = stores.records, stores.graph, stores.embedder, stores.clock
    told, reach = reads
    gate = SubjectGate()
    returned = ReturnedMemories(graph, clock)
    organizer = build_organizer(settings, stores, returned, clock)
    reader = _reader(settings, clock, stores.spending.guards)
    ingest = Ingest(told, graph, organizer, reader=reader, clock=clock, gate=gate)
    alone = AloneEverywhere(gate, records, f"{process_name()}/", clock, fence=graph.fence)
    erase = EraseMemories(graph, records, active, gate=alone, clock=clock)
    connect_tools(settings, stores, ingest, erase, clock=clock)
    skills = connect_skills(settings, stores, ingest, erase, clock=clock)
    feedback = build_feedback(settings, stores, erase=erase, gate=gate, clock=clock)
    reading = build_reading(settings)
    connect_files(settings, stores, ingest, reading)
    knowledge = build_knowledge(settings, stores, reading, reach=reach, gate=gate, ids=ids)
    adding = SpokenForgetting(ingest.refine, told, feedback)
    jobs = {
        ADD_TASK: adding.run,
        LONG_ADD_TASK: adding.run,
        FEEDBACK_TASK: feedback.run,
        SKILL_TASK: skills.run,
        **knowledge.jobs,
    }
    worker = Worker(records, jobs, _worker_options(settings), clock, fence=graph.fence)
    records.subscribe(worker.wake)
    return _Work(ingest, erase, feedback, knowledge, worker, reader, gate, returned)


def _open_stores(
    settings: Settings, clock: Clock, ids: IdSource, embedder: Embedder | None
) -> Stores:
    folder = open_folder(settings.data_dir)
    _warn_of_half_a_folder(folder, settings)
    records = open_records(settings.records_url, clock, ids)
    graph = SqliteGraphStore(
        folder / MEMORY_FILE, clock, cache_bytes=settings.cache_megabytes * 2**20
    )
    spending = build_spending(settings, records, clock)
    target = embedder or configured_embedder(settings, clock, spending.guards)
    active = ActiveEmbedder(graph, target, lambda: build_embedder(BUNDLED_EMBEDDER, clock))
    return Stores(records, graph, active, FileFolder(folder / FILES_FOLDER), clock, spending)


def _warn_of_half_a_folder(folder: Path, settings: Settings) -> None:
    """Say so when one store is there and the other is to be made: it was lost, or left behind."""
    if not settings.records_url.endswith(str(folder / RECORDS_FILE)):
        return
    filled = {
        name: (folder / name).exists() and (folder / name).stat().st_size > 0
        for name in (MEMORY_FILE, RECORDS_FILE)
    }
    if any(filled.values()) and not all(filled.values()):
        missing = next(name for name, there in filled.items() if not there)
        logger.warning(
            "half of the data folder is missing, and made anew; put it back from a backup",
            extra={"missing": missing, "folder": str(folder)},
        )


@dataclass(frozen=True, slots=True)
class _Searching:
    """The parts of search."""

    search: SearchMemory
    retriever: Retriever
    rerank: RerankStage


def _build_search(
    settings: Settings, stores: Stores, clock: Clock, shared: tuple[Viewer, Reach]
) -> _Searching:
    viewer, reach = shared
    guards = stores.spending.guards
    rerank = _rerank_stage(settings, clock, stores, guards)
    retriever = Retriever(
        stores.graph, stores.embedder, clock=clock, zone=settings.zone, reranker=rerank
    )
    rewriter = configured_rewriter(settings, clock, guards)
    search = SearchMemory(
        retriever,
        RewriteStage(rewriter, clock),
        viewer,
        meter=stores.spending.meter,
        reach=reach,
        limits=_search_limits(settings),
    )
    return _Searching(search, retriever, rerank)


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


def _reader(settings: Settings, clock: Clock, guards: Guards) -> Reader:
    rules = RuleReader(zone=settings.zone)
    llm = configured_llm(settings, clock, guards)
    return rules if llm is None else ModelReader(llm, rules, zone=settings.zone)


def _rerank_stage(settings: Settings, clock: Clock, stores: Stores, guards: Guards) -> RerankStage:
    reranker = configured_reranker(settings, clock, stores.embedder, guards)
    return RerankStage(
        reranker,
        MemoryTexts(ConcealedMessages(stores.records, settings.secrets)),
        clock,
        rerank_options(settings),
    )


def _search_limits(settings: Settings) -> SearchLimits:
    return SearchLimits(
        max_tokens=settings.query_max_tokens,
        default_relativity=settings.default_relativity,
        zone=settings.zone,
    )


def _worker_options(settings: Settings) -> WorkerOptions:
    return WorkerOptions(
        name=process_name(),
        threads=settings.worker_threads or (_MODEL_WORKERS if settings.llm_model else _WORKERS),
        lease_s=settings.lease_seconds,
        max_attempts=settings.task_max_attempts,
        long=LONG_KINDS | {LONG_ADD_TASK},
    )
