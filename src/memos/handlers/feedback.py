"""Feedback: what a user says about memory, stored first and worked on at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memos.errors import TooManyTokensError
from memos.handlers.add import own_info
from memos.handlers.caller import Caller
from memos.handlers.meter import Meter
from memos.handlers.reach import named_bases
from memos.handlers.repeat import marked, require_same
from memos.mem_feedback.apply import FEEDBACK_CONVERSATION, FeedbackJob
from memos.mem_feedback.feedback import Record
from memos.mem_feedback.payload import FEEDBACK_TASK, FeedbackPayload
from memos.mem_scheduler.conceal import refuse_secrets, without_secrets
from memos.mem_scheduler.worker import Worker
from memos.records.base import COMPLETED, RUNNING, NewMessage, NewTask, Records
from memos.types.clock import IdSource, derived_id
from memos.types.language import count_tokens
from memos.types.message import DEFAULT_CONVERSATION
from memos.types.scope import Cube

MAX_TOKENS = 4000
_QUICK_S = 3.0
_SYNC_WAIT_S = 25.0


@dataclass(frozen=True, slots=True)
class FeedbackCommand:
    """A feedback as a client means it; `chat_time` ms UTC.

    `memory_ids` are the memories it is about, when the client knows; `request_id` makes a repeated
    call work once; `wait` waits for the work whatever it takes.
    """

    user_id: str | None
    content: str
    chat_time: int
    agent_id: str | None = None
    conversation_id: str | None = None
    app_id: str | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    allow_public: bool = False
    knowledgebase_ids: tuple[str, ...] = ()
    memory_ids: tuple[str, ...] = ()
    wait: bool = False
    request_id: str | None = None
    request_mark: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackOutcome:
    """The task behind a feedback, how far it is, and what it changed once it is done."""

    task_id: str
    status: str
    record: Record | None = None


class AddFeedback:
    """The use case behind `add/feedback`."""

    def __init__(
        self, records: Records, job: FeedbackJob, worker: Worker, *, meter: Meter, ids: IdSource
    ) -> None:
        self._records = records
        self._job = job
        self._worker = worker
        self._meter = meter
        self._ids = ids

    def __call__(self, caller: Caller, command: FeedbackCommand) -> FeedbackOutcome:
        """Store a feedback and apply it; by rules that is done when the call returns.

        Raises:
            TooManyTokensError: it is over 4000 tokens; nothing is stored.
            NotFoundError: a knowledge base is named that the project does not have (50123).
            QuotaExceededError: a budget of the project is used up, or the same was sent again and
                again; nothing is stored.
        """
        tokens = count_tokens(command.content)
        if tokens > MAX_TOKENS:
            raise TooManyTokensError(
                f"feedback_content holds about {tokens} tokens, more than {MAX_TOKENS}; "
                "keep what is to be corrected",
                field="feedback_content",
            )
        named_bases(self._records, caller, command.knowledgebase_ids, "allow_knowledgebase_ids")
        refuse_secrets([command.content], self._job.secrets)
        subject = caller.subject(command.user_id, command.agent_id).uid
        self._meter.loops.feedback(subject, command.content)
        with self._meter.measure(caller.project, "feedback", tokens):
            return self._store(caller, command)

    def revert(self, cube: Cube, task_id: str) -> Record:
        """Take back what a feedback changed, overlays and votes included; erased is erased.

        Returns:
            What came back and what is archived; the same when it is called again.

        Raises:
            NotFoundError: there is no such feedback, or it is not done.
        """
        return self._job.revert(cube, task_id)

    def _store(self, caller: Caller, command: FeedbackCommand) -> FeedbackOutcome:
        cube = caller.subject(command.user_id, command.agent_id)
        task_id = self._task_id(cube, command)
        known = self._records.task(caller.project, task_id) if command.request_id else None
        require_same(known, command.request_mark)
        if known is not None and known.status != RUNNING:
            return self._outcome(task_id, known.status)
        message = NewMessage(
            id=derived_id(task_id, "message"),
            role="user",
            text=command.content,
            chat_time=command.chat_time,
        )
        payload = FeedbackPayload(
            message_id=message.id,
            conversation_id=command.conversation_id or DEFAULT_CONVERSATION,
            memory_ids=command.memory_ids,
            agent_id=command.agent_id,
            app_id=command.app_id,
            info=own_info(command.info),
            allow_public=command.allow_public,
            knowledgebase_ids=command.knowledgebase_ids,
        )
        task = NewTask(task_id, FEEDBACK_TASK, marked(payload.to_json(), command.request_mark))
        with self._job.gate.shared(cube.uid):
            message = without_secrets(message, self._job.secrets)
            self._records.accept(cube, FEEDBACK_CONVERSATION, [message], task)
        if self._job.reads_memories and not command.wait:
            self._worker.wake()
            return FeedbackOutcome(task_id, RUNNING)
        wait_s = _SYNC_WAIT_S if command.wait else _QUICK_S
        status = self._worker.finish(caller.project, task_id, wait_s)
        return self._outcome(task_id, status)

    def _outcome(self, task_id: str, status: str) -> FeedbackOutcome:
        record = self._job.done(task_id) if status == COMPLETED else None
        return FeedbackOutcome(task_id, status, record)

    def _task_id(self, cube: Cube, command: FeedbackCommand) -> str:
        if command.request_id:
            return derived_id(cube.uid, "feedback request", command.request_id)
        return self._ids.new_id()
