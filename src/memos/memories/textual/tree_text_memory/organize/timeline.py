"""Keeps the states of a cube true: what was said later about the same thing closes what was before.

A memory that states something carries a reserved tag per state, so that all statements of one
state are found by index. The order of events decides, never the order of arrival.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.memories.textual.tree_text_memory.organize.state import (
    Claim,
    Stated,
    Validity,
    claims,
    is_multiple,
    supersede,
)
from memos.memories.textual.tree_text_memory.organize.state_claim import DEPENDS_ON
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.lifecycle import RESTORED, expires_at
from memos.types.memory import (
    FACT_KINDS,
    LIVE,
    PREFERENCE_KINDS,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryStatus,
)
from memos.types.scope import Cube, CubeKind, Scope

RESERVED = "memos:"
STATE_TAG = "memos:state:"
SUPERSEDED = "memos:superseded"
"""Reserved tag of a memory that is archived because something newer took its place."""
_KINDS = FACT_KINDS | PREFERENCE_KINDS
_LONGEST_HISTORY = 1000


@dataclass(frozen=True, slots=True)
class Slot:
    """One state of one subject: `user` and `home`, say."""

    subject: str
    attribute: str

    @property
    def tag(self) -> str:
        """The tag of every memory that states it."""
        return f"{STATE_TAG}{self.subject}/{self.attribute}"

    @property
    def dependents(self) -> "tuple[Slot, ...]":
        """States that hold no longer than this one."""
        return tuple(
            Slot(self.subject, name) for name, on in DEPENDS_ON.items() if self.attribute in on
        )


def state_tags(value: str, speaker: str) -> tuple[str, ...]:
    """Reserved tags of a memory: one per state it makes a claim about, and one per family.

    `taste:apple` also gets the tag of its family `taste`, for "What do I like to eat?".
    """
    tags = []
    for claim in claims(value, speaker):
        tags.append(Slot(claim.subject, claim.attribute).tag)
        family, separator, _ = claim.attribute.partition(":")
        if separator:
            tags.append(Slot(claim.subject, family).tag)
    return tuple(dict.fromkeys(tags))


def own_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as clients see them: without the reserved ones."""
    return tuple(tag for tag in tags if not tag.startswith(RESERVED))


class Timeline:
    """Settles the states of a cube after memories were written or erased."""

    def __init__(self, graph: GraphStore, clock: Clock) -> None:
        self._graph = graph
        self._clock = clock

    def settle(self, cube: Cube, items: Sequence[MemoryItem]) -> int:
        """Bring every state that these memories speak of up to date. Repeating it changes nothing.

        In a public cube "the user" is many people, so nothing supersedes there.

        Returns:
            The number of memories that hold again.
        """
        if cube.kind is CubeKind.PUBLIC:
            return 0
        touched = {
            tag.removeprefix(STATE_TAG)
            for item in items
            for tag in item.tags
            if tag.startswith(STATE_TAG)
        }
        slots = [Slot(*name.rsplit("/", 1)) for name in sorted(touched)]
        slots = list(dict.fromkeys([*slots, *(d for slot in slots for d in slot.dependents)]))
        return sum(self._settle(cube, slot) for slot in slots)

    def _settle(self, cube: Cube, slot: Slot) -> int:
        scope = Scope.of(cube)
        members = self._members(scope, slot)
        if not members:
            return 0
        now = self._clock.now_ms()
        begun = [item for item in members if not is_ahead(item, now)]
        history = [*statements(begun, slot), *self._endings(scope, slot)]
        validities = supersede(history, multiple=is_multiple(slot.attribute))
        by_item: dict[str, list[Validity]] = {}
        for validity in validities:
            by_item.setdefault(validity.id, []).append(validity)
        writes, edges = [], []
        for item in members:
            verdicts = by_item.get(item.id)
            changed = self._judged(item, slot, verdicts) if verdicts else item
            if changed != item:
                writes.append(NodeWrite(changed, keep=True, change=_why(changed, verdicts or ())))
            if verdicts and changed.status is MemoryStatus.ARCHIVED:
                edges.extend(_closing(item.id, verdicts))
        if writes:
            self._graph.put(scope, writes, edges)
        return sum(write.item.status is MemoryStatus.ACTIVATED for write in writes)

    def _endings(self, scope: Scope, slot: Slot) -> list[Stated]:
        """Changes of the states that this one depends on: each ends what held before it."""
        endings = []
        for attribute in DEPENDS_ON.get(slot.attribute, ()):
            above = Slot(slot.subject, attribute)
            history = statements(self._members(scope, above), above)
            closers = {v.closed_by for v in supersede(history) if v.closed_by}
            endings += [
                replace(stated, object="", ended=True, polarity=True)
                for stated in history
                if stated.id in closers
            ]
        return endings

    def _members(self, scope: Scope, slot: Slot) -> list[MemoryItem]:
        """Memories that state the slot and count for its history."""
        where = all_of(Condition(Field.TAGS, Operator.CONTAINS, slot.tag))
        found = self._graph.find(scope, _KINDS, where, limit=_LONGEST_HISTORY).items
        return [item for item in found if _counts(item)]

    def _judged(self, item: MemoryItem, slot: Slot, verdicts: Sequence[Validity]) -> MemoryItem:
        if item.status is not MemoryStatus.ACTIVATED and SUPERSEDED not in item.tags:
            return item  # frozen, or out of use by age or by hand: no change of its state
        if any(verdict.current for verdict in verdicts):
            if SUPERSEDED not in item.tags:
                return item
            return replace(
                item,
                status=MemoryStatus.ACTIVATED,
                tags=tuple(tag for tag in item.tags if tag != SUPERSEDED),
                event_until=None,
                updated_at=self._clock.now_ms(),
            )
        untils = [verdict.until for verdict in verdicts if verdict.until is not None]
        until = max(untils, default=item.event_until)
        if SUPERSEDED in item.tags and item.event_until == until:
            return item
        if says_more(item, slot):
            return item
        return replace(
            item,
            status=MemoryStatus.ARCHIVED,
            tags=tuple(dict.fromkeys((*item.tags, SUPERSEDED))),
            event_until=until,
            updated_at=self._clock.now_ms(),
        )


def says_more(item: MemoryItem, slot: Slot) -> bool:
    """Whether a memory also states something else, which would be lost with it."""
    return any(
        (claim.subject, claim.attribute) != (slot.subject, slot.attribute)
        for claim in claims(item.value, item.speaker)
    )


def is_ahead(item: MemoryItem, now_ms: int) -> bool:
    """Whether a memory tells of a time to come, as it was said and still now.

    "I start at Revolut on 1 August" ends nothing before that day.
    """
    said = max((s.chat_time for s in item.sources if s.chat_time is not None), default=0)
    return item.event_from is not None and item.event_from > max(now_ms, said)


def statements(members: Sequence[MemoryItem], slot: Slot) -> list[Stated]:
    """What memories say of a state, once for every time they were said."""
    return [
        Stated(
            item.id,
            claim.object,
            recorded_at=item.created_at,
            event_from=when,
            ended=claim.ended,
            polarity=claim.polarity,
        )
        for item in members
        for claim in claims_of(item, slot)
        for when in _times(item)
    ]


def _counts(item: MemoryItem) -> bool:
    """Whether a statement counts for the history of its state.

    One that is out of use by age, number or by hand was true and ended what was before it; one
    whose given end has come gives way to what was before.
    """
    if item.status in LIVE or SUPERSEDED in item.tags:
        return True
    out_of_use = item.status in {MemoryStatus.ARCHIVED, MemoryStatus.EXPIRED}
    return out_of_use and expires_at(item) is None


def _times(item: MemoryItem) -> list[int | None]:
    """Every time the memory was said: its own, those of its sources, and when it was restored."""
    first = item.sources[0].chat_time if item.sources else None
    again = {s.chat_time for s in item.sources if s.chat_time not in {None, first}}
    restored = item.info.get(RESTORED)
    again |= {t for t in restored if isinstance(t, int)} if isinstance(restored, list) else set()
    return [item.event_from, *sorted(t for t in again if t is not None)]


def claims_of(item: MemoryItem, slot: Slot) -> list[Claim]:
    """What a memory claims about one state."""
    return [
        claim
        for claim in claims(item.value, item.speaker)
        if (claim.subject, claim.attribute) == (slot.subject, slot.attribute)
    ]


def _why(changed: MemoryItem, verdicts: Sequence[Validity]) -> Change:
    if SUPERSEDED not in changed.tags:
        return Change(Reason.REINSTATED)
    closers = [v.closed_by for v in verdicts if v.closed_by and v.closed_by != changed.id]
    return Change(Reason.SUPERSEDED, f"memory:{closers[-1]}" if closers else "")


def _closing(item_id: str, verdicts: Sequence[Validity]) -> list[Edge]:
    closers = {v.closed_by for v in verdicts if v.closed_by and v.closed_by != item_id}
    return [Edge(closer, EdgeKind.SUPERSEDES, item_id) for closer in sorted(closers)]
