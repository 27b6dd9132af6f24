"""The work on a document: fetched once, idempotent, and gone when its file is gone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from memos.chunkers.structure import StructureChunker
from memos.embedders.base import Embedder, EmbedderProfile
from memos.errors import (
    DocumentError,
    ModelUnavailableError,
    StoreUnavailableError,
    UnavailableError,
)
from memos.handlers.caller import Caller
from memos.handlers.knowledge_base import IncomingFile
from memos.llms.base import Reply, Turn
from memos.mem_os.bootstrap import System
from memos.mem_reader.document import DocumentSummariser
from memos.mem_scheduler.document import FILE_MARK, DocumentJob, DocumentParts
from memos.mem_scheduler.gate import SubjectGate
from memos.parsers.base import ParseLimits
from memos.parsers.fetch import Fetched
from memos.records.base import Task
from memos.records.knowledge import FileType, KnowledgeFile
from memos.types.document import Block, BlockKind, Document
from memos.types.memory import ALL_KINDS, MemoryItem
from memos.types.scope import Scope, knowledge_cube


class Addresses:
    """A fetcher over a table; counts what was fetched."""

    def __init__(self, **pages: Fetched | Exception) -> None:
        self.pages = pages
        self.calls: list[str] = []

    def fetch(self, url: str) -> Fetched:
        self.calls.append(url)
        page = self.pages[url.rsplit("/", 1)[1]]
        if isinstance(page, Exception):
            raise page
        return page


class Lines:
    """Every line is a paragraph; a page has ten of them."""

    def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        blocks = [
            Block(BlockKind.PARAGRAPH, line, page=n // 10 + 1) for n, line in enumerate(lines)
        ]
        return Document(tuple(blocks), title="A book", pages=len(lines) // 10 + 1)


class CountingEmbedder:
    """Counts what is embedded; fails at a given call."""

    def __init__(self, inner: Embedder, fails_at: int | None = None) -> None:
        self._inner = inner
        self.texts: list[str] = []
        self.calls = 0
        self._fails_at = fails_at

    @property
    def profile(self) -> EmbedderProfile:
        return self._inner.profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        self.calls += 1
        if self.calls == self._fails_at:
            raise StoreUnavailableError("the power went off")
        self.texts += texts
        return self._inner.embed(texts, query=query)

    def close(self) -> None:
        self._inner.close()


@dataclass
class Bench:
    """A system with a knowledge base, and jobs over it."""

    system: System
    base: str
    caller: Caller
    fetcher: Addresses

    def job(self, **changes: object) -> DocumentJob:
        parts = DocumentParts(
            records=self.system.records,
            files=self.system.files,
            graph=self.system.graph,
            embedder=self.system.embedder,
            fetcher=self.fetcher,
            parser=Lines(),
            chunker=StructureChunker(),
            gate=SubjectGate(),
            clock=self.system.clock,
            limits=ParseLimits(),
            file_bytes=1000_000,
            base_bytes=10_000_000,
        )
        return DocumentJob(replace(parts, **changes))

    def add(self, content: str | None = None, **more: object) -> KnowledgeFile:
        pieces = None if content is None else [content.encode()]
        file = IncomingFile(
            more.pop("name", "book.txt"), FileType.DOCUMENT, "txt", content=pieces, **more
        )
        return self.system.knowledge.bases.add_files(self.caller, self.base, [file])[0]

    def address(self, url: str) -> KnowledgeFile:
        file = IncomingFile("page", FileType.DOCUMENT, "", url=url)
        return self.system.knowledge.bases.add_files(self.caller, self.base, [file])[0]

    def task(self, file: KnowledgeFile) -> Task:
        task = self.system.records.task(self.caller.project, file.task_id)
        assert task is not None
        return task

    def done(self, file: KnowledgeFile) -> KnowledgeFile:
        """After its task: claimed and completed, as the worker does."""
        claimed = self.system.records.claim_task(file.task_id, "w", 60)
        if claimed is not None:
            self.system.records.complete(claimed.lease)
        return self.file(file)

    def file(self, file: KnowledgeFile) -> KnowledgeFile:
        found = self.system.records.file(file.id)
        assert found is not None
        return found

    def memories(self) -> tuple[MemoryItem, ...]:
        scope = Scope.of(knowledge_cube(self.base))
        return self.system.graph.find(scope, ALL_KINDS, limit=10**6).items


@pytest.fixture
def bench(system: System) -> Bench:
    project = system.records.projects()[0].id
    caller = Caller(project, "key")
    return Bench(system, system.knowledge.bases.create(caller, "b", ""), caller, Addresses())


def book(lines: int, word: str = "harbour") -> str:
    """Lines that fill about a chunk each."""
    return "\n".join(
        f"Line {n} tells at length what the {word} of town {n} looked like. " * 12
        for n in range(lines)
    )


def test_chunks_know_their_file_page_and_place(bench: Bench) -> None:
    file = bench.add(book(30))
    assert bench.job().run(bench.task(file)) == 30
    items = sorted(bench.memories(), key=lambda item: item.ordinal)
    assert [item.ordinal for item in items] == list(range(30))
    text = "\n\n".join(book(30).splitlines())
    for item in items:
        (source,) = item.sources
        assert (source.file_id, source.message_id) == (file.id, "")
        assert source.page == item.ordinal // 10 + 1
        assert item.value in text
        assert item.key == "A book"
        assert item.info[FILE_MARK] == file.id
        assert item.conversation_id is None
    done = bench.file(file)
    assert (done.progress, done.pages) == (100, 4)


def test_a_repeated_task_embeds_nothing_twice(bench: Bench) -> None:
    file = bench.add(book(150))
    counting = CountingEmbedder(bench.system.embedder)
    job = bench.job(embedder=counting)
    assert job.run(bench.task(file)) == 150
    before = bench.memories()
    assert len(counting.texts) == 150
    assert job.run(bench.task(file)) == 150
    assert len(counting.texts) == 150
    assert bench.memories() == before


def test_a_task_that_broke_off_goes_on_where_it_was(bench: Bench) -> None:
    file = bench.add(book(150))
    broken = CountingEmbedder(bench.system.embedder, fails_at=2)
    with pytest.raises(StoreUnavailableError):
        bench.job(embedder=broken).run(bench.task(file))
    assert 0 < len(bench.memories()) < 150
    assert 10 < bench.file(file).progress < 100
    counting = CountingEmbedder(bench.system.embedder)
    assert bench.job(embedder=counting).run(bench.task(file)) == 150
    assert len(broken.texts) + len(counting.texts) == 150
    assert len(bench.memories()) == 150


def test_what_a_better_parser_makes_takes_the_place_of_the_old(bench: Bench) -> None:
    file = bench.add(book(20))
    bench.job().run(bench.task(file))

    class Half(Lines):
        def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
            whole = super().parse(path, name, limits)
            return replace(whole, blocks=whole.blocks[::2])

    assert bench.job(parser=Half()).run(bench.task(file)) == 10
    assert len(bench.memories()) == 10


def test_a_file_erased_while_it_is_worked_on_leaves_nothing(bench: Bench) -> None:
    file = bench.add(book(150))

    class Erasing(CountingEmbedder):
        def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
            made = super().embed(texts, query=query)
            if self.calls == 2:
                bench.system.knowledge.bases.delete_files(bench.caller, [file.id])
            return made

    task = bench.task(file)
    assert bench.job(embedder=Erasing(bench.system.embedder)).run(task) == 0
    assert bench.memories() == ()
    assert bench.job().run(task) == 0


def test_a_file_erased_by_another_process_is_taken_back(bench: Bench) -> None:
    """The rows go between the look at them and the writing, where no gate of ours reaches."""
    file = bench.add(book(20))
    graph = bench.system.graph

    class Late:
        def __getattr__(self, name: str) -> object:
            return getattr(graph, name)

        def put(self, *arguments: object) -> None:
            bench.system.records.erase_files([file.id])
            graph.put(*arguments)

    assert bench.job(graph=Late()).run(bench.task(file)) == 0
    assert bench.memories() == ()


def test_an_address_is_fetched_once(bench: Bench) -> None:
    text = book(3).encode()
    bench.fetcher.pages["a"] = Fetched(text, "text/plain", "a.txt")
    file = bench.address("https://example.com/a")
    job = bench.job()
    assert job.run(bench.task(file)) == 3
    fetched = bench.file(file)
    assert (fetched.size, fetched.format) == (len(text), "txt")
    assert bench.system.files.path(fetched.digest).read_bytes() == text
    assert job.run(bench.task(file)) == 3
    assert len(bench.fetcher.calls) == 1


@pytest.mark.parametrize(
    ("fetched", "ending"),
    [
        (Fetched(b"x", "application/pdf", "report"), "pdf"),
        (Fetched(b"x", "text/html; charset=utf-8", ""), "html"),
        (Fetched(b"x", "application/octet-stream", "a.docx"), "docx"),
        (Fetched(b"%PDF-1.7 x", "application/octet-stream", ""), "pdf"),
        (Fetched(b"plain words", "", "index.php"), "txt"),
    ],
)
def test_the_format_of_an_address_is_found(bench: Bench, fetched: Fetched, ending: str) -> None:
    bench.fetcher.pages["a"] = fetched
    file = bench.address("https://example.com/a")
    bench.job().run(bench.task(file))
    assert bench.file(file).format == ending


def test_an_address_with_known_content_is_a_twin(bench: Bench) -> None:
    first = bench.add(book(3))
    bench.job().run(bench.task(first))
    bench.done(first)
    bench.fetcher.pages["a"] = Fetched(book(3).encode(), "text/plain", "a.txt")
    twin = bench.address("https://example.com/a")
    counting = CountingEmbedder(bench.system.embedder)
    assert bench.job(embedder=counting).run(bench.task(twin)) == 0
    assert counting.texts == []
    assert bench.file(twin).twin_of == first.id
    bench.done(twin)
    assert bench.job().run(bench.task(twin)) == 0
    # Without the first, the twin stands for itself.
    bench.system.knowledge.bases.delete_files(bench.caller, [first.id])
    assert bench.memories() == ()
    redone = bench.file(twin)
    assert (redone.status, redone.twin_of) == ("running", None)
    assert bench.job().run(bench.task(redone)) == 3
    assert {item.info[FILE_MARK] for item in bench.memories()} == {twin.id}


def test_content_that_an_address_brought_first_is_not_worked_on_again(bench: Bench) -> None:
    bench.fetcher.pages["a"] = Fetched(book(3).encode(), "text/plain", "a.txt")
    address = bench.address("https://example.com/a")
    inline = bench.add(book(3))
    assert bench.job().run(bench.task(address)) == 3
    bench.done(address)
    assert bench.job().run(bench.task(inline)) == 0
    assert bench.file(inline).twin_of == address.id
    assert len(bench.memories()) == 3
    bench.done(inline)
    bench.system.knowledge.bases.delete_files(bench.caller, [address.id])
    assert bench.job().run(bench.task(bench.file(inline))) == 3


@pytest.mark.parametrize(
    "page",
    [
        DocumentError("the address is not public"),
        UnavailableError("the server does not answer"),
        Fetched(b"x" * 1000_001, "text/plain", "a.txt"),
    ],
    ids=["refused", "away", "large"],
)
def test_an_address_that_gives_nothing_keeps_nothing(
    bench: Bench, page: Fetched | Exception
) -> None:
    bench.fetcher.pages["a"] = page
    file = bench.address("https://example.com/a")
    expected = type(page) if isinstance(page, Exception) else DocumentError
    with pytest.raises(expected):
        bench.job().run(bench.task(file))
    assert bench.system.records.referred() == set()
    assert bench.memories() == ()


def test_a_full_knowledge_base_takes_no_address(bench: Bench) -> None:
    bench.fetcher.pages["a"] = Fetched(b"x" * 900, "text/plain", "a.txt")
    file = bench.address("https://example.com/a")
    with pytest.raises(DocumentError, match="full"):
        bench.job(base_bytes=800).run(bench.task(file))


def test_a_document_without_text_fails(bench: Bench) -> None:
    file = bench.add("\n \n")
    with pytest.raises(DocumentError, match="no text"):
        bench.job().run(bench.task(file))


def test_a_file_that_cannot_be_read_is_tried_once(bench: Bench) -> None:
    bench.fetcher.pages["a"] = DocumentError("the address is not public")
    file = bench.address("file-of-the-system/a")
    bench.system.worker.drain()
    failed = bench.file(file)
    assert failed.status == "failed"
    assert bench.system.records.task(bench.caller.project, file.task_id).attempts == 1


class Scripted:
    """A model that answers what it is told; counts its calls."""

    name = "scripted"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[dict] = []

    def complete(self, turns: Sequence[Turn], **_: object) -> Reply:
        self.asked.append(json.loads(turns[-1].content))
        answer = self.answers.pop(0) if self.answers else "{}"
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer)


class Chapters(Lines):
    """Two chapters of equal length."""

    def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
        lines = super().parse(path, name, limits).blocks
        half = len(lines) // 2
        heads = [Block(BlockKind.HEADING, f"Chapter {n}", level=1) for n in (1, 2)]
        return Document((heads[0], *lines[:half], heads[1], *lines[half:]), title="A book")


def test_a_model_summarises_sections_and_document_once(bench: Bench) -> None:
    file = bench.add(book(20))
    model = Scripted(
        '{"summary": "Harbours of the first chapter."}',
        ModelUnavailableError("away"),
        '{"summary": "Harbours of many towns."}',
    )
    job = bench.job(parser=Chapters(), summariser=DocumentSummariser(model))
    assert job.run(bench.task(file)) == 20
    told = {i.key: i.value for i in bench.memories() if "summary" in i.tags}
    assert told == {
        "A book > Chapter 1": "Harbours of the first chapter.",
        "A book": "Harbours of many towns.",
    }
    assert [asked["section"] for asked in model.asked] == ["Chapter 1", "Chapter 2", ""]
    assert "town 0 looked" in model.asked[0]["text"]
    (whole,) = [i for i in bench.memories() if i.key == "A book" and "summary" in i.tags]
    assert whole.sources[0].start == 0
    assert whole.info[FILE_MARK] == file.id
    # Again: only what is missing is asked for.
    model.answers = ['{"summary": "Harbours of the second chapter."}']
    assert job.run(bench.task(file)) == 20
    assert [asked["section"] for asked in model.asked[3:]] == ["Chapter 2"]
    assert len(bench.memories()) == 23
    bench.system.knowledge.bases.delete_files(bench.caller, [file.id])
    assert bench.memories() == ()


def test_a_short_document_is_its_own_summary(bench: Bench) -> None:
    file = bench.add("The canteen opens at noon.")
    model = Scripted()
    assert bench.job(summariser=DocumentSummariser(model)).run(bench.task(file)) == 1
    assert model.asked == []
    assert bench.file(file).progress == 100


@pytest.mark.parametrize("answer", ["", "no JSON", "[]", '{"summary": 7}', '{"summary": " "}'])
def test_an_answer_that_cannot_be_used_makes_no_summary(bench: Bench, answer: str) -> None:
    file = bench.add(book(3))
    job = bench.job(summariser=DocumentSummariser(Scripted(answer)))
    assert job.run(bench.task(file)) == 3
    assert len(bench.memories()) == 3
