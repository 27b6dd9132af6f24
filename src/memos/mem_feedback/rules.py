"""The judge that needs no model."""

from collections.abc import Sequence

from memos.mem_feedback.feedback import Feedback
from memos.mem_feedback.judge import judge
from memos.types.memory import MemoryItem


class RuleJudge:
    """Understands feedback by rules; it looks at no memories."""

    reads_memories = False

    def judge(self, text: str, memories: Sequence[MemoryItem]) -> Feedback:  # noqa: ARG002 - port
        """What the feedback means."""
        return judge(text)
