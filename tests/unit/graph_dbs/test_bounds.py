"""Estimates with bounds must give the ranking that scoring everything exactly gives."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from memos.graph_dbs.base import Bucket, RecallQuery, RecallWeights
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.graph_dbs.sqlite.code import CodeBuffer, CodedQuery
from memos.types.clock import SystemClock
from memos.types.memory import FACT_KINDS, Edge, EdgeKind, MemoryKind
from tests.unit.graph_dbs.examples import ANNS, fact, segment

DIM = 32
COUNT = 900
WORDS = ["tea", "cake", "boat", "lamp", "river", "train", "garden", "winter"]


def near(random: np.random.Generator, centre: np.ndarray, spread: float) -> np.ndarray:
    drawn = centre + spread * random.normal(size=DIM)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteGraphStore]:
    """Many segments with nearly the same vectors, facts derived from two of three, plain facts."""
    graph = SqliteGraphStore(Path(tmp_path_factory.mktemp("store")) / "graph.db", SystemClock())
    graph.adopt_embedder("random", DIM)
    random = np.random.default_rng(5)
    topics = random.normal(size=(4, DIM))
    for start in range(0, COUNT, 300):  # the later ones are added behind a snapshot
        nodes, edges = [], []
        for i in range(start, start + 300):
            words = " ".join(random.choice(WORDS, 3))
            topic = topics[i % 4]
            talk = f"t{i // 15}"
            given = None if i % 10 == 9 else near(random, topic, 0.02)
            nodes.append(segment(f"s{i:03}", words, vector=given, conversation_id=talk, ordinal=i))
            own = None if i % 10 == 5 else near(random, topic, 0.3)
            nodes.append(fact(f"f{i:03}", words, vector=own))
            if i % 3:
                edges.append(Edge(f"f{i:03}", EdgeKind.DERIVED_FROM, f"s{i:03}"))
                edges.append(Edge(f"f{i:03}", EdgeKind.DERIVED_FROM, f"s{i - 1:03}"))
        graph.put(ANNS, nodes, edges)
        graph.recall(ANNS, RecallQuery("tea", None, (Bucket(FACT_KINDS, 1),)))
    yield graph
    graph.close()


@pytest.mark.parametrize("own", [0.325, 2.0, -0.5, 0.0])
@pytest.mark.parametrize("kinds", [FACT_KINDS, frozenset({MemoryKind.SEGMENT})])
def test_the_best_few_are_the_head_of_the_whole_ranking(
    store: SqliteGraphStore, own: float, kinds: frozenset[MemoryKind]
) -> None:
    random = np.random.default_rng(6)
    everything = Bucket(kinds, 10_000)
    topics = np.random.default_rng(5).normal(size=(4, DIM))
    for turn, limit in enumerate((1, 2, 7, 35) * 3):
        asked = RecallQuery(
            " ".join(random.choice(WORDS, turn % 3)),
            near(random, topics[turn % 4], 0.3),
            (everything, replace(everything, limit=limit)),
            RecallWeights(own=own),
        )
        whole, few = store.recall(ANNS, asked)
        assert len(whole) == COUNT
        assert [(h.item.id, h.score) for h in few] == [(h.item.id, h.score) for h in whole[:limit]]


def test_an_estimated_cosine_stays_within_its_bound() -> None:
    random = np.random.default_rng(7)
    spiky = random.normal(size=(500, DIM)) ** 3
    vectors = (spiky / np.linalg.norm(spiky, axis=1, keepdims=True)).astype(np.float16)
    vectors[3] = 0
    codes = CodeBuffer.of(vectors, np.arange(500))
    for _ in range(20):
        question = near(random, random.normal(size=DIM) ** 3, 0.1)
        coded = CodedQuery(question)
        exact = vectors.astype(np.float64) @ question.astype(np.float64)
        off = np.abs(codes.cosines(coded, 500) - exact)
        assert off.max() <= codes.slack(coded) < 0.05
        assert off[3] == 0


def test_a_derived_node_stays_as_near_to_its_segment_as_was_measured(tmp_path: Path) -> None:
    graph = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    graph.adopt_embedder("random", DIM)
    random = np.random.default_rng(8)
    centre = random.normal(size=DIM)

    def write(first: int, end: int, spread: float) -> None:
        nodes = []
        for i in range(first, end):
            nodes.append(segment(f"s{i}", "tea", vector=near(random, centre, spread)))
            nodes.append(fact(f"f{i}", "tea", vector=near(random, centre, 2 * spread)))
        edges = [Edge(f"f{i}", EdgeKind.DERIVED_FROM, f"s{i}") for i in range(first, end)]
        graph.put(ANNS, nodes, edges)

    def check() -> None:
        graph.recall(ANNS, RecallQuery("tea", None, (Bucket(FACT_KINDS, 1),)))
        (snapshot,) = graph._cache._held.values()
        leaning, derived = snapshot.leaning, snapshot.evidence.derived
        exact = snapshot.vectors.exact.view(len(snapshot.nodes)).astype(np.float64)
        assert len(derived) == len(leaning.slot) > 0
        assert (leaning.slot > 0).all()
        for _ in range(20):
            question = near(random, centre, 1.0).astype(np.float64)
            products = exact @ question
            guess = leaning.along * products[snapshot.rows[leaning.slot - 1]]
            off = np.abs(products[derived] - guess)
            assert (off <= leaning.across * np.linalg.norm(question)).all()

    write(0, 30, 0.05)
    check()
    write(20, 40, 0.4)  # some replaced: their segments went and came back as other rows
    check()
    graph.put(ANNS, [segment("s3", "tea", vector=near(random, centre, 3.0))])  # not its memory
    check()
    graph.delete(ANNS, ["f1", "f7"])
    check()
    graph.close()
