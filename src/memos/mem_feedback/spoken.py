"""Requests to forget that are made in a conversation rather than as feedback."""

from collections.abc import Callable
from dataclasses import replace

from memos.mem_feedback.apply import FeedbackJob
from memos.mem_feedback.feedback import Feedback, FeedbackKind
from memos.mem_feedback.judge import judge
from memos.mem_feedback.payload import FeedbackPayload
from memos.mem_scheduler.ingest import AddPayload
from memos.records.base import MessageRecords, Task
from memos.types.clock import derived_id
from memos.types.scope import Cube


class SpokenForgetting:
    """The job of an add, followed by what its messages ask to forget.

    A message counts when all of it is such a request ("Forget that I live in Porto."). It is erased
    with what it names, and the tombstones stay; repeating the job finds nothing left to do.

    Args:
        refine: the job of an add.
        messages: gives the messages of the add.
        feedback: forgets.
    """

    def __init__(
        self, refine: Callable[[Task], object], messages: MessageRecords, feedback: FeedbackJob
    ) -> None:
        self._refine = refine
        self._messages = messages
        self._feedback = feedback

    def run(self, task: Task) -> object:
        """Do both, in this order: what the add itself says may be what is to be forgotten."""
        done = self._refine(task)
        cube = Cube.parse(task.subject)
        payload = AddPayload.from_json(task.payload)
        for message in self._messages.messages(cube, payload.message_ids):
            told = judge(message.text) if message.role == "user" else None
            if told is not None and told.kind is FeedbackKind.FORGETTING and told.statement:
                self._forget(task, payload, message.id, told)
        return done

    def _forget(self, task: Task, payload: AddPayload, message_id: str, told: Feedback) -> None:
        asked = FeedbackPayload(
            message_id,
            payload.conversation_id,
            agent_id=payload.agent_id,
            app_id=payload.app_id,
        )
        self._feedback.run(
            replace(task, id=derived_id(task.id, "forget", message_id), payload=asked.to_json()),
            told=told,
        )
