"""Delete memories so that no byte of them is left: in the graph, in the messages, in public copies."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from memos.embedders.base import Embedder
from memos.errors import ConflictError, MissingFieldError, NotAllowedError, NotFoundError
from memos.graph_dbs.base import Census, GraphStore, NodeWrite
from memos.handlers.caller import Caller
from memos.handlers.erasures import Begun, Erasures, Plan
from memos.handlers.reach import Reach
from memos.handlers.receipt import Receipt
from memos.mem_feedback.versions import with_former_versions
from memos.mem_scheduler.alone import Exclusive
from memos.mem_scheduler.document import FILE_MARK
from memos.mem_scheduler.ingest import ORIGIN
from memos.memories.textual.tree_text_memory.organize.combine import (
    PART,
    freed,
    is_combined,
    parts_of,
    wholes_of,
)
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.memories.textual.tree_text_memory.organize.timeline import Timeline
from memos.records.base import Records
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.history import Reason
from memos.types.memory import (
    ALL_KINDS,
    COPY_TAG,
    FACT_KINDS,
    EdgeKind,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
    Source,
)
from memos.types.scope import Cube, CubeKind, Scope, knowledge_cube
from memos.types.secret import masked

ERASED = "\u2588"
_EVERYTHING = 10**9
_SOME_SEGMENTS = 32
_SHARED = (CubeKind.PUBLIC, CubeKind.KNOWLEDGEBASE)
"""What is read by others than its authors."""
_TOLD = ALL_KINDS - {MemoryKind.DOCUMENT}
"""What people tell, and no file does."""
_OF_FILES = frozenset({MemoryKind.DOCUMENT})


class Dependent(Protocol):
    """Memories that quote messages other than by their own spans."""

    def forget(self, cube: Cube, message_ids: frozenset[str]) -> list[str]:
        """Take out what rests on erased messages; ids of those with nothing left, to be deleted."""
        ...


class EraseMemories:
    """The use case behind `delete/memory`.

    `sweep` removes what nobody needs any more from the file store and says how much that was. It waits for those who are
    storing files, who may wait for the gate: it is called with the gate open.
    """

    def __init__(
        self,
        graph: GraphStore,
        records: Records,
        embedder: Embedder,
        *,
        gate: Exclusive,
        clock: Clock,
    ) -> None:
        self.dependents: tuple[Dependent, ...] = ()
        self.sweep: Callable[[], int] = lambda: 0
        self._reach = Reach(records, graph)
        self._graph = graph
        self._records = records
        self._embedder = embedder
        self._gate = gate
        self._clock = clock
        self._timeline = Timeline(graph, clock)
        self._pending = Erasures(records, clock)

    def by_ids(self, caller: Caller, memory_ids: Sequence[str]) -> Receipt:
        """Erase memories with the words of the messages they rest on. All or none.

        Raises:
            MissingFieldError: no ids.
            NotFoundError: an id is not a memory of this project (40307); nothing is erased.
            ConflictError: one is frozen; nothing is erased.
        """
        if not memory_ids:
            raise MissingFieldError("memory_ids must hold at least one id", field="memory_ids")
        ids = list(dict.fromkeys(memory_ids))
        cubes = self._reach.locate(caller, ids)
        by_cube: dict[Cube, list[str]] = {}
        for memory_id in ids:
            if memory_id in cubes:
                by_cube.setdefault(cubes[memory_id], []).append(memory_id)
        items = [i for cube, group in by_cube.items() for i in self._memories(cube, group)]
        if len(items) < len(ids):
            raise NotFoundError(
                "memory_ids names a memory that does not exist; take ids from search/memory or "
                "get/memory",
                code=40307,
                field="memory_ids",
            )
        wholes = [i for c, group in by_cube.items() for i in wholes_of(self._graph, c, group)]
        if any(item.status is MemoryStatus.FROZEN for item in (*items, *wholes)):
            raise ConflictError(
                "a memory is frozen; release it with update/memory (status activated) before "
                "deleting it",
                field="memory_ids",
            )
        if any(item.info.get(FILE_MARK) for item in items):
            raise NotAllowedError(
                "memory_ids names a memory of a file; delete the file with "
                "delete/knowledgebase-file",
                code=40306,
                field="memory_ids",
            )
        kinds = ",".join(cube.kind.value for cube in by_cube)
        plan = Plan("delete_memories", kinds, caller.key, memories=by_cube)
        return self._run(caller.project, plan)

    def of_subject(self, caller: Caller, cube: Cube) -> Receipt:
        """Erase everything of a user or agent.

        Raises:
            NotFoundError: nothing was ever added for it (40308).
        """
        known = self._records.subject_exists(cube)
        if not known and cube not in self._graph.cubes(caller.project):  # it has a profile only
            raise NotFoundError(
                "this user has no memories in the project of the API key",
                code=40308,
                field="user_id",
            )
        return self._run(
            caller.project, Plan("delete_subject", cube.kind.value, caller.key, whole=cube)
        )

    def resume(self, before: int) -> int:
        """Finish what processes that died had begun before a time (ms UTC); how many it were.

        Raises:
            StoreUnavailableError: another process works on these memories; try again.
        """
        found = self._pending.begun(before)
        for begun in found:
            begun.finish(self._carry_out(begun))
        return len(found)

    def _run(self, project: str, plan: Plan) -> Receipt:
        """Erase so that it is finished whatever dies in between."""
        begun = self._pending.begin(project, plan)
        receipt = self._carry_out(begun)
        begun.finish(receipt)
        return receipt

    def _carry_out(self, begun: Begun) -> Receipt:
        """Erase what a plan names, or what is left of it."""
        receipt = Receipt()
        if begun.plan.whole is not None:
            receipt = begun.counted(begun.plan.whole, self._erase_subject(begun))
        for cube, ids in begun.plan.memories.items():
            receipt += begun.counted(cube, self._erase(cube, ids, begun))
            if begun.again:
                receipt += Receipt(reinstated=self._reinstated(cube, begun) - receipt.reinstated)
        return receipt + Receipt(files=self.sweep())

    def _reinstated(self, cube: Cube, begun: Begun) -> int:
        """Bring every state of a cube up to date; how many memories hold again by the erasure.

        Whoever knew which states were touched is gone.
        """
        found = self._graph.find(Scope.of(cube), ALL_KINDS, limit=_EVERYTHING).items
        self._timeline.settle(cube, found)
        trail = self._graph.trail(Scope.of(cube), [item.id for item in found])
        return sum(
            t.reason == Reason.REINSTATED.value and t.at >= begun.pending.begun_at for t in trail
        )

    def _erase_subject(self, begun: Begun) -> Receipt:
        cube = begun.plan.whole
        assert cube is not None  # noqa: S101 - looked at by the caller
        with self._gate.exclusive(cube.uid):
            copies = _by_cube(self._copies(cube, None))
            had, rows = self._graph.census(Scope.of(cube)), self._records.holdings(cube)
            receipt = Receipt(
                memories=had.memories,
                versions=had.versions,
                segments=had.segments,
                messages=rows["message"],
                tasks=rows["task"],
            )
            for where, items in copies.items():
                told = sum(item.kind is not MemoryKind.SEGMENT for item in items)
                receipt += _copies_receipt(where, told) + Receipt(segments=len(items) - told)
            begun.note(cube, receipt)
            for where, items in copies.items():
                self._graph.delete(Scope.of(where), [item.id for item in items])
            self._graph.delete_cubes(Scope.of(cube))
            self._records.erase_subject(cube)
            # What another server wrote in between, for messages it had accepted before.
            if self._graph.census(Scope.of(cube)) != Census(0, 0, 0):
                self._graph.delete_cubes(Scope.of(cube))
        return receipt

    def by_filter(self, caller: Caller, where: Group, subject: Cube | None = None) -> Receipt:
        """Erase what passes a filter, of one subject or in the project; frozen memories stay."""
        cubes = [subject] if subject else self._graph.cubes(caller.project)
        chosen = {}
        for cube in cubes:
            found = self._graph.find(Scope.of(cube), ALL_KINDS, where, limit=_EVERYTHING)
            ids = [i.id for i in found.items if not self._is_frozen(cube, i)]
            if ids:
                chosen[cube] = ids
        plan = Plan("delete_by_filter", "project", caller.key, memories=chosen)
        return self._run(caller.project, plan)

    def _is_frozen(self, cube: Cube, item: MemoryItem) -> bool:
        """Whether a memory, or one that it is a part of, must stay as it is."""
        wholes = wholes_of(self._graph, cube, [item.id]) if PART in item.tags else []
        return any(each.status is MemoryStatus.FROZEN for each in (item, *wholes))

    def _memories(self, cube: Cube, ids: Sequence[str]) -> list[MemoryItem]:
        items = self._graph.get(Scope.of(cube), ids)
        return [item for item in items if item.kind is not MemoryKind.SEGMENT]

    def _erase(self, cube: Cube, ids: Sequence[str], begun: Begun) -> Receipt:
        """Redact the messages first: while the ids still resolve, a failed call can be repeated."""
        with self._gate.exclusive(cube.uid):
            items = self._with_refinements(cube, self._memories(cube, ids))
            items = with_former_versions(self._graph, cube, items)
            if cube.kind in _SHARED:
                receipt, drops, again = Receipt(), [self._to_drop(cube, items)], []
            else:
                made_of, spared = self._combined_with(cube, items)
                spans = _spans(items, made_of, spared)
                told = self._records.messages(cube, [span[0] for span in spans])
                receipt = Receipt(messages=len(told))
                begun.note(cube, receipt)
                parts = {s.file_id for item in items for s in item.sources if s.file_id}
                self._records.redact(cube, spans, parts)
                drops = self._resting(cube, (items, made_of), spans)
                own = sum(drop.cube == cube and len(drop.items) for drop in drops)
                again = freed(spared, self._clock.now_ms())
                receipt += Receipt(rederived=own - len(items))
            for drop in drops:
                receipt += drop.receipt if drop.cube == cube else drop.of_copies
            begun.note(cube, receipt)
            # Before what was made of them goes: a call that dies in between can be repeated.
            self._graph.put(Scope.of(cube), again)
            receipt += Receipt(reinstated=len(again))
            for drop in drops:
                receipt += Receipt(reinstated=self._drop(drop))
            return receipt

    def _combined_with(
        self, cube: Cube, items: Sequence[MemoryItem]
    ) -> tuple[list[MemoryItem], list[MemoryItem]]:
        """Memories that say what these say beside other things; and the parts that say the others."""
        known = {item.id for item in items}
        found = [i for i in wholes_of(self._graph, cube, known) if i.id not in known]
        gone = known | {item.id for item in found}
        return found, [p for p in parts_of(self._graph, cube, found) if p.id not in gone]

    def _resting(
        self,
        cube: Cube,
        gone: tuple[Sequence[MemoryItem], Sequence[MemoryItem]],
        spans: Sequence[tuple[str, int | None, int | None]],
    ) -> list["_Drop"]:
        """All that goes with memories whose messages were redacted, their copies first.

        `gone` are the memories, and what says the same beside other things.
        """
        items, made_of = gone
        copies = self._copies(cube, {i.content_hash for i in items if i.content_hash})
        drops = [
            self._to_drop(where, self._with_dependents(where, found, spans), owner=cube)
            for where, found in _by_cube(copies).items()
        ]
        whole = self._with_derived(cube, [*items, *made_of])
        whole = self._with_dependents(cube, whole, spans)
        return [*drops, self._to_drop(cube, whole, owner=cube)]

    def _with_derived(self, cube: Cube, items: Sequence[MemoryItem]) -> list[MemoryItem]:
        """Add the summaries made of these memories, and what they replaced.

        A text made of several cannot be told apart into what was erased and what was not: it
        goes, and what it was made of besides stays, to be made use of anew.
        """
        found = {item.id: item for item in items}
        fresh = list(found)
        while fresh:
            above = {
                edge.source
                for edge in self._graph.edges(Scope.of(cube), fresh)
                if edge.kind is EdgeKind.DERIVED_FROM and edge.target in found
            }
            more = self._memories(cube, sorted(above - found.keys()))
            more = [item for item in more if item.kind in FACT_KINDS]
            found |= {i.id: i for i in with_former_versions(self._graph, cube, more)}
            fresh = [item.id for item in more]
        return list(found.values())

    def _with_dependents(
        self,
        cube: Cube,
        items: Sequence[MemoryItem],
        spans: Sequence[tuple[str, int | None, int | None]],
    ) -> list[MemoryItem]:
        """Add the memories that say nothing any more once these messages are erased."""
        messages = frozenset(span[0] for span in spans)
        known = {item.id for item in items}
        emptied = [i for each in self.dependents for i in each.forget(cube, messages)]
        more = [i for i in dict.fromkeys(emptied) if i not in known]
        return [*items, *(self._memories(cube, more) if more else ())]

    def _with_refinements(self, cube: Cube, items: Sequence[MemoryItem]) -> list[MemoryItem]:
        """Add what a rough or merged memory became: whoever deletes it means what it said.

        A memory that says other things besides is not added.
        """
        found = {item.id: item for item in items}
        below = [i.id for i in items if is_rough(i) or i.status is MemoryStatus.MERGED]
        while below:
            targets = set(below)
            above = {
                edge.source
                for edge in self._graph.edges(Scope.of(cube), below)
                if edge.kind is EdgeKind.MERGED_FROM and edge.target in targets
            }
            more = [
                item
                for item in self._memories(cube, sorted(above - found.keys()))
                if not is_combined(item)
            ]
            found |= {item.id: item for item in more}
            below = [item.id for item in more if item.status is MemoryStatus.MERGED]
        return list(found.values())

    def _copies(self, cube: Cube, hashes: set[str] | None) -> list[MemoryItem]:
        """Nodes that came from a cube, public ones and in knowledge bases, linked now or before.

        All, or the memories with these content hashes.
        """
        if hashes is not None and not hashes:
            return []
        where = all_of(
            Condition(None, Operator.EQ, cube.uid, info_key=ORIGIN),
            Condition(Field.CONTENT_HASH, Operator.IN, tuple(hashes)) if hashes else None,
        )
        kinds = _TOLD if hashes else _TOLD | {MemoryKind.SEGMENT}
        passages = all_of(Condition(Field.TAGS, Operator.CONTAINS, COPY_TAG), where)
        bases = [knowledge_cube(base.id) for base in self._records.knowledgebases()]
        return [
            item
            for each in (Cube(cube.project, CubeKind.PUBLIC), *bases)
            for some, which in ((kinds, where), (_OF_FILES, passages))
            for item in self._graph.find(Scope.of(each), some, which, limit=_EVERYTHING).items
        ]

    def _to_drop(
        self, cube: Cube, items: Sequence[MemoryItem], *, owner: Cube | None = None
    ) -> "_Drop":
        """What goes with memories. With the redacted messages' owner, evidence follows the messages.

        A public copy deleted by itself takes no words from its author: the evidence stays.
        """
        scope = Scope.of(cube)
        gone = {item.id for item in items}
        edges = self._graph.edges(scope, list(gone))
        linked = [e for e in edges if e.kind is EdgeKind.DERIVED_FROM and e.source in gone]
        alone = gone - {edge.source for edge in linked}
        cited = {s.message_id for i in items if i.id in alone for s in i.sources}
        evidence = list(
            dict.fromkeys([*(e.target for e in linked), *self._segments(cube, sorted(cited))])
        )
        emptied = self._reindex(scope, evidence, owner) if owner else []
        versions = sum(len(v) - 1 for v in self._graph.versions(scope, list(gone)).values())
        receipt = Receipt(memories=len(gone), versions=versions, segments=len(emptied))
        return _Drop(cube, items, (*gone, *emptied), receipt)

    def _drop(self, drop: "_Drop") -> int:
        """Delete; how many memories hold again that the deleted ones had superseded."""
        self._graph.delete(Scope.of(drop.cube), drop.ids)
        return self._timeline.settle(drop.cube, drop.items)

    def _segments(self, cube: Cube, message_ids: Sequence[str]) -> list[str]:
        """Ids of the evidence made of messages, found by their ids alone: the words may be gone."""
        found: list[str] = []
        for message_id in message_ids:
            for start in itertools.count(0, _SOME_SEGMENTS):
                ids = [
                    derived_id(cube.uid, message_id, number)
                    for number in range(start, start + _SOME_SEGMENTS)
                ]
                known = [item.id for item in self._graph.get(Scope.of(cube), ids)]
                found += known
                if len(known) < _SOME_SEGMENTS:
                    break
        return found

    def _reindex(self, scope: Scope, ids: Sequence[str], owner: Cube) -> list[str]:
        """Rewrite segments from their redacted messages; ids of those with nothing left."""
        found = self._graph.get(scope, ids)
        segments = [node for node in found if node.kind is MemoryKind.SEGMENT]
        message_ids = list(dict.fromkeys(s.sources[0].message_id for s in segments))
        texts = {m.id: masked(m.text) for m in self._records.messages(owner, message_ids)}
        kept, words, emptied = [], [], []
        for segment in segments:
            source = segment.sources[0]
            text = texts.get(source.message_id, "")[source.start : source.end]
            text = " ".join(text.replace(ERASED, " ").split())
            if any(c.isalnum() for c in text):
                kept.append(replace(segment, updated_at=self._clock.now_ms()))
                words.append(text)
            else:
                emptied.append(segment.id)
        if kept:
            vectors = self._embedder.embed(words)
            writes = [NodeWrite(i, w, v) for i, w, v in zip(kept, words, vectors, strict=True)]
            self._graph.put(scope, writes)
        return emptied


@dataclass(frozen=True, slots=True)
class _Drop:
    """Nodes of one cube that are ready to be deleted."""

    cube: Cube
    items: Sequence[MemoryItem]
    ids: tuple[str, ...]
    receipt: Receipt

    @property
    def of_copies(self) -> Receipt:
        """The receipt when they are copies of what is erased elsewhere."""
        alike = _copies_receipt(self.cube, self.receipt.memories)
        return alike + replace(self.receipt, memories=0, versions=0)


def _copies_receipt(cube: Cube, count: int) -> Receipt:
    if cube.kind is CubeKind.PUBLIC:
        return Receipt(public_copies=count)
    return Receipt(knowledge_copies=count)


def _spans(
    items: Sequence[MemoryItem], made_of: Sequence[MemoryItem], spared: Sequence[MemoryItem]
) -> list[tuple[str, int | None, int | None]]:
    """What to blank: all that memories rest on, and what the texts made of them rest on besides."""
    kept = {source for part in spared for source in part.sources}
    sources = [source for item in items for source in item.sources]
    sources += [s for item in made_of for s in item.sources if s not in kept]
    return [_span(source) for source in dict.fromkeys(sources)]


def _span(source: Source) -> tuple[str, int | None, int | None]:
    """What to blank of a message: nothing but its files, for what was taken from a file of it."""
    if source.file_id is not None:
        return source.message_id, 0, 0
    return source.message_id, source.start, source.end


def _by_cube(items: Sequence[MemoryItem]) -> dict[Cube, list[MemoryItem]]:
    found: dict[Cube, list[MemoryItem]] = {}
    for item in items:
        found.setdefault(item.cube, []).append(item)
    return found
