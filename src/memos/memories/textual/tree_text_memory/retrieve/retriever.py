"""One search over the cubes a caller may see: plan, recall, calibrate, rerank, order, cut."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from memos.embedders.base import Embedder
from memos.errors import InvalidInputError
from memos.graph_dbs.base import (
    Bucket,
    GraphReader,
    RecallHit,
    RecallQuery,
    RecallWeights,
)
from memos.memories.textual.tree_text_memory.organize.organizer import is_rough
from memos.memories.textual.tree_text_memory.retrieve.asked import asked_alone
from memos.memories.textual.tree_text_memory.retrieve.boost import Moment, Ranked
from memos.memories.textual.tree_text_memory.retrieve.chronology import in_sequence, on_the_day
from memos.memories.textual.tree_text_memory.retrieve.encode import (
    DONE,
    Encoding,
    QuestionEncoder,
)
from memos.memories.textual.tree_text_memory.retrieve.exact import (
    exact_bucket,
    exact_strings,
    lifted,
)
from memos.memories.textual.tree_text_memory.retrieve.lift import Lift, Lifter
from memos.memories.textual.tree_text_memory.retrieve.order import ordered
from memos.memories.textual.tree_text_memory.retrieve.plan import Plan, plan_query
from memos.memories.textual.tree_text_memory.retrieve.plan_kind import QuestionKind
from memos.memories.textual.tree_text_memory.retrieve.relativity import (
    FACTS,
    PREFERENCES,
    Calibration,
    answerable,
    relativity,
)
from memos.memories.textual.tree_text_memory.retrieve.rerank import OFF, RerankStage
from memos.memories.textual.tree_text_memory.retrieve.states import (
    StateQuestion,
    judged,
    state_question,
)
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import HERE_AND_NOW, Viewpoint
from memos.memories.textual.tree_text_memory.retrieve.word_class import kin_of
from memos.types.clock import Clock
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.lifecycle import is_due
from memos.types.memory import ALL_KINDS, LIVE, PREFERENCE_KINDS, MemoryKind, MemoryStatus
from memos.types.scope import Scope

_REFERENCE_DENSE_WEIGHT = 1.3
FURTHER = 0.45
"""What a memory found by a further query counts less (docs/evaluation.md has what it saves)."""
_MORE = 2
_SPARE = 4
_FIGURES = frozenset({QuestionKind.WHEN, QuestionKind.HOW_MANY, QuestionKind.HOW_LONG})


@dataclass(frozen=True, slots=True)
class Source:
    """Cubes searched under one filter.

    What is `timeless` is not nearer to a day because it was stored on it.
    """

    scope: Scope
    where: Group | None = None
    timeless: bool = False


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
        more: further questions searched for; a memory counts by the best of its scores, those of
            further questions lowered.
        viewpoint: from where in time memory is looked at.
        statuses: what may be found.
    """

    text: str
    sources: Sequence[Source]
    wanted: Sequence[Wanted]
    threshold: float
    conversation_id: str | None = None
    deadline: float | None = None
    more: tuple[str, ...] = ()
    viewpoint: Viewpoint = HERE_AND_NOW
    statuses: frozenset[MemoryStatus] = LIVE


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Args:
        lists: best memories per list asked for, best first.
        plan: how the question was read (over the first source that holds anything).
        rerank: what became of the reranking stage.
        dense: what became of the question's vector.
        answerable: probability, 0..1, that memory holds an answer at all.
    """

    lists: tuple[tuple[Ranked, ...], ...]
    plan: Plan
    rerank: str = OFF
    dense: str = DONE
    answerable: float = 0.0


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
        self._encoder = QuestionEncoder(embedder, clock)
        self._clock = clock
        self._zone = zone
        self._reranker = reranker
        self.lifters: tuple[Lifter, ...] = ()

    def search(self, question: Question) -> Answer:
        """Best memories per list asked for."""
        encoding = self._encoder.begin(question.deadline)
        weights = encoding.weights()
        now_ms = question.viewpoint.present(self._clock.now_ms())
        plan: Plan | None = None
        states: StateQuestion | None = None
        lifts: list[Lift] = []
        merged: list[dict[str, RecallHit]] = [{} for _ in question.wanted]
        searches = _searches(question)
        for source in question.sources:
            known = self._graph.profile(source.scope)
            if not known.rows:
                continue
            where = question.viewpoint.filtered(source.where)
            raised = self._lifts(question, source.scope, now_ms)
            lifts += raised
            for text, less in searches:
                reading = plan_query(text, known, now_ms, self._zone)
                if plan is None:
                    plan, states = reading, _states(question, text, reading, now_ms)
                recall = recall_query(reading, weights, question, where)
                extra = _extra_buckets(reading, states, where)
                if source.timeless:
                    recall = replace(recall, times=())
                extra += [lift.bucket(where) for lift in raised]
                found = self._seen(question, source, recall, (extra, encoding))
                _gather(merged, _lowered(found, less), question.wanted)
        scale = weights.dense / _REFERENCE_DENSE_WEIGHT
        plan = plan or Plan(question.text)
        weighed = [
            _weighed(_ranked([*best.values()], want.kinds, scale), plan, states, question.statuses)
            for best, want in zip(merged, question.wanted, strict=True)
        ]
        sure = answerable([r for found in weighed for r in found], plan.speakers, scale)
        for lift in lifts:
            weighed = [lift.judged(found, question.threshold) for found in weighed]
        relevant = [_relevant(found, question.threshold) for found in weighed]
        relevant, outcome = self._rerank(relevant, question)
        moment = Moment(now_ms, question.conversation_id, plan.speakers, plan.kind in _FIGURES)
        lists = tuple(
            tuple(ordered(found, moment)[: want.limit])
            for found, want in zip(relevant, question.wanted, strict=True)
        )
        return Answer(lists, plan, outcome, encoding.outcome, sure)

    def _lifts(self, question: Question, scope: Scope, now_ms: int) -> list[Lift]:
        """What the question must consider: of the present only."""
        if question.viewpoint != HERE_AND_NOW or question.statuses != LIVE:
            return []
        return [
            lift for lifter in self.lifters for lift in lifter.lifts(question.text, scope, now_ms)
        ]

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
        encoding = self._encoder.begin(question.deadline)
        weights = encoding.weights()
        known = self._graph.profile(source.scope)
        now_ms = question.viewpoint.present(self._clock.now_ms())
        only = all_of(Condition(Field.ID, Operator.EQ, memory_id))
        bucket = Bucket(ALL_KINDS, 1, only, frozenset(MemoryStatus))
        best: dict[str, RecallHit] = {}
        for text, less in reversed(_searches(question)):  # the plan left is the question's own
            plan = plan_query(text, known, now_ms, self._zone)
            query = replace(
                recall_query(plan, weights, replace(question, wanted=()), only), buckets=(bucket,)
            )
            if source.timeless:
                query = replace(query, times=())
            found = self._recall(source.scope, query, encoding)
            _keep_best(best, _lowered(found, less)[0])
        if not best:
            return None
        hits = _viewed(self._graph, question.viewpoint, source.scope, [[*best.values()]])[0]
        if not hits:
            return None
        scale = weights.dense / _REFERENCE_DENSE_WEIGHT
        ranked = _ranked(hits, frozenset({hits[0].item.kind}), scale)
        states = _states(question, question.text, plan, now_ms)
        return next(iter(_weighed(ranked, plan, states, question.statuses)), ranked[0])

    def _rerank(
        self, lists: list[list[Ranked]], question: Question
    ) -> tuple[list[list[Ranked]], str]:
        if self._reranker is None:
            return lists, OFF
        deadline = question.deadline
        if deadline is None:
            deadline = self._clock.monotonic() + self._reranker.timeout_s
        return self._reranker.rerank_lists(lists, question.text, deadline=deadline)

    def _seen(
        self,
        question: Question,
        source: Source,
        query: RecallQuery,
        more: tuple[Sequence[Bucket], Encoding],
    ) -> list[list[RecallHit]]:
        """Recall from the question's point in time, with more buckets than the query's."""
        extra, encoding = more
        buckets = [question.viewpoint.bucket(bucket) for bucket in (*query.buckets, *extra)]
        found = self._recall(source.scope, replace(query, buckets=tuple(buckets)), encoding)
        found = _viewed(self._graph, question.viewpoint, source.scope, found)
        return _holding(found, question, question.viewpoint.present(self._clock.now_ms()))

    def _recall(
        self, scope: Scope, query: RecallQuery, encoding: Encoding
    ) -> list[list[RecallHit]]:
        """Recall with the question's vector, made again when the embedder was just switched."""
        try:
            return self._graph.recall(scope, replace(query, vector=encoding.vector(query.words)))
        except InvalidInputError:
            return self._graph.recall(scope, replace(query, vector=encoding.vector(query.words)))


def _holding(
    found: list[list[RecallHit]], question: Question, present: int
) -> list[list[RecallHit]]:
    """Without memories whose end has come unmarked, and rough ones that were refined."""
    ended = MemoryStatus.EXPIRED in question.statuses
    return [
        [
            hit
            for hit in hits
            if (ended or not is_due(hit.item, present))
            and (hit.item.status in LIVE or not is_rough(hit.item))
        ]
        for hits in found
    ]


def _viewed(
    graph: GraphReader,
    viewpoint: Viewpoint,
    scope: Scope,
    found: list[list[RecallHit]],
) -> list[list[RecallHit]]:
    """Hits with the memories as they are seen from a point in time."""
    if not viewpoint.is_moved:
        return found
    distinct = {hit.item.id: hit.item for hits in found for hit in hits}
    items = viewpoint.items(graph, scope, [*distinct.values()])
    return [
        [hit._replace(item=items[hit.item.id]) for hit in hits if hit.item.id in items]
        for hits in found
    ]


def _states(question: Question, text: str, plan: Plan, now_ms: int) -> StateQuestion | None:
    asked = state_question(text, plan, now_ms)
    as_of = question.viewpoint.as_of
    return asked if asked is None or as_of is None else asked.at(as_of)


def _searches(question: Question) -> list[tuple[str, float]]:
    """The texts to search for, the question first, and what a hit of each counts less."""
    own = (question.text, *asked_alone(question.text))
    return [*((text, 0.0) for text in own), *((text, FURTHER) for text in question.more)]


def _lowered(found: list[list[RecallHit]], less: float) -> list[list[RecallHit]]:
    """Hits with lower scores: those of the question's own text come first of equals."""
    if not less:
        return found
    return [[hit._replace(score=hit.score - less) for hit in hits] for hits in found]


def _gather(
    merged: Sequence[dict[str, RecallHit]],
    found: Sequence[Sequence[RecallHit]],
    wanted: Sequence[Wanted],
) -> None:
    """Add the hits of a recall; those of a last, extra bucket to the lists of their kinds."""
    for best, hits in zip(merged, found, strict=False):
        _keep_best(best, hits)
    for hits in found[len(merged) :]:
        for best, want in zip(merged, wanted, strict=True):
            _keep_best(best, [hit for hit in hits if hit.item.kind in want.kinds])


def _keep_best(best: dict[str, RecallHit], hits: Sequence[RecallHit]) -> None:
    """Add hits by the id of their memory, where they score more than what is there."""
    for hit in hits:
        known = best.get(hit.item.id)
        if known is None or hit.score > known.score:
            best[hit.item.id] = hit


def recall_query(
    plan: Plan, weights: RecallWeights, question: Question, where: Group | None
) -> RecallQuery:
    """The recall of a plan, without its vector. More is fetched than wanted, to order and thin."""
    return RecallQuery(
        words=plan.words,
        vector=None,
        buckets=tuple(
            Bucket(w.kinds, _MORE * w.limit + _SPARE, where, question.statuses)
            for w in question.wanted
        ),
        weights=weights,
        times=plan.times,
        speakers=plan.speakers,
        together=plan.together,
        kin=kin_of(plan.words),
    )


def _ranked(hits: Sequence[RecallHit], kinds: frozenset[MemoryKind], scale: float) -> list[Ranked]:
    calibration = calibration_of(kinds)
    return [Ranked(hit.item, relativity(hit, calibration, scale), hit) for hit in hits]


def _extra_buckets(plan: Plan, states: StateQuestion | None, where: Group | None) -> list[Bucket]:
    """What is considered besides the best scores: statements of a state, and exact strings."""
    buckets = [] if states is None else [states.bucket(where)]
    strings = exact_strings(plan)
    return [*buckets, exact_bucket(strings, where)] if strings else buckets


def _weighed(
    ranked: Sequence[Ranked],
    plan: Plan,
    states: StateQuestion | None,
    statuses: frozenset[MemoryStatus],
) -> list[Ranked]:
    """Lift what holds an exact string that is asked for, and what answers by its date or state."""
    found = on_the_day(lifted(ranked, exact_strings(plan)), plan)
    return in_sequence(found, plan) if states is None else judged(found, states, statuses)


def _relevant(weighed: Sequence[Ranked], threshold: float) -> list[Ranked]:
    """What is relevant enough."""
    return [r for r in weighed if threshold <= 0 or r.relativity >= threshold]


def calibration_of(kinds: frozenset[MemoryKind]) -> Calibration:
    """The fitted model for a list of these kinds."""
    return PREFERENCES if kinds <= PREFERENCE_KINDS else FACTS
