"""Ports of the records of knowledge bases: which projects may use them, and the files in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class FileType(str, Enum):
    """What is done with a file of a knowledge base. Values are the documented wire names."""

    DOCUMENT = "document"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """A knowledge base. It belongs to no project: the projects linked to it may use it."""

    id: str
    name: str
    description: str
    created_at: int


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to add.

    Args:
        id: UUID text.
        name: as uploaded.
        type: what is done with it.
        format: ending that tells its format, without the dot; empty while it is not known.
        task_id: id of the task that works on it.
        digest: SHA-256 of the stored content; None for one that has yet to be fetched.
        size: bytes; 0 while not known.
        url: where it has to be fetched from.
    """

    id: str
    name: str
    type: FileType
    format: str
    task_id: str
    digest: str | None = None
    size: int = 0
    url: str | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """A file as stored; fields as in `NewFile`.

    Args:
        knowledgebase_id: where it is.
        status: that of its task: `running`, `completed`, `failed`.
        reason: why it failed, a sentence for people.
        progress: percent of the work that is done.
        pages: pages it has; None when unknown or when the format has none.
        twin_of: id of the file in the same knowledge base that has the same content and whose
            memories stand for this one too.
        created_at, updated_at: ms UTC.
    """

    id: str
    knowledgebase_id: str
    name: str
    type: FileType
    format: str
    url: str | None
    digest: str | None
    size: int
    task_id: str
    status: str
    reason: str | None
    progress: int
    pages: int | None
    twin_of: str | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class FilePage:
    """A slice of the files of a knowledge base and the number of all that match."""

    files: tuple[KnowledgeFile, ...]
    total: int


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is learnt about a file while it is worked on; None leaves a value as it is."""

    digest: str | None = None
    size: int | None = None
    format: str | None = None
    progress: int | None = None
    pages: int | None = None
    twin_of: str | None = None


class KnowledgeBaseRecords(Protocol):
    """Knowledge bases and their links to projects."""

    def create_knowledgebase(
        self, project_id: str, name: str, description: str, *, most: int
    ) -> KnowledgeBase:
        """Make a knowledge base (id `base` + UUID) and link it to a project.

        Raises:
            NotFoundError: the project does not exist.
            QuotaExceededError: the project is linked to `most` already.
        """
        ...

    def knowledgebase(self, knowledgebase_id: str) -> KnowledgeBase | None:
        """A knowledge base by id."""
        ...

    def knowledgebases(self, project_id: str | None = None) -> list[KnowledgeBase]:
        """Knowledge bases linked to a project, or all; oldest first."""
        ...

    def linked_projects(self, knowledgebase_id: str) -> list[str]:
        """Ids of the projects that may use it, first linked first."""
        ...

    def link_knowledgebase(self, knowledgebase_id: str, project_id: str) -> None:
        """Let a project use it; nothing changes when it may already. Raises NotFoundError."""
        ...

    def unlink_knowledgebase(self, knowledgebase_id: str, project_id: str) -> bool:
        """Take it from a project; whether it was linked. Its unfinished work goes on for others."""
        ...

    def erase_knowledgebase(self, knowledgebase_id: str) -> dict[str, int]:
        """Remove it with its links, files, references and tasks; rows removed by table.

        When it returns, no byte of its names is left in the store's files.
        """
        ...


class FileRecords(Protocol):
    """Files of knowledge bases."""

    def add_files(
        self, project_id: str, knowledgebase_id: str, files: Sequence[NewFile], *, most_bytes: int
    ) -> list[KnowledgeFile]:
        """Note files and queue a task for each (kind `file:` + type), in one durable transaction.

        A file whose content and type the knowledge base has already (and did not fail on) is not
        added: the one that is there stands in its place in the answer. Calling it again with the
        same ids changes nothing.

        Raises:
            NotFoundError: the knowledge base does not exist (50120).
            QuotaExceededError: it would hold more than `most_bytes`; nothing is added.
        """
        ...

    def file(self, file_id: str) -> KnowledgeFile | None:
        """A file by id, whosever it is; for the work on it."""
        ...

    def files(self, project_id: str, ids: Sequence[str]) -> list[KnowledgeFile]:
        """Files with these ids in knowledge bases linked to the project, in the order asked."""
        ...

    def files_of(
        self, knowledgebase_id: str, only: FileType | None = None, *, limit: int, offset: int = 0
    ) -> FilePage:
        """A page of the files of a knowledge base (of one type only), newest first."""
        ...

    def change_file(self, file_id: str, change: FileChange) -> bool:
        """Note what was learnt about a file; False when it is gone."""
        ...

    def twin(self, file: KnowledgeFile, digest: str) -> KnowledgeFile | None:
        """Another file of the same knowledge base and type with this content that is completed."""
        ...

    def twins_of(self, ids: Sequence[str]) -> list[KnowledgeFile]:
        """Files noted as twins of these."""
        ...

    def held_bytes(self, knowledgebase_id: str) -> int:
        """Bytes of all files of a knowledge base."""
        ...

    def redo_file(self, file_id: str, task_id: str) -> None:
        """Queue a new task for a file in place of the one it had."""
        ...

    def erase_files(self, ids: Sequence[str]) -> int:
        """Remove files with their references and tasks; the number that existed.

        When it returns, no byte of their names is left in the store's files.
        """
        ...


class FileReferences(Protocol):
    """Who needs which stored content. Content that nobody names is removed from the file store."""

    def refer(self, owner: str, digests: Sequence[str]) -> None:
        """Note that an owner (`kind:id`) needs content; repeating it changes nothing."""
        ...

    def release(self, owner: str) -> None:
        """Forget what an owner needed."""
        ...

    def referred(self) -> set[str]:
        """Every digest somebody needs."""
        ...


class KnowledgeRecords(KnowledgeBaseRecords, FileRecords, FileReferences, Protocol):
    """The three together."""


FILE_TASK = "file:"
"""Prefix of the kind of a task that works on a file; the file's type follows."""


def owner_of(file_id: str) -> str:
    """Owner under which a file of a knowledge base refers to its content."""
    return f"file:{file_id}"
