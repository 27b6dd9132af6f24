"""What a node was before it was written anew is kept, and goes with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from memos.errors import LeaseLostError
from memos.graph_dbs.base import Move, NodeWrite, Uses
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.graph_dbs.sqlite.connection import connect
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, KnownAt, Operator, all_of
from memos.types.history import Change, Reason
from memos.types.lease import Lease, working_under
from memos.types.memory import ALL_KINDS, Edge, EdgeKind, MemoryStatus
from tests.unit.graph_dbs.examples import ANNS, BOBS, asking, fact, segment


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraphStore]:
    built = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    yield built
    built.close()


def test_each_version_says_why_it_came(store: SqliteGraphStore) -> None:
    first = fact("f1", "tea", created_at=10, updated_at=10)
    store.put(ANNS, [first])
    store.put(ANNS, [replace(first, item=replace(first.item, tags=("new",), updated_at=15))])
    second = replace(first.item, status=MemoryStatus.ARCHIVED, updated_at=20)
    store.put(ANNS, [NodeWrite(second, keep=True, change=Change(Reason.EXPIRED, "policy:age"))])
    versions = store.versions(ANNS, ["f1", "nobody"])["f1"]
    assert [(v.recorded_from, v.recorded_until, v.change) for v in versions] == [
        (10, 20, Change(Reason.ADDED)),
        (20, None, Change(Reason.EXPIRED, "policy:age")),
    ]
    assert versions[0].item.tags == ("new",), "metadata alone makes no version"
    assert versions[1].item == second
    assert store.versions(BOBS, ["f1"]) == {}


def test_moving_nodes_leaves_what_putting_each_leaves(tmp_path: Path) -> None:
    """Item, versions, trail and recall are those of a put with the same change."""
    why = Change(Reason.EXPIRED, "policy:age")
    seen = []
    for way in ("move", "put"):
        store = SqliteGraphStore(tmp_path / way, SystemClock())
        first = fact("f1", "tea", created_at=10, updated_at=10)
        store.put(ANNS, [first, fact("f2", "coffee", created_at=12, updated_at=12)])
        store.put(ANNS, [replace(first, item=replace(first.item, value="mate", updated_at=15))])
        store.recall(ANNS, asking("tea coffee"))
        ended = {"f1": 18, "f2": None}
        if way == "move":
            move = Move(MemoryStatus.ACTIVATED, MemoryStatus.EXPIRED, 20, why)
            assert store.move(ANNS, {**ended, "nobody": 1}, move) == 2
            assert store.move(BOBS, ended, move) == 0
            assert store.move(ANNS, ended, move) == 0, "moved already"
        else:
            for item in store.get(ANNS, ["f1", "f2"]):
                gone = replace(item, status=MemoryStatus.EXPIRED, updated_at=20)
                gone = replace(gone, event_until=ended[item.id])
                store.put(ANNS, [NodeWrite(gone, keep=True, change=why)])
        found = store.recall(ANNS, asking("tea coffee"))
        ids = ["f1", "f2"]
        seen.append((store.versions(ANNS, ids), store.trail(ANNS, ids), found))
        store.close()
    assert seen[0] == seen[1]
    assert seen[0][2] == [[]]


def test_moving_a_node_keeps_what_was_written_to_it_meanwhile(store: SqliteGraphStore) -> None:
    node = fact("f1", "tea", created_at=10, updated_at=10)
    store.put(ANNS, [node])
    store.put(ANNS, [replace(node, item=replace(node.item, tags=("new",), updated_at=12))])
    archive = Move(MemoryStatus.ACTIVATED, MemoryStatus.ARCHIVED, 20, Change(Reason.ARCHIVED))
    assert store.move(ANNS, {"f1": None}, archive) == 1
    (item,) = store.get(ANNS, ["f1"])
    assert (item.tags, item.status) == (("new",), MemoryStatus.ARCHIVED)
    assert store.move(ANNS, {"f1": None}, archive) == 0


def test_what_was_known_is_found_by_what_it_was(store: SqliteGraphStore) -> None:
    first = fact("f1", "tea", created_at=10, updated_at=10)
    store.put(ANNS, [first])
    store.put(ANNS, [replace(first, item=replace(first.item, value="coffee", updated_at=20))])
    tea = all_of(Condition(Field.VALUE, Operator.EQ, "tea"))
    for at, total in ((9, 0), (10, 1), (19, 1), (20, 0)):
        assert store.find(ANNS, ALL_KINDS, all_of(KnownAt(at, tea))).total == total, at


def test_no_byte_of_an_erased_version_is_left(store: SqliteGraphStore, tmp_path: Path) -> None:
    for uid in ("f1", "f2"):
        node = fact(uid, f"Quandlebrook {uid}", created_at=1, updated_at=1)
        store.put(ANNS, [node])
        store.put(ANNS, [replace(node, item=replace(node.item, value="plain", updated_at=2))])
    store.delete(ANNS, ["f1"])
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"Quandlebrook f1" not in content
    assert b"Quandlebrook f2" in content
    store.delete_cubes(ANNS)
    assert not any(b"Quandlebrook" in path.read_bytes() for path in tmp_path.iterdir())


def test_no_byte_of_what_is_taken_out_of_a_node_is_left(
    store: SqliteGraphStore, tmp_path: Path
) -> None:
    node = fact("f1", "tea with Quandlebrook", created_at=1, updated_at=1)
    store.put(ANNS, [node])
    store.put(ANNS, [replace(node, item=replace(node.item, confidence=0.5, updated_at=2))])
    store.put(ANNS, [replace(fact("f1", "tea", updated_at=3), change=Change(Reason.ERASED))])
    assert not any(b"Quandlebrook" in path.read_bytes() for path in tmp_path.iterdir())
    (version,) = store.versions(ANNS, ["f1"])["f1"]
    assert (version.recorded_from, version.change) == (3, Change(Reason.ERASED))


def test_a_node_that_stands_alone_is_found_by_its_own_words(store: SqliteGraphStore) -> None:
    edge = Edge("f1", EdgeKind.DERIVED_FROM, "s1")
    store.put(ANNS, [segment("s1", "i drink tea"), fact("f1", "tea")], [edge])
    assert store.recall(ANNS, asking("tea"))[0][0].lexical > 0
    store.put(ANNS, [replace(fact("f1", "coffee"), alone=True)])
    assert store.edges(ANNS, ["f1"]) == []
    assert store.recall(ANNS, asking("tea"))[0][0].lexical == 0
    assert store.recall(ANNS, asking("coffee"))[0][0].lexical > 0


def test_uses_are_counted_and_first_ones_told(store: SqliteGraphStore) -> None:
    store.put(ANNS, [fact("f1"), fact("f2")])
    assert store.note_uses(ANNS, {"f1": 2, "nobody": 1}, 5) == ["f1"]
    assert store.note_uses(ANNS, {"f1": 1, "f2": 1}, 4) == ["f2"]
    assert store.note_uses(BOBS, {"f1": 9}, 9) == []
    assert store.uses(ANNS, ["f1", "f2"]) == {"f1": Uses(3, 5), "f2": Uses(1, 4)}
    store.delete(ANNS, ["f1"])
    assert store.uses(ANNS, ["f1"]) == {}


def test_what_comes_under_an_earlier_lease_is_refused(store: SqliteGraphStore) -> None:
    first, second, other = Lease("t", "w", 1), Lease("t", "w", 2), Lease("u", "w", 1)
    with working_under(first):
        store.put(ANNS, [fact("f1")])
    store.fence(second)
    for write in (
        lambda: store.put(ANNS, [fact("f2")]),
        lambda: store.delete(ANNS, ["f1"]),
        lambda: store.delete_cubes(ANNS),
        lambda: store.note_uses(ANNS, {"f1": 1}, 1),
    ):
        with working_under(first), pytest.raises(LeaseLostError):
            write()
    store.fence(first)
    with working_under(second):
        store.put(ANNS, [fact("f3")])
    with working_under(other):
        store.put(ANNS, [fact("f4")])
    assert [i.id for i in store.get(ANNS, ["f1", "f2", "f3", "f4"])] == ["f1", "f3", "f4"]


def test_a_store_of_the_first_format_gains_a_history(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    built = SqliteGraphStore(path, SystemClock())
    built.put(ANNS, [fact("f1", "tea", created_at=10)])
    built.close()
    connection = connect(path)
    for table in ("item_version", "item_change", "item_use", "trail", "fence"):
        connection.execute(f"drop table {table}").fetchall()
    connection.execute("pragma user_version=1").fetchall()
    connection.close()
    opened = SqliteGraphStore(path, SystemClock())
    opened.put(ANNS, [fact("f1", "coffee", created_at=10, updated_at=20)])
    assert [v.item.value for v in opened.versions(ANNS, ["f1"])["f1"]] == ["tea", "coffee"]
    opened.close()
