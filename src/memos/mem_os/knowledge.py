"""Connects knowledge bases: the use cases, and the work on files of each type."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from memos.chunkers.structure import StructureChunker
from memos.configs.settings import Settings
from memos.errors import DocumentError, MemosError
from memos.handlers.knowledge_base import KnowledgeBases, KnowledgeParts, UploadLimits
from memos.handlers.reach import Reach
from memos.handlers.skill import SkillFiles
from memos.mem_os.feedback import Stores
from memos.mem_os.files import FileReading
from memos.mem_os.models import configured_llm
from memos.mem_os.skills import build_skill_files
from memos.mem_reader.document import DocumentSummariser
from memos.mem_scheduler.document import ContentSource, DocumentJob, DocumentParts, FileJob
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.skill_file import SkillFileJob, SkillFileParts
from memos.memories.textual.skill import MOST_PACKAGE_BYTES
from memos.memories.textual.skill_memory import SkillMemories
from memos.records.base import Task
from memos.records.knowledge import FILE_TASK, FileType
from memos.types.clock import IdSource

logger = logging.getLogger(__name__)

LONG_KINDS = frozenset(FILE_TASK + each.value for each in FileType)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The use cases of knowledge bases, and the work on their files. Close it when done.

    Args:
        bases: the use cases.
        work: what is done with a file of each type.
        reading: reads files in processes of its own, those of messages too.
        skill_files: links to the files of skills.
    """

    bases: KnowledgeBases
    work: Mapping[FileType, FileJob]
    reading: FileReading
    skill_files: SkillFiles

    @property
    def jobs(self) -> dict[str, FileJob]:
        """The work by the kind of its tasks, as the worker wants it."""
        return {FILE_TASK + each.value: self.work.get(each, _refuse) for each in FileType}

    def tidy(self) -> None:
        """Remove stored content that a crash left unneeded."""
        try:
            self.bases.sweep()
        except MemosError as error:
            logger.warning("stored files not tidied", extra={"code": error.code})

    def close(self) -> None:
        """End the processes that read."""
        self.reading.close()


def build_knowledge(
    settings: Settings,
    stores: Stores,
    reading: FileReading,
    *,
    reach: Reach,
    gate: SubjectGate,
    ids: IdSource,
) -> Knowledge:
    """Connect knowledge bases; nothing runs until the worker does."""
    limits = upload_limits(settings)
    parts = KnowledgeParts(gate, stores.clock, ids, limits)
    bases = KnowledgeBases(stores.records, stores.graph, stores.files, reach=reach, parts=parts)
    llm = configured_llm(settings, stores.clock, stores.spending.guards, "documents")
    summariser = None if llm is None else DocumentSummariser(llm)
    parts_of = _document_parts(stores, gate, reading, limits)
    job = DocumentJob(replace(parts_of, summariser=summariser))
    skill = _skill_job(stores, gate, reading, limits)
    work = {FileType.DOCUMENT: job.run, FileType.SKILL: skill.run}
    return Knowledge(bases, work, reading, build_skill_files(settings, stores))


def _document_parts(
    stores: Stores, gate: SubjectGate, reading: FileReading, limits: UploadLimits
) -> DocumentParts:
    return DocumentParts(
        records=stores.records,
        files=stores.files,
        graph=stores.graph,
        embedder=stores.embedder,
        fetcher=reading.fetcher,
        parser=reading.parser,
        chunker=StructureChunker(),
        gate=gate,
        clock=stores.clock,
        limits=reading.limits,
        file_bytes=limits.file_bytes,
        base_bytes=limits.base_bytes,
    )


def _skill_job(
    stores: Stores, gate: SubjectGate, reading: FileReading, limits: UploadLimits
) -> SkillFileJob:
    most = (MOST_PACKAGE_BYTES, limits.base_bytes)
    return SkillFileJob(
        SkillFileParts(
            records=stores.records,
            files=stores.files,
            content=ContentSource(stores.records, stores.files, reading.fetcher, most),
            memories=SkillMemories(stores.graph, stores.embedder, stores.clock),
            graph=stores.graph,
            gate=gate,
        )
    )


def upload_limits(settings: Settings) -> UploadLimits:
    """Limits of uploads, the documented ones where no setting changes them."""
    return UploadLimits(
        bases=settings.knowledgebase_max_count,
        base_bytes=settings.knowledgebase_max_megabytes * 2**20,
    )


def _refuse(_task: Task) -> None:
    raise DocumentError("files of this type are not worked on")
