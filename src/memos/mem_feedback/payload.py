"""What the task of a feedback carries, and how the audit trail names it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memos.mem_feedback.feedback import FeedbackKind
from memos.types.scope import Cube, CubeKind, knowledge_cube

FEEDBACK_TASK = "feedback"
FEEDBACK_ACTION = "feedback"
_REWORDING = frozenset({FeedbackKind.REPLACEMENT, FeedbackKind.CORRECTION})


def audit_mark(task_id: str) -> str:
    """Mark of the row in the audit trail, so that a repeated task leaves one."""
    return f"{FEEDBACK_ACTION}:{task_id}"


@dataclass(frozen=True, slots=True)
class FeedbackPayload:
    """What a task of a feedback carries: ids and options, never text."""

    message_id: str
    conversation_id: str
    memory_ids: tuple[str, ...] = ()
    agent_id: str | None = None
    app_id: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    allow_public: bool = False
    knowledgebase_ids: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON form for the records store."""
        return {
            "message_id": self.message_id,
            "conversation_id": self.conversation_id,
            "memory_ids": list(self.memory_ids),
            "agent_id": self.agent_id,
            "app_id": self.app_id,
            "info": dict(self.info),
            "allow_public": self.allow_public,
            "knowledgebase_ids": list(self.knowledgebase_ids),
        }

    def shared_cubes(self, cube: Cube, kind: FeedbackKind) -> list[Cube]:
        """Cubes that others read and a feedback of this kind, by the owner of a cube, may change."""
        public = [Cube(cube.project, CubeKind.PUBLIC)]
        bases = map(knowledge_cube, self.knowledgebase_ids)
        return [*(public if self.allow_public or kind in _REWORDING else ()), *bases]

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> "FeedbackPayload":
        """Read `to_json` back."""
        return cls(
            message_id=payload["message_id"],
            conversation_id=payload["conversation_id"],
            memory_ids=tuple(payload.get("memory_ids") or ()),
            agent_id=payload.get("agent_id"),
            app_id=payload.get("app_id"),
            info=payload.get("info") or {},
            allow_public=bool(payload.get("allow_public")),
            knowledgebase_ids=tuple(payload.get("knowledgebase_ids") or ()),
        )
