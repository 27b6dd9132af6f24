"""From a skill file of a knowledge base to a skill: fetch, check, write. Runs as a durable task."""

import logging
from dataclasses import dataclass

from memos.errors import DocumentError
from memos.graph_dbs.base import GraphWriter
from memos.mem_scheduler.document import FILE_ID, FILE_MARK, FILE_NAME, ContentSource, parsed_name
from memos.mem_scheduler.gate import SubjectGate
from memos.memories.textual.skill import MOST_PACKAGE_BYTES, read_skill
from memos.memories.textual.skill_memory import SkillMemories, UploadedFile
from memos.records.base import Task
from memos.records.files import FileStore
from memos.records.knowledge import FileChange, FileRecords, KnowledgeFile
from memos.types.scope import Scope, knowledge_cube

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SkillFileParts:
    """What the job works with.

    Args:
        records: the files.
        files: their content.
        content: brings content that is not stored yet.
        memories: where the skills go.
        graph: to take back what an erasure overtook.
        gate: as in `Ingest`.
    """

    records: FileRecords
    files: FileStore
    content: ContentSource
    memories: SkillMemories
    graph: GraphWriter
    gate: SubjectGate


class SkillFileJob:
    """What the worker does for a skill file."""

    def __init__(self, parts: SkillFileParts) -> None:
        self._parts = parts

    def run(self, task: Task) -> int:
        """Make a skill of a file.

        Returns:
            1; 0 when the file was erased meanwhile, or has the content of another one.

        Raises:
            DocumentError: it is no skill file of the documented form; the reason is shown with
                the file.
            UnavailableError: a store, the embedder or its address cannot be reached now.
        """
        parts = self._parts
        known = parts.records.file(task.payload["file_id"])
        file = None if known is None else parts.content.stored(known)
        if file is None or file.digest is None:
            return 0
        path = parts.files.path(file.digest)
        if path.stat().st_size > MOST_PACKAGE_BYTES:
            raise DocumentError(f"the skill is larger than {MOST_PACKAGE_BYTES // 2**20} MB")
        package = read_skill(path.read_bytes(), parsed_name(file))
        cube = knowledge_cube(file.knowledgebase_id)
        with parts.gate.shared(cube.uid):
            if parts.records.file(file.id) is None:
                return 0
            uploaded = UploadedFile(file.id, file.digest, file.name)
            skill_id = parts.memories.upload(cube, package, uploaded, _marks(file))
        if not parts.records.change_file(file.id, FileChange(progress=100)):
            # Erased by another process after we looked: take back what was just written.
            parts.graph.delete(Scope.of(cube), [skill_id])
            return 0
        logger.info("skill indexed", extra={"task": task.id, "files": len(package.files)})
        return 1


def _marks(file: KnowledgeFile) -> dict[str, str]:
    return {FILE_MARK: file.id, FILE_ID: file.id, FILE_NAME: file.name}
