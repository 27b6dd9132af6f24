"""Filters by tag start from the tagged nodes; the result is that of filtering all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.graph_dbs.base import Bucket, RecallQuery
from memos.graph_dbs.sqlite import SqliteGraphStore, recall
from memos.graph_dbs.sqlite.filter import needed_tags
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, Group, Operator, all_of
from memos.types.memory import FACT_KINDS
from tests.unit.graph_dbs.examples import ANNS, BOB, BOBS, DIM, fact


def tagged(*tags: str) -> Condition:
    return Condition(Field.TAGS, Operator.IN, tags)


RED, BLUE = tagged("red"), tagged("blue")
RECENT = Condition(Field.UPDATED_AT, Operator.GTE, 30)
FILTERS = {
    "a tag": all_of(RED),
    "one of two tags": Group(False, (RED, BLUE)),
    "two tags": all_of(RED, BLUE),
    "a tag and a time": all_of(RECENT, RED),
    "a tag or a time": Group(False, (RED, RECENT)),
    "a tag or anything": Group(False, (RED, all_of())),
    "a tag within a group": all_of(RECENT, Group(False, (BLUE, all_of(RED, RECENT)))),
    "a tag nobody has": all_of(tagged("green")),
    "no tag at all": all_of(tagged()),
    "nothing": all_of(),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteGraphStore]:
    graph = SqliteGraphStore(Path(tmp_path_factory.mktemp("store")) / "graph.db", SystemClock())
    graph.adopt_embedder("random", DIM)
    for i in range(60):
        tags = (*(["red"] if i % 3 == 0 else []), *(["blue"] if i % 4 == 0 else []))
        graph.put(ANNS, [fact(f"f{i:02}", f"tea {'cake ' * i}", tags=tags, updated_at=i)])
    graph.put(BOBS, [fact("bobs", "tea", cube=BOB, tags=("red", "blue"), updated_at=99)])
    yield graph
    graph.close()


@pytest.mark.parametrize("name", FILTERS)
def test_starting_from_the_tagged_nodes_changes_nothing(
    store: SqliteGraphStore, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    bucket = Bucket(FACT_KINDS, 12, FILTERS[name])
    plain = Bucket(FACT_KINDS, 5)
    query = RecallQuery("tea", None, (bucket, plain))
    narrowed = store.recall(ANNS, query)
    monkeypatch.setattr(recall, "_FEW", -1)
    assert store.recall(ANNS, query) == narrowed
    assert len(narrowed[0]) == {"two tags": 5, "a tag nobody has": 0, "no tag at all": 0}.get(
        name, 12 if name != "a tag and a time" else 10
    )
    assert len(narrowed[1]) == 5


def test_the_tags_needed_are_those_no_passing_node_lacks() -> None:
    needs = {name: needed_tags(where) for name, where in FILTERS.items()}
    assert needs["one of two tags"] == {"red", "blue"}
    assert needs["a tag and a time"] == {"red"}
    assert needs["a tag or a time"] is None
    assert needs["a tag or anything"] is None
    assert needs["a tag within a group"] == {"red", "blue"}
    assert needs["no tag at all"] == frozenset()
    assert needs["nothing"] is None


def test_a_recall_without_lists_finds_nothing(store: SqliteGraphStore) -> None:
    assert store.recall(ANNS, RecallQuery("tea", None, ())) == []


@pytest.mark.parametrize(("reach", "found"), [(None, 5), (60, 5), (1000, 5), (30, 0)])
def test_a_filter_with_a_reach_is_tried_on_the_best_nodes_only(
    store: SqliteGraphStore, reach: int | None, found: int
) -> None:
    # The longer a text the lower it ranks: the last five are the worst of sixty.
    late = all_of(Condition(Field.UPDATED_AT, Operator.GTE, 55))
    bucket = Bucket(FACT_KINDS, 12, late, reach=reach)
    assert len(store.recall(ANNS, RecallQuery("tea", None, (bucket,)))[0]) == found
