"""Makes memories of the parts of messages that are not text, in the task of their add."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from memos.embedders.base import Embedder
from memos.errors import DocumentTooLargeError
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.mem_reader.fast import speaker_of
from memos.mem_reader.read_multi_modal.finding import Finding, PartReport, PartStatus, Statement
from memos.mem_reader.read_multi_modal.part import read_part
from memos.mem_reader.read_multi_modal.reader import PartReader, Said
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.ingest import AddPayload, Write
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.tags import fitting_tags
from memos.records.base import Records
from memos.records.files import FileStore
from memos.types.clock import Clock, derived_id
from memos.types.memory import COPY_TAG, ORIGIN, MemoryItem, MemoryKind, Source
from memos.types.message import Message, is_attachment, part_id
from memos.types.scope import Cube, CubeKind, Scope, knowledge_cube
from memos.types.secret import SecretPolicy, masked

logger = logging.getLogger(__name__)

PART_MARK = "memos:part"
"""Reserved info key of a memory of a part: the part's id."""
FILE_NAME = "file_name"
_OWNER = "message:"
_MOST_FILES = 20
_BATCH = 64
_TRIES = 3
_PART_ORDINALS = 1000
_TOO_MANY = f"there are more than {_MOST_FILES} files and pictures in one request"


@dataclass(frozen=True, slots=True)
class AttachmentStores:
    """What parts are read from and written to."""

    records: Records
    files: FileStore
    graph: GraphStore
    embedder: Embedder
    gate: SubjectGate
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Place:
    """A part and where it stands: numbers of message and part, from 0."""

    message: Message
    number: int
    part: int

    @property
    def id(self) -> str:
        return part_id(self.message.id, self.part)


class Attachments:
    """The companion of an add that reads its documents and pictures.

    Args:
        stores: see `AttachmentStores`.
        reader: reads parts.
        secrets: what is done with secrets in what is read.
    """

    def __init__(self, stores: AttachmentStores, reader: PartReader, secrets: SecretPolicy) -> None:
        self._stores = stores
        self._reader = reader
        self._secrets = secrets

    def prepare(self, cube: Cube, payload: AddPayload, messages: Sequence[Message]) -> Write:
        """Read every part; what is returned stores their memories and the report."""
        # As stored: what is read elsewhere has its secrets masked, also in addresses.
        messages = self._stores.records.messages(cube, [m.id for m in messages])
        places = list(_places(messages))
        if not places:
            return _nothing
        if len(places) > _MOST_FILES:
            refused = Finding(PartStatus.FAILED, _TOO_MANY, too_large=True)
            findings = [refused] * len(places)
        else:
            findings = [self._read(cube, payload, place) for place in places]
        found = list(zip(places, findings, strict=True))
        nodes = self._nodes(cube, payload, found)

        def store(task_id: str) -> None:
            self._publish(cube, payload, nodes)
            self._store(cube, task_id, nodes, found)

        return store

    def _read(self, cube: Cube, payload: AddPayload, place: _Place) -> Finding:
        message = place.message
        part = read_part(message.parts[place.part])
        content = _MessageContent(self._stores, cube, message.id)
        said = Said(message.text, speaker_of(message))
        finding = self._reader.read(part, said, content, last_try=payload.attempt >= _TRIES)
        logger.info(
            "part of a message read",
            extra={
                "message_id": message.id,
                "kind": part.kind.value,
                "status": finding.status.value,
                "reason": finding.reason,
            },
        )
        return finding

    def _nodes(
        self, cube: Cube, payload: AddPayload, found: Sequence[tuple[_Place, Finding]]
    ) -> list[NodeWrite]:
        made = [
            self._node(cube, payload, place, (number, statement))
            for place, finding in found
            for number, statement in enumerate(finding.statements)
        ]
        return [
            node
            for start in range(0, len(made), _BATCH)
            for node in self._embedded(made[start : start + _BATCH], payload.tags)
        ]

    def _embedded(self, nodes: Sequence[NodeWrite], tags: Sequence[str]) -> list[NodeWrite]:
        """The nodes with their vectors, and with those of the caller's tags that fit."""
        embedder = self._stores.embedder
        words = [node.words or "" for node in nodes]
        vectors = embedder.embed(words)
        fitting: list[tuple[str, ...]] = [()] * len(nodes)
        if tags:
            cosines = vectors @ embedder.embed(list(tags)).T
            mean = embedder.profile.mean_cosine
            fitting = [
                fitting_tags(tags, text, row, mean)
                for text, row in zip(words, cosines, strict=True)
            ]
        return [
            NodeWrite(
                replace(node.item, tags=tuple(dict.fromkeys((*own, *node.item.tags)))),
                node.words,
                vector,
            )
            for node, vector, own in zip(nodes, vectors, fitting, strict=True)
        ]

    def _node(
        self, cube: Cube, payload: AddPayload, place: _Place, numbered: tuple[int, Statement]
    ) -> NodeWrite:
        number, statement = numbered
        message, now = place.message, self._stores.clock.now_ms()
        value, words = self._plain(statement.value), self._plain(statement.words)
        name = read_part(message.parts[place.part]).name
        source = Source(
            message.id,
            message.role,
            statement.start,
            statement.end,
            message.chat_time,
            file_id=place.id,
            page=statement.page,
        )
        item = MemoryItem(
            id=derived_id(place.id, number),
            cube=cube,
            kind=statement.kind,
            value=value,
            key=self._plain(statement.key),
            speaker="" if statement.kind is MemoryKind.DOCUMENT else speaker_of(message),
            tags=statement.tags,
            event_from=message.chat_time,
            created_at=now,
            updated_at=now,
            ordinal=message.sequence * _PART_ORDINALS + number,
            content_hash=content_hash(value),
            sources=(source,),
            conversation_id=payload.conversation_id,
            agent_id=payload.agent_id,
            app_id=payload.app_id,
            info={**payload.info, PART_MARK: place.id, **({FILE_NAME: name} if name else {})},
        )
        return NodeWrite(item, words)

    def _plain(self, text: str) -> str:
        return text if self._secrets is SecretPolicy.KEEP else masked(text)

    def _publish(self, cube: Cube, payload: AddPayload, nodes: Sequence[NodeWrite]) -> None:
        """Write the memories where the add lets others read them."""
        if payload.allow_public:
            self._copy(Cube(cube.project, CubeKind.PUBLIC), cube, nodes)
        for base in payload.knowledgebase_ids:
            target = knowledge_cube(base)
            with self._stores.gate.shared(target.uid):
                # Looked up again: it may have been erased or unlinked since.
                if cube.project in self._stores.records.linked_projects(base):
                    self._copy(target, cube, nodes)

    def _copy(self, target: Cube, cube: Cube, nodes: Sequence[NodeWrite]) -> None:
        copies = [replace(node, item=_copy_of(node.item, target, cube)) for node in nodes]
        for start in range(0, len(copies), _BATCH):
            self._stores.graph.put(Scope.of(target), copies[start : start + _BATCH])

    def _store(
        self,
        cube: Cube,
        task_id: str,
        nodes: Sequence[NodeWrite],
        found: Sequence[tuple[_Place, Finding]],
    ) -> None:
        """Write the memories and the report.

        Raises:
            DocumentTooLargeError: a part is over a documented limit: the task fails, with all
                that could be read in place.
        """
        for start in range(0, len(nodes), _BATCH):
            self._stores.graph.put(Scope.of(cube), nodes[start : start + _BATCH])
        lines = [_line(place, finding).to_json() for place, finding in found]
        self._stores.records.note_report(task_id, lines)
        over = next((finding for _, finding in found if finding.too_large), None)
        if over is not None:
            raise DocumentTooLargeError(over.reason)


class _MessageContent:
    """Content that belongs to one message."""

    def __init__(self, stores: AttachmentStores, cube: Cube, message_id: str) -> None:
        self._stores = stores
        self._cube = cube
        self._message_id = message_id

    def keep(self, data: bytes) -> str | None:
        """Store bytes as the message's; None when it was erased meanwhile."""
        stores = self._stores
        with stores.files.hold():
            digest = stores.files.put(data)
            with stores.gate.shared(self._cube.uid):
                if not stores.records.messages(self._cube, [self._message_id]):
                    return None
                stores.records.refer(_OWNER + self._message_id, [digest])
        return digest

    def path(self, digest: str) -> Path:
        """Where the bytes lie."""
        return self._stores.files.path(digest)


def _copy_of(item: MemoryItem, target: Cube, origin: Cube) -> MemoryItem:
    tags = (*item.tags, COPY_TAG) if item.kind is MemoryKind.DOCUMENT else item.tags
    return replace(
        item,
        id=derived_id(target.uid, item.id),
        cube=target,
        tags=tags,
        info={**item.info, ORIGIN: origin.uid},
    )


def _places(messages: Sequence[Message]) -> Iterator[_Place]:
    for number, message in enumerate(messages):
        for place, part in enumerate(message.parts):
            if is_attachment(part):
                yield _Place(message, number, place)


def _line(place: _Place, finding: Finding) -> PartReport:
    return PartReport(
        message=place.number,
        part=place.part,
        type=str(place.message.parts[place.part]["type"]),
        status=finding.status.value,
        reason=finding.reason,
        memories=len(finding.statements),
        pages=finding.pages,
    )


def _nothing(_: str) -> None:
    """There are no parts to be stored."""
