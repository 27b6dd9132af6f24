"""Add messages: durable first, searchable when the call returns, refined behind it."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from memos.errors import InvalidInputError, StoreUnavailableError, TooManyTokensError
from memos.handlers.caller import Caller
from memos.handlers.message_files import MessageFiles, has_attachments
from memos.handlers.meter import Meter
from memos.handlers.reach import named_bases
from memos.handlers.repeat import marked, require_same
from memos.mem_reader.tools.blob import plain
from memos.mem_scheduler.conceal import refuse_secrets, without_secrets
from memos.mem_scheduler.ingest import ADD_TASK, LONG_ADD_TASK, AddPayload, Ingest
from memos.mem_scheduler.worker import Worker
from memos.records.base import RUNNING, NewMessage, NewTask, Records
from memos.types.clock import IdSource, derived_id
from memos.types.language import count_tokens
from memos.types.lifecycle import EXPIRES
from memos.types.message import DEFAULT_CONVERSATION, Message
from memos.types.scope import Cube
from memos.types.secret import SecretPolicy, concealed

logger = logging.getLogger(__name__)

RESERVED_INFO_PREFIX = "memos:"
_SYNC_WAIT_S = 25.0


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message of a request, times already read (ms UTC)."""

    role: str
    text: str
    chat_time: int
    name: str | None = None
    parts: tuple[dict[str, Any], ...] = ()
    tool_calls: tuple[dict[str, Any], ...] = ()
    tool_call_id: str | None = None


@dataclass(frozen=True, slots=True)
class AddCommand:
    """An add as a client means it. `request_id` makes a repeated call store once.

    `request_mark` tells calls with the same `request_id` that ask for different things.
    `expires_at` (ms UTC) is when its memories stop to hold.
    """

    user_id: str | None
    messages: Sequence[IncomingMessage]
    agent_id: str | None = None
    conversation_id: str | None = None
    app_id: str | None = None
    tags: tuple[str, ...] = ()
    info: Mapping[str, Any] = field(default_factory=dict)
    allow_public: bool = False
    knowledgebase_ids: tuple[str, ...] = ()
    wait: bool = False
    request_id: str | None = None
    request_mark: str | None = None
    expires_at: int | None = None

    @property
    def marked_info(self) -> dict[str, Any]:
        """The caller's metadata, with the mark of when the memories end.

        Raises:
            InvalidInputError: a key takes the reserved prefix.
        """
        ends = {} if self.expires_at is None else {EXPIRES: self.expires_at}
        return {**own_info(self.info), **ends}


@dataclass(frozen=True, slots=True)
class AddOutcome:
    """The task behind an add, and how far it is (`running`, `completed`, `failed`)."""

    task_id: str
    status: str


@dataclass(frozen=True, slots=True)
class AddLimits:
    """Limits of one add: tokens of all its messages together, and what is done with secrets."""

    max_tokens: int = 40_000
    secrets: SecretPolicy = SecretPolicy.REDACT


class AddMessages:
    """The use case behind `add/message`. `files` takes what messages carry besides text."""

    def __init__(
        self,
        records: Records,
        ingest: Ingest,
        worker: Worker,
        *,
        meter: Meter,
        ids: IdSource,
        limits: AddLimits,
    ) -> None:
        self._records = records
        self._ingest = ingest
        self._worker = worker
        self._meter = meter
        self._ids = ids
        self._limits = limits
        self.files: MessageFiles | None = None

    def __call__(self, caller: Caller, command: AddCommand) -> AddOutcome:
        """Store messages and make them searchable.

        Raises:
            TooManyTokensError: the messages are over the limit together; nothing is stored.
            InvalidInputError: a message holds a secret, and the policy refuses it.
            NotFoundError: a knowledge base is named that the project does not have (50123).
            QuotaExceededError: a budget of the project is used up, or the same was added again and
                again; nothing is stored.
        """
        tokens = self.check(caller, command)
        subject = caller.subject(command.user_id, command.agent_id).uid
        texts = [f"{message.role}\x1e{message.text}" for message in command.messages]
        self._meter.loops.add(subject, command.conversation_id, texts)
        with self._meter.measure(caller.project, "add", tokens):
            return self.store(caller, command)

    def check(self, caller: Caller, command: AddCommand) -> int:
        """Tokens of the messages. Raises as a call does before it stores."""
        own_info(command.info)
        said = map(_plain, command.messages)
        tokens = sum(count_tokens(text) for message in said for text in _texts_of(message))
        if tokens > self._limits.max_tokens:
            raise TooManyTokensError(
                f"messages hold about {tokens} tokens, more than the {self._limits.max_tokens} "
                "of one request; split them over several requests",
                field="messages",
            )
        named_bases(self._records, caller, command.knowledgebase_ids, "allow_knowledgebase_ids")
        refuse_secrets([message.text for message in command.messages], self._limits.secrets)
        return tokens

    def store(self, caller: Caller, command: AddCommand) -> AddOutcome:
        """As a call, unchecked and not counted: for use cases that are counted themselves."""
        cube = caller.subject(command.user_id, command.agent_id)
        conversation = command.conversation_id or DEFAULT_CONVERSATION
        task_id = self._task_id(cube, command)
        known = self._records.task(caller.project, task_id) if command.request_id else None
        require_same(known, command.request_mark)
        if known is not None and known.status != RUNNING:
            return AddOutcome(task_id, known.status)
        messages = [
            NewMessage(
                id=derived_id(task_id, "message", index),
                role=m.role,
                text=m.text,
                chat_time=m.chat_time,
                name=m.name,
                parts=m.parts,
                tool_calls=m.tool_calls,
                tool_call_id=m.tool_call_id,
            )
            for index, m in enumerate(map(_plain, command.messages))
        ]
        payload = AddPayload(
            message_ids=tuple(m.id for m in messages),
            conversation_id=conversation,
            agent_id=command.agent_id,
            app_id=command.app_id,
            tags=command.tags,
            info=command.marked_info,
            allow_public=command.allow_public,
            knowledgebase_ids=command.knowledgebase_ids,
        )
        kind = LONG_ADD_TASK if any(has_attachments(m) for m in messages) else ADD_TASK
        task = NewTask(task_id, kind, marked(payload.to_json(), command.request_mark))
        with self._payloads_kept(messages) as kept, self._ingest.gate.shared(cube.uid):
            messages = [without_secrets(m, self._limits.secrets) for m in kept]
            stored = self._records.accept(cube, conversation, messages, task)
            if not command.wait:
                readable = [concealed(m, self._limits.secrets) for m in stored]
                self._index(cube, task_id, payload, readable)
        if command.wait:
            return AddOutcome(task_id, self._worker.finish(caller.project, task_id, _SYNC_WAIT_S))
        self._worker.wake()
        return AddOutcome(task_id, RUNNING)

    def _index(
        self, cube: Cube, task_id: str, payload: AddPayload, messages: Sequence[Message]
    ) -> None:
        """Make messages searchable, or leave it to the task: an error would have them sent again."""
        try:
            self._ingest.index(cube, task_id, payload, messages)
        except StoreUnavailableError as error:
            logger.warning(
                "messages are searchable later", extra={"task": task_id, "reason": error.message}
            )

    def _payloads_kept(
        self, messages: Sequence[NewMessage]
    ) -> AbstractContextManager[list[NewMessage]]:
        """The messages without what they carry, kept apart as long as somebody names it."""
        return nullcontext(list(messages)) if self.files is None else self.files.kept(messages)

    def _task_id(self, cube: Cube, command: AddCommand) -> str:
        if command.request_id:
            return derived_id(cube.uid, "request", command.request_id)
        return self._ids.new_id()


_CALL_PARTS = frozenset({"tool_result", "tool_use"})
_RESULT_PARTS = _CALL_PARTS | {"text"}


def _plain(message: IncomingMessage) -> IncomingMessage:
    """A message whose tool calls and results carry notes in place of encoded files."""
    calls = tuple(plain(call) for call in message.tool_calls)
    if message.role != "tool" and not any(p.get("type") == "tool_result" for p in message.parts):
        return replace(message, tool_calls=calls)
    parts = tuple(plain(p) if p.get("type") in _RESULT_PARTS else p for p in message.parts)
    return replace(message, text=plain(message.text), parts=parts, tool_calls=calls)


def _texts_of(message: IncomingMessage) -> Iterator[str]:
    """What is said, and the names, calls and results beside it."""
    yield message.text
    yield message.name or ""
    yield message.tool_call_id or ""
    yield from _strings(message.tool_calls)
    yield from _strings([p for p in message.parts if p.get("type") in _CALL_PARTS])


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _strings([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _strings(entry)


def own_info(info: Mapping[str, Any]) -> dict[str, Any]:
    """The caller's metadata.

    Raises:
        InvalidInputError: a key takes the prefix that is reserved for the store's own marks.
    """
    if any(key.startswith(RESERVED_INFO_PREFIX) for key in info):
        raise InvalidInputError(
            f"keys of info must not start with {RESERVED_INFO_PREFIX!r}", field="info"
        )
    return dict(info)
