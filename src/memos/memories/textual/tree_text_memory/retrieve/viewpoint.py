"""From which point in time memory is looked at: what was true then, and what was known then.

Two axes that never mix. `as_of` is event time: what had not begun is left out, and what was
superseded only later still held. `known_at` is record time: memories are taken as the store knew
them, what it learnt or changed since is unknown. The present of a question ("now", "last year")
is `as_of`, else `known_at`, else the clock's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from memos.graph_dbs.base import Bucket, GraphReader
from memos.memories.textual.tree_text_memory.organize.combine import PART
from memos.memories.textual.tree_text_memory.organize.timeline import SUPERSEDED
from memos.types.filters import Condition, Field, Group, KnownAt, Operator, all_of, any_of
from memos.types.history import Version
from memos.types.memory import LIVE, MemoryItem, MemoryStatus
from memos.types.scope import Scope


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Where a caller stands in time; without either it is here and now.

    Args:
        as_of: ms UTC of the moment whose truth is asked for.
        known_at: ms UTC of the moment whose knowledge is asked for.
    """

    as_of: int | None = None
    known_at: int | None = None

    @property
    def is_moved(self) -> bool:
        """Whether it is anywhere but here and now."""
        return self.as_of is not None or self.known_at is not None

    def present(self, now_ms: int) -> int:
        """What "now" means in a question asked from here."""
        if self.as_of is not None:
            return self.as_of
        return now_ms if self.known_at is None else self.known_at

    def where(self, statuses: frozenset[MemoryStatus]) -> Group:
        """Memories that have one of the statuses, seen from here."""
        names = tuple(sorted(status.value for status in statuses))
        standing: Condition | Group = Condition(Field.STATUS, Operator.IN, names)
        if self.as_of is not None:
            if statuses & LIVE:
                standing = any_of(standing, _ended_after(self.as_of))
            standing = all_of(Condition(Field.SINCE, Operator.LTE, self.as_of), standing)
        seen = all_of(standing)
        return seen if self.known_at is None else all_of(KnownAt(self.known_at, seen))

    def filtered(self, where: Group | None) -> Group | None:
        """A caller's filter, asked of the memories as they were known then."""
        if self.known_at is None or where is None:
            return where
        return all_of(KnownAt(self.known_at, where))

    def bucket(self, bucket: Bucket) -> Bucket:
        """The same list asked for from here."""
        if not self.is_moved:
            return bucket
        seen = all_of(self.where(bucket.statuses), bucket.where)
        return replace(bucket, where=seen, statuses=frozenset(MemoryStatus))

    def items(
        self, graph: GraphReader, scope: Scope, items: Sequence[MemoryItem]
    ) -> dict[str, MemoryItem]:
        """The memories as seen from here, by id; those unknown here are left out."""
        if self.known_at is not None:
            found = graph.versions(scope, [item.id for item in items])
            then = (_at(versions, self.known_at) for versions in found.values())
            items = [item for item in then if item is not None]
        return {item.id: self._held(item) for item in items}

    def _held(self, item: MemoryItem) -> MemoryItem:
        """What was superseded or expired only after `as_of` holds, seen from there."""
        until = item.event_until
        if self.as_of is None or until is None or until <= self.as_of:
            return item
        superseded = item.status is MemoryStatus.ARCHIVED and SUPERSEDED in item.tags
        part = item.status is MemoryStatus.MERGED and PART in item.tags
        if not superseded and not part and item.status is not MemoryStatus.EXPIRED:
            return item
        return replace(
            item,
            status=MemoryStatus.ACTIVATED,
            tags=tuple(tag for tag in item.tags if tag not in {SUPERSEDED, PART}),
            event_until=None,
        )


HERE_AND_NOW = Viewpoint()


def _ended_after(at: int) -> Group:
    superseded = all_of(
        Condition(Field.STATUS, Operator.EQ, MemoryStatus.ARCHIVED.value),
        Condition(Field.TAGS, Operator.CONTAINS, SUPERSEDED),
    )
    # A part held by itself until it was said in one with others.
    part = all_of(
        Condition(Field.STATUS, Operator.EQ, MemoryStatus.MERGED.value),
        Condition(Field.TAGS, Operator.CONTAINS, PART),
    )
    expired = Condition(Field.STATUS, Operator.EQ, MemoryStatus.EXPIRED.value)
    ended = any_of(superseded, part, expired)
    return all_of(ended, Condition(Field.EVENT_UNTIL, Operator.GT, at))


def _at(versions: Sequence[Version], at: int) -> MemoryItem | None:
    begun = [version.item for version in versions if version.recorded_from <= at]
    return begun[-1] if begun else None
