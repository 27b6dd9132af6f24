"""Finds the memories a feedback is about. Reads only; careful rather than complete."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from memos.embedders.base import Embedder
from memos.graph_dbs.base import Bucket, GraphReader, RecallQuery
from memos.mem_feedback.feedback import Feedback
from memos.mem_feedback.substitute import (
    content,
    core,
    in_shape_of,
    pattern_of,
    substituted,
    value_of,
)
from memos.memories.textual.tree_text_memory.organize.combine import is_combined, parts_of
from memos.memories.textual.tree_text_memory.organize.state import Claim, asked, claims
from memos.memories.textual.tree_text_memory.organize.timeline import Slot
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import ALL_KINDS, FACT_KINDS, PREFERENCE_KINDS, MemoryItem, MemoryStatus
from memos.types.scope import Cube, Scope

_CLAUSE = re.compile(
    r"^(?P<asks>where|who|what|how old) (?P<who>I|my \w+) (?P<verb>\w+)", re.IGNORECASE
)
_NOUN = re.compile(r"^my (?:\w+['’]s )?\w+$", re.IGNORECASE)
"""One word for it: "my job interview" is not the job."""
_STATEMENTS = FACT_KINDS | PREFERENCE_KINDS
_EVERYTHING = 10**9
_WEIGHED = 50
"""Memories with the old value that are compared by meaning; more are too many to be meant."""
_SHARED = 0.5
_COSINE = 0.45
_COVERED = 0.8
_CLOSE = 12
_ACTIVATED = Condition(Field.STATUS, Operator.EQ, MemoryStatus.ACTIVATED.value)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A memory and the text it should have."""

    item: MemoryItem
    value: str


class Locator:
    """Finds what a feedback means in one cube.

    Args:
        graph: the memories.
        embedder: compares statements by meaning.
    """

    def __init__(self, graph: GraphReader, embedder: Embedder) -> None:
        self._graph = graph
        self._embedder = embedder

    def named(self, cube: Cube, ids: Sequence[str]) -> list[MemoryItem]:
        """Activated memories with these ids that have a text of their own; others are left out."""
        found = self._graph.get(Scope.of(cube), ids)
        return [
            item
            for item in found
            if item.kind in ALL_KINDS and item.value and item.status is MemoryStatus.ACTIVATED
        ]

    def holding(self, cube: Cube, old: str) -> list[MemoryItem]:
        """Activated memories in which a value stands, as a whole word, in text, title or names."""
        pattern = pattern_of(old)
        return [
            item
            for item in self._apart(cube, self._like(cube, old, activated=True))
            if pattern.search(item.value) or pattern.search(item.key)
        ]

    def rewrites(
        self, cube: Cube, feedback: Feedback, targets: Sequence[MemoryItem], conversation: str
    ) -> list[Rewrite]:
        """Memories that hold the wrong value, with the right one in its place.

        Args:
            cube: whose memory.
            feedback: a correction.
            targets: the memories the caller says it is about; only these are considered if any.
            conversation: breaks ties when nothing but the value is said.
        """
        targets = self._apart(cube, targets)
        if feedback.old:
            return self._with_old(cube, feedback, targets, conversation)
        if feedback.topic and not claims(feedback.statement):
            bare = feedback.topic.split()[-1]
            there = targets or self._apart(cube, self._like(cube, bare, activated=True))
            found = []
            for item in there:
                value = value_of(item.value, feedback.topic)
                if value and value.casefold() != feedback.new.casefold():
                    found.append(Rewrite(item, item.value.replace(value, feedback.new, 1)))
            return found
        said = feedback.new or feedback.statement
        if len(targets) == 1 and not claims(feedback.statement):
            changed = in_shape_of(targets[0].value, said)
            if changed != targets[0].value:
                return [Rewrite(targets[0], changed)]
        return []

    def conflicting(
        self, cube: Cube, feedback: Feedback, targets: Sequence[MemoryItem]
    ) -> list[MemoryItem]:
        """Memories that cannot be true beside a statement: another value of the same state.

        One single target of a denial is meant in any case, and all that a model named.
        """
        if not feedback.wrong:
            return []
        if len(targets) == 1 or feedback.targets:
            return list(targets)
        told = [claim for claim in claims(feedback.statement) if not claim.ended]
        found = {}
        for claim in told:
            tag = Slot(claim.subject, claim.attribute).tag
            where = all_of(_ACTIVATED, Condition(Field.TAGS, Operator.CONTAINS, tag))
            for item in self._graph.find(Scope.of(cube), _STATEMENTS, where).items:
                if contradicts(item, claim):
                    found[item.id] = item
        chosen = {item.id for item in targets}
        return [item for item in found.values() if not chosen or item.id in chosen]

    def forgettable(
        self, cube: Cube, statement: str, targets: Sequence[MemoryItem]
    ) -> tuple[list[MemoryItem], list[tuple[str, str]]]:
        """Memories, former ones too, that say what is to be forgotten; and states asked for whole.

        Args:
            cube: whose memory.
            statement: a sentence ("I live in Oslo") or a topic ("my address"); empty means the
                one target.
            targets: as in `rewrites`.
        """
        if not statement:
            return (list(targets), []) if len(targets) == 1 else ([], [])
        told = set(claims(statement))
        slots = [] if told else _states_named(statement)
        words, said = content(statement), {_key(claim) for claim in told}
        found = {}
        for item in self._apart(cube, self._told(cube, statement, told, slots)):
            stated = claims(item.value, item.speaker)
            same = any(_key(claim) in said for claim in stated)
            slot = any((claim.subject, claim.attribute) in slots for claim in stated)
            plain = not said and not slots and _covers(item, words)
            if same or slot or plain:
                found[item.id] = item
        return list(found.values()), slots

    def without_part_in(
        self, cube: Cube, targets: Sequence[MemoryItem], chosen: Sequence[MemoryItem]
    ) -> list[MemoryItem]:
        """The targets, without combined ones of which a part is chosen already."""
        ids = {item.id for item in chosen}
        return [
            item
            for item in targets
            if not is_combined(item) or ids.isdisjoint(p.id for p in self._apart(cube, [item]))
        ]

    def near(self, cube: Cube, text: str) -> list[MemoryItem]:
        """The activated memories closest to a text, best first."""
        vector = self._embedder.embed([text])[0]
        bucket = Bucket(_STATEMENTS, _CLOSE)
        query = RecallQuery(words=text, vector=vector, buckets=(bucket,))
        return [hit.item for hit in self._graph.recall(Scope.of(cube), query)[0] if hit.item.value]

    def _with_old(
        self, cube: Cube, feedback: Feedback, targets: Sequence[MemoryItem], conversation: str
    ) -> list[Rewrite]:
        old, new = feedback.old, feedback.new
        part = core(old, new)[0]
        there = targets or self._apart(cube, self._like(cube, part, activated=True))
        found = [Rewrite(item, substituted(item.value, old, new)) for item in there]
        found = [r for r in found if r.value != r.item.value and r.item.kind in _STATEMENTS]
        found = _of_same_state(found, feedback.statement)
        rest = content(feedback.statement) - content(new) - content(old)
        if not rest:
            return _latest(found, conversation)
        related = self._related(found, feedback.statement, rest)
        specific = bool(targets) or len(old.split()) > 1
        return related or (found if len(found) == 1 and specific else [])

    def _apart(self, cube: Cube, items: Sequence[MemoryItem]) -> list[MemoryItem]:
        """The memories, with the parts of combined ones in their place: a feedback is about a part."""
        found = {item.id: item for item in items}
        while wholes := [item for item in found.values() if is_combined(item)]:
            parts = {part.id: part for part in parts_of(self._graph, cube, wholes)}
            gone = {whole.id for whole in wholes}
            found = {i: item for i, item in (found | parts).items() if i not in gone}
        return list(found.values())

    def _related(
        self, found: Sequence[Rewrite], statement: str, rest: frozenset[str]
    ) -> list[Rewrite]:
        shared = [r for r in found if len(rest & content(r.item.value)) >= _SHARED * len(rest)]
        if shared or not found or len(found) > _WEIGHED:
            return shared
        vectors = self._embedder.embed([statement, *(r.value for r in found)])
        cosines = vectors[1:] @ vectors[0]
        return [r for r, cosine in zip(found, cosines, strict=True) if cosine >= _COSINE]

    def _told(
        self, cube: Cube, statement: str, told: set[Claim], slots: Sequence[tuple[str, str]]
    ) -> list[MemoryItem]:
        tags = {Slot(claim.subject, claim.attribute).tag for claim in told}
        tags |= {Slot(*slot).tag for slot in slots}
        found: list[MemoryItem] = []
        for tag in sorted(tags):
            where = all_of(Condition(Field.TAGS, Operator.CONTAINS, tag))
            found += self._graph.find(Scope.of(cube), ALL_KINDS, where, limit=_EVERYTHING).items
        found += self._like(cube, _rarest(statement), activated=False)
        return found + self.near(cube, statement)

    def _like(self, cube: Cube, part: str, *, activated: bool) -> list[MemoryItem]:
        if not part:
            return []
        where = all_of(
            Condition(Field.VALUE, Operator.LIKE, part), _ACTIVATED if activated else None
        )
        return list(self._graph.find(Scope.of(cube), ALL_KINDS, where, limit=_EVERYTHING).items)


def _states_named(topic: str) -> list[tuple[str, str]]:
    """The state that a topic names whole: "my age", "where I live", 我的工作."""
    inverted = _CLAUSE.sub(lambda m: f"{m['asks']} {_turned(m['who'], m['verb'])}", topic)
    named = f"What is {topic}?" if _NOUN.match(topic) else topic
    for question in (topic, named, f"{inverted}?", f"{topic}是什么？"):
        found = asked(question, ())[:1]
        if found:
            return [(one.subject, one.attribute) for one in found]
    return []


def _turned(who: str, verb: str) -> str:
    """The subject and the verb of a clause as a question has them."""
    return f"{verb} {who}" if verb in {"am", "is", "are", "was", "were"} else f"do {who} {verb}"


def contradicts(item: MemoryItem, claim: Claim) -> bool:
    """Whether a memory states another value of the claim's state, and nothing else."""
    stated = claims(item.value, item.speaker)
    slots = {(c.subject, c.attribute) for c in stated}
    if slots != {(claim.subject, claim.attribute)}:
        return False
    return all((c.object, c.polarity) != (claim.object, claim.polarity) for c in stated)


def _key(claim: Claim) -> tuple[str, str, str, bool]:
    return claim.subject, claim.attribute, claim.object, claim.polarity


def _of_same_state(found: Sequence[Rewrite], statement: str) -> list[Rewrite]:
    """Memories about the state the statement is about; another one's home is not meant by it."""
    told = {(claim.subject, claim.attribute) for claim in claims(statement)}
    stated = [
        {(c.subject, c.attribute) for c in claims(r.item.value, r.item.speaker)} for r in found
    ]
    if not told:
        return list(found)
    same = [r for r, slots in zip(found, stated, strict=True) if slots & told]
    return same or [r for r, slots in zip(found, stated, strict=True) if not slots]


def _latest(found: Sequence[Rewrite], conversation: str) -> list[Rewrite]:
    """The one memory a bare "600, not 800" can mean: of this conversation, else the last told."""
    here = [r for r in found if r.item.conversation_id == conversation]
    chosen = here or found
    return [max(chosen, key=lambda r: (r.item.created_at, r.item.id))] if chosen else []


def _covers(item: MemoryItem, words: frozenset[str]) -> bool:
    if not words or not item.value:
        return False
    return len(words & content(item.value)) >= _COVERED * len(words)


def _rarest(statement: str) -> str:
    """The longest word of a statement, by which memories that say it are found."""
    words = [w for w in statement.replace("，", " ").split() if content(w)]
    longest = max(words, key=len, default="")
    return longest.strip(".,!?;:'\"。！？")
