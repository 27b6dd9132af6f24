"""Asks every question of a corpus and measures what comes back. No language model takes part."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from memos.evaluation.corpus import Corpus, Question
from memos.evaluation.metrics import (
    Bin,
    Estimate,
    auroc,
    calibration,
    calibration_error,
    estimate,
    first_hit,
    recall_at,
    within_budget,
)
from memos.evaluation.subject import FIRST_RESULTS, Added, Found, Subject
from memos.types.language import count_tokens

ALL = "all"
_CALIBRATED_RESULTS = 20
_TIMED_QUESTIONS = 400


@dataclass(frozen=True, slots=True)
class RetrievalOptions:
    """What to measure.

    Args:
        k: numbers of results looked at.
        tokens: sizes of a prompt's room for memories, in tokens.
        limit: most memories of a search; no k may be larger, and token budgets end there.
        seed: of the bootstrap and of samples.
        threads: dialogues added, and questions asked, at once.
        threshold: relevance below which the product leaves a result out by default.
    """

    k: tuple[int, ...] = (5, 10, 20, 50)
    tokens: tuple[int, ...] = (500, 1000, 2000)
    limit: int = 100
    seed: int = 7
    threads: int = 1
    threshold: float = 0.45


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it found."""

    question: Question
    dialogue: str
    found: tuple[Found, ...]
    answerable: float = 0.0
    """How sure the product is that it has an answer, 0..1."""

    @property
    def best(self) -> float:
        """Highest relevance of the first results; 0 without one."""
        return max((f.relativity for f in self.found[:FIRST_RESULTS]), default=0.0)


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds: the search a client makes by default, and embedding a question alone."""

    search_p50: float
    search_p95: float
    embed_p50: float
    n: int

    @property
    def ratio(self) -> float:
        """Median search over median embedding."""
        return self.search_p50 / self.embed_p50 if self.embed_p50 else float("nan")


@dataclass(frozen=True, slots=True)
class Answerability:
    """How well relevance tells questions that have an answer from those that have none.

    `foreign` questions are asked of the next dialogue, which cannot know. The first two areas are
    those of the best relevance, the `sure` ones those of the product's own answerability. Shares
    are of questions with at least one result over the default threshold.
    """

    auroc_unanswerable: float
    auroc_foreign: float
    sure_unanswerable: float
    sure_foreign: float
    answered: Estimate
    unanswerable: Estimate
    foreign: Estimate
    calibration: tuple[Bin, ...]
    calibration_error: float


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """Figures of one run. `scores`: metric by category, `ALL` over all answerable questions."""

    corpus: str
    options: RetrievalOptions
    changed: dict[str, str]
    dialogues: int
    turns: int
    questions: int
    without_evidence: int
    notes: dict[str, int]
    memories_per_turn: float
    tokens_per_result: float
    scores: dict[str, dict[str, Estimate]]
    answerability: Answerability
    timing: Timing | None
    asked: tuple[Asked, ...] = field(repr=False, default=())


def measure(
    subject: Subject,
    corpus: Corpus,
    added: Sequence[Added],
    options: RetrievalOptions,
    *,
    changed: dict[str, str] | None = None,
    timed: bool = True,
) -> RetrievalReport:
    """Ask every question of its own dialogue, and of the next one, and summarise.

    Args:
        subject: holds the dialogues.
        corpus: the dialogues with their questions.
        added: the dialogues as `Subject.add` returned them, in the order of the corpus.
        options: what to measure.
        changed: names of changed stages, for the report.
        timed: measure time as well (before everything else, while nothing is cached).
    """
    timing = _time(subject, corpus, added, options) if timed else None
    asked = tuple(ask_all(subject, corpus, added, options))
    brief = replace(options, limit=FIRST_RESULTS)
    foreign = tuple(ask_all(subject, corpus, added, brief, step=1)) if len(added) > 1 else ()
    turns = sum(1 for dialogue in corpus.dialogues for _ in dialogue.turns())
    sizes = [count_tokens(f.text) for a in asked for f in a.found[: options.k[0]]]
    return RetrievalReport(
        corpus=corpus.name,
        options=options,
        changed=changed or {},
        dialogues=len(corpus.dialogues),
        turns=turns,
        questions=len(asked),
        without_evidence=sum(a.question.answerable and not a.question.evidence for a in asked),
        notes=corpus.notes,
        memories_per_turn=sum(subject.memories(a) for a in added) / max(turns, 1),
        tokens_per_result=float(np.mean(sizes)) if sizes else 0.0,
        scores=scores(asked, options),
        answerability=answerability(asked, foreign, options),
        timing=timing,
        asked=asked,
    )


def scores(asked: Sequence[Asked], options: RetrievalOptions) -> dict[str, dict[str, Estimate]]:
    """Recall, hits and rank by category, over answerable questions that name their evidence."""
    rows = [
        (a.question.category, question_scores(a, options))
        for a in asked
        if a.question.answerable and a.question.evidence
    ]
    categories = [ALL, *sorted({category for category, _ in rows})]
    return {
        category: _estimates([row for name, row in rows if category in {ALL, name}], options.seed)
        for category in categories
    }


def _estimates(rows: Sequence[dict[str, float]], seed: int) -> dict[str, Estimate]:
    names = rows[0] if rows else {}
    return {name: estimate([row[name] for row in rows], seed) for name in names}


def question_scores(asked: Asked, options: RetrievalOptions) -> dict[str, float]:
    """All figures of one question, by name."""
    cited = [f.cited for f in asked.found]
    evidence = asked.question.evidence
    rank = first_hit(cited, evidence)
    row = {f"recall@{k}": recall_at(cited, evidence, k) for k in options.k}
    row |= {f"hit@{k}": float(rank is not None and rank <= k) for k in options.k}
    row["MRR"] = 1 / rank if rank else 0.0
    sizes = [count_tokens(f.text) for f in asked.found]
    for budget in options.tokens:
        row[f"recall@{budget}tok"] = recall_at(cited, evidence, within_budget(sizes, budget))
    return row


def answerability(
    asked: Sequence[Asked], foreign: Sequence[Asked], options: RetrievalOptions
) -> Answerability:
    """What relevance says about having an answer at all."""
    known = [a.best for a in asked if a.question.answerable]
    unknown = [a.best for a in asked if not a.question.answerable]
    strange = [a.best for a in foreign if a.question.answerable]
    sure = [a.answerable for a in asked if a.question.answerable]
    pairs = [
        (f.relativity, bool(set(f.cited) & set(a.question.evidence)))
        for a in asked
        if a.question.answerable and a.question.evidence
        for f in a.found[:_CALIBRATED_RESULTS]
    ]
    bins = calibration([p for p, _ in pairs], [hit for _, hit in pairs])

    def share(values: Sequence[float]) -> Estimate:
        return estimate([float(v >= options.threshold) for v in values], options.seed)

    return Answerability(
        auroc_unanswerable=auroc(known, unknown),
        auroc_foreign=auroc(known, strange),
        sure_unanswerable=auroc(sure, [a.answerable for a in asked if not a.question.answerable]),
        sure_foreign=auroc(sure, [a.answerable for a in foreign if a.question.answerable]),
        answered=share(known),
        unanswerable=share(unknown),
        foreign=share(strange),
        calibration=tuple(bins),
        calibration_error=calibration_error(bins),
    )


def ask_all(
    subject: Subject,
    corpus: Corpus,
    added: Sequence[Added],
    options: RetrievalOptions,
    *,
    step: int = 0,
) -> Iterator[Asked]:
    """Every question, in order, asked of the dialogue `step` places further on."""
    work = [
        (question, dialogue.id, added[(place + step) % len(added)])
        for place, dialogue in enumerate(corpus.dialogues)
        for question in dialogue.questions
    ]

    def one(item: tuple[Question, str, Added]) -> Asked:
        question, name, target = item
        said = subject.ask(target, question.text, limit=options.limit, as_of=question.as_of)
        return Asked(question, name, said.found, said.answerable)

    with ThreadPoolExecutor(max(1, options.threads)) as pool:
        yield from pool.map(one, work)


def _time(
    subject: Subject, corpus: Corpus, added: Sequence[Added], options: RetrievalOptions
) -> Timing | None:
    """Time single searches and single embeddings in turn, each on texts not seen before.

    Every other question is searched for and the rest embedded only: the encoder keeps recent
    vectors, so that the same text would be free the second time.
    """
    work = [
        (question.text, added[place])
        for place, dialogue in enumerate(corpus.dialogues)
        for question in dialogue.questions
    ]
    random.Random(options.seed).shuffle(work)
    work = work[:_TIMED_QUESTIONS]
    if len(work) < 2:
        return None
    clock = subject.system.clock.monotonic
    for target in added:
        subject.search(target, "warm up")
    searching: list[float] = []
    embedding: list[float] = []
    for number, (text, target) in enumerate(work):
        start = clock()
        if number % 2:
            subject.system.embedder.embed([text], query=True)
        else:
            subject.search(target, text)
        (embedding if number % 2 else searching).append((clock() - start) * 1000)
    p50, p95 = (float(v) for v in np.percentile(searching, (50, 95)))
    return Timing(p50, p95, float(np.median(embedding)), len(searching))
