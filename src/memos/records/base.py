"""Ports of the records store. One adapter implements them all; a use case takes what it needs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from memos.records.keeping import HoldRecords, PolicyRecords
from memos.records.knowledge import KnowledgeRecords
from memos.records.report import TaskReports
from memos.types.lease import Lease
from memos.types.message import Message
from memos.types.scope import Cube


@dataclass(frozen=True, slots=True)
class Project:
    """A tenant. Nothing is ever shared between two of them."""

    id: str
    name: str
    created_at: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as listed: its secret is hashed and never read back. `hint` is its first 8 characters."""

    id: str
    project_id: str
    name: str
    hint: str
    created_at: int
    revoked_at: int | None = None
    expires_at: int | None = None
    last_used_at: int | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to store; the store gives it its sequence.

    Args:
        digests: content of the file store that its parts need; kept as long as they are.
    """

    id: str
    role: str
    text: str
    chat_time: int
    name: str | None = None
    parts: tuple[dict[str, Any], ...] = ()
    tool_calls: tuple[dict[str, Any], ...] = ()
    tool_call_id: str | None = None
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTask:
    """Work to do after a message is stored. The payload holds ids and options, never text."""

    id: str
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)


RUNNING, COMPLETED, FAILED = "running", "completed", "failed"
LATER = "later:"
"""Beginning of the kinds of work that nobody waits for. Such a task waits for its subject's older
tasks as any other, but younger tasks of other kinds do not wait for it."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as stored.

    Args:
        id: UUID text, the `task_id` clients ask for.
        project_id: its tenant.
        subject: uid of the cube whose order it keeps: tasks of one subject run one at a time,
            oldest first.
        kind: name of the work.
        payload: ids and options.
        status: `running` (also while waiting), `completed`, `failed`.
        attempts: times it was claimed.
        error: sentence for people when failed (no memory text).
        created_at, updated_at: ms UTC.
        leased_by, leased_until: worker and end of its lease, while one holds it.
        next_attempt_at: not claimed before this time.
    """

    id: str
    project_id: str
    subject: str
    kind: str
    payload: dict[str, Any]
    status: str
    attempts: int
    error: str | None
    created_at: int
    updated_at: int
    leased_by: str | None = None
    leased_until: int | None = None
    next_attempt_at: int = 0

    @property
    def lease(self) -> Lease:
        """The lease under which its worker has it."""
        return Lease(self.id, self.leased_by or "", self.attempts)


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Calls, tokens and milliseconds of one operation of one project on one day (YYYY-MM-DD, UTC)."""

    project_id: str
    day: str
    operation: str
    calls: int
    tokens: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ModelUsageRow:
    """Calls of one model in one role for one operation of one project on one day.

    Args:
        project_id: whose; empty for calls made for no project.
        day: YYYY-MM-DD, UTC; empty in a row to be added means today.
        operation: what the project had asked for (`add`, `search`, ...).
        role: what the model was asked for (`reader`, `embedder`, ...).
        model: its name.
        calls: number of calls; one made for several projects counts for each.
        failures: how many of them gave nothing.
        input_tokens, output_tokens: as counted by the model, or an estimate.
        milliseconds: time spent waiting for it.
    """

    project_id: str
    day: str
    operation: str
    role: str
    model: str
    calls: int = 1
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what, by ids and counts only. Of two rows with one mark the first is kept."""

    at: int
    project_id: str
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)
    mark: str | None = None


class ProjectRecords(Protocol):
    """Projects and their keys."""

    def create_project(self, name: str) -> Project:
        """Make a project. Raises ConflictError when the name is taken."""
        ...

    def projects(self) -> list[Project]:
        """All projects, oldest first."""
        ...

    def delete_project(self, project_id: str) -> dict[str, int]:
        """Erase a project and every row of it; rows removed by table. As `erase_subject`."""
        ...

    def create_key(
        self,
        project_id: str,
        name: str,
        *,
        secret: str | None = None,
        expires_at: int | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key (`mpg-` + 40 URL-safe random characters unless `secret` is given).

        Returns:
            The key and its secret, which is stored hashed (SHA-256 over a 256-bit random secret
            needs no salt; a short given secret is refused) and cannot be shown again.
        """
        ...

    def keys(self, project_id: str | None = None) -> list[ApiKey]:
        """Keys of one project or of all, oldest first, revoked ones included."""
        ...

    def revoke_key(self, key_id: str) -> ApiKey:
        """Make a key useless from now on. Raises NotFoundError."""
        ...

    def authenticate(self, secret: str) -> ApiKey | None:
        """The live key of this secret, or None (unknown, revoked, expired). Constant-time compare."""
        ...


class MessageRecords(Protocol):
    """Messages, and the subjects (users, agents) that own them."""

    def accept(
        self, cube: Cube, conversation_id: str, messages: Sequence[NewMessage], task: NewTask
    ) -> list[Message]:
        """Store messages, note the subject, and queue the task, in one durable transaction.

        Calling it again with the same task id changes nothing and returns what was stored.
        """
        ...

    def messages(self, cube: Cube, ids: Sequence[str]) -> list[Message]:
        """Messages of a subject by id, in sequence order; unknown ids are left out."""
        ...

    def holds(self, cube: Cube, ids: Sequence[str]) -> bool:
        """Whether every one of these messages of a subject is there."""
        ...

    def recent_messages(
        self, cube: Cube, conversation_id: str, limit: int, *, before_sequence: int | None = None
    ) -> list[Message]:
        """The last `limit` messages of a conversation (before a sequence), oldest first."""
        ...

    def redact(
        self,
        cube: Cube,
        spans: Sequence[tuple[str, int | None, int | None]],
        parts: Collection[str] = (),
    ) -> int:
        """Blank spans (message id, start, end; None = whole text) so that no byte of them is left.

        A span is overwritten in place by the same number of U+2588 characters, so that offsets of
        other spans stay right; what a touched message holds besides goes with it, but for its
        files and pictures. The span 0, 0 touches no text. A message left without a visible
        character, file or picture is removed.

        Args:
            cube: whose messages they are.
            spans: what to blank.
            parts: ids of the files and pictures of these messages that go too, with the content
                they refer to; the others keep theirs.

        Returns:
            The number of messages touched.
        """
        ...

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each `accept` of this process, in the accepting thread.

        It must return at once and raise nothing: setting an event is what it is for.
        """
        ...

    def subject_exists(self, cube: Cube) -> bool:
        """Whether anything was ever added for this subject (and not erased since)."""
        ...

    def erase_subject(self, cube: Cube) -> dict[str, int]:
        """Remove a subject's messages, tasks and note of existence; rows removed by table.

        When it returns, no byte of the messages is left in the store's files.
        """
        ...


class TaskQueue(Protocol):
    """Durable work with leases. A task is finished exactly once, whatever dies in between.

    Whatever a thread writes to the store while it is `working_under` a lease that was lost is
    refused with LeaseLostError, in the transaction that would write it.
    """

    def claim(self, worker: str, lease_s: float, kinds: Sequence[str] | None = None) -> Task | None:
        """Lease the oldest ready task whose subject has no older unfinished one; None when idle.

        An older one of a `LATER` kind holds up only tasks of its own kind.
        """
        ...

    def claim_task(self, task_id: str, worker: str, lease_s: float) -> Task | None:
        """Lease this very task if it is ready and next of its subject; for synchronous adds."""
        ...

    def renew(self, lease: Lease, lease_s: float) -> bool:
        """Extend a lease; False when the lease was lost."""
        ...

    def complete(self, lease: Lease) -> bool:
        """Mark done; False when the lease was lost."""
        ...

    def retry_or_fail(self, lease: Lease, error: str, *, delay_s: float, max_attempts: int) -> Task:
        """Give a task back for a later attempt, or fail it for good when attempts are used up."""
        ...

    def task(self, project_id: str, task_id: str) -> Task | None:
        """A task of the project."""
        ...

    def finished_tasks(self, project_id: str, subject: str, kind: str, limit: int) -> list[Task]:
        """A subject's completed tasks of a kind, newest first."""
        ...

    def unfinished(self, project_id: str | None = None, subject: str | None = None) -> int:
        """Number of tasks neither completed nor failed."""
        ...


class Ledger(Protocol):
    """Usage and audit."""

    def add_usage(self, project_id: str, operation: str, tokens: int, milliseconds: int) -> None:
        """Count one call (buffered: written at least every second and on close)."""
        ...

    def usage(self, project_id: str | None = None, since_day: str | None = None) -> list[UsageRow]:
        """Usage by project, day and operation."""
        ...

    def add_model_usage(self, row: ModelUsageRow) -> None:
        """Count calls of a model (buffered as `add_usage`)."""
        ...

    def model_usage(
        self, project_id: str | None = None, since_day: str | None = None
    ) -> list[ModelUsageRow]:
        """What models took, by project, day, operation, role and model."""
        ...

    def budgets(self, project_id: str) -> dict[str, int]:
        """What a project may use, by name, where that differs from the settings."""
        ...

    def set_budget(self, project_id: str, name: str, amount: int | None) -> None:
        """Set what a project may use; None goes back to the settings.

        Raises ConflictError when there is no such project.
        """
        ...

    def audit(self, row: AuditRow) -> None:
        """Append to the audit trail, unless a row with the same mark is there."""
        ...

    def audited(self, mark: str) -> AuditRow | None:
        """The row of the audit trail with a mark."""
        ...

    def audit_rows(self, project_id: str | None = None, limit: int = 100) -> list[AuditRow]:
        """Latest audit rows, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class PendingErasure:
    """An erasure that was begun, so that another process can finish it.

    Args:
        id: its id.
        project_id: whose memories.
        plan: what is to go and how the audit trail will name it, by ids; JSON.
        begun_at: ms UTC.
    """

    id: str
    project_id: str
    plan: Mapping[str, Any]
    begun_at: int


class ErasureRecords(Protocol):
    """What is being erased. Nothing of it is left when it is done."""

    def begin_erasure(self, pending: PendingErasure) -> None:
        """Remember what is going to be erased. Nothing when it is known already."""
        ...

    def pending_erasures(self, before: int) -> list[PendingErasure]:
        """Erasures that began before a time (ms UTC) and are not finished, oldest first."""
        ...

    def note_erasure(self, erasure_id: str, plan: Mapping[str, Any]) -> None:
        """Replace what is remembered of an erasure."""
        ...

    def finish_erasure(self, erasure_id: str, row: AuditRow) -> bool:
        """Forget an erasure and append its row to the audit trail; False when that was done."""
        ...

    def holdings(self, cube: Cube) -> dict[str, int]:
        """How many messages and tasks a subject has, by table."""
        ...


class Records(
    ProjectRecords,
    MessageRecords,
    TaskQueue,
    TaskReports,
    Ledger,
    KnowledgeRecords,
    HoldRecords,
    PolicyRecords,
    ErasureRecords,
    Protocol,
):
    """Everything, plus care of the store as a whole."""

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while in use (SQLite only, else UnavailableError)."""
        ...

    def close(self) -> None:
        """Flush what is buffered and release connections."""
        ...
