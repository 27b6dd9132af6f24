"""What every memory graph store does, whichever engine is behind it."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from memos.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from memos.graph_dbs.base import Bucket, GraphStore, NodeWrite
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, KnownAt, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.memory import (
    ALL_KINDS,
    FACT_KINDS,
    Edge,
    EdgeKind,
    MemoryKind,
    MemoryStatus,
    Source,
)
from memos.types.scope import Cube, CubeKind, Scope
from tests.unit.graph_dbs.examples import (
    ANN,
    ANNS,
    BOB,
    BOBS,
    BOTH,
    DIM,
    FACTS,
    OTHER,
    asking,
    fact,
    segment,
    vector,
)

Open = Callable[[str], GraphStore]
SEGMENTS = Bucket(frozenset({MemoryKind.SEGMENT}), 10)
DERIVED = EdgeKind.DERIVED_FROM


def sqlite_stores(folder: Path) -> Open:
    return lambda name: SqliteGraphStore(folder / f"{name}.db", SystemClock())


ENGINES = {"sqlite": sqlite_stores}


@pytest.fixture(params=sorted(ENGINES))
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens stores by name; the same name is the same data. All are closed at the end."""
    opened: list[GraphStore] = []
    make = ENGINES[request.param](tmp_path)

    def open_one(name: str = "graph") -> GraphStore:
        opened.append(make(name))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Open) -> GraphStore:
    graph = open_store("graph")
    graph.adopt_embedder("random", DIM)
    return graph


def found(store: GraphStore, words: str, *buckets: Bucket, scope: Scope = ANNS) -> list[str]:
    return [hit.item.id for hit in store.recall(scope, asking(words, *buckets))[0]]


def test_a_node_comes_back_as_it_was_put(store: GraphStore) -> None:
    node = fact(
        "f1",
        "Ann moved to 上海.",
        key="move",
        background="b",
        reasoning="r",
        speaker="Ann",
        tags=("home", "mode:fine"),
        entities=("上海",),
        confidence=0.5,
        version=3,
        event_from=5,
        event_until=7,
        created_at=1,
        updated_at=2,
        ordinal=4,
        is_question=True,
        content_hash="abc",
        sources=(Source("m1", "user", 0, 4, 9), Source("m2", "assistant")),
        conversation_id="talk",
        agent_id="agent",
        app_id="app",
        info={"scene": "chat", "n": [1, 2.5, None, {"x": True}]},
        vector=vector(1),
    )
    store.put(ANNS, [node])
    assert store.get(ANNS, ["missing", "f1"]) == [node.item]


def test_ids_come_back_in_the_order_asked(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1"), fact("f2"), fact("f3")])
    assert [item.id for item in store.get(ANNS, ["f3", "f1", "f2"])] == ["f3", "f1", "f2"]


def test_another_cube_sees_nothing(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "moved to Paris")], [])
    store.put(ANNS, [], [Edge("f1", EdgeKind.RELATED_TO, "f1")])
    for scope in (BOBS, Scope.of(OTHER)):
        assert store.get(scope, ["f1"]) == []
        assert store.find(scope, FACT_KINDS).total == 0
        assert found(store, "Paris", scope=scope) == []
        assert store.edges(scope, ["f1"]) == []
        assert store.profile(scope).rows == 0
        assert store.delete(scope, ["f1"]) == 0
        assert store.delete_cubes(scope) == 0
    assert found(store, "Paris") == ["f1"]


def test_the_id_of_another_cube_cannot_be_taken(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "mine")])
    with pytest.raises(NotAllowedError):
        store.put(BOBS, [fact("f2", cube=BOB), fact("f1", "yours", cube=BOB)])
    assert store.get(BOTH, ["f1", "f2"])[0].value == "mine"
    assert store.get(BOBS, ["f2"]) == []


def test_a_node_outside_the_scope_is_refused(store: GraphStore) -> None:
    with pytest.raises(NotAllowedError):
        store.put(ANNS, [fact("f1", cube=BOB)])


def test_an_edge_to_nothing_undoes_the_whole_put(store: GraphStore) -> None:
    store.put(BOBS, [fact("bobs", cube=BOB)])
    for target in ("nothing", "bobs"):
        with pytest.raises(NotFoundError):
            store.put(ANNS, [fact("f1")], [Edge("f1", DERIVED, target)])
    assert store.get(ANNS, ["f1"]) == []


def test_an_edge_between_cubes_is_refused(store: GraphStore) -> None:
    nodes = [fact("f1"), fact("bobs", cube=BOB)]
    with pytest.raises(InvalidInputError):
        store.put(BOTH, nodes, [Edge("f1", EdgeKind.RELATED_TO, "bobs")])


def test_what_is_no_json_is_refused(store: GraphStore) -> None:
    for info in ({"x": float("nan")}, {"x": object()}, {"x": "\ud800"}):
        with pytest.raises(InvalidInputError):
            store.put(ANNS, [fact("f1", info=info)])


def test_text_that_is_no_unicode_is_refused_or_found_nowhere(store: GraphStore) -> None:
    for node in (fact("\ud800"), fact("f1", words="tea \ud800")):
        with pytest.raises(InvalidInputError):
            store.put(ANNS, [node])
    store.put(ANNS, [fact("f1", "tea")])
    assert found(store, "\ud800 tea") == ["f1"]
    assert store.get(ANNS, ["\ud800"]) == []
    with pytest.raises(InvalidInputError):
        store.find(ANNS, FACT_KINDS, all_of(Condition(Field.VALUE, Operator.EQ, "\ud800")))


def test_a_replaced_node_is_found_by_its_new_words_only(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "likes tea", tags=("old",)), fact("f2", "swims")])
    found(store, "tea")
    store.put(ANNS, [fact("f1", "likes coffee", tags=("new",))])
    hits = store.recall(ANNS, asking("tea coffee"))[0]
    assert hits[0].item.value == "likes coffee"
    assert store.recall(ANNS, asking("tea"))[0][0].lexical == 0
    old = all_of(Condition(Field.TAGS, Operator.CONTAINS, "old"))
    assert store.find(ANNS, FACT_KINDS, old).total == 0


def test_a_rough_memory_is_found_through_its_segments(store: GraphStore) -> None:
    nodes = [
        segment("s1", "the weather is nice", ordinal=1),
        segment("s2", "croissants again", ordinal=2, conversation_id="other"),
        fact("rough", tags=("mode:fast",)),
        fact("bare"),
    ]
    store.put(ANNS, nodes, [Edge("rough", DERIVED, "s1"), Edge("rough", DERIVED, "s2")])
    (hit,) = store.recall(ANNS, asking("croissants"))[0]
    assert hit.item.id == "rough"
    assert hit.lexical > 0.3


def test_segments_are_returned_only_to_a_bucket_that_asks(store: GraphStore) -> None:
    store.put(ANNS, [segment("s1", "croissants"), fact("f1", "bread")])
    facts, segments = store.recall(ANNS, asking("croissants", FACTS, SEGMENTS))
    assert [hit.item.id for hit in facts] == ["f1"]
    assert [hit.item.id for hit in segments] == ["s1"]


def test_a_segment_lends_its_words_to_its_neighbours(store: GraphStore) -> None:
    nodes = [
        segment("s1", "where did you go in summer", ordinal=1, is_question=True),
        segment("s2", "Lisbon", ordinal=2),
        segment("s3", "Lisbon", conversation_id="elsewhere"),
    ]
    nodes += [fact("near"), fact("far")]
    store.put(ANNS, nodes, [Edge("near", DERIVED, "s2"), Edge("far", DERIVED, "s3")])
    assert found(store, "summer") == ["near", "far"]
    store.put(ANNS, [replace(nodes[3], item=replace(nodes[3].item, status=MemoryStatus.ARCHIVED))])
    assert found(store, "summer") == ["far"]
    answer, asked = store.recall(ANNS, asking("summer", SEGMENTS))[0][:2]
    assert (answer.item.id, asked.item.id) == ("s2", "s1")
    assert 0 < answer.lexical < asked.lexical  # ahead only because the other merely asks


def test_an_own_vector_counts_beside_the_evidence(store: GraphStore) -> None:
    nodes = [segment("s1", "Lisbon"), fact("a", vector=vector(2)), fact("b", vector=vector(1))]
    store.put(ANNS, nodes, [Edge("a", DERIVED, "s1"), Edge("b", DERIVED, "s1")])
    query = asking("Lisbon", vector=vector(1))
    best, other = store.recall(ANNS, query)[0]
    assert (best.item.id, other.item.id) == ("b", "a")
    assert best.own == pytest.approx(1 - query.weights.mean_cosine, abs=1e-3)
    gained = query.weights.own * (best.own - other.own)
    assert best.score - other.score == pytest.approx(gained, abs=1e-4)


def test_a_memory_whose_evidence_is_deleted_stands_on_its_own_words(store: GraphStore) -> None:
    nodes = [segment("s1", "Lisbon"), fact("f1", "went to Portugal")]
    store.put(ANNS, nodes, [Edge("f1", DERIVED, "s1")])
    assert store.recall(ANNS, asking("Portugal"))[0][0].lexical == 0
    store.delete(ANNS, ["s1"])
    assert store.recall(ANNS, asking("Portugal"))[0][0].lexical > 0
    store.put(ANNS, [segment("s2", "Faro")], [Edge("f1", DERIVED, "s2")])
    assert store.recall(ANNS, asking("Faro"))[0][0].lexical > 0
    assert store.recall(ANNS, asking("Portugal"))[0][0].lexical == 0


def test_equal_scores_come_in_id_order_also_at_the_limit(store: GraphStore) -> None:
    names = [f"same-prefix-{i:03}" for i in range(300)]
    store.put(ANNS, [fact(name, "tea", tags=("t",)) for name in reversed(names)])
    tagged = all_of(Condition(Field.TAGS, Operator.CONTAINS, "t"))
    assert found(store, "tea", Bucket(FACT_KINDS, 7)) == names[:7]
    assert found(store, "tea", Bucket(FACT_KINDS, 7, tagged)) == names[:7]
    assert found(store, "nothing", Bucket(FACT_KINDS, 280)) == names[:280]


def test_a_filter_holds_before_the_limit_however_rare_it_is(store: GraphStore) -> None:
    for start in range(0, 600, 200):
        ids = range(start, start + 200)
        store.put(ANNS, [fact(f"f{i:03}", "tea " * (1 + i % 9), info={"n": i}) for i in ids])
    for least, expected in ((0, 10), (595, 5), (600, 0)):
        bucket = Bucket(FACT_KINDS, 10, all_of(Condition(None, Operator.GTE, least, "n")))
        assert len(found(store, "tea", bucket)) == expected


def test_statuses_not_asked_for_are_left_out(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "tea"), fact("f2", "tea", status=MemoryStatus.ARCHIVED)])
    archived = frozenset({MemoryStatus.ARCHIVED})
    assert found(store, "tea") == ["f1"]
    assert found(store, "tea", Bucket(FACT_KINDS, 5, statuses=archived)) == ["f2"]


def test_cubes_are_scored_by_their_own_statistics_and_merged(store: GraphStore) -> None:
    store.put(ANNS, [fact("a1", "tea"), fact("a2", "cake")])
    alone = store.recall(ANNS, asking("tea"))[0]
    store.put(BOBS, [fact(f"b{i}", "tea", cube=BOB) for i in range(5)])
    together = store.recall(BOTH, asking("tea"))[0]
    assert {hit.item.id for hit in together} == {"a1", "a2", "b0", "b1", "b2", "b3", "b4"}
    assert [hit.score for hit in together if hit.item.id == "a1"] == [alone[0].score]
    assert [hit.score for hit in together] == sorted((h.score for h in together), reverse=True)


def test_chinese_is_found_across_function_characters(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "小明搬到了上海工作"), fact("f2", "小红在北京读书")])
    hits = store.recall(ANNS, asking("小明的工作是什么"))[0]
    assert hits[0].item.id == "f1"
    assert hits[0].lexical > hits[1].lexical


def test_find_pages_newest_first(store: GraphStore) -> None:
    store.put(ANNS, [fact(f"f{i}", updated_at=i // 2) for i in range(6)])
    page = store.find(ANNS, FACT_KINDS, limit=3, offset=1)
    assert page.total == 6
    assert [item.id for item in page.items] == ["f5", "f2", "f3"]
    assert store.find(ANNS, frozenset()).total == 0


def test_the_profile_names_speakers_and_years_but_no_roles(store: GraphStore) -> None:
    nodes = [
        segment("s1", "hi", speaker="Caroline", created_at=1_700_000_000_000),
        segment("s2", "hi", speaker="user", created_at=0, event_from=1_600_000_000_000),
        segment("s3", "", speaker="Silent"),
    ]
    store.put(ANNS, nodes)
    profile = store.profile(BOTH)
    assert (profile.speakers, profile.years, profile.rows) == (("Caroline",), (2020, 2023), 2)


def test_a_project_lists_its_cubes_until_they_are_deleted(store: GraphStore) -> None:
    public = Cube("p1", CubeKind.PUBLIC)
    for cube in (BOB, ANN, OTHER, public):
        store.put(Scope.of(cube), [fact(f"in {cube.uid}", cube=cube)])
    assert store.cubes("p1") == [public, ANN, BOB]
    assert store.delete_cubes(BOTH) == 2
    assert store.cubes("p1") == [public]


def test_a_deleted_node_takes_its_edges_and_rank_along(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "tea"), fact("f2", "tea")], [Edge("f1", EdgeKind.PARENT, "f2")])
    found(store, "tea")
    assert store.delete(ANNS, ["f1", "f1", "unknown"]) == 1
    assert found(store, "tea") == ["f2"]
    assert store.edges(ANNS, ["f2"]) == []


def test_a_deleted_cube_starts_afresh(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", "tea")])
    found(store, "tea")
    assert store.delete_cubes(ANNS) == 1
    assert found(store, "tea") == []
    store.put(ANNS, [fact("f2", "tea")])
    assert found(store, "tea") == ["f2"]


def test_what_is_put_is_there_after_reopening(open_store: Open, store: GraphStore) -> None:
    store.put(ANNS, [segment("s1", "tea"), fact("f1")], [Edge("f1", DERIVED, "s1")])
    store.close()
    again = open_store("graph")
    assert again.embedder_name() == "random"
    assert found(again, "tea") == ["f1"]


def test_an_exported_cube_is_found_alike_in_another_store(
    open_store: Open, store: GraphStore
) -> None:
    nodes = [segment("s1", "tea", vector=vector(1)), fact("f1", "tea time", tags=("t",))]
    store.put(ANNS, nodes, [Edge("f1", DERIVED, "s1")])
    records = list(store.export_cube(ANN))
    other = open_store("other")
    assert other.import_cube(OTHER, iter(records)) == 2
    assert other.import_cube(OTHER, iter(records)) == 2
    query = asking("tea", vector=vector(3))
    there = other.recall(Scope.of(OTHER), query)[0]
    assert [hit.score for hit in there] == [hit.score for hit in store.recall(ANNS, query)[0]]
    assert there[0].item == replace(nodes[1].item, cube=OTHER)
    assert other.embedder_name() == "random"
    with pytest.raises(NotAllowedError):
        store.import_cube(BOB, iter(records))


def test_an_exported_cube_brings_its_past(open_store: Open, store: GraphStore) -> None:
    ids = ["f1", "f2"]
    first = fact("f1", "tea", created_at=10, updated_at=10)
    why = Change(Reason.UPDATED, "key:k")
    store.put(ANNS, [first, fact("f2", "rum", created_at=11, updated_at=11)])
    coffee = replace(first.item, value="coffee", tags=("t",), updated_at=20)
    store.put(ANNS, [NodeWrite(coffee, "coffee", change=why)])
    archived = replace(coffee, status=MemoryStatus.ARCHIVED, updated_at=30)
    store.put(ANNS, [NodeWrite(archived, keep=True, change=Change(Reason.ARCHIVED, "policy:p"))])
    store.note_uses(ANNS, {"f2": 3}, 40)
    records = json.loads(json.dumps(list(store.export_cube(ANN))))
    there = Scope.of(OTHER)
    other = open_store("other")
    for _ in range(2):
        assert other.import_cube(OTHER, iter(records)) == 2
        moved = {
            uid: [replace(v, item=replace(v.item, cube=ANN)) for v in versions]
            for uid, versions in other.versions(there, ids).items()
        }
        assert moved == store.versions(ANNS, ids)
        assert other.trail(there, ids) == store.trail(ANNS, ids)
        assert other.uses(there, ids) == store.uses(ANNS, ids)
    assert len(moved["f1"]) == 3
    tea = all_of(Condition(Field.VALUE, Operator.EQ, "tea"))
    assert other.find(there, ALL_KINDS, all_of(KnownAt(15, tea))).total == 1


def test_an_export_of_the_first_format_is_loaded_without_a_past(
    open_store: Open, store: GraphStore
) -> None:
    first = fact("f1", "tea", created_at=10, updated_at=10)
    store.put(ANNS, [first])
    store.put(ANNS, [replace(first, item=replace(first.item, value="coffee", updated_at=20))])
    header, node = json.loads(json.dumps(list(store.export_cube(ANN))))
    assert header["format"] == 2
    del node["past"]
    other = open_store("other")
    assert other.import_cube(ANN, iter([{**header, "format": 1}, node])) == 1
    (version,) = other.versions(ANNS, ["f1"])["f1"]
    assert version.item.value == "coffee"
    assert store.import_cube(ANN, iter([{**header, "format": 1}, node])) == 1
    assert len(store.versions(ANNS, ["f1"])["f1"]) == 2, "what is there keeps its past"


@pytest.mark.parametrize(
    "past",
    [
        [],
        {"versions": [{}]},
        {"trail": [{"at": "soon", "old": "a", "new": "b", "reason": "c", "cause": ""}]},
        {"change": {"recorded_from": 1, "reason": "whim", "cause": ""}},
        {"uses": {"count": "3", "last": 1}},
    ],
)
def test_a_past_that_is_none_is_refused(store: GraphStore, past: object) -> None:
    store.put(ANNS, [fact("f1")])
    header, node = store.export_cube(ANN)
    with pytest.raises(InvalidInputError):
        store.import_cube(ANN, iter([header, {**node, "past": past}]))


def test_records_that_do_not_fit_are_refused(store: GraphStore) -> None:
    store.put(ANNS, [fact("f1", vector=vector(1))])
    header, node = store.export_cube(ANN)
    for records in ([], [node], [header, {"record": "node"}], [header, {"record": "soup"}]):
        with pytest.raises(InvalidInputError):
            store.import_cube(ANN, iter(records))
    for name in ("embedder", "tokenizer"):
        with pytest.raises(ConflictError):
            store.import_cube(ANN, iter([{**header, name: "different"}]))


def test_vectors_must_fit_the_adopted_embedder(open_store: Open, store: GraphStore) -> None:
    with pytest.raises(InvalidInputError):
        store.put(ANNS, [fact("f1", vector=vector(1, DIM + 1))])
    store.put(ANNS, [fact("f1", "tea", vector=vector(1))])
    with pytest.raises(InvalidInputError):
        store.recall(ANNS, asking("tea", vector=vector(1, DIM + 1)))
    with pytest.raises(ConflictError):
        store.adopt_embedder("other", DIM)
    store.adopt_embedder("random", DIM)
    with pytest.raises(ConflictError):
        open_store("new").put(ANNS, [fact("f1", vector=vector(1))])


def test_a_store_without_an_embedder_works_by_words(open_store: Open) -> None:
    store = open_store("words")
    assert store.embedder_name() is None
    store.put(ANNS, [fact("f1", "tea")])
    assert store.recall(ANNS, asking("tea", vector=vector(1)))[0][0].dense == 0
    store.adopt_embedder("random", DIM)
    store.put(ANNS, [fact("f2", "cake", vector=vector(1))])
    assert store.recall(ANNS, asking("", vector=vector(1)))[0][0].item.id == "f2"


def test_the_embedder_is_changed_while_the_store_is_in_use(store: GraphStore) -> None:
    nodes = [fact("f1", "tea", vector=vector(1)), segment("s1", "secret", vector=vector(2))]
    store.put(ANNS, [*nodes, fact("bare")])
    assert sorted(store.stale_vectors("new", 10)) == [(ANN, "f1", "tea"), (ANN, "s1", "")]
    store.put_shadow_vectors("new", {"f1": vector(7, 4), "gone": vector(9, 4)})
    assert store.stale_vectors("new", 10) == [(ANN, "s1", "")]
    store.put_shadow_vectors("new", {"s1": vector(8, 4)})
    store.put(ANNS, [fact("f1", "coffee", vector=vector(3))])
    assert store.stale_vectors("new", 10) == [(ANN, "f1", "coffee")]
    store.put_shadow_vectors("new", {"f1": vector(7, 4)})
    with pytest.raises(InvalidInputError):
        store.switch_embedder("new", 5)
    store.switch_embedder("new", 4)
    assert store.embedder_name() == "new"
    (hit,) = store.recall(ANNS, asking("", vector=vector(7, 4)))[0]
    assert hit.own == pytest.approx(0.93, abs=1e-3)


def test_a_backup_is_a_store_of_its_own(
    open_store: Open, store: GraphStore, tmp_path: Path
) -> None:
    store.put(ANNS, [fact("f1", "tea")])
    store.backup(tmp_path / "copies" / "copy.db")
    store.put(ANNS, [fact("f2", "tea")])
    with pytest.raises(ConflictError):
        store.backup(tmp_path / "copies" / "copy.db")
    assert found(open_store("copies/copy"), "tea") == ["f1"]


def test_two_open_stores_see_each_others_writes(open_store: Open, store: GraphStore) -> None:
    other = open_store("graph")
    for i in range(4):
        writer, reader = (store, other) if i % 2 else (other, store)
        writer.put(ANNS, [fact(f"f{i}", "tea")])
        assert len(found(reader, "tea")) == i + 1
    assert other.delete(ANNS, ["f0"]) == 1
    assert found(store, "tea") == ["f1", "f2", "f3"]


def test_threads_write_and_recall_at_once(store: GraphStore) -> None:
    def work(thread: int) -> None:
        for i in range(20):
            store.put(ANNS, [segment(f"{thread}-{i}", "tea", ordinal=i, vector=vector(i))])
            hits = store.recall(ANNS, asking("tea", SEGMENTS, vector=vector(i)))[0]
            assert len(hits) == min(10, len({hit.item.id for hit in hits}))
            if i % 5 == 4:
                assert store.delete(ANNS, [f"{thread}-{i}"]) == 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert store.profile(ANNS).rows == 4 * 16


def test_scores_after_many_small_changes_equal_those_of_a_fresh_start(
    open_store: Open, store: GraphStore
) -> None:
    random = np.random.default_rng(5)
    words = ["tea", "cake", "rain", "sun", "Paris"]
    query = asking("tea in Paris", SEGMENTS, vector=vector(99))
    for i in range(120):
        said = " ".join(random.choice(words, 3))
        talk = f"talk{random.integers(3)}"
        at = int(random.integers(50))
        store.put(
            ANNS,
            [segment(f"s{i}", said, vector=vector(i), conversation_id=talk, created_at=at)],
        )
        store.recall(ANNS, query)
        if i % 10 == 9:
            store.delete(ANNS, [f"s{random.integers(i)}"])
    kept = [(hit.item.id, hit.score) for hit in store.recall(ANNS, query)[0]]
    anew = [(hit.item.id, hit.score) for hit in open_store("graph").recall(ANNS, query)[0]]
    assert kept == anew


def test_a_kept_node_changes_without_losing_its_words_and_vector(store: GraphStore) -> None:
    node = fact("f1", "Ann moved to Rome.", words="Ann moved to Rome.", vector=vector(1))
    store.put(ANNS, [node])
    before = store.recall(ANNS, asking("rome", FACTS, vector=vector(1)))[0]
    changed = replace(node.item, tags=("home",), event_until=9, updated_at=5)
    store.put(ANNS, [NodeWrite(changed, keep=True)])
    after = store.recall(ANNS, asking("rome", FACTS, vector=vector(1)))[0]
    assert after[0].item == changed
    assert (after[0].lexical, after[0].own) == (before[0].lexical, before[0].own)
    assert before[0].lexical > 0
    archived = replace(changed, status=MemoryStatus.ARCHIVED)
    store.put(ANNS, [NodeWrite(archived, keep=True)])
    assert store.recall(ANNS, asking("rome", FACTS, vector=vector(1)))[0] == []


def test_keeping_a_node_that_is_not_there_stores_nothing(store: GraphStore) -> None:
    store.put(ANNS, [replace(fact("f1", "Ann moved."), keep=True)])
    assert store.get(ANNS, ["f1"]) == []
