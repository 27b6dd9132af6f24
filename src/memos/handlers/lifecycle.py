"""Change a memory by hand: its text, its title, its state; and bring an earlier version back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from memos.embedders.base import Embedder
from memos.errors import ConflictError, InvalidInputError, NotFoundError, TooManyTokensError
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.handlers.caller import Caller
from memos.handlers.history import MemoryHistory
from memos.mem_feedback.feedback import CLOSED_BY, CORRECTED, VERSION
from memos.mem_scheduler.gate import SubjectGate
from memos.memories.textual.tree_text_memory.organize.combine import (
    COMBINED,
    PART,
    absorbed,
    is_combined,
    parts_of,
    taken_apart,
)
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.memories.textual.tree_text_memory.organize.timeline import (
    STATE_TAG,
    SUPERSEDED,
    Timeline,
    state_tags,
)
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.language import count_tokens
from memos.types.lifecycle import EXPIRES, RESTORED, check_settable, check_transition
from memos.types.memory import ALL_KINDS, LIVE, ORIGIN, EdgeKind, MemoryItem, MemoryStatus
from memos.types.scope import Cube, CubeKind, Scope

_MARKS = frozenset({SUPERSEDED, CORRECTED, VERSION, PART})
_EVERYTHING = 10**9
_MOST_TOKENS = 4000
_LONGEST_TITLE = 200
_REASONS = {
    MemoryStatus.ARCHIVED: Reason.ARCHIVED,
    MemoryStatus.EXPIRED: Reason.EXPIRED,
    MemoryStatus.FROZEN: Reason.FROZEN,
    MemoryStatus.ACTIVATED: Reason.RESTORED,
}


@dataclass(frozen=True, slots=True)
class UpdateCommand:
    """What to change of a memory; None leaves it as it is."""

    memory_id: str
    content: str | None = None
    title: str | None = None
    status: MemoryStatus | None = None


class ChangeMemory:
    """The use cases behind `update/memory` and `restore/memory`.

    Args:
        graph: the memories.
        embedder: makes the vectors of new texts.
        history: finds earlier versions.
        gate: keeps erasures out meanwhile.
        clock: record times.
    """

    def __init__(
        self,
        graph: GraphStore,
        embedder: Embedder,
        history: MemoryHistory,
        *,
        gate: SubjectGate,
        clock: Clock,
    ) -> None:
        self._graph = graph
        self._embedder = embedder
        self._history = history
        self._gate = gate
        self._clock = clock
        self._timeline = Timeline(graph, clock)

    def update(self, caller: Caller, command: UpdateCommand) -> MemoryItem:
        """Write a new version of a memory; the former one stays in its history.

        Raises:
            NotFoundError: the project has no memory of this id (40001).
            ConflictError: it is frozen, still being read, or cannot get that state.
            InvalidInputError: the state is not one that can be set, or the title is too long.
            TooManyTokensError: the text is too long.
        """
        if command.status is not None:
            check_settable(command.status.value)
        _require_short(command)
        cube = self._cube(caller, command.memory_id)
        with self._gate.shared(cube.uid):
            item = self._item(cube, command.memory_id)
            _require_changeable(item, command)
            return self._update(caller, item, command)

    def restore(self, caller: Caller, memory_id: str, version: int | None = None) -> MemoryItem:
        """Make a memory hold again, with the text of an earlier version when one is named.

        What it was superseded by gives way from now on; what a correction put in its place is
        archived.

        Raises:
            NotFoundError: the project has no memory of this id, or it no version of this number.
            ConflictError: it is frozen.
        """
        cube = self._cube(caller, memory_id)
        with self._gate.shared(cube.uid):
            item = self._item(cube, memory_id)
            if item.status is MemoryStatus.FROZEN:
                check_transition(item.status, MemoryStatus.ARCHIVED)
            if is_rough(item):
                raise ConflictError("the memory was refined; restore what it became")
            then = item if version is None else self._version(caller, item, version)
            return self._restore(caller, item, then)

    def _update(self, caller: Caller, item: MemoryItem, command: UpdateCommand) -> MemoryItem:
        new = item
        if command.content is not None or command.title is not None:
            new = self._reworded(new, command.content, command.title)
        if command.status is not None and command.status is not item.status:
            check_transition(item.status, command.status)
            new = _in_state(new, command.status)
        if new == item:
            return item
        reason = Reason.UPDATED
        if command.content is None and command.title is None:
            reason = _REASONS[new.status]
        change = Change(reason, f"key:{caller.key}")
        return self._write(item, replace(new, updated_at=self._clock.now_ms()), change)

    def _restore(self, caller: Caller, item: MemoryItem, then: MemoryItem) -> MemoryItem:
        now = self._clock.now_ms()
        change = Change(Reason.RESTORED, f"key:{caller.key}")
        new = item
        if then.value != item.value or then.key != item.key:
            new = self._reworded(new, then.value, then.key)
        new = _in_state(new, MemoryStatus.ACTIVATED)
        if PART in item.tags:
            new = replace(new, event_until=None)
        if SUPERSEDED in item.tags:
            times = [*_times(item), now]
            new = replace(new, info={**new.info, RESTORED: times}, event_until=None)
        if new == item:
            return item
        self._archive_successors(item, change)
        return self._write(item, replace(new, updated_at=now), change)

    def _archive_successors(self, item: MemoryItem, change: Change) -> None:
        """What a correction wrote in place of the memory gives way to it."""
        if CLOSED_BY not in item.info:
            return
        scope = Scope.of(item.cube)
        heirs = [
            edge.source
            for edge in self._graph.edges(scope, [item.id])
            if edge.kind is EdgeKind.SUPERSEDES and edge.target == item.id
        ]
        now = self._clock.now_ms()
        writes = [
            NodeWrite(
                replace(_in_state(heir, MemoryStatus.ARCHIVED), updated_at=now),
                keep=True,
                change=change,
            )
            for heir in self._graph.get(scope, heirs)
            if heir.status is MemoryStatus.ACTIVATED
        ]
        if writes:
            self._graph.put(scope, writes)

    def _write(self, old: MemoryItem, new: MemoryItem, change: Change) -> MemoryItem:
        for before, after in [*self._copies(old, new), (old, new)]:
            write = NodeWrite(after, keep=True, change=change)
            if after.value != before.value:
                (vector,) = self._embedder.embed([after.value])
                write = NodeWrite(after, after.value, vector, alone=True, change=change)
            # In one: a process that dies leaves no part beside its whole.
            more = self._regrouped(old, new, change) if after is new else []
            self._graph.put(Scope.of(after.cube), [write, *more])
        self._timeline.settle(old.cube, [old, new])
        (item,) = self._graph.get(Scope.of(new.cube), [new.id])
        return item

    def _regrouped(self, old: MemoryItem, new: MemoryItem, change: Change) -> list[NodeWrite]:
        """A part that holds again takes its whole apart; a whole that holds again takes its parts up."""
        writes: list[NodeWrite] = []
        if old.status is new.status or new.status is not MemoryStatus.ACTIVATED:
            return writes
        now = self._clock.now_ms()
        if PART in old.tags:
            writes += taken_apart(self._graph, new.cube, [new.id], change, now_ms=now)
        if is_combined(new):
            parts = parts_of(self._graph, new.cube, [new])
            standing = [part for part in parts if part.status is MemoryStatus.ACTIVATED]
            writes += absorbed(standing, new, now)
        return writes

    def _copies(self, old: MemoryItem, new: MemoryItem) -> list[tuple[MemoryItem, MemoryItem]]:
        """Public copies of a memory, before and after the same change."""
        if old.cube.kind is CubeKind.PUBLIC or not old.content_hash:
            return []
        public = Scope.of(Cube(old.cube.project, CubeKind.PUBLIC))
        where = all_of(
            Condition(None, Operator.EQ, old.cube.uid, info_key=ORIGIN),
            Condition(Field.CONTENT_HASH, Operator.EQ, old.content_hash),
        )
        return [
            (
                copy,
                replace(
                    copy,
                    key=new.key,
                    value=new.value,
                    status=new.status,
                    content_hash=new.content_hash,
                    version=copy.version + (new.version - old.version),
                    updated_at=new.updated_at,
                ),
            )
            for copy in self._graph.find(public, ALL_KINDS, where, limit=_EVERYTHING).items
        ]

    def _reworded(self, item: MemoryItem, content: str | None, title: str | None) -> MemoryItem:
        value = item.value if content is None else content
        if not content_hash(value):
            raise InvalidInputError("content must hold letters or digits", field="content")
        if (value, title or item.key) == (item.value, item.key):
            return item
        own = (tag for tag in item.tags if not tag.startswith(STATE_TAG))
        plain = tuple(tag for tag in own if tag != COMBINED)  # what it was made of says it no more
        return replace(
            item,
            value=value,
            key=title or item.key,
            version=item.version + 1,
            content_hash=content_hash(value),
            tags=(*plain, *state_tags(value, item.speaker)),
            confidence=item.confidence if content is None else 1.0,
        )

    def _version(self, caller: Caller, item: MemoryItem, number: int) -> MemoryItem:
        """The version of this number: of the memory itself, else of what a correction replaced."""
        found = [
            entry.version.item
            for entry in self._history(caller, item.id).entries
            if entry.version.item.version == number
        ]
        own = [then for then in found if then.id == item.id]
        former = [then for then in found if CLOSED_BY in then.info]
        if not own and not former:
            raise NotFoundError(
                "the memory has no version of this number; get/memory/history lists them",
                field="version",
            )
        return (own or former)[-1]

    def _cube(self, caller: Caller, memory_id: str) -> Cube:
        cube = self._graph.locate(caller.project, [memory_id]).get(memory_id)
        if cube is None:
            raise _unknown()
        return cube

    def _item(self, cube: Cube, memory_id: str) -> MemoryItem:
        items: Sequence[MemoryItem] = self._graph.get(Scope.of(cube), [memory_id])
        if not items or items[0].kind not in ALL_KINDS:
            raise _unknown()
        return items[0]


def _require_short(command: UpdateCommand) -> None:
    tokens = count_tokens(command.content or "")
    if tokens > _MOST_TOKENS:
        raise TooManyTokensError(
            f"content holds about {tokens} tokens, more than the {_MOST_TOKENS} of one memory; "
            "add longer texts as messages or documents",
            field="content",
        )
    if len(command.title or "") > _LONGEST_TITLE:
        raise InvalidInputError(
            f"title must have at most {_LONGEST_TITLE} characters", field="title"
        )


def _require_changeable(item: MemoryItem, command: UpdateCommand) -> None:
    if is_rough(item):
        raise ConflictError("the memory is still being read; wait until its task is completed")
    rewords = command.content is not None or command.title is not None
    if item.status is MemoryStatus.FROZEN and rewords:
        check_transition(item.status, MemoryStatus.ARCHIVED)
    if rewords and item.status not in LIVE:
        raise ConflictError("the memory holds no more; restore it before changing its text")


def _in_state(item: MemoryItem, status: MemoryStatus) -> MemoryItem:
    """The memory in another state, without the marks of why it left the former one."""
    if item.status is status:
        return item
    tags = tuple(tag for tag in item.tags if tag not in _MARKS)
    info: dict[str, Any] = dict(item.info)
    if status is MemoryStatus.ACTIVATED:
        info.pop(EXPIRES, None)
        info.pop(CLOSED_BY, None)
        known = {tag for tag in tags if tag.startswith(STATE_TAG)}
        tags = (*tags, *(t for t in state_tags(item.value, item.speaker) if t not in known))
    return replace(item, status=status, tags=tags, info=info)


def _times(item: MemoryItem) -> list[int]:
    """When a memory was restored before."""
    times = item.info.get(RESTORED)
    return [t for t in times if isinstance(t, int)] if isinstance(times, list) else []


def _unknown() -> NotFoundError:
    return NotFoundError(
        "no memory of this id; take the id from search/memory or get/memory", field="memory_id"
    )
