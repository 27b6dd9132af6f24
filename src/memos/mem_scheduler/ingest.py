"""From stored messages to memories: rough at once, refined behind it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from memos.embedders.base import Embedder
from memos.errors import InvalidInputError, ModelUnavailableError
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.mem_reader.base import Reader, Window
from memos.mem_reader.fast import (
    render_window,
    segments,
    speaker_of,
    split_windows,
    spoken_text,
)
from memos.mem_scheduler.gate import SubjectGate
from memos.memories.textual.tree_text_memory.organize.organizer import (
    ROUGH_TAG,
    Organizer,
    Provenance,
)
from memos.records.base import MessageRecords, Task
from memos.types.clock import Clock, derived_id
from memos.types.history import Change, Reason
from memos.types.memory import ORIGIN as ORIGIN  # noqa: PLC0414 - imported from here as well
from memos.types.memory import Draft, Edge, EdgeKind, MemoryItem, MemoryKind, MemoryStatus, Source
from memos.types.message import ROLES, Message
from memos.types.scope import Cube, CubeKind, Scope, knowledge_cube

logger = logging.getLogger(__name__)

ADD_TASK = "add"
LONG_ADD_TASK = "add:files"
"""Kind of the task of an add with documents or pictures: one that may take minutes."""
UNEMBEDDED = "memos:unembedded"
"""Reserved info key of a rough memory whose segments have no vectors yet."""
_SEGMENTS_PER_MESSAGE = 1000
_CONTEXT_MESSAGES = 4
_WINDOW_TOKENS = 2000
_WINDOW_OVERLAP = 2


@dataclass(frozen=True, slots=True)
class AddPayload:
    """What a task of an add carries: ids and options, never message text.

    `attempt` is not stored: it says how often the task was taken up, this time included.
    """

    message_ids: tuple[str, ...]
    conversation_id: str
    agent_id: str | None = None
    app_id: str | None = None
    tags: tuple[str, ...] = ()
    info: Mapping[str, Any] = field(default_factory=dict)
    allow_public: bool = False
    knowledgebase_ids: tuple[str, ...] = ()
    attempt: int = 1

    def to_json(self) -> dict[str, Any]:
        """JSON form for the records store."""
        return {
            "message_ids": list(self.message_ids),
            "conversation_id": self.conversation_id,
            "agent_id": self.agent_id,
            "app_id": self.app_id,
            "tags": list(self.tags),
            "info": dict(self.info),
            "allow_public": self.allow_public,
            "knowledgebase_ids": list(self.knowledgebase_ids),
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> "AddPayload":
        """Read `to_json` back."""
        return cls(
            message_ids=tuple(payload["message_ids"]),
            conversation_id=payload["conversation_id"],
            agent_id=payload.get("agent_id"),
            app_id=payload.get("app_id"),
            tags=tuple(payload.get("tags") or ()),
            info=payload.get("info") or {},
            allow_public=bool(payload.get("allow_public")),
            knowledgebase_ids=tuple(payload.get("knowledgebase_ids") or ()),
        )


Write = Callable[[str], object]
"""Stores what a companion prepared, given the task id; repeating it changes nothing."""


class Companion(Protocol):
    """Makes something more of the messages of an add, in the same task."""

    def prepare(self, cube: Cube, payload: AddPayload, messages: Sequence[Message]) -> Write:
        """Read the messages, which may take long, and return what stores the findings.

        The storing runs while no erasure of the subject can, and only if the messages are still
        what was read.
        """
        ...


class IngestRecords(MessageRecords, Protocol):
    """What the work on an add reads."""

    def linked_projects(self, knowledgebase_id: str) -> list[str]:
        """Ids of the projects that may use a knowledge base."""
        ...


class Ingest:
    """Makes memories of stored messages, in two steps that may each be repeated safely."""

    def __init__(
        self,
        messages: IngestRecords,
        graph: GraphStore,
        organizer: Organizer,
        *,
        reader: Reader,
        clock: Clock,
        gate: SubjectGate,
    ) -> None:
        self.companions: tuple[Companion, ...] = ()
        self._messages = messages
        self.gate = gate
        self._graph = graph
        self._organizer = organizer
        self._embedder = organizer.embedder
        self._reader = reader
        self._clock = clock

    def index(
        self, cube: Cube, task_id: str, payload: AddPayload, messages: Sequence[Message]
    ) -> None:
        """Make messages searchable at once: their segments, and the rough memory over them.

        While the embedder cannot be reached they are found by words alone; `refine` embeds them.

        Raises:
            StoreUnavailableError: the graph cannot be written.
        """
        rough = self._rough(cube, task_id, payload, messages)
        try:
            self._put(cube, messages, rough, self._embedder)
        except (ModelUnavailableError, InvalidInputError) as error:
            # InvalidInputError: the embedder was switched between embedding and writing.
            logger.warning("indexed without vectors", extra={"task": task_id, "code": error.code})
            rough = replace(rough, info={**rough.info, UNEMBEDDED: True})
            self._put(cube, messages, rough, None)
        self._undo_if_erased(cube, rough, messages)

    def _undo_if_erased(self, cube: Cube, rough: MemoryItem, messages: Sequence[Message]) -> None:
        """Take back what was written for messages that another process erased meanwhile.

        It erases the messages before it looks at the graph for the last time, so either it has
        seen what was written here, or the messages are gone by now.
        """
        if self._messages.holds(cube, [m.id for m in messages]):
            return
        segments = [segment_id for m in messages for segment_id, _, _ in segment_spans(cube, m)]
        self._graph.delete(Scope.of(cube), [rough.id, *segments])

    def _put(
        self, cube: Cube, messages: Sequence[Message], rough: MemoryItem, embedder: Embedder | None
    ) -> None:
        evidence = segment_nodes(cube, messages, embedder, self._clock.now_ms())
        edges = [Edge(rough.id, EdgeKind.DERIVED_FROM, node.item.id) for node in evidence]
        self._graph.put(Scope.of(cube), [*evidence, NodeWrite(rough)], edges)

    def refine(self, task: Task) -> int:
        """Read the messages of an add and replace its rough memory by what was read.

        Returns:
            The number of memories written. Messages erased in the meantime yield nothing.
        """
        cube = Cube.parse(task.subject)
        payload = replace(AddPayload.from_json(task.payload), attempt=task.attempts)
        while True:
            messages = self._messages.messages(cube, payload.message_ids)
            drafts = self._read(cube, payload, messages) if messages else []
            relations = self._organizer.relate(cube, drafts)
            further = [c.prepare(cube, payload, messages) for c in self.companions if messages]
            with self.gate.shared(cube.uid):
                if self._messages.messages(cube, payload.message_ids) == messages:
                    shared = replace(provenance(task.id, payload), relations=relations)
                    written = self._write(cube, shared, payload, (messages, drafts))
                    for write in further:
                        write(task.id)
                    return written
            logger.info("messages changed while they were read", extra={"task": task.id})

    def _write(
        self,
        cube: Cube,
        shared: Provenance,
        payload: AddPayload,
        read: tuple[Sequence[Message], Sequence[Draft]],
    ) -> int:
        scope = Scope.of(cube)
        task_id = shared.task_id
        rough_id = derived_id(task_id, "rough")
        messages, drafts = read
        if not messages:
            self._graph.delete(scope, [rough_id])
            return 0
        rough = self._graph.get(scope, [rough_id])
        if not rough or UNEMBEDDED in rough[0].info:
            self.index(cube, task_id, payload, messages)
            rough = self._graph.get(scope, [rough_id])
        ids = self._organise(cube, drafts, messages, shared)
        if payload.allow_public:
            public = Cube(cube.project, CubeKind.PUBLIC)
            self._publish(cube, public, drafts, (messages, provenance(task_id, payload)))
        for base in payload.knowledgebase_ids:
            target = knowledge_cube(base)
            with self.gate.shared(target.uid):
                # Looked up again: it may have been erased or unlinked since.
                if cube.project in self._messages.linked_projects(base):
                    self._publish(cube, target, drafts, (messages, provenance(task_id, payload)))
        self._retire(scope, rough[0], ids)
        return len(ids)

    def _read(self, cube: Cube, payload: AddPayload, messages: Sequence[Message]) -> list[Draft]:
        context = tuple(
            self._messages.recent_messages(
                cube,
                payload.conversation_id,
                _CONTEXT_MESSAGES,
                before_sequence=messages[0].sequence,
            )
        )
        drafts: list[Draft] = []
        for overlap, fresh in split_windows(messages, _WINDOW_TOKENS, _WINDOW_OVERLAP):
            drafts.extend(self._reader.read(Window(fresh, overlap or context, payload.tags)))
        return drafts

    def _organise(
        self, cube: Cube, drafts: Sequence[Draft], messages: Sequence[Message], shared: Provenance
    ) -> list[str]:
        shared = replace(
            shared,
            segments={m.id: segment_spans(cube, m) for m in messages},
            ordinals={m.id: m.sequence * _SEGMENTS_PER_MESSAGE for m in messages},
        )
        return self._organizer.write(cube, drafts, shared)

    def _publish(
        self,
        cube: Cube,
        target: Cube,
        drafts: Sequence[Draft],
        told: tuple[Sequence[Message], Provenance],
    ) -> None:
        """Write the memories, with their evidence, into a cube that others may read as well."""
        if not drafts:
            return
        messages, shared = told
        evidence = [
            replace(node, item=replace(node.item, info={ORIGIN: cube.uid}))
            for node in segment_nodes(target, messages, self._embedder, self._clock.now_ms())
        ]
        self._graph.put(Scope.of(target), evidence)
        shared = replace(shared, info={**shared.info, ORIGIN: cube.uid})
        self._organise(target, drafts, messages, shared)

    def _rough(
        self, cube: Cube, task_id: str, payload: AddPayload, messages: Sequence[Message]
    ) -> MemoryItem:
        now = self._clock.now_ms()
        return MemoryItem(
            id=derived_id(task_id, "rough"),
            cube=cube,
            kind=MemoryKind.WORKING,
            value="",
            tags=(ROUGH_TAG,),
            event_from=messages[0].chat_time,
            created_at=now,
            updated_at=now,
            ordinal=messages[0].sequence * _SEGMENTS_PER_MESSAGE,
            sources=tuple(Source(m.id, m.role, chat_time=m.chat_time) for m in messages),
            conversation_id=payload.conversation_id,
            agent_id=payload.agent_id,
            app_id=payload.app_id,
            info=dict(payload.info),
        )

    def _retire(self, scope: Scope, rough: MemoryItem, ids: Sequence[str]) -> None:
        if rough.status is MemoryStatus.ARCHIVED:
            return
        retired = replace(rough, status=MemoryStatus.ARCHIVED, updated_at=self._clock.now_ms())
        edges = [Edge(memory_id, EdgeKind.MERGED_FROM, rough.id) for memory_id in ids]
        self._graph.put(scope, [NodeWrite(retired, change=Change(Reason.READ))], edges)


def provenance(task_id: str, payload: AddPayload) -> Provenance:
    """What all memories of one add share, before its messages are known."""
    return Provenance(
        task_id=task_id,
        conversation_id=payload.conversation_id,
        agent_id=payload.agent_id,
        app_id=payload.app_id,
        info=payload.info,
        tags=payload.tags,
    )


def segment_spans(cube: Cube, message: Message) -> list[tuple[str, int, int]]:
    """Segments of a message: (id, start, end) with offsets into the message text."""
    return [
        (derived_id(cube.uid, message.id, index), start, end)
        for index, (start, end) in enumerate(segments(message))
    ]


def segment_nodes(
    cube: Cube, messages: Sequence[Message], embedder: Embedder | None, now_ms: int
) -> list[NodeWrite]:
    """Evidence nodes of messages, embedded in one batch, or without vectors.

    A named speaker is part of what is embedded and not of the words (retrieval.md 2.1).
    """
    items, words, texts = [], [], []
    for message in messages:
        speaker = speaker_of(message)
        _, offset = spoken_text(message)
        for index, (segment_id, start, end) in enumerate(segment_spans(cube, message)):
            text = message.text[max(start, offset) : end].strip()
            items.append(
                MemoryItem(
                    id=segment_id,
                    cube=cube,
                    kind=MemoryKind.SEGMENT,
                    value="",
                    speaker=speaker,
                    event_from=message.chat_time,
                    created_at=now_ms,
                    updated_at=now_ms,
                    ordinal=message.sequence * _SEGMENTS_PER_MESSAGE + index,
                    is_question=text.endswith(("?", "？")),
                    conversation_id=message.conversation_id,
                    sources=(Source(message.id, message.role, start, end, message.chat_time),),
                )
            )
            words.append(text)
            texts.append(text if speaker in ROLES else f"{speaker}: {text}")
    vectors = embedder.embed(texts) if texts and embedder else [None] * len(texts)
    return [
        NodeWrite(item, word, vector)
        for item, word, vector in zip(items, words, vectors, strict=True)
    ]


def rough_value(messages: Sequence[Message]) -> tuple[str, str]:
    """Key and value of a rough memory, rendered from its messages: (first line, all lines)."""
    value = render_window(messages)
    return value.split("\n", 1)[0], value
