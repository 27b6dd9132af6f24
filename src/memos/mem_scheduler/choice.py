"""Notes what is chosen in an add, and draws a preference from what is chosen again and again."""

from collections.abc import Sequence
from datetime import datetime, timezone

from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.mem_scheduler.ingest import AddPayload, Write, provenance
from memos.memories.textual.tendency import CHOICE_TAG, ENOUGH, Choice, choices_of, implied
from memos.memories.textual.tree_text_memory.organize.organizer import Organizer
from memos.types.clock import Clock, derived_id
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import MemoryItem, MemoryKind, Source
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind, Scope

_MOST_EVIDENCE = 50
_EVERYTHING = 10**9
_EVIDENCE = frozenset({MemoryKind.SEGMENT})
_IMPLICIT = frozenset({MemoryKind.IMPLICIT_PREFERENCE})
_Found = Sequence[tuple[Choice, Message]]


class ChoiceLearning:
    """A companion of adds, and a dependent of erasures.

    The evidence of a choice is a node without text: a hash, the message, the conversation.

    Args:
        graph: where evidence is kept.
        organizer: writes the preference that follows.
        clock: record times.
    """

    def __init__(self, graph: GraphStore, organizer: Organizer, clock: Clock) -> None:
        self._graph = graph
        self._organizer = organizer
        self._clock = clock

    def prepare(self, cube: Cube, payload: AddPayload, messages: Sequence[Message]) -> Write:
        """Find choices of the user; what is returned notes them."""
        found = [
            (choice, message)
            for message in messages
            if message.role == "user"
            for choice in choices_of(message.text)
        ]
        return lambda task_id: self._store(cube, payload, found, task_id)

    def forget(self, cube: Cube, message_ids: frozenset[str]) -> list[str]:
        """Take out the evidence in erased messages; preferences left with too little go as well."""
        scope = Scope.of(cube)
        noted = self._tagged(scope, _EVIDENCE, CHOICE_TAG, _EVERYTHING)
        gone = [item for item in noted if item.sources[0].message_id in message_ids]
        if not gone:
            return []
        self._graph.delete(scope, [item.id for item in gone])
        left = []
        for tag in {tag for item in gone for tag in item.tags if tag != CHOICE_TAG}:
            if _occasions(self._tagged(scope, _EVIDENCE, tag, _MOST_EVIDENCE)) < ENOUGH:
                left += [item.id for item in self._tagged(scope, _IMPLICIT, tag, _MOST_EVIDENCE)]
        return left

    def _store(self, cube: Cube, payload: AddPayload, found: _Found, task_id: str) -> None:
        if not found or cube.kind is CubeKind.PUBLIC:
            return
        scope = Scope.of(cube)
        self._graph.put(scope, [NodeWrite(self._noted(cube, c, m)) for c, m in found])
        drafts = []
        for choice, _ in found:
            tag = choice.tag(cube.uid)
            evidence = self._tagged(scope, _EVIDENCE, tag, _MOST_EVIDENCE)
            occasions = _occasions(evidence)
            if occasions >= ENOUGH:
                told = sorted((e.sources[0] for e in evidence), key=lambda s: s.chat_time or 0)
                drafts.append(implied(choice, tag, told, occasions))
        if drafts:
            self._organizer.write(cube, drafts, provenance(task_id, payload))

    def _noted(self, cube: Cube, choice: Choice, message: Message) -> MemoryItem:
        now, tag = self._clock.now_ms(), choice.tag(cube.uid)
        return MemoryItem(
            id=derived_id(cube.uid, tag, message.id),
            cube=cube,
            kind=MemoryKind.SEGMENT,
            value="",
            tags=(CHOICE_TAG, tag),
            event_from=message.chat_time,
            created_at=now,
            updated_at=now,
            conversation_id=message.conversation_id,
            sources=(Source(message.id, message.role, None, None, message.chat_time),),
        )

    def _tagged(
        self, scope: Scope, kinds: frozenset[MemoryKind], tag: str, limit: int
    ) -> list[MemoryItem]:
        where = all_of(Condition(Field.TAGS, Operator.CONTAINS, tag))
        return list(self._graph.find(scope, kinds, where, limit=limit).items)


def _occasions(evidence: Sequence[MemoryItem]) -> int:
    """Conversations, or days if they are more, in which a choice was made."""
    days = {
        datetime.fromtimestamp((item.event_from or 0) / 1000, timezone.utc).date()
        for item in evidence
    }
    return max(len({item.conversation_id for item in evidence}), len(days))
