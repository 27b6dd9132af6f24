"""One search over the cubes a caller may see: plan, recall, calibrate, order, cut."""

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
from memos.memories.textual.tree_text_memory.retrieve.order import Ranked, ordered
from memos.memories.textual.tree_text_memory.retrieve.plan import plan_query
from memos.memories.textual.tree_text_memory.retrieve.relativity import (
    FACTS,
    PREFERENCES,
    Calibration,
    relativity,
)
from memos.types.clock import Clock
from memos.types.filters import Group
from memos.types.memory import PREFERENCE_KINDS, MemoryKind
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


class Retriever:
    """Finds memories. Stateless; safe to call from several threads."""

    def __init__(
        self, graph: GraphReader, embedder: Embedder, *, clock: Clock, zone: tzinfo
    ) -> None:
        self._graph = graph
        self._embedder = embedder
        self._clock = clock
        self._zone = zone

    def search(
        self,
        query: str,
        sources: Sequence[Source],
        wanted: Sequence[Wanted],
        *,
        threshold: float,
        conversation_id: str | None = None,
    ) -> list[list[Ranked]]:
        """Best memories per list asked for, best first.

        Args:
            query: the question.
            sources: cubes with their filters; hits of all are ranked together by absolute score.
            wanted: the lists.
            threshold: hits of less relativity are left out; 0 keeps all.
            conversation_id: the current conversation, whose memories weigh a little more.
        """
        weights = self._weights()
        merged: list[list[RecallHit]] = [[] for _ in wanted]
        for source in sources:
            known = self._graph.profile(source.scope)
            if not known.rows:
                continue
            plan = plan_query(query, known, self._clock.now_ms(), self._zone)
            recall = RecallQuery(
                words=plan.words,
                vector=None,
                buckets=tuple(
                    Bucket(w.kinds, _MORE * w.limit + _SPARE, source.where) for w in wanted
                ),
                weights=weights,
                times=plan.times,
                speakers=plan.speakers,
            )
            for hits, more in zip(merged, self._recall(source.scope, recall), strict=True):
                hits.extend(more)
        scale = weights.dense / _REFERENCE_DENSE_WEIGHT
        return [
            ordered(_relevant(hits, want.kinds, scale, threshold), conversation_id)[: want.limit]
            for hits, want in zip(merged, wanted, strict=True)
        ]

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


def _relevant(
    hits: Sequence[RecallHit], kinds: frozenset[MemoryKind], scale: float, threshold: float
) -> list[Ranked]:
    calibration = calibration_of(kinds)
    ranked = [Ranked(hit.item, relativity(hit, calibration, scale), hit) for hit in hits]
    return [r for r in ranked if threshold <= 0 or r.relativity >= threshold]


def calibration_of(kinds: frozenset[MemoryKind]) -> Calibration:
    """The fitted model for a list of these kinds."""
    return PREFERENCES if kinds <= PREFERENCE_KINDS else FACTS
