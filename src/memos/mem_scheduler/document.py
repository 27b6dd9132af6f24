"""From a file of a knowledge base to memories: fetch, parse, chunk, embed, write.

Runs as a durable task. Ids derive from the file, so a repeated task rewrites what it wrote and
skips what is there; whatever it holds in memory is the parsed text of one file and one batch.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from memos.chunkers.base import Chunker
from memos.chunkers.structure import embedding_text
from memos.embedders.base import Embedder
from memos.errors import DocumentError
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.mem_reader.document import DocumentSummariser, Section, sections
from memos.mem_scheduler.gate import SubjectGate
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.parsers.base import ParseLimits, Parser
from memos.parsers.fetch import Fetched, Fetcher
from memos.parsers.formats import HEAD_BYTES, guess_ending, named_format, usual_ending
from memos.records.base import Task
from memos.records.files import FileStore
from memos.records.knowledge import FileChange, FileRecords, KnowledgeFile
from memos.types.clock import Clock, derived_id
from memos.types.document import Chunk, Document
from memos.types.filters import Condition, Operator, all_of
from memos.types.memory import ALL_KINDS, MemoryItem, MemoryKind, Source
from memos.types.scope import Cube, Scope, knowledge_cube

logger = logging.getLogger(__name__)

FILE_MARK = "memos:file"
"""Reserved info key of everything that was made of a file: its id. It is erased with the file."""
FILE_ID, FILE_NAME = "file_id", "file_name"
"""Info keys of the same for clients, which may filter by them."""
DOCUMENT_TAGS = ("mode:fine", "multimodal:file")
SUMMARY_TAGS = (*DOCUMENT_TAGS, "summary")
_BATCH = 64
_PARSED = 10
"""Percent of the work that is done when the text is there."""
_LONGEST_KEY = 200
_STEP, _CUT = " > ", "…"
_EVERYTHING = 10**9


@dataclass(frozen=True, slots=True)
class DocumentParts:
    """What the job works with.

    Args:
        records: the files.
        files: their content.
        graph: where the memories go.
        embedder: makes vectors.
        fetcher: brings files from their addresses.
        parser: reads them.
        chunker: cuts them.
        gate: as in `Ingest`.
        clock: record times.
        limits: what a file may ask of the parser.
        file_bytes: most bytes of a fetched file.
        base_bytes: most bytes of the files of a knowledge base.
        summariser: writes summaries; without a model there are none.
    """

    records: FileRecords
    files: FileStore
    graph: GraphStore
    embedder: Embedder
    fetcher: Fetcher
    parser: Parser
    chunker: Chunker
    gate: SubjectGate
    clock: Clock
    limits: ParseLimits
    file_bytes: int
    base_bytes: int
    summariser: DocumentSummariser | None = None


class ContentSource:
    """Sees to it that the content of a file is stored. For every type of file.

    Args:
        records: the files.
        files: their content.
        fetcher: brings files from their addresses.
        most: most bytes of a file, and of all files of a knowledge base.
    """

    def __init__(
        self, records: FileRecords, files: FileStore, fetcher: Fetcher, most: tuple[int, int]
    ) -> None:
        self._records = records
        self._files = files
        self._fetcher = fetcher
        self._file_bytes, self._base_bytes = most

    def stored(self, file: KnowledgeFile) -> KnowledgeFile | None:
        """The file with its content stored; None when there is nothing to do for it.

        There is nothing to do when it was erased, or when another file of the knowledge base has
        the same content: then it is noted as that one's twin.

        Raises:
            DocumentError: its address is refused, or what is there is too large.
            UnavailableError: its address cannot be reached now.
        """
        if file.twin_of is not None:
            return None
        if file.digest is not None or file.url is None:
            return self._unless_twin(file)
        fetched = self._fetcher.fetch(file.url)
        self._check(file, len(fetched.data))
        with self._files.hold():
            digest = self._files.put(fetched.data)
            twin = self._records.twin(file, digest)
            change = FileChange(
                digest=None if twin else digest,
                size=len(fetched.data),
                format=file.format or format_of(fetched),
                progress=100 if twin else None,
                twin_of=twin.id if twin else None,
            )
            noted = self._records.change_file(file.id, change)
        if twin is not None or not noted:
            return None
        return self._records.file(file.id)

    def _unless_twin(self, file: KnowledgeFile) -> KnowledgeFile | None:
        """The file, or None when its content came from an address meanwhile."""
        twin = self._records.twin(file, file.digest) if file.digest else None
        if twin is None:
            return file
        self._records.change_file(file.id, FileChange(progress=100, twin_of=twin.id))
        return None

    def _check(self, file: KnowledgeFile, size: int) -> None:
        if size > self._file_bytes:
            raise DocumentError(f"the file is larger than {self._file_bytes // 2**20} MB")
        if self._records.held_bytes(file.knowledgebase_id) + size > self._base_bytes:
            raise DocumentError("the knowledge base is full; delete files or raise its quota")


class DocumentJob:
    """What the worker does for a document."""

    def __init__(self, parts: DocumentParts) -> None:
        self._parts = parts
        self._records = parts.records
        self._graph = parts.graph
        most = (parts.file_bytes, parts.base_bytes)
        self._content = ContentSource(parts.records, parts.files, parts.fetcher, most)

    def run(self, task: Task) -> int:
        """Make memories of a document.

        Returns:
            The number of memories it has now; 0 when it was erased meanwhile, or is a twin.

        Raises:
            DocumentError: it cannot be read; the reason is shown with the file.
            UnavailableError: a store, the embedder or its address cannot be reached now.
        """
        known = self._records.file(task.payload["file_id"])
        file = None if known is None else self._content.stored(known)
        if file is None or file.digest is None:
            return 0
        parts = self._parts
        path = parts.files.path(file.digest)
        document = parts.parser.parse(path, parsed_name(file), parts.limits)
        chunks = parts.chunker.chunk(document)
        if not chunks:
            raise DocumentError("there is no text in the file")
        self._records.change_file(file.id, FileChange(progress=_PARSED, pages=document.pages))
        made = _Made(file, document, chunks, parts.clock.now_ms())
        if not self._write(made):
            return 0
        self._tidy(made, self._summarise(made))
        self._records.change_file(file.id, FileChange(progress=100))
        logger.info(
            "document indexed",
            extra={
                "task": task.id,
                "chunks": len(chunks),
                "pages": document.pages,
                "unread": len(document.scanned),
            },
        )
        return len(chunks)

    def _write(self, made: "_Made") -> bool:
        """Write all chunks, batch by batch; False when the file was erased meanwhile."""
        for start in range(0, len(made.chunks), _BATCH):
            batch = made.nodes(start, start + _BATCH)
            if not self._put(made.cube, made.file.id, batch):
                return False
            done = min(start + _BATCH, len(made.chunks)) / len(made.chunks)
            progress = _PARSED + int((99 - _PARSED) * done)
            if not self._records.change_file(made.file.id, FileChange(progress=progress)):
                # Erased by another process after we looked: take back what was just written.
                self._graph.delete(Scope.of(made.cube), made.ids)
                return False
        return True

    def _summarise(self, made: "_Made") -> list[str]:
        """Write summaries of sections and document; ids of all there are. Those there are kept."""
        summariser, scope = self._parts.summariser, Scope.of(made.cube)
        if summariser is None:
            return []
        kept: list[str] = []
        parts: list[str] = []
        for section in sections(made.chunks):
            node = made.summary(section, "")
            there = self._graph.get(scope, [node.item.id])
            text = (
                there[0].value if there else summariser.summary(made.document.title, section, parts)
            )
            if not text:
                continue
            if not self._put(made.cube, made.file.id, [made.summary(section, text)]):
                self._graph.delete(scope, [*made.ids, *kept])
                return []
            kept.append(node.item.id)
            parts.append(text)
        return kept

    def _put(self, cube: Cube, file_id: str, batch: Sequence[NodeWrite]) -> bool:
        scope = Scope.of(cube)
        there = {item.id: item for item in self._graph.get(scope, [n.item.id for n in batch])}
        fresh = [node for node in batch if not _same(node.item, there.get(node.item.id))]
        writes = []
        if fresh:
            vectors = self._parts.embedder.embed([node.words for node in fresh])
            writes = [NodeWrite(n.item, n.words, v) for n, v in zip(fresh, vectors, strict=True)]
        with self._parts.gate.shared(cube.uid):
            if self._records.file(file_id) is None:
                return False
            if writes:
                self._graph.put(scope, writes)
        return True

    def _tidy(self, made: "_Made", kept: Sequence[str]) -> None:
        """Remove what an earlier attempt made and this one did not."""
        where = all_of(Condition(None, Operator.EQ, made.file.id, info_key=FILE_MARK))
        scope = Scope.of(made.cube)
        known = {*made.ids, *kept}
        found = self._graph.find(scope, ALL_KINDS, where, limit=_EVERYTHING).items
        stale = [item.id for item in found if item.id not in known]
        if stale:
            self._graph.delete(scope, stale)


@dataclass(frozen=True, slots=True)
class _Made:
    """A document at work."""

    file: KnowledgeFile
    document: Document
    chunks: Sequence[Chunk]
    now_ms: int

    @property
    def cube(self) -> Cube:
        return knowledge_cube(self.file.knowledgebase_id)

    @property
    def ids(self) -> list[str]:
        return [self._id(index) for index in range(len(self.chunks))]

    def nodes(self, start: int, end: int) -> list[NodeWrite]:
        return [
            NodeWrite(self._item(start + n, chunk), embedding_text(chunk, self.document.title))
            for n, chunk in enumerate(self.chunks[start:end])
        ]

    def summary(self, section: Section, text: str) -> NodeWrite:
        first, last = section.chunks[0], section.chunks[-1]
        told = Chunk(text, section.titles, first.page, first.start, last.end)
        item = replace(
            self._item(self.chunks.index(first), told),
            id=derived_id(self.file.id, "summary", content_hash(_words(section)), first.start),
            tags=SUMMARY_TAGS,
        )
        return NodeWrite(item, embedding_text(told, self.document.title))

    def _id(self, index: int) -> str:
        return derived_id(self.file.id, "chunk", index)

    def _item(self, index: int, chunk: Chunk) -> MemoryItem:
        file = self.file
        source = Source("", "", chunk.start, chunk.end, file_id=file.id, page=chunk.page)
        return MemoryItem(
            id=self._id(index),
            cube=self.cube,
            kind=MemoryKind.DOCUMENT,
            value=chunk.text,
            key=self._key(chunk),
            tags=DOCUMENT_TAGS,
            created_at=self.now_ms,
            updated_at=self.now_ms,
            ordinal=index,
            content_hash=content_hash(chunk.text),
            sources=(source,),
            info={FILE_MARK: file.id, FILE_ID: file.id, FILE_NAME: file.name},
        )

    def _key(self, chunk: Chunk) -> str:
        titles = [t for t in dict.fromkeys((self.document.title, *chunk.titles)) if t]
        key = _STEP.join(titles) or PurePosixPath(self.file.name).stem
        return key if len(key) <= _LONGEST_KEY else _CUT + key[-_LONGEST_KEY:]


def _words(section: Section) -> str:
    return "\n".join(chunk.text for chunk in section.chunks)


def passage_text(item: MemoryItem) -> str:
    """What of a passage is embedded and indexed, made again from its memory."""
    titles = () if item.key.startswith(_CUT) else tuple(item.key.split(_STEP))
    return embedding_text(Chunk(item.value, titles))


def parsed_name(file: KnowledgeFile) -> str:
    """Name of a file with the ending that tells its format."""
    named = named_format(file.name)
    if named is not None or not file.format:
        return file.name
    return f"{file.name}.{file.format}"


def format_of(fetched: Fetched) -> str:
    """Ending, without the dot, for content from an address: by its name, type, or first bytes."""
    suffix = PurePosixPath(fetched.name).suffix[1:].lower()
    if named_format(fetched.name) is not None or suffix == "zip":
        return suffix
    ending = usual_ending(fetched.media_type) or guess_ending(fetched.data[:HEAD_BYTES])
    return ending[1:]


def _same(made: MemoryItem, stored: MemoryItem | None) -> bool:
    return stored is not None and (stored.content_hash, stored.key, stored.sources) == (
        made.content_hash,
        made.key,
        made.sources,
    )


FileJob = Callable[[Task], object]
"""The work on a file of one type; see `mem_os/knowledge.py` for the dispatch."""
