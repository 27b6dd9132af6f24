from dataclasses import fields

import numpy as np
import pytest

from memos.errors import InvalidInputError
from memos.evaluation.stage import STAGES, ChangedGraph, changes
from memos.graph_dbs.base import Kin, RecallHit, RecallQuery, RecallWeights, TimeTarget
from memos.types.scope import Cube, CubeKind, Scope

SCOPE = Scope.of(Cube("p", CubeKind.USER, "u"))
QUERY = RecallQuery(
    words="kite",
    vector=np.ones(2, np.float32),
    buckets=(),
    times=(TimeTarget(0, 1),),
    speakers=("Ana",),
    kin=(Kin("toy", ("kite",)),),
)


class Listening:
    """A store that notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[RecallQuery] = []

    def recall(self, _scope: Scope, query: RecallQuery) -> list[list[RecallHit]]:
        self.asked.append(query)
        return []


def asked(*ablate: str, **weights: float) -> RecallQuery:
    store = Listening()
    ChangedGraph(store, changes(ablate, weights)).recall(SCOPE, QUERY)  # type: ignore[arg-type]
    return store.asked[0]


def test_without_changes_the_store_is_asked_what_the_product_asks():
    assert asked() is QUERY


@pytest.mark.parametrize(
    ("stage", "part", "off"),
    [("lexical", "words", ""), ("dense", "vector", None), ("times", "times", ()), ("speakers", "speakers", ()), ("kin", "kin", ())],
)  # fmt: skip
def test_a_stage_switched_off_is_gone_and_the_others_stay(stage: str, part: str, off: object):
    changed = asked(stage)

    assert getattr(changed, part) == off
    rest = {f.name for f in fields(RecallQuery)} - {part}
    assert all(getattr(changed, name) is getattr(QUERY, name) for name in rest)


def test_a_weight_set_replaces_that_weight_only():
    changed = asked(time=0.9)

    assert changed.weights == RecallWeights(time=0.9)


def test_stages_and_weights_add_up():
    changed = asked("own", "dense", speaker=-1.0)

    assert changed.vector is None
    assert (changed.weights.own, changed.weights.speaker) == (0.0, -1.0)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(InvalidInputError, match="lexical"):
        changes(["nonsense"])
    with pytest.raises(InvalidInputError, match="mean_cosine"):
        changes([], {"nonsense": 1.0})


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_changes_something(stage: str):
    assert asked(stage) != QUERY if stage != "dense" else asked(stage).vector is None
