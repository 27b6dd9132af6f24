"""Says what becomes of one memory in a search: where it stands, or which stage left it out."""

from dataclasses import replace

from memos.errors import NotFoundError
from memos.graph_dbs.base import GraphReader
from memos.handlers.caller import Caller
from memos.handlers.reach import Reach
from memos.handlers.search import SearchCommand, SearchMemory
from memos.memories.textual.tree_text_memory.retrieve.explain import Verdict, score_parts
from memos.memories.textual.tree_text_memory.retrieve.retriever import (
    Question,
    Retriever,
    Source,
    Wanted,
)
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import ALL_KINDS, MemoryItem
from memos.types.scope import Scope

_LONG_LIST = 1000


class ExplainMemory:
    """The use case behind `explain/memory`."""

    def __init__(
        self, graph: GraphReader, retriever: Retriever, search: SearchMemory, reach: Reach
    ) -> None:
        self._reach = reach
        self._graph = graph
        self._retriever = retriever
        self._search = search

    def __call__(self, caller: Caller, command: SearchCommand, memory_id: str) -> Verdict:
        """Follow one memory through the stages of a search.

        Raises:
            NotFoundError: the project has no memory of this id (40001).
        """
        question, _ = self._search.question(caller, command)
        item = self._item(caller, memory_id)
        source = next((s for s in question.sources if item.cube in s.scope.cubes), None)
        if source is None:
            return Verdict("scope", "it belongs to a memory space this search does not cover")
        seen = question.viewpoint.items(self._graph, source.scope, [item]).get(item.id)
        if seen is None:
            return Verdict("time", "it was not known at that time")
        item = seen
        early = self._before_scoring(question, item, source)
        if early is not None:
            return early
        ranked = self._retriever.score(question, memory_id, source)
        if ranked is None:
            return Verdict("recall", "it has no words, no vector and no evidence to be found by")
        scored = Verdict("", "", parts=score_parts(ranked.hit), relativity=ranked.relativity)
        if question.threshold > 0 and ranked.relativity < question.threshold:
            return replace(
                scored,
                stage="relativity",
                detail=f"its relativity is {ranked.relativity:.3f}, below {question.threshold}",
            )
        return self._by_rank(question, item, scored)

    def _item(self, caller: Caller, memory_id: str) -> MemoryItem:
        cube = self._reach.locate(caller, [memory_id]).get(memory_id)
        items = self._graph.get(Scope.of(cube), [memory_id]) if cube else []
        if not items or items[0].kind not in ALL_KINDS:
            raise NotFoundError("no memory of this id in the project", field="memory_id")
        return items[0]

    def _before_scoring(
        self, question: Question, item: MemoryItem, source: Source
    ) -> Verdict | None:
        if all(item.kind not in want.kinds for want in question.wanted):
            return Verdict("kind", f"memories of kind {item.kind.value} are not asked for")
        since = item.created_at if item.event_from is None else item.event_from
        as_of = question.viewpoint.as_of
        if as_of is not None and since > as_of:
            return Verdict("time", "it was not true yet at that time")
        if item.status not in question.statuses:
            return Verdict("status", f"its status is {item.status.value}")
        where = question.viewpoint.filtered(source.where)
        only = all_of(Condition(Field.ID, Operator.EQ, item.id), where)
        if not self._graph.find(source.scope, frozenset({item.kind}), only, limit=1).total:
            return Verdict("filter", "it does not pass the filter")
        return None

    def _by_rank(self, question: Question, item: MemoryItem, scored: Verdict) -> Verdict:
        want = next(w for w in question.wanted if item.kind in w.kinds)
        place = self._place(question, want, item.id)
        if place is not None and place <= want.limit:
            return replace(
                scored, stage="returned", detail=f"it is number {place} of its list", rank=place
            )
        longer = self._place(question, Wanted(want.kinds, _LONG_LIST), item.id)
        if longer is None:
            return replace(
                scored,
                stage="duplicate",
                detail="a better memory says the same, or a thousand others are better",
            )
        return replace(
            scored,
            stage="limit",
            detail=f"it is number {longer}, and {want.limit} are asked for",
            rank=longer,
        )

    def _place(self, question: Question, want: Wanted, memory_id: str) -> int | None:
        found = self._retriever.search(replace(question, wanted=(want,))).lists[0]
        ids = [r.item.id for r in found]
        return ids.index(memory_id) + 1 if memory_id in ids else None
