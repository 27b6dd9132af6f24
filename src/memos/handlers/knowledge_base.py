"""Knowledge bases: make and remove them, add files to them, read how far these are, erase them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from memos.errors import InvalidInputError, NotFoundError
from memos.graph_dbs.base import GraphStore
from memos.handlers.caller import Caller
from memos.handlers.reach import Reach
from memos.mem_scheduler.document import FILE_MARK
from memos.mem_scheduler.gate import SubjectGate
from memos.records.base import AuditRow, Records
from memos.records.files import FileStore
from memos.records.knowledge import FilePage, FileType, KnowledgeFile, NewFile
from memos.types.clock import Clock, IdSource, derived_id
from memos.types.filters import Condition, Operator, all_of
from memos.types.memory import ALL_KINDS, MemoryKind
from memos.types.scope import Cube, Scope, knowledge_cube

_EVERYTHING = 10**9


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much one upload and one knowledge base may hold.

    Args:
        files: most files of one upload.
        file_bytes: most bytes of one of them.
        upload_bytes: most bytes of all of them.
        bases: most knowledge bases of a project.
        base_bytes: most bytes of the files of a knowledge base.
    """

    files: int = 20
    file_bytes: int = 100 * 2**20
    upload_bytes: int = 300 * 2**20
    bases: int = 100
    base_bytes: int = 10 * 2**30


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file of an upload.

    Args:
        name: its name.
        type: what is to be done with it.
        format: ending that tells its format, without the dot; empty while it is not known.
        content: its bytes, piece by piece; None for one that has to be fetched.
        url: where to fetch it from.
    """

    name: str
    type: FileType
    format: str
    content: Iterable[bytes] | None = None
    url: str | None = None


class KnowledgeBases:
    """The use cases behind the knowledge-base endpoints.

    Args:
        records: links, files and tasks.
        graph: the memories made of files.
        files: the stored content.
        reach: what callers may see.
        parts: gate, clock, ids and limits.
    """

    def __init__(
        self,
        records: Records,
        graph: GraphStore,
        files: FileStore,
        *,
        reach: Reach,
        parts: "KnowledgeParts",
    ) -> None:
        self._records = records
        self._graph = graph
        self._files = files
        self._reach = reach
        self._gate = parts.gate
        self._clock = parts.clock
        self._ids = parts.ids
        self.limits = parts.limits

    def create(self, caller: Caller, name: str, description: str) -> str:
        """Make a knowledge base, linked to the caller's project; its id.

        Raises:
            QuotaExceededError: the project has as many as it may have (50002).
        """
        made = self._records.create_knowledgebase(
            caller.project, name, description, most=self.limits.bases
        )
        self._audit(caller, "create_knowledgebase", made.id, {})
        return made.id

    def remove(self, caller: Caller, knowledgebase_id: str) -> dict[str, int]:
        """Take a knowledge base from the caller's project; erase it when no other has it.

        Returns:
            What was removed, by counts.

        Raises:
            NotFoundError: it does not exist (50120), or is not linked to the project (50123).
        """
        cube = self._reach.one(caller, knowledgebase_id)
        counts: dict[str, int] = {}
        with self._gate.exclusive(cube.uid):
            if self._records.linked_projects(knowledgebase_id) == [caller.project]:
                # Memories first and the link last: a call that broke off can be repeated.
                counts["memories"] = self._graph.delete_cubes(Scope.of(cube))
                counts.update(self._records.erase_knowledgebase(knowledgebase_id))
                # What another process wrote in between, before it noticed.
                self._graph.delete_cubes(Scope.of(cube))
            else:
                self._records.unlink_knowledgebase(knowledgebase_id, caller.project)
        if counts:
            counts["contents"] = self.sweep()
        else:
            counts["links"] = 1
        self._audit(caller, "remove_knowledgebase", knowledgebase_id, counts)
        return counts

    def add_files(
        self, caller: Caller, knowledgebase_id: str, files: Sequence[IncomingFile]
    ) -> list[KnowledgeFile]:
        """Store files and queue the work on each. A file that is there already is not taken twice.

        Raises:
            NotFoundError: the knowledge base does not exist (50120) or is not linked (50123).
            InvalidInputError: too many files (50103), one of them (50104) or all together (50105)
                too large; nothing is stored.
            QuotaExceededError: the knowledge base is full (50002); nothing is stored.
        """
        self._reach.one(caller, knowledgebase_id)
        if len(files) > self.limits.files:
            raise InvalidInputError(
                f"more than {self.limits.files} files; upload them one part after the other",
                code=50103,
                field="file",
            )
        try:
            with self._files.hold():
                new = self._store(files)
                added = self._records.add_files(
                    caller.project, knowledgebase_id, new, most_bytes=self.limits.base_bytes
                )
        except BaseException:
            self.sweep()
            raise
        return added

    def files(self, caller: Caller, file_ids: Sequence[str]) -> list[KnowledgeFile]:
        """Files by id, in the order asked; those the caller cannot see are left out."""
        return self._records.files(caller.project, file_ids)

    def page(
        self,
        caller: Caller,
        knowledgebase_id: str,
        only: FileType | None,
        *,
        page: int,
        size: int,
    ) -> FilePage:
        """A page of the files of a knowledge base, newest first; `page` counts from 1.

        Raises:
            NotFoundError: it does not exist (50120), or is not linked to the project (50123).
        """
        self._reach.one(caller, knowledgebase_id)
        offset = (page - 1) * size
        return self._records.files_of(knowledgebase_id, only, limit=size, offset=offset)

    def delete_files(
        self, caller: Caller, file_ids: Sequence[str], knowledgebase_id: str | None = None
    ) -> dict[str, int]:
        """Erase files with what was made of them. All or none.

        Returns:
            What was removed, by counts.

        Raises:
            NotFoundError: an id is not a file the caller can see (40001), or the knowledge base is
                not one (50120, 50123).
        """
        if knowledgebase_id is not None:
            self._reach.one(caller, knowledgebase_id)
        ids = list(dict.fromkeys(file_ids))
        found = self._records.files(caller.project, ids)
        if knowledgebase_id is not None:
            found = [file for file in found if file.knowledgebase_id == knowledgebase_id]
        if len(found) < len(ids):
            raise NotFoundError(
                "file_ids names a file that does not exist; get/knowledgebase-file lists them",
                field="file_ids",
            )
        memories = 0
        for base in dict.fromkeys(file.knowledgebase_id for file in found):
            memories += self._erase(base, [f.id for f in found if f.knowledgebase_id == base])
        contents = self.sweep()
        counts = {"files": len(found), "memories": memories, "contents": contents}
        self._audit(caller, "delete_knowledgebase_files", "file", counts)
        return counts

    def sweep(self) -> int:
        """Remove stored content that nothing needs any more; how much."""
        return self._files.sweep(self._records.referred)

    def _store(self, files: Sequence[IncomingFile]) -> list[NewFile]:
        new, left = [], self.limits.upload_bytes
        for file in files:
            file_id = self._ids.new_id()
            stored = None
            if file.content is not None:
                stored = self._files.put_stream(self._bounded(file.content, left))
                left -= stored.size
            new.append(
                NewFile(
                    id=file_id,
                    name=file.name,
                    type=file.type,
                    format=file.format,
                    task_id=derived_id(file_id, "task"),
                    digest=stored.digest if stored else None,
                    size=stored.size if stored else 0,
                    url=file.url,
                )
            )
        return new

    def _bounded(self, content: Iterable[bytes], left: int) -> Iterable[bytes]:
        size = 0
        for piece in content:
            size += len(piece)
            if size > self.limits.file_bytes:
                raise InvalidInputError(
                    f"a file is larger than {self.limits.file_bytes // 2**20} MB; split it",
                    code=50104,
                    field="file",
                )
            if size > left:
                raise InvalidInputError(
                    f"the upload is larger than {self.limits.upload_bytes // 2**20} MB; upload "
                    "the files one part after the other",
                    code=50105,
                    field="file",
                )
            yield piece

    def _erase(self, knowledgebase_id: str, ids: Sequence[str]) -> int:
        """Erase files of one knowledge base; memories first, so that a call can be repeated."""
        cube = knowledge_cube(knowledgebase_id)
        with self._gate.exclusive(cube.uid):
            memories = self._forget(cube, ids)
            twins = self._records.twins_of(ids)
            self._records.erase_files(ids)
            self._forget(cube, ids)  # what another process wrote in between, before it noticed
            for twin in twins:
                # Its memories were those of the file that is gone.
                if twin.id not in ids:
                    self._records.redo_file(twin.id, self._ids.new_id())
        return memories

    def _forget(self, cube: Cube, ids: Sequence[str]) -> int:
        scope = Scope.of(cube)
        where = all_of(Condition(None, Operator.IN, tuple(ids), info_key=FILE_MARK))
        kinds = ALL_KINDS | {MemoryKind.SEGMENT}
        nodes = self._graph.find(scope, kinds, where, limit=_EVERYTHING).items
        return self._graph.delete(scope, [node.id for node in nodes]) if nodes else 0

    def _audit(self, caller: Caller, action: str, subject: str, counts: dict[str, int]) -> None:
        self._records.audit(
            AuditRow(
                at=self._clock.now_ms(),
                project_id=caller.project,
                actor=caller.key,
                action=action,
                subject=subject,
                details=dict(counts),
            )
        )


@dataclass(frozen=True, slots=True)
class KnowledgeParts:
    """What the use cases share with others.

    Args:
        gate: as in `Ingest`.
        clock: time.
        ids: new ids.
        limits: how much may be uploaded and held.
    """

    gate: SubjectGate
    clock: Clock
    ids: IdSource
    limits: UploadLimits
