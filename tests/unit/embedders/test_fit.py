from collections.abc import Sequence

import numpy as np
import pytest

from memos.embedders.base import Embedder
from memos.embedders.calibrate import CALIBRATION_PAIRS
from memos.embedders.fit import mean_cosine, mean_cosine_of_pairs
from memos.errors import InvalidInputError


class Angles:
    """Questions point along one axis; a text that is a number lies at that cosine to it."""

    def __init__(self) -> None:
        self.questions: list[str] = []

    def embed(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
        if query:
            self.questions = list(texts)
        cosines = [1.0 if query else float(text) for text in texts]
        return np.array([[c, (1 - c * c) ** 0.5] for c in cosines], dtype=np.float32)


STEPS = [f"{n / 100}" for n in range(20)]


def test_the_mean_is_that_of_questions_with_distinct_texts() -> None:
    assert mean_cosine(Angles(), [*STEPS, "0.0 ", *["0.19"] * 50, " "]) == pytest.approx(0.095)


def test_questions_are_in_the_language_of_the_texts(embedder: Embedder) -> None:
    class Watched(Angles):
        def embed(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
            if query:
                self.questions = list(texts)
            return np.eye(2, dtype=np.float32)[[0] * len(texts)]

    watched = Watched()
    mean_cosine(watched, [f"第{n}次我去了上海。" for n in range(20)])
    assert len(watched.questions) == 8
    mean_cosine(watched, [f"I went there {n} times." for n in range(20)])
    assert len(watched.questions) == 16


def test_the_passages_of_a_question_itself_do_not_count() -> None:
    class Own(Angles):
        def embed(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
            # Question n and passage n share an axis, and all share a little.
            rows = np.full((len(texts), 40), 0.0)
            for row, text in enumerate(texts):
                rows[row, int(text.split()[1])] = 1.0
                rows[row, 39] = 0.5
            return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    pairs = [(f"q {n}", f"p {n}") for n in range(20)]
    assert mean_cosine_of_pairs(Own(), pairs) == pytest.approx(0.25 / 1.25)
    twice = [*pairs, ("q 0", "p 30"), ("q 1", "p 0")]
    assert mean_cosine_of_pairs(Own(), twice) == pytest.approx(0.25 / 1.25, abs=0.01)


@pytest.mark.parametrize("count", [0, 19])
def test_too_little_text_is_refused(count: int) -> None:
    with pytest.raises(InvalidInputError, match=str(count)):
        mean_cosine(Angles(), STEPS[:count])
    with pytest.raises(InvalidInputError, match=str(count)):
        mean_cosine_of_pairs(Angles(), [("q", text) for text in STEPS[:count]])


def test_one_passage_for_all_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="same passage"):
        mean_cosine_of_pairs(Angles(), [(str(n), "0.1") for n in range(20)])


def test_both_ways_agree_for_the_bundled_encoder(embedder: Embedder) -> None:
    by_pairs = mean_cosine_of_pairs(embedder, CALIBRATION_PAIRS)
    by_texts = mean_cosine(embedder, [answer for _, answer in CALIBRATION_PAIRS])
    assert by_pairs == pytest.approx(0.045, abs=0.01)
    assert by_texts == pytest.approx(by_pairs, abs=0.04)
