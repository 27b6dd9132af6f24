"""The constants of an embedder measured on text at hand, as far as text alone can tell."""

from collections.abc import Sequence

import numpy as np

from memos.embedders.calibrate import CALIBRATION_PAIRS, Encoder
from memos.errors import InvalidInputError
from memos.types.language import is_chinese

FEWEST = 20
"""Texts below which a mean over pairs says little."""


def mean_cosine(encoder: Encoder, texts: Sequence[str]) -> float:
    """Mean cosine of texts with general questions they do not answer (mu0), -1..1.

    Texts among themselves would not do: what is said in one store shares its tone and its topics.
    For the bundled encoder the turns of a chat have a mean cosine of 0.29 with one another, and of
    0.03 with these questions; that of real questions with turns that do not answer them is 0.05.

    Args:
        encoder: what to measure.
        texts: statements like those in the store; the questions are in their language, English or
            Chinese.

    Raises:
        InvalidInputError: fewer than 20 distinct, non-blank texts.
        ModelUnavailableError, ModelReplyError: as the encoder.
    """
    distinct = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    _require(len(distinct), "texts")
    chinese = 2 * sum(map(is_chinese, distinct)) > len(distinct)
    questions = [q for q, _ in CALIBRATION_PAIRS if is_chinese(q) == chinese]
    cosines = encoder.embed(questions, query=True) @ encoder.embed(distinct).T
    return float(np.mean(cosines, dtype=np.float64))


def mean_cosine_of_pairs(encoder: Encoder, pairs: Sequence[tuple[str, str]]) -> float:
    """Mean cosine of questions with the passages of other questions (mu0), -1..1.

    A passage that answers several questions is not held against any of them.

    Raises:
        InvalidInputError: fewer than 20 pairs, or one passage for all.
        ModelUnavailableError, ModelReplyError: as the encoder.
    """
    _require(len(pairs), "pairs")
    passages = list(dict.fromkeys(passage for _, passage in pairs))
    if len(passages) < 2:
        raise InvalidInputError("all questions have the same passage; different ones are needed")
    place = {passage: column for column, passage in enumerate(passages)}
    questions: dict[str, set[int]] = {}
    for question, passage in pairs:
        questions.setdefault(question, set()).add(place[passage])
    cosines = np.asarray(encoder.embed(list(questions), query=True), dtype=np.float64)
    cosines = cosines @ np.asarray(encoder.embed(passages), dtype=np.float64).T
    foreign = np.ones(cosines.shape, dtype=bool)
    for row, own in enumerate(questions.values()):
        foreign[row, list(own)] = False
    return float(cosines[foreign].mean())


def _require(count: int, what: str) -> None:
    if count < FEWEST:
        raise InvalidInputError(
            f"{count} different {what} are too few to measure an embedder; give {FEWEST} or more,"
            " better some hundreds"
        )
