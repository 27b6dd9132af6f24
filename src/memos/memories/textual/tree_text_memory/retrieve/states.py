"""Questions about a state ("Where do I live now?") find the statement that holds at that time.

"Where do I live?" and "The user moved to Lisbon." share no word and little meaning, so statements
of the state that is asked for are always considered, by their tag.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from memos.graph_dbs.base import Bucket, TimeTarget
from memos.memories.textual.tree_text_memory.organize.state import (
    asked,
    claims,
    is_multiple,
)
from memos.memories.textual.tree_text_memory.organize.timeline import SUPERSEDED, Slot
from memos.memories.textual.tree_text_memory.retrieve.boost import STATED, Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import TimeFocus
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import LIVE, MemoryItem, MemoryKind, MemoryStatus

STATE_BOOST = 1.0
"""Added to a statement that answers a question about its state: more than any other part."""
STATE_RELATIVITY = 0.95
_MOST = 20
_FORMER = re.compile(
    r"\b(?:previous|former|prior|ex)\b|\b(?:my|his|her|their|'s) old (?=\w)|以前|之前|原来|从前|旧的?|前一",
    re.IGNORECASE,
)
_PAST = frozenset({TimeFocus.BEFORE, TimeFocus.RANGE, TimeFocus.FIRST, TimeFocus.LAST})
_STATEMENTS = frozenset(
    {
        MemoryKind.LONG_TERM,
        MemoryKind.USER,
        MemoryKind.EXPLICIT_PREFERENCE,
        MemoryKind.IMPLICIT_PREFERENCE,
    }
)


@dataclass(frozen=True, slots=True)
class StateQuestion:
    """What a question asks about states.

    Args:
        slots: the states it asks for.
        focus: which part of the past it is about.
        times: spans it names.
    """

    slots: tuple[Slot, ...]
    focus: TimeFocus = TimeFocus.NONE
    times: tuple[TimeTarget, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of the states it asks for."""
        return tuple(slot.tag for slot in self.slots)

    def bucket(self, where: Group | None) -> Bucket:
        """The statements to consider: what holds, and what held when the past is asked for."""
        statuses = set(LIVE)
        if self.focus in _PAST:
            statuses.add(MemoryStatus.ARCHIVED)
        one_of = Group(
            False, tuple(Condition(Field.TAGS, Operator.CONTAINS, tag) for tag in self.tags)
        )
        return Bucket(_STATEMENTS, _MOST, all_of(one_of, where), frozenset(statuses))

    def at(self, as_of: int) -> "StateQuestion":
        """The question as it is meant when somebody stands at another time and asks for now."""
        if self.focus in _PAST:
            return self
        return replace(self, focus=TimeFocus.RANGE, times=(TimeTarget(as_of, as_of),))


def state_question(query: str, plan: Plan) -> StateQuestion | None:
    """The states a question is about; None for any other question."""
    slots = [Slot(a.subject, a.attribute) for a in asked(query, plan.speakers)]
    if not slots:
        return None
    focus = plan.focus
    if focus in {TimeFocus.NONE, TimeFocus.DURATION} and _FORMER.search(query):
        focus = TimeFocus.BEFORE
    return StateQuestion(tuple(slots), focus, plan.times)


def judged(
    found: Sequence[Ranked],
    question: StateQuestion,
    statuses: frozenset[MemoryStatus] = LIVE,
) -> list[Ranked]:
    """Lift the statements that answer, leave out superseded ones that do not.

    Args:
        found: hits of one list, the state's statements among them.
        question: what is asked about states.
        statuses: what may be found whether it answers or not.
    """
    statements = [r for r in found if set(question.tags) & set(r.item.tags)]
    answering = _answering([r.item for r in statements], question)
    kept = []
    for r in found:
        if r.item.id in answering:
            lifted = replace(r, relativity=max(r.relativity, STATE_RELATIVITY))
            kept.append(lifted.with_boost(STATED, STATE_BOOST))
        elif r.item.status in statuses:
            kept.append(r)
    return kept


def _answering(items: Sequence[MemoryItem], question: StateQuestion) -> set[str]:
    if question.focus is TimeFocus.BEFORE:
        present = {v for i in items if i.status in LIVE for v in _values(i)}
        chosen = [
            item
            for item in items
            if SUPERSEDED in item.tags and not (_values(item) and _values(item) <= present)
        ]
    elif question.focus is TimeFocus.RANGE and question.times:
        chosen = _latest([item for item in items if _held(item, question.times)])
    elif question.focus is TimeFocus.FIRST:
        chosen = sorted(items, key=_since)[:1]
    else:
        chosen = [item for item in items if item.status in LIVE]
    return {item.id for item in chosen}


def _latest(items: Sequence[MemoryItem]) -> list[MemoryItem]:
    """Of statements that held at one time about one state, the one that was said last before it."""
    told: set[tuple[str, str]] = set()
    kept = []
    for item in sorted(items, key=_since, reverse=True):
        states = {
            (claim.subject, claim.attribute)
            for claim in claims(item.value, item.speaker)
            if not is_multiple(claim.attribute)
        }
        if not states or not states <= told:
            kept.append(item)
        told |= states
    return kept


def _values(item: MemoryItem) -> set[tuple[str, str, bool]]:
    """What a statement says holds, as (attribute, value, polarity)."""
    return {
        (claim.attribute, claim.object, claim.polarity)
        for claim in claims(item.value, item.speaker)
        if not claim.ended
    }


def _held(item: MemoryItem, times: Sequence[TimeTarget]) -> bool:
    """Whether the statement held at any moment of the spans."""
    until = item.event_until if SUPERSEDED in item.tags else None
    return any(_since(item) <= span.end and (until is None or until > span.start) for span in times)


def _since(item: MemoryItem) -> int:
    return item.event_from if item.event_from is not None else item.created_at
