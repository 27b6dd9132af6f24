"""Items remembered between recalls must be those of the file."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from memos.graph_dbs.base import Bucket, NodeWrite
from memos.graph_dbs.sqlite import SqliteGraphStore, items
from memos.types.clock import SystemClock
from memos.types.memory import FACT_KINDS, MemoryItem
from tests.unit.graph_dbs.examples import ANNS, DIM, asking, fact

FACTS = Bucket(FACT_KINDS, 2000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraphStore]:
    graph = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    graph.adopt_embedder("random", DIM)
    yield graph
    graph.close()


def found(store: SqliteGraphStore) -> dict[str, MemoryItem]:
    return {hit.item.id: hit.item for hit in store.recall(ANNS, asking("tea", FACTS))[0]}


def test_an_item_recalled_before_is_recalled_as_it_was_changed(
    tmp_path: Path, store: SqliteGraphStore
) -> None:
    store.put(ANNS, [fact("f1", "tea"), fact("f2", "tea")])
    assert found(store)["f1"].key == ""
    changed = replace(found(store)["f1"], key="new")
    other = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    other.put(ANNS, [NodeWrite(changed, keep=True)])  # another process; words and vector stay
    other.close()
    assert found(store)["f1"] == changed
    assert found(store)["f2"] == store.get(ANNS, ["f2"])[0]


def test_a_deleted_item_is_not_remembered(store: SqliteGraphStore) -> None:
    store.put(ANNS, [fact("f1", "tea"), fact("f2", "tea")])
    assert set(found(store)) == {"f1", "f2"}
    store.delete(ANNS, ["f1"])
    (snapshot,) = store._cache._held.values()
    assert [item.id for item in snapshot.items._known.values()] == ["f2"]


def test_who_changes_the_metadata_of_a_hit_changes_no_other(store: SqliteGraphStore) -> None:
    store.put(ANNS, [fact("f1", "tea", info={"scene": {"name": "home"}})])
    found(store)["f1"].info["scene"]["name"] = "work"
    assert found(store)["f1"].info == {"scene": {"name": "home"}}
    found(store)["f1"].info.clear()
    assert found(store)["f1"].info == {"scene": {"name": "home"}}


def test_what_is_remembered_is_bounded(
    store: SqliteGraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_MOST", 20)
    store.put(ANNS, [fact(f"f{i}", "tea") for i in range(50)])
    store.put(ANNS, [fact("long", f"tea {'x' * 5000}")])
    assert len(found(store)) == len(found(store)) == 51
    (snapshot,) = store._cache._held.values()
    assert len(snapshot.items) == 20
    assert "long" not in {item.id for item in snapshot.items._known.values()}
