"""The nightly care of memories: ends of validity, age, and how many are kept in use.

Nothing is removed: memories are archived or expire, and can be asked for and restored. Each batch
is one transaction that may be repeated; a run that was killed is made up for by the next.
"""

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from memos.graph_dbs.base import GraphStore, Move, Uses
from memos.mem_scheduler.gate import SubjectGate
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.memories.textual.tree_text_memory.organize.timeline import STATE_TAG, Timeline
from memos.records.base import AuditRow, Records
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.lifecycle import EXPIRES, Policy, expires_at, is_due
from memos.types.memory import (
    ALL_KINDS,
    PREFERENCE_KINDS,
    TOOL_KINDS,
    MemoryItem,
    MemoryKind,
    MemoryStatus,
)
from memos.types.scope import Cube, CubeKind, Scope

logger = logging.getLogger(__name__)

MAINTAIN_ACTION = "maintain"
_AGING = PREFERENCE_KINDS | TOOL_KINDS | {
    MemoryKind.WORKING,
    MemoryKind.USER,
    MemoryKind.LONG_TERM,
}  # fmt: skip
_LIMITED = (MemoryKind.WORKING, MemoryKind.USER, MemoryKind.LONG_TERM)
_CARED_FOR = frozenset({CubeKind.USER, CubeKind.AGENT, CubeKind.PUBLIC})
_DAY_MS = 86_400_000
_BATCH = 500
_STATE_WORTH = 10.0
"""What holds of somebody now (home, employer, diet) is archived after everything else."""


@dataclass(frozen=True, slots=True)
class Care:
    """What one run did, by counts of memories."""

    cubes: int = 0
    expired: int = 0
    archived: int = 0

    def __add__(self, other: "Care") -> "Care":
        return Care(
            self.cubes + other.cubes, self.expired + other.expired, self.archived + other.archived
        )


class Maintenance:
    """Cares for the memories of projects. Repeating it changes nothing more.

    Args:
        graph: the memories.
        records: policies and the audit trail.
        defaults: the policy of a project without one of its own.
        gate: keeps erasures out while a cube is cared for.
        clock: tells ages.
        before: called first, to write counts that are still held back.
    """

    def __init__(
        self,
        graph: GraphStore,
        records: Records,
        defaults: Policy,
        *,
        gate: SubjectGate,
        clock: Clock,
        before: Callable[[], None],
    ) -> None:
        self._graph = graph
        self._records = records
        self._defaults = defaults
        self._gate = gate
        self._clock = clock
        self._before = before
        self._timeline = Timeline(graph, clock)

    def policy(self, project: str) -> Policy:
        """The policy that applies to a project."""
        return self._defaults.changed(self._records.policy(project))

    def set_policy(self, project: str, values: dict[str, int]) -> Policy:
        """Give a project values of its own beside those it has; no values takes all back.

        Raises:
            InvalidInputError: a name or value cannot be used.
            NotFoundError: there is no such project.
        """
        stored = {**self._records.policy(project), **values} if values else {}
        policy = self._defaults.changed(stored)
        self._records.set_policy(project, stored)
        return policy

    def run(self, projects: Sequence[str] | None = None) -> Care:
        """Care for every cube of the given projects, or of all."""
        self._before()
        total = Care()
        for project in projects or [p.id for p in self._records.projects()]:
            policy, care = self.policy(project), Care()
            for cube in self._graph.cubes(project):
                if cube.kind in _CARED_FOR:
                    care += self._cube(cube, policy)
            self._audit(project, care)
            total += care
        return total

    def _cube(self, cube: Cube, policy: Policy) -> Care:
        with self._gate.shared(cube.uid):
            expired = self._end(cube)
            expired += self._expire(cube, policy)
            archived = self._idle(cube, policy)
            archived += sum(self._over(cube, kind, policy) for kind in _LIMITED)
        if expired or archived:
            logger.info("cared for", extra={"expired": expired, "archived": archived})
        return Care(1, expired, archived)

    def _end(self, cube: Cube) -> int:
        """Memories whose end, given when they were added, has come."""
        now = self._clock.now_ms()
        due = Condition(None, Operator.LTE, now, info_key=EXPIRES)
        states = (MemoryStatus.ACTIVATED.value, MemoryStatus.ARCHIVED.value)
        where = all_of(Condition(Field.STATUS, Operator.IN, states), due)
        found = [i for i in self._all(cube, ALL_KINDS, where) if is_due(i, now)]
        count = self._move(cube, found, MemoryStatus.EXPIRED, "expires_at")
        self._timeline.settle(cube, found)
        return count

    def _expire(self, cube: Cube, policy: Policy) -> int:
        """Memories that are too old for their kind, or were archived too long ago."""
        now, count = self._clock.now_ms(), 0
        for kind in sorted(_AGING):
            days = policy.expire_days(kind)
            if days:
                old = Condition(Field.CREATED_AT, Operator.LTE, now - days * _DAY_MS)
                found = self._all(cube, frozenset({kind}), all_of(_ACTIVATED, old))
                count += self._move(cube, found, MemoryStatus.EXPIRED, "age")
        if policy.archive_expire_days:
            before = now - policy.archive_expire_days * _DAY_MS
            old = Condition(Field.UPDATED_AT, Operator.LTE, before)
            found = self._all(cube, ALL_KINDS, all_of(_ARCHIVED, old))
            count += self._move(cube, found, MemoryStatus.EXPIRED, "archive_age")
        return count

    def _idle(self, cube: Cube, policy: Policy) -> int:
        """Memories that nobody was handed for long."""
        if not policy.idle_archive_days:
            return 0
        before = self._clock.now_ms() - policy.idle_archive_days * _DAY_MS
        old = Condition(Field.UPDATED_AT, Operator.LTE, before)
        found = self._all(cube, _AGING, all_of(_ACTIVATED, old))
        uses = self._graph.uses(Scope.of(cube), [item.id for item in found])
        idle = [item for item in found if item.id not in uses or uses[item.id].last <= before]
        return self._move(cube, idle, MemoryStatus.ARCHIVED, "idle")

    def _over(self, cube: Cube, kind: MemoryKind, policy: Policy) -> int:
        """The least valuable memories of a kind beyond its capacity."""
        capacity = policy.capacity(kind)
        if not capacity:
            return 0
        kinds = frozenset({kind})
        where = all_of(_ACTIVATED)
        if self._graph.find(Scope.of(cube), kinds, where, limit=0).total <= capacity:
            return 0
        items = self._all(cube, kinds, where)
        over = len(items) - capacity
        if over <= 0:
            return 0
        uses = self._graph.uses(Scope.of(cube), [item.id for item in items])
        now = self._clock.now_ms()
        items.sort(key=lambda i: (value_of(i, uses.get(i.id), now, policy.half_life_days), i.id))
        return self._move(cube, items[:over], MemoryStatus.ARCHIVED, "capacity")

    def _all(self, cube: Cube, kinds: frozenset[MemoryKind], where: Group) -> list[MemoryItem]:
        """Memories that pass; not those still being read."""
        page = self._graph.find(Scope.of(cube), kinds, where, limit=10**9)
        return [item for item in page.items if not is_rough(item)]

    def _move(
        self, cube: Cube, items: Sequence[MemoryItem], status: MemoryStatus, policy: str
    ) -> int:
        """Move memories in batches, between which other writers have their turn."""
        now, count = self._clock.now_ms(), 0
        reason = Reason.EXPIRED if status is MemoryStatus.EXPIRED else Reason.ARCHIVED
        change = Change(reason, f"policy:{policy}")
        for expected in sorted({item.status for item in items}):
            move = Move(expected, status, now, change)
            for batch in _batches([item for item in items if item.status is expected]):
                ends = {item.id: _end(item, status, now) for item in batch}
                count += self._graph.move(Scope.of(cube), ends, move)
        return count

    def _audit(self, project: str, care: Care) -> None:
        if not care.expired and not care.archived:
            return
        details = {"cubes": care.cubes, "expired": care.expired, "archived": care.archived}
        self._records.audit(
            AuditRow(self._clock.now_ms(), project, "policy", MAINTAIN_ACTION, "project", details)
        )


_ACTIVATED = Condition(Field.STATUS, Operator.EQ, MemoryStatus.ACTIVATED.value)
_ARCHIVED = Condition(Field.STATUS, Operator.EQ, MemoryStatus.ARCHIVED.value)


def value_of(item: MemoryItem, uses: Uses | None, now_ms: int, half_life_days: int) -> float:
    """What a memory is worth keeping in use.

    value = confidence * (1 + ln(1 + uses)) * 0.5 ^ (days since told or used / half-life), and more
    for what states a property that holds of somebody now.

    Args:
        item: the memory.
        uses: how often it was handed out.
        now_ms: ms UTC.
        half_life_days: 0 for no decay.
    """
    last = max(item.updated_at, uses.last if uses else 0)
    days = max(0, now_ms - last) / _DAY_MS
    decay = 0.5 ** (days / half_life_days) if half_life_days else 1.0
    worth = item.confidence * (1 + math.log1p(uses.count if uses else 0)) * decay
    states = any(tag.startswith(STATE_TAG) for tag in item.tags)
    return worth + (_STATE_WORTH if states else 0.0)


def _end(item: MemoryItem, status: MemoryStatus, now_ms: int) -> int | None:
    """When a memory that gets this state stopped to hold; None when that is not for it to say."""
    if status is not MemoryStatus.EXPIRED:
        return None
    return min(t for t in (item.event_until, expires_at(item), now_ms) if t is not None)


def _batches(items: Sequence[MemoryItem]) -> Iterator[Sequence[MemoryItem]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
