"""Choosing the weight of the cosine by what it finds."""

import pytest

from memos.cli.calibration import corpus_of_pairs
from memos.cli.weight_search import FACTORS, Tried, WeightedEmbedder, choose, try_weights
from memos.embedders.base import Embedder
from memos.embedders.calibrate import CALIBRATION_PAIRS

SURE = tuple([1.0] * 40)
HALF = tuple([1.0, 0.0] * 20)


def test_a_clearly_better_weight_is_chosen() -> None:
    tried = [Tried(0.5, HALF), Tried(1.0, HALF), Tried(2.0, SURE)]
    assert choose(tried, 1.0) == (tried[2], True)


def test_a_gain_within_chance_keeps_the_middle() -> None:
    lucky = (1.0, 1.0, *HALF[2:])
    tried = [Tried(1.0, HALF), Tried(2.0, lucky)]
    assert choose(tried, 1.0) == (tried[0], False)


def test_equal_weights_keep_the_middle() -> None:
    tried = [Tried(weight, SURE) for weight in (0.5, 1.0, 2.0)]
    assert choose(tried, 1.1) == (tried[1], False)


def test_one_question_decides_nothing() -> None:
    tried = [Tried(1.0, (0.0,)), Tried(2.0, (1.0,))]
    assert choose(tried, 1.0) == (tried[0], False)


def test_the_products_own_search_is_asked_with_every_weight(embedder: Embedder) -> None:
    pairs = CALIBRATION_PAIRS[:12]
    weighted = WeightedEmbedder(embedder, 0.05, 1.0)
    seen: list[float] = []
    tried = try_weights(
        weighted, corpus_of_pairs(pairs), most=100, seed=7, on_done=lambda: seen.append(1)
    )
    assert [t.weight for t in tried] == list(FACTORS)
    assert len(seen) == len(FACTORS)
    assert {len(t.recalls) for t in tried} == {12}
    assert max(t.recall for t in tried) == pytest.approx(1.0)
    assert weighted.dense_weight == 1.0


def test_more_questions_than_wanted_are_sampled(embedder: Embedder) -> None:
    pairs = CALIBRATION_PAIRS[:6]
    weighted = WeightedEmbedder(embedder, 0.05, 1.0)
    tried = try_weights(weighted, corpus_of_pairs(pairs), most=2, seed=7, on_done=lambda: None)
    assert {len(t.recalls) for t in tried} == {2}
