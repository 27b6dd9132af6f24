"""The weight of the cosine that finds most, tried through the product's own search."""

import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from memos.embedders.base import Embedder, EmbedderProfile

if TYPE_CHECKING:
    from memos.evaluation.corpus import Corpus, Question
    from memos.evaluation.subject import Added, Subject

FACTORS = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
_RESULTS = 10


@dataclass(frozen=True, slots=True)
class Tried:
    """One weight: recall@10 of every question, in the same order for all weights."""

    weight: float
    recalls: tuple[float, ...]

    @property
    def recall(self) -> float:
        """Mean recall@10, 0..1."""
        return statistics.fmean(self.recalls)


class WeightedEmbedder:
    """An embedder whose constants can be changed while it is in use.

    Args:
        inner: makes the vectors; not closed by this.
        mean_cosine: mu0.
        dense_weight: lambda.
    """

    def __init__(self, inner: Embedder, mean_cosine: float, dense_weight: float) -> None:
        self._inner = inner
        self.mean_cosine = mean_cosine
        self.dense_weight = dense_weight

    @property
    def profile(self) -> EmbedderProfile:
        """The inner profile with the constants of now."""
        return replace(
            self._inner.profile, mean_cosine=self.mean_cosine, dense_weight=self.dense_weight
        )

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """As the inner embedder."""
        return self._inner.embed(texts, query=query)

    def close(self) -> None:
        """Nothing: the inner embedder belongs to someone else."""


def try_weights(
    embedder: WeightedEmbedder,
    corpus: "Corpus",
    *,
    most: int,
    seed: int,
    on_done: Callable[[], None],
) -> list[Tried]:
    """Add the dialogues to a store of their own and ask their questions with every weight.

    Args:
        embedder: its weight is the middle of the grid, and is what it was afterwards.
        corpus: dialogues with questions that cite turns.
        most: most questions; more are sampled.
        seed: of the sample.
        on_done: called after each weight.
    """
    from memos.evaluation.subject import open_subject

    middle = embedder.dense_weight
    tried = []
    with (
        tempfile.TemporaryDirectory(prefix="memos-calibrate-") as folder,
        open_subject(Path(folder), embedder=embedder) as subject,
    ):
        added = subject.add(corpus.dialogues)
        work = [
            (question, target)
            for dialogue, target in zip(corpus.dialogues, added, strict=True)
            for question in dialogue.questions
            if question.evidence
        ]
        if len(work) > most:
            work = random.Random(seed).sample(work, most)
        for factor in FACTORS:
            embedder.dense_weight = middle * factor
            recalls = tuple(_recall(subject, target, question) for question, target in work)
            tried.append(Tried(embedder.dense_weight, recalls))
            on_done()
    embedder.dense_weight = middle
    return tried


def choose(tried: Sequence[Tried], middle: float) -> tuple[Tried, bool]:
    """The weight to use, and whether it is better than the middle one by more than chance.

    The best mean recall wins when it beats the middle by more than two standard errors of the
    paired differences; else the middle stays. Retrieval hardly depends on the weight within a
    factor of two, so that a best of nine would often be luck.
    """
    start = min(tried, key=lambda t: abs(t.weight - middle))
    best = max(tried, key=lambda t: t.recall)
    gains = [b - a for a, b in zip(start.recalls, best.recalls, strict=True)]
    if len(gains) < 2:
        return start, False
    error = statistics.stdev(gains) / len(gains) ** 0.5
    better = statistics.fmean(gains) > 2 * error
    return (best, True) if better else (start, False)


def _recall(subject: "Subject", target: "Added", question: "Question") -> float:
    from memos.evaluation.metrics import recall_at

    response = subject.ask(target, question.text, limit=_RESULTS, as_of=question.as_of)
    return recall_at([f.cited for f in response.found], question.evidence, _RESULTS)
