"""Takes back the last feedback that changed memory, when a user asks for it."""

import re

from memos.graph_dbs.base import GraphReader
from memos.mem_feedback.feedback import TASK_MARK, FeedbackKind, Record
from memos.mem_feedback.versions import UNDONE_BY, Versions
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import ALL_KINDS, LIVE
from memos.types.scope import Cube, Scope

_NEWEST = 500
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


def undo(graph: GraphReader, versions: Versions, cube: Cube, task_id: str) -> Record:
    """Take back the last feedback of a cube that still stands; a repeated task does so once.

    Returns:
        What came back (`update`), and what was archived with nothing in its place (`archived`).
    """
    marked = all_of(Condition(None, Operator.EQ, task_id, info_key=UNDONE_BY))
    done = graph.find(Scope.of(cube), ALL_KINDS, marked, limit=1).items
    if done:
        return Record(FeedbackKind.UNDO)
    live = all_of(Condition(Field.STATUS, Operator.IN, tuple(s.value for s in LIVE)))
    found = graph.find(Scope.of(cube), ALL_KINDS, live, limit=_NEWEST).items
    mark = next((i.info[TASK_MARK] for i in found if isinstance(i.info.get(TASK_MARK), str)), None)
    if mark is None:
        return Record(FeedbackKind.UNDO)
    record = versions.record(cube, mark, FeedbackKind.UNDO)
    versions.revert(cube, record, by=task_id)
    return record.turned()
