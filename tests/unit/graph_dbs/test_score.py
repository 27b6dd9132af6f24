"""Cues and constants of the score, against numbers worked out by hand."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from memos.graph_dbs.base import Bucket, Kin, RecallHit, TimeTarget
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.memory import MemoryKind
from tests.unit.graph_dbs.examples import ANNS, DIM, asking, segment, vector

DAY = 86_400_000
SEGMENTS = Bucket(frozenset({MemoryKind.SEGMENT}), 20)


def recalled(tmp_path: Path, nodes: list, query) -> dict[str, RecallHit]:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    store.adopt_embedder("random", DIM)
    store.put(ANNS, nodes)
    hits = store.recall(ANNS, query)[0]
    store.close()
    return {hit.item.id: hit for hit in hits}


def test_a_word_is_worth_less_the_farther_its_row(tmp_path: Path) -> None:
    nodes = [segment(f"s{i}", "tea" if i == 5 else "cake", ordinal=i) for i in range(12)]
    hits = recalled(tmp_path, nodes, asking("tea", SEGMENTS))
    weights = {1: 0.0, 2: 0.1, 3: 0.2, 4: 0.3, 5: 1.0, 6: 0.4, 7: 0.3, 8: 0.2, 9: 0.1, 10: 0.0}
    lengths = []
    for i in range(12):
        after = sum(w for o, w in enumerate((0.4, 0.3, 0.2, 0.1), 1) if i - o >= 0)
        before = sum(w for o, w in enumerate((0.3, 0.2, 0.1), 1) if i + o < 12)
        lengths.append(1 + after + before)
    mean = sum(lengths) / 12
    for i, weight in weights.items():
        saturation = 0.9 * (0.6 + 0.4 * lengths[i] / mean)
        assert hits[f"s{i}"].lexical == pytest.approx(weight / (weight + saturation), abs=1e-5)


def test_an_unknown_word_lowers_the_coverage(tmp_path: Path) -> None:
    nodes = [
        segment("s1", "tea", conversation_id=None),
        segment("s2", "cake", conversation_id=None),
    ]
    hits = recalled(tmp_path, nodes, asking("tea zebra", SEGMENTS))
    known, unknown = math.log(1 + 199.5 / 1.5) ** 1.5, math.log(1 + 200.5 / 0.5) ** 1.5
    expected = known / 1.9 / (known + unknown)
    assert hits["s1"].lexical == pytest.approx(expected, abs=1e-6)
    assert hits["s2"].lexical == 0


def test_time_fades_by_calendar_days_and_faster_before(tmp_path: Path) -> None:
    nodes = [
        segment(f"d{day}", "", event_from=day * DAY + 3_600_000, vector=vector(1))
        for day in range(8, 16)
    ]
    target = TimeTarget(10 * DAY, 12 * DAY - 1, 0.5)
    hits = recalled(tmp_path, nodes, asking("", SEGMENTS, times=(target,)))
    gaps = {8: 2 / 3.5, 9: 1 / 3.5, 10: 0, 11: 0, 12: 1 / 7, 13: 2 / 7, 15: 4 / 7}
    for day, gap in gaps.items():
        assert hits[f"d{day}"].time == pytest.approx(0.5 * math.exp(-gap), abs=1e-6)
        assert hits[f"d{day}"].score == pytest.approx(0.4 * 0.5 * math.exp(-gap), abs=1e-5)


@pytest.mark.parametrize(
    ("asked", "cue", "score"),
    [(("Ann",), 2, 0.24), (("Ann", "Bob"), 1, 0.12), (("Bob", "Ann"), 0, 0), (("Eve",), 0, 0)],
)
def test_the_first_named_speaker_is_preferred(
    tmp_path: Path, asked: tuple[str, ...], cue: float, score: float
) -> None:
    nodes = [segment("s1", "tea", speaker="Ann"), segment("s2", "tea", speaker="Bob")]
    hit = recalled(tmp_path, nodes, asking("", SEGMENTS, speakers=asked))["s1"]
    assert hit.speaker == cue
    assert hit.score == pytest.approx(score, abs=1e-5)


def test_a_question_yields_to_its_answer(tmp_path: Path) -> None:
    nodes = [segment("s1", "tea", ordinal=1, is_question=True), segment("s2", "tea", ordinal=2)]
    hits = recalled(tmp_path, nodes, asking("", SEGMENTS))
    assert hits["s1"].score == pytest.approx(-0.10, abs=1e-5)
    assert hits["s2"].score == 0


def test_the_words_of_a_question_count_more_for_the_answer_after_it(tmp_path: Path) -> None:
    found = {}
    for asks in (True, False):
        (tmp_path / str(asks)).mkdir()
        nodes = [
            segment("s1", "kites owned", ordinal=1, is_question=asks),
            segment("s2", "seven", ordinal=2),
        ]
        hits = recalled(tmp_path / str(asks), nodes, asking("kites", SEGMENTS))
        found[asks] = hits["s2"].lexical
    assert found[True] > found[False] > 0


def test_a_member_counts_for_its_class_less_than_the_word_itself(tmp_path: Path) -> None:
    texts = {"s1": "we play sports", "s2": "went bouldering", "s3": "tea"}
    nodes = [segment(uid, words, conversation_id=uid) for uid, words in texts.items()]
    plain = asking("sports", SEGMENTS)
    kin = replace(plain, kin=(Kin("sport", ("boulder", "golf")),))
    (tmp_path / "plain").mkdir()
    (tmp_path / "kin").mkdir()
    alone = recalled(tmp_path / "plain", nodes, plain)
    hits = recalled(tmp_path / "kin", nodes, kin)
    assert alone["s2"].lexical == 0
    assert hits["s1"].lexical == pytest.approx(alone["s1"].lexical)
    assert 0 < hits["s2"].lexical < hits["s1"].lexical
    assert hits["s3"].lexical == 0


def test_the_cosine_is_averaged_over_the_neighbours_that_exist(tmp_path: Path) -> None:
    nodes = [segment(f"s{i}", "", ordinal=i, vector=vector(i)) for i in range(3)]
    query = asking("", SEGMENTS, vector=vector(0))
    own = [float(vector(i) @ vector(0)) - query.weights.mean_cosine for i in range(3)]
    hits = recalled(tmp_path, nodes, query)
    first = (own[0] + 0.3 * own[1] + 0.1 * own[2]) / 1.4
    last = (own[2] + 0.4 * own[1] + 0.2 * own[0]) / 1.6
    assert hits["s0"].dense == pytest.approx(first, abs=1e-3)
    assert hits["s2"].dense == pytest.approx(last, abs=1e-3)
    assert hits["s2"].score == pytest.approx(1.3 * last, abs=2e-3)
