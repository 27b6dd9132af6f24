"""Applies feedback to memory. Runs as a durable task; every step may be repeated safely."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore
from memos.mem_feedback.feedback import CLOSED_BY, TASK_MARK, Feedback, FeedbackKind, Record
from memos.mem_feedback.locate import Locator, Rewrite
from memos.mem_feedback.payload import FEEDBACK_ACTION, FeedbackPayload, audit_mark
from memos.mem_feedback.substitute import replaced
from memos.mem_feedback.tombstones import Tombstones
from memos.mem_feedback.undo import TakeBack
from memos.mem_feedback.versions import Cause, Versions, confirmed, with_former_versions
from memos.mem_reader.base import Reader, Window
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.ingest import ORIGIN, segment_nodes, segment_spans
from memos.memories.textual.tree_text_memory.organize.organizer import Organizer, Provenance
from memos.memories.textual.tree_text_memory.organize.state import claims
from memos.records.base import AuditRow, Records, Task
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import (
    ALL_KINDS,
    Draft,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
    Source,
)
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind, Scope, knowledge_cube
from memos.types.secret import SecretPolicy, concealed

logger = logging.getLogger(__name__)

FEEDBACK_CONVERSATION = "memos:feedback".ljust(101, ":")
"""Conversation in which feedback is stored. Clients may name none of over 100 characters, so no
one lists it or writes into it."""
_MOST_FORGOTTEN = 200
"""Forgetting that would take more memories than this is taken for a misunderstanding."""
_CONTEXT_MESSAGES = 4
_EVERYTHING = 10**9
_STORE = (FeedbackKind.ADDITION, FeedbackKind.PREFERENCE, FeedbackKind.CORRECTION)


class Judge(Protocol):
    """Understands a feedback, given the memories it may be about."""

    def judge(self, text: str, memories: Sequence[MemoryItem]) -> Feedback:
        """What the feedback means; kind `NONE` when nothing is to be done."""
        ...

    @property
    def reads_memories(self) -> bool:
        """Whether it looks at the memories at all."""
        ...


class Erase(Protocol):
    """Deletes memories without a trace, as `delete/memory` does."""

    def __call__(self, cube: Cube, ids: Sequence[str]) -> object:
        """Erase memories of a cube; all of them exist."""
        ...


@dataclass(frozen=True, slots=True)
class _Case:
    """One feedback at work."""

    cube: Cube
    task_id: str
    payload: FeedbackPayload
    message: Message
    feedback: Feedback

    @property
    def cause(self) -> Cause:
        message, told = self.message, self.feedback
        source = Source(message.id, message.role, chat_time=message.chat_time)
        renames = told.kind is FeedbackKind.REPLACEMENT
        return Cause(
            self.task_id,
            source,
            told.kind,
            old=told.old if renames else "",
            new=told.new if renames else "",
        )


@dataclass(frozen=True, slots=True)
class FeedbackParts:
    """What the job works with.

    Args:
        records: messages and the audit trail.
        graph: the memories.
        embedder: makes vectors.
        reader: draws drafts from what a feedback adds.
        judge: understands feedback.
        erase: deletes what is to be forgotten; takes the gate itself.
        gate: as in `Ingest`.
        clock: record times.
        secrets: what is done with secrets.
    """

    records: Records
    graph: GraphStore
    embedder: Embedder
    reader: Reader
    judge: Judge
    erase: Erase
    gate: SubjectGate
    clock: Clock
    secrets: SecretPolicy = SecretPolicy.REDACT


class FeedbackJob:
    """What the worker does for a feedback."""

    def __init__(self, parts: FeedbackParts) -> None:
        self.gate = parts.gate
        self.secrets = parts.secrets
        self.tombstones = Tombstones(parts.graph, parts.clock)
        self._records = parts.records
        self._graph = parts.graph
        self._embedder = parts.embedder
        self._reader = parts.reader
        self._judge = parts.judge
        self._erase = parts.erase
        self._clock = parts.clock
        self._locator = Locator(parts.graph, parts.embedder)
        self._versions = Versions(parts.graph, parts.embedder, parts.clock)
        self._organizer = Organizer(parts.graph, parts.embedder, parts.clock)
        self._take_back = TakeBack(parts.records, self._versions, parts.gate)

    @property
    def reads_memories(self) -> bool:
        """Whether feedback is read by a model, which takes a while."""
        return self._judge.reads_memories

    def done(self, task_id: str) -> Record | None:
        """What a task changed, from the audit trail; None as long as it has not ended."""
        row = self._records.audited(audit_mark(task_id))
        return None if row is None else Record.from_json(row.details)

    def run(self, task: Task, *, told: Feedback | None = None) -> Record:
        """Understand a feedback and apply it.

        Args:
            task: the task of the feedback.
            told: what it means, when that is known already.

        Returns:
            What changed. Feedback that is gone (erased, or forgotten itself) changes nothing.
        """
        cube = Cube.parse(task.subject)
        payload = FeedbackPayload.from_json(task.payload)
        messages = self._records.messages(cube, [payload.message_id])
        if not messages:
            return Record(FeedbackKind.NONE)
        known = self._records.audited(audit_mark(task.id))
        if known is not None and known.details["kind"] != FeedbackKind.FORGETTING.value:
            return Record.from_json(known.details)  # only the end of the task was left to write
        message = concealed(messages[0], self.secrets)
        told = told or self._judge.judge(message.text, self._candidates(cube, payload, message))
        case = _Case(cube, task.id, payload, message, told)
        if told.kind is FeedbackKind.FORGETTING:
            record = self._forget(case)
        else:
            record = self._change(case)
            self._audit(case, record)
        if told.kind is FeedbackKind.FORGETTING:
            # Last: it names what is to be forgotten, and a repeated task still has to read it.
            self._records.redact(cube, [(payload.message_id, None, None)])
        logger.info(
            "feedback applied",
            extra={"task": task.id, "kind": told.kind.value, "changes": record.changes},
        )
        return record

    def revert(self, cube: Cube, task_id: str) -> Record:
        """Take back what a feedback of a subject changed, wherever that was.

        Raises:
            NotFoundError: there is no such feedback, or it is not done.
        """
        with self.gate.shared(cube.uid):
            return self._take_back.one(cube, task_id)

    def _candidates(
        self, cube: Cube, payload: FeedbackPayload, message: Message
    ) -> list[MemoryItem]:
        if not self._judge.reads_memories:
            return []
        named = self._locator.named(cube, payload.memory_ids)
        return named or self._locator.near(cube, message.text)

    def _change(self, case: _Case) -> Record:
        cube, told = case.cube, case.feedback
        with self.gate.shared(cube.uid):
            if not self._records.messages(cube, [case.message.id]):
                return Record(FeedbackKind.NONE)
            self._overlay(case)
            if told.kind is FeedbackKind.VOTE:
                items = self._locator.named(cube, case.payload.memory_ids)
                self._versions.vote(cube, items, told.vote, case.cause)
                return self._with_shared(case, Record(told.kind, voted=_ids(items)))
            if told.kind is FeedbackKind.UNDO:
                return self._take_back.last(cube, case.task_id)
            if told.kind is FeedbackKind.REPLACEMENT:
                self._replace(case)
            elif told.kind in _STORE:
                self._correct(case)
            record = self._versions.record(cube, case.task_id, told.kind)
            return self._with_shared(case, record)

    def _with_shared(self, case: _Case, record: Record) -> Record:
        """The record with what changed in the public memory and in knowledge bases."""
        shared = []
        for cube in case.payload.shared_cubes(case.cube, record.kind):
            shared += self._versions.touched(cube, case.task_id, case.payload.memory_ids)
        return replace(record, shared=tuple(sorted(shared)))

    def _replace(self, case: _Case) -> None:
        told = case.feedback
        rewrites = [
            Rewrite(item, replaced(item.value, told.old, told.new))
            for item in self._locator.holding(case.cube, told.old)
            if item.info.get(TASK_MARK) != case.task_id
        ]
        self._rewrite(case, rewrites)

    def _correct(self, case: _Case) -> None:
        cube, told = case.cube, case.feedback
        targets = self._locator.named(cube, told.targets or case.payload.memory_ids)
        mine = self._versions.closed(cube, case.task_id)
        outdated: list[MemoryItem] = []
        if told.kind is FeedbackKind.CORRECTION:
            targets = [i for i in targets if i.info.get(TASK_MARK) != case.task_id]
            rewrites = [
                r
                for r in self._locator.rewrites(cube, told, targets, case.payload.conversation_id)
                if r.item.info.get(TASK_MARK) != case.task_id
            ]
            if rewrites:
                self._rewrite(case, rewrites)
            if rewrites or (mine and told.old):
                return
            outdated = self._locator.conflicting(cube, told, targets)
            outdated = [i for i in outdated if i.info.get(TASK_MARK) != case.task_id]
        self._add(case, [*outdated, *mine])

    def _rewrite(self, case: _Case, rewrites: Sequence[Rewrite]) -> None:
        """Public copies first: they are found by the hashes of memories not yet rewritten."""
        public = Cube(case.cube.project, CubeKind.PUBLIC)
        values = {r.item.content_hash: r.value for r in rewrites if r.item.content_hash}
        if values and case.cube != public:
            where = all_of(
                Condition(None, Operator.EQ, case.cube.uid, info_key=ORIGIN),
                Condition(Field.CONTENT_HASH, Operator.IN, tuple(values)),
                Condition(Field.STATUS, Operator.EQ, MemoryStatus.ACTIVATED.value),
            )
            found = self._graph.find(Scope.of(public), ALL_KINDS, where, limit=_EVERYTHING).items
            copies = [Rewrite(item, values[item.content_hash]) for item in found]
            self._versions.rewrite(public, copies, case.cause)
        self._versions.rewrite(case.cube, rewrites, case.cause)

    def _add(self, case: _Case, outdated: Sequence[MemoryItem]) -> None:
        """Store what a feedback says, in place of memories that were never true."""
        cube, cause = case.cube, case.cause
        drafts = self._drafts(case)
        if not drafts:
            return
        self.tombstones.lift(cube, drafts)
        fresh = [item for item in outdated if item.info.get(CLOSED_BY) != case.task_id]
        self._versions.close(cube, fresh, cause)
        if outdated:
            began = min(i.event_from or i.created_at for i in outdated)
            drafts = [replace(draft, event_from=began) for draft in drafts]
        ids = self._store(case, cube, drafts)
        self._versions.link(cube, ids, case.task_id)
        if case.payload.allow_public:
            self._store(case, Cube(cube.project, CubeKind.PUBLIC), drafts)

    def _overlay(self, case: _Case) -> None:
        """Apply it to what was told to knowledge bases; their documents stay as they are."""
        for base in case.payload.knowledgebase_ids:
            target = knowledge_cube(base)
            with self.gate.shared(target.uid):
                # Looked up again: it may have been erased or unlinked since.
                if case.cube.project in self._records.linked_projects(base):
                    self._lay_over(case, target)

    def _lay_over(self, case: _Case, target: Cube) -> None:
        told, task_id = case.feedback, case.task_id
        if told.kind is FeedbackKind.VOTE:
            items = self._locator.named(target, case.payload.memory_ids)
            self._versions.vote(target, items, told.vote, case.cause)
        elif told.kind is FeedbackKind.REPLACEMENT:
            holding = self._locator.holding(target, told.old)
            rewrites = [Rewrite(i, replaced(i.value, told.old, told.new)) for i in holding]
            self._versions.rewrite(target, _told_rewrites(rewrites, task_id), case.cause)
        elif told.kind in _STORE:
            drafts = self._drafts(case)
            if not drafts:
                return
            outdated: list[MemoryItem] = []
            if told.kind is FeedbackKind.CORRECTION:
                talk = case.payload.conversation_id
                rewrites = list(self._locator.rewrites(target, told, [], talk))
                others = self._locator.conflicting(target, told, [])
                rewrites += [Rewrite(item, item.value) for item in others]
                outdated = [rewrite.item for rewrite in _told_rewrites(rewrites, task_id)]
            self._versions.close(target, outdated, case.cause)
            ids = self._store(case, target, drafts)
            self._versions.link(target, ids, task_id)

    def _store(self, case: _Case, cube: Cube, drafts: Sequence[Draft]) -> list[str]:
        message, payload = case.message, case.payload
        corrects = case.feedback.kind is FeedbackKind.CORRECTION
        info: dict[str, Any] = {**payload.info, TASK_MARK: case.task_id}
        if corrects or cube.kind is CubeKind.KNOWLEDGEBASE:
            info = confirmed(info, case.cause)
        if cube != case.cube:
            info[ORIGIN] = case.cube.uid
        evidence = segment_nodes(cube, [message], self._embedder, self._clock.now_ms())
        origin = {ORIGIN: case.cube.uid} if cube != case.cube else {}
        self._graph.put(
            Scope.of(cube),
            [  # A conversation of its own: one feedback lends no words to another.
                replace(n, item=replace(n.item, conversation_id=message.id, info=origin))
                for n in evidence
            ],
        )
        provenance = Provenance(
            task_id=case.task_id,
            conversation_id=payload.conversation_id,
            agent_id=payload.agent_id,
            app_id=payload.app_id,
            info=info,
            segments={message.id: segment_spans(cube, message)},
        )
        return self._organizer.write(cube, drafts, provenance)

    def _drafts(self, case: _Case) -> list[Draft]:
        told, message = case.feedback, case.message
        text = told.statement
        if told.old and not claims(text):
            # Nothing with the old value was found; then both are worth telling, if it stands alone.
            text = message.text if text else ""
        if not text:
            return []
        context = self._records.recent_messages(
            case.cube, case.payload.conversation_id, _CONTEXT_MESSAGES
        )
        window = Window((replace(message, text=text),), tuple(context))
        source = case.cause.source
        return [
            replace(draft, sources=(source,), confidence=1.0) for draft in self._reader.read(window)
        ]

    def _forget(self, case: _Case) -> Record:
        """Erase what is to be forgotten; which memories these are is written down before."""
        cube = case.cube
        known = self._records.audited(audit_mark(case.task_id))
        record = self._bury(case) if known is None else Record.from_json(known.details)
        self._audit(case, record)
        left = self._graph.get(Scope.of(cube), record.delete)
        if left:
            self._erase(cube, [item.id for item in left])
        return record

    def _bury(self, case: _Case) -> Record:
        """Leave tombstones; the memories that are to go."""
        cube, told = case.cube, case.feedback
        ids = told.targets or case.payload.memory_ids
        targets = self._locator.named(cube, ids)
        items, slots = self._locator.forgettable(cube, told.statement, targets)
        if told.targets:
            items = [*items, *self._locator.without_part_in(cube, targets, items)]
        chosen = {item.id: item for item in items}
        whole = with_former_versions(self._graph, cube, list(chosen.values()))
        chosen = {item.id: item for item in whole}
        if len(chosen) > _MOST_FORGOTTEN:
            logger.warning("forgetting refused", extra={"memories": len(chosen)})
            return Record(told.kind)
        with self.gate.shared(cube.uid):
            values = [item.value for item in chosen.values()]
            stated = [told.statement] if claims(told.statement) else []
            self.tombstones.bury(cube, [*values, *stated], slots)
        return Record(told.kind, delete=tuple(chosen))

    def _audit(self, case: _Case, record: Record) -> None:
        self._records.audit(
            AuditRow(
                at=self._clock.now_ms(),
                project_id=case.cube.project,
                actor="worker",
                action=FEEDBACK_ACTION,
                subject=case.cube.kind.value,
                details={"task": case.task_id, **record.to_json()},
                mark=audit_mark(case.task_id),
            )
        )


def _ids(items: Sequence[MemoryItem]) -> tuple[str, ...]:
    return tuple(item.id for item in items)


def _told_rewrites(rewrites: Sequence[Rewrite], task_id: str) -> list[Rewrite]:
    """Those of what people told, each once; a document's words are its own, and our own stay."""
    return list(
        {
            r.item.id: r
            for r in rewrites
            if r.item.kind is not MemoryKind.DOCUMENT and r.item.info.get(TASK_MARK) != task_id
        }.values()
    )
