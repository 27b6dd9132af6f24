"""One search over the cubes a caller may see: plan, recall, calibrate, rerank, order, cut."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from memos.embedders.base import Embedder
from memos.errors import InvalidInputError, ModelUnavailableError
from memos.graph_dbs.base import (
    Bucket,
    GraphReader,
    RecallHit,
    RecallQuery,
    RecallWeights,
    Vector,
)
from memos.memories.textual.tree_text_memory.retrieve.boost import Moment, Ranked
from memos.memories.textual.tree_text_memory.retrieve.order import ordered
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan, plan_query
from memos.memories.textual.tree_text_memory.retrieve.relativity import (
    FACTS,
    PREFERENCES,
    Calibration,
    answerable,
    relativity,
)
from memos.memories.textual.tree_text_memory.retrieve.rerank import OFF, RerankStage
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import ALL_KINDS, PREFERENCE_KINDS, MemoryKind, MemoryStatus
from memos.types.scope import Scope

logger = logging.getLogger(__name__)

_REFERENCE_DENSE_WEIGHT = 1.3
_MORE = 3
_SPARE = 8
_OWN_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Source:
    """Cubes searched under one filter."""

    scope: Scope
    where: Group | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One ranked list asked for: kinds, and at most how many."""

    kinds: frozenset[MemoryKind]
    limit: int


@dataclass(frozen=True, slots=True)
class Question:
    """A search.

    Args:
        text: what is asked.
        sources: cubes with their filters; hits of all are ranked together by absolute score.
        wanted: the lists.
        threshold: hits of less relativity are left out; 0 keeps all.
        conversation_id: the current conversation, whose memories weigh a little more.
        deadline: by when to be back, seconds of the clock's `monotonic`; optional stages that
            would not be done by then are left out.
    """

    text: str
    sources: Sequence[Source]
    wanted: Sequence[Wanted]
    threshold: float
    conversation_id: str | None = None
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Args:
        lists: best memories per list asked for, best first.
        plan: how the question was read (over the first source that holds anything).
        rerank: what became of the reranking stage.
    """

    lists: tuple[tuple[Ranked, ...], ...]
    plan: Plan
    rerank: str = OFF

    @property
    def answerable(self) -> float:
        """Probability, 0..1, that memory holds an answer at all."""
        return answerable([r for found in self.lists for r in found], self.plan.speakers)


class Retriever:
    """Finds memories. Safe to call from several threads.

    Args:
        graph: where they are.
        embedder: makes the question's vector.
        clock: the moment a question is asked.
        zone: zone whose days "yesterday" means.
        reranker: the optional reranking stage.
    """

    def __init__(
        self,
        graph: GraphReader,
        embedder: Embedder,
        *,
        clock: Clock,
        zone: tzinfo,
        reranker: RerankStage | None = None,
    ) -> None:
        self._graph = graph
        self._embedder = embedder
        self._clock = clock
        self._zone = zone
        self._reranker = reranker

    def search(self, question: Question) -> Answer:
        """Best memories per list asked for."""
        weights = self._weights()
        now_ms = self._clock.now_ms()
        plan: Plan | None = None
        merged: list[list[RecallHit]] = [[] for _ in question.wanted]
        for source in question.sources:
            known = self._graph.profile(source.scope)
            if not known.rows:
                continue
            reading = plan_query(question.text, known, now_ms, self._zone)
            plan = plan or reading
            recall = recall_query(reading, weights, question.wanted, source.where)
            for hits, more in zip(merged, self._recall(source.scope, recall), strict=True):
                hits.extend(more)
        scale = weights.dense / _REFERENCE_DENSE_WEIGHT
        relevant = [
            _relevant(hits, want.kinds, scale, question.threshold)
            for hits, want in zip(merged, question.wanted, strict=True)
        ]
        relevant, outcome = self._rerank(relevant, question)
        moment = Moment(now_ms, question.conversation_id)
        lists = tuple(
            tuple(ordered(found, moment)[: want.limit])
            for found, want in zip(relevant, question.wanted, strict=True)
        )
        return Answer(lists, plan or Plan(question.text), outcome)

    def deadline(self, seconds: float | None) -> float | None:
        """The moment `seconds` from now, as a `Question` wants it."""
        return None if seconds is None else self._clock.monotonic() + seconds

    def score(self, question: Question, memory_id: str, source: Source) -> Ranked | None:
        """One memory scored against a question, whatever its state; None when it has no evidence.

        Args:
            question: the search.
            memory_id: the memory.
            source: the source whose scope holds it; its filter is left out.
        """
        weights = self._weights()
        plan = plan_query(
            question.text, self._graph.profile(source.scope), self._clock.now_ms(), self._zone
        )
        only = all_of(Condition(Field.ID, Operator.EQ, memory_id))
        query = recall_query(plan, weights, (), only)
        bucket = Bucket(ALL_KINDS, 1, only, frozenset(MemoryStatus))
        hits = self._recall(source.scope, replace(query, buckets=(bucket,)))[0]
        if not hits:
            return None
        scale = weights.dense / _REFERENCE_DENSE_WEIGHT
        kinds = frozenset({hits[0].item.kind})
        return _relevant(hits, kinds, scale, 0.0)[0]

    def _rerank(
        self, lists: list[list[Ranked]], question: Question
    ) -> tuple[list[list[Ranked]], str]:
        if self._reranker is None:
            return lists, OFF
        deadline = question.deadline
        if deadline is None:
            deadline = self._clock.monotonic() + self._reranker.timeout_s
        return self._reranker.rerank_lists(lists, question.text, deadline=deadline)

    def _weights(self) -> RecallWeights:
        try:
            profile = self._embedder.profile
        except ModelUnavailableError:
            return RecallWeights()
        return RecallWeights(
            dense=profile.dense_weight,
            mean_cosine=profile.mean_cosine,
            own=_OWN_SHARE * profile.dense_weight,
        )

    def _recall(self, scope: Scope, query: RecallQuery) -> list[list[RecallHit]]:
        """Recall with the question's vector, made again when the embedder was just switched."""
        try:
            return self._graph.recall(scope, replace(query, vector=self._vector(query.words)))
        except InvalidInputError:
            return self._graph.recall(scope, replace(query, vector=self._vector(query.words)))

    def _vector(self, words: str) -> Vector | None:
        """Vector of the question; None when no embedder can be had, and words must do."""
        try:
            vector: Vector = self._embedder.embed([words], query=True)[0]
        except ModelUnavailableError as error:
            logger.warning("search without vectors", extra={"code": error.code})
            return None
        return vector


def recall_query(
    plan: Plan, weights: RecallWeights, wanted: Sequence[Wanted], where: Group | None
) -> RecallQuery:
    """The recall of a plan, without its vector. More is fetched than wanted, to order and thin."""
    return RecallQuery(
        words=plan.words,
        vector=None,
        buckets=tuple(Bucket(w.kinds, _MORE * w.limit + _SPARE, where) for w in wanted),
        weights=weights,
        times=plan.times,
        speakers=plan.speakers,
    )


def _relevant(
    hits: Sequence[RecallHit], kinds: frozenset[MemoryKind], scale: float, threshold: float
) -> list[Ranked]:
    calibration = calibration_of(kinds)
    ranked = [Ranked(hit.item, relativity(hit, calibration, scale), hit) for hit in hits]
    return [r for r in ranked if threshold <= 0 or r.relativity >= threshold]


def calibration_of(kinds: frozenset[MemoryKind]) -> Calibration:
    """The fitted model for a list of these kinds."""
    return PREFERENCES if kinds <= PREFERENCE_KINDS else FACTS
