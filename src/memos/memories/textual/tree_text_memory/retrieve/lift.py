"""What a search considers besides its best hits: limits, shared topics, the working set.

A lift names memories by an exact filter and says where they belong among what was found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from memos.graph_dbs.base import Bucket
from memos.memories.textual.constraint import CONSTRAINT_TAG, is_touched
from memos.memories.textual.tendency import topic_tags
from memos.memories.textual.topic import topics_of
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import PREFERENCE_KINDS, MemoryKind
from memos.types.scope import Scope

_FACTS = frozenset({MemoryKind.LONG_TERM, MemoryKind.USER})
_MOST = 25
CONSTRAINT_RELATIVITY = 0.9
CONSTRAINT_BOOST = 1.0
"""Added to a limit when the question touches it: more than any other part of a score."""
TOPIC_RELATIVITY = 0.5
WORKING_BOOST = 2.0


class Lift(Protocol):
    """Memories that one question must consider."""

    def bucket(self, where: Group | None) -> Bucket:
        """Where they are, under the caller's filter."""
        ...

    def judged(self, found: Sequence[Ranked], threshold: float) -> list[Ranked]:
        """The hits of one list, those it means with the relativity and boost they deserve."""
        ...


class Lifter(Protocol):
    """Tells what a question must consider."""

    def lifts(self, question: str, scope: Scope, now_ms: int) -> Sequence[Lift]:
        """The lifts of a question over the cubes of a scope."""
        ...


@dataclass(frozen=True, slots=True)
class ConstraintLift:
    """Limits are in the list of preferences whatever the threshold, and first when touched."""

    touched: bool

    def bucket(self, where: Group | None) -> Bucket:
        """Tagged preferences; tagged facts as well when the question touches them."""
        kinds = PREFERENCE_KINDS | _FACTS if self.touched else PREFERENCE_KINDS
        tagged = Condition(Field.TAGS, Operator.CONTAINS, CONSTRAINT_TAG)
        return Bucket(kinds, _MOST, all_of(tagged, where))

    def judged(self, found: Sequence[Ranked], threshold: float) -> list[Ranked]:
        """See the class."""
        return [self._judged(r, threshold) if CONSTRAINT_TAG in r.item.tags else r for r in found]

    def _judged(self, ranked: Ranked, threshold: float) -> Ranked:
        if self.touched:
            lifted = ranked._replace(relativity=max(ranked.relativity, CONSTRAINT_RELATIVITY))
            return lifted.with_boost("constraint", CONSTRAINT_BOOST)
        if ranked.item.kind in PREFERENCE_KINDS:
            return ranked._replace(relativity=max(ranked.relativity, threshold))
        return ranked


@dataclass(frozen=True, slots=True)
class TopicLift:
    """Preferences of a topic the question touches are found without sharing a word with it."""

    tags: tuple[str, ...]

    def bucket(self, where: Group | None) -> Bucket:
        """Preferences of the topics."""
        members = tuple(Condition(Field.TAGS, Operator.CONTAINS, tag) for tag in self.tags)
        return Bucket(PREFERENCE_KINDS, _MOST, all_of(Group(False, members), where))

    def judged(self, found: Sequence[Ranked], threshold: float) -> list[Ranked]:  # noqa: ARG002 - port
        """See the class."""
        return [
            r._replace(relativity=max(r.relativity, TOPIC_RELATIVITY))
            if r.item.kind in PREFERENCE_KINDS and set(self.tags) & set(r.item.tags)
            else r
            for r in found
        ]


@dataclass(frozen=True, slots=True)
class WorkingLift:
    """A vague question is about what is on: the working set, most active first.

    Args:
        activity: by memory id, 0..1.
    """

    activity: Mapping[str, float]

    def bucket(self, where: Group | None) -> Bucket:
        """The working set."""
        chosen = Condition(Field.ID, Operator.IN, tuple(self.activity))
        return Bucket(_FACTS, len(self.activity), all_of(chosen, where))

    def judged(self, found: Sequence[Ranked], threshold: float) -> list[Ranked]:
        """Members are working memory; they come by their activity."""
        return [self._judged(r, threshold) if r.item.id in self.activity else r for r in found]

    def _judged(self, ranked: Ranked, threshold: float) -> Ranked:
        activity = self.activity[ranked.item.id]
        least = max(threshold, 0.5 + 0.45 * activity)
        member = ranked._replace(
            item=replace(ranked.item, kind=MemoryKind.WORKING),
            relativity=max(ranked.relativity, least),
        )
        return member.with_boost("working", WORKING_BOOST * activity)


class PreferenceLifter:
    """Limits always, and the preferences of the topics that a question touches."""

    def lifts(self, question: str, scope: Scope, now_ms: int) -> Sequence[Lift]:  # noqa: ARG002 - port
        """See the class."""
        touched = ConstraintLift(is_touched(question))
        tags = topic_tags(topics_of(question))
        return (touched, TopicLift(tags)) if tags else (touched,)
