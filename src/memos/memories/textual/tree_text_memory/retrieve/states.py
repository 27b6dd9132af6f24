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
    supersede,
)
from memos.memories.textual.tree_text_memory.organize.timeline import (
    SUPERSEDED,
    Slot,
    is_ahead,
    says_more,
    statements,
)
from memos.memories.textual.tree_text_memory.retrieve.boost import STATED, Ranked
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan
from memos.memories.textual.tree_text_memory.retrieve.plan_focus import TimeFocus
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import LIVE, MemoryItem, MemoryKind, MemoryStatus

STATE_BOOST = 1.0
"""Added to a statement that answers a question about its state: more than any other part."""
STATE_RELATIVITY = 0.95
FORMER_PENALTY = 0.5
"""Taken from a memory whose word on what is asked holds no more, and which says more than that."""
_MOST = 20
_FORMER = re.compile(
    r"\b(?:previous|former|prior|ex|before)\b|\b(?:my|his|her|their|'s) old (?=\w)|以前|之前|原来|从前|旧的?|前一",
    re.IGNORECASE,
)
_BEFORE_WHAT = re.compile(
    r"\bbefore (?P<what>.+)|(?P<zh>[^，,。？?]+?)(?:之前|以前)", re.IGNORECASE
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
        now: the present moment, ms UTC.
        text: the question.
    """

    slots: tuple[Slot, ...]
    focus: TimeFocus = TimeFocus.NONE
    times: tuple[TimeTarget, ...] = ()
    now: int = 0
    text: str = ""

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


def state_question(query: str, plan: Plan, now_ms: int) -> StateQuestion | None:
    """The states a question is about; None for any other question."""
    slots = [Slot(a.subject, a.attribute) for a in asked(query, plan.speakers)]
    if not slots:
        return None
    focus = plan.focus
    if focus in {TimeFocus.NONE, TimeFocus.DURATION} and _FORMER.search(query):
        focus = TimeFocus.BEFORE
    return StateQuestion(tuple(slots), focus, plan.times, now_ms, query)


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
    told = [r.item for r in found if set(question.tags) & set(r.item.tags)]
    former = _former([item for item in told if item.status in LIVE], question)
    answering = _answering(told, question, former)
    kept = []
    for r in found:
        if r.item.id in answering:
            lifted = r._replace(relativity=max(r.relativity, STATE_RELATIVITY))
            kept.append(lifted.with_boost(STATED, STATE_BOOST))
        elif r.item.id in former:
            if not _is_over(r.item, question):
                kept.append(r.with_boost(STATED, -FORMER_PENALTY))
        elif r.item.status in statuses:
            kept.append(r)
    return kept


def _answering(items: Sequence[MemoryItem], question: StateQuestion, former: set[str]) -> set[str]:
    live = [item for item in items if item.status in LIVE]
    if question.focus is TimeFocus.BEFORE:
        present = {v for i in live if i.id not in former for v in _values(i, question)}
        chosen = [
            item
            for item in items
            if (SUPERSEDED in item.tags or item.id in former)
            and not (_values(item, question) and _values(item, question) <= present)
        ]
        begun = _begun(items, question)
        if begun is not None:
            chosen = _latest([item for item in chosen if _since(item) < begun])
    elif question.focus is TimeFocus.RANGE and question.times:
        chosen = _latest([item for item in items if _held(item, question.times)])
    elif question.focus is TimeFocus.FIRST:
        chosen = sorted(items, key=_since)[:1]
    else:
        chosen = [item for item in live if item.id not in former]
    return {item.id for item in chosen}


def _begun(items: Sequence[MemoryItem], question: StateQuestion) -> int | None:
    """When began what the question says after "before": `before I moved to Bristol`."""
    found = _BEFORE_WHAT.search(question.text)
    if found is None:
        return None
    clause = found["what"] or found["zh"]
    # A Chinese place is claimed by its English name.
    named = " ".join(
        [clause.casefold(), *(c.object for c in claims(f"用户{clause.removeprefix('我')}", "user"))]
    )
    about = (
        _since(item)
        for item in items
        if any(value and value in named for _, value, _ in _values(item, question))
    )
    return min(about, default=None)


def _former(live: Sequence[MemoryItem], question: StateQuestion) -> set[str]:
    """Memories in use whose word on what is asked holds no more.

    They are in use for what else they say: "I moved to Porto and work at Sonae", once the home
    has changed.
    """
    begun = [item for item in live if not is_ahead(item, question.now)]
    former: set[str] = set()
    for slot in question.slots:
        verdicts = supersede(statements(begun, slot), multiple=is_multiple(slot.attribute))
        current = {verdict.id for verdict in verdicts if verdict.current}
        former |= {verdict.id for verdict in verdicts} - current
    return former


def _is_over(item: MemoryItem, question: StateQuestion) -> bool:
    """Whether a former statement says nothing else, as one whose successor's day has come."""
    return item.status is MemoryStatus.ACTIVATED and not all(
        says_more(item, slot) for slot in question.slots
    )


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


def _values(item: MemoryItem, question: StateQuestion) -> set[tuple[str, str, bool]]:
    """What a statement says holds of what is asked, as (attribute, value, polarity)."""
    asked_for = {slot.attribute for slot in question.slots}
    return {
        (claim.attribute, claim.object, claim.polarity)
        for claim in claims(item.value, item.speaker)
        if not claim.ended and {claim.attribute, claim.attribute.partition(":")[0]} & asked_for
    }


def _held(item: MemoryItem, times: Sequence[TimeTarget]) -> bool:
    """Whether the statement held at any moment of the spans."""
    until = item.event_until if SUPERSEDED in item.tags else None
    return any(_since(item) <= span.end and (until is None or until > span.start) for span in times)


def _since(item: MemoryItem) -> int:
    return item.event_from if item.event_from is not None else item.created_at
