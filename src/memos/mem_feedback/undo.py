"""Takes back the last feedback that changed memory, when a user asks for it."""

import re
from collections.abc import Iterator
from dataclasses import replace

from memos.errors import NotFoundError
from memos.mem_feedback.feedback import FeedbackKind, Record
from memos.mem_feedback.payload import FEEDBACK_TASK, FeedbackPayload, audit_mark
from memos.mem_feedback.versions import Versions
from memos.mem_scheduler.gate import SubjectGate
from memos.records.base import Records, Task
from memos.types.scope import Cube, CubeKind

_NEWEST = 200
"""So many of a subject's feedbacks are looked at."""
_ENGLISH = re.compile(
    r"(?:(?:please|no|wait|oops|sorry)[, ]+)*(?:(?:undo|revert|reverse|roll back|take back)"
    r"(?: (?:that|this|it|everything|your|my|the|last|latest|previous|change|changes|replacement|correction|"
    r"edit|update|feedback|one|again))*|(?:take|change|put|turn) (?:that|this|it|everything) back(?: again)?|"
    r"restore (?:it|that|the (?:old|former|previous) (?:one|value|text|names?|memory|memories)))",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "(?:请|麻烦|不对|不|等等|帮我|把|[，,])*(?:撤销|撤回|取消|还原|恢复|回滚|回退)(?:一下|掉)?(?:刚才|刚刚|上次|上一次|上一个|这次|之前|最近)?"
    "(?:的)?(?:那次|那个)?(?:修改|替换|更正|更改|改动|操作|反馈|变更|原样|原来的?(?:样子|内容|名字)?)?(?:吧|了)?|(?:请|把它|都)*改回(?:去|来)(?:吧|了)?"
)


def is_undo(text: str) -> bool:
    """Whether a feedback asks to take back the one before."""
    plain = text.strip(" \t\n.!?。！？~")
    return bool(_ENGLISH.fullmatch(plain) or _CHINESE.fullmatch(plain))


class TakeBack:
    """Takes back what a feedback changed: memories, public copies, overlays, votes.

    Args:
        records: which feedback there was, and what it changed.
        versions: writes memories.
        gate: as in `Ingest`; of the subject itself it is held by the caller.
    """

    def __init__(self, records: Records, versions: Versions, gate: SubjectGate) -> None:
        self._records = records
        self._versions = versions
        self._gate = gate

    def last(self, cube: Cube, by: str) -> Record:
        """Take back the last feedback of a subject that still stands. A repeated task does so once.

        Args:
            cube: whose feedback.
            by: the task of the feedback that asks for it.
        """
        undone: set[str] = set()
        tasks = self._records.finished_tasks(cube.project, cube.uid, FEEDBACK_TASK, _NEWEST)
        for task in tasks:
            told = self._told(task.id)
            if told is not None and told.kind is FeedbackKind.UNDO:
                undone.add(told.undone)
            elif told is not None and told.changes and task.id not in undone:
                return self._one(cube, task, told, by)
        return Record(FeedbackKind.UNDO)

    def one(self, cube: Cube, task_id: str) -> Record:
        """Take back a certain feedback.

        Raises:
            NotFoundError: the subject has no such feedback, or it is not done.
        """
        task, told = self._records.task(cube.project, task_id), self._told(task_id)
        if task is None or told is None or task.subject != cube.uid:
            raise NotFoundError("there is no such feedback, or it is not done yet", code=50131)
        return self._one(cube, task, told, task_id)

    def _told(self, task_id: str) -> Record | None:
        row = self._records.audited(audit_mark(task_id))
        return None if row is None else Record.from_json(row.details)

    def _one(self, cube: Cube, task: Task, told: Record, by: str) -> Record:
        """What came back, what is archived without a heir, and what is lost, by ids."""
        if told.kind is FeedbackKind.FORGETTING:
            return Record(FeedbackKind.UNDO, lost=told.delete, undone=task.id)
        payload = FeedbackPayload.from_json(task.payload)
        record = self._versions.take_back(cube, task.id, by)
        self._versions.unvote(cube, payload.memory_ids, task.id)
        for other in self._others(cube, payload, told.kind):
            with self._gate.shared(other.uid):
                self._versions.take_back(other, task.id, by)
                self._versions.unvote(other, payload.memory_ids, task.id)
        turned = record.turned()
        return replace(turned, voted=told.voted, shared=told.shared, undone=task.id)

    def _others(self, cube: Cube, payload: FeedbackPayload, kind: FeedbackKind) -> Iterator[Cube]:
        """The cubes others read too; a knowledge base only while the project may write into it."""
        for other in payload.shared_cubes(cube, kind):
            linked = (
                other.kind is not CubeKind.KNOWLEDGEBASE
                or cube.project in self._records.linked_projects(other.owner)
            )
            if linked:
                yield other
