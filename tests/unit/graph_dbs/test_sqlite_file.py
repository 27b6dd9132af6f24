"""The file behind the store: what it accepts, what it does when the disk refuses, plans it uses."""

from pathlib import Path

import apsw
import pytest

from memos.errors import ConfigError, InvalidFilterError, StoreUnavailableError
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.graph_dbs.sqlite.change import LOG_KEPT
from memos.graph_dbs.sqlite.connection import connect
from memos.graph_dbs.sqlite.filter import compile_filter
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, Operator, all_of
from tests.unit.graph_dbs.examples import ANNS, asking, fact


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    text.write_text("not a database, " * 100, encoding="utf-8")
    other = tmp_path / "other.db"
    apsw.Connection(str(other)).execute("create table mine(a)")
    for path in (text, other):
        with pytest.raises(ConfigError):
            SqliteGraphStore(path, SystemClock())


@pytest.mark.parametrize("change", ["pragma user_version=99", "update meta set value='0'"])
def test_a_file_of_another_version_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "graph.db"
    SqliteGraphStore(path, SystemClock()).close()
    connection = connect(path)
    connection.execute(change).fetchall()
    connection.close()
    with pytest.raises(ConfigError):
        SqliteGraphStore(path, SystemClock())


def test_a_full_disk_undoes_the_put_and_the_store_goes_on(tmp_path: Path) -> None:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    store.put(ANNS, [fact("f1", "tea")])
    pages = store._writer.run(lambda connection: connection.execute("pragma page_count").get)
    store._writer.run(lambda c: c.execute(f"pragma max_page_count={pages + 2}").fetchall())
    with pytest.raises(StoreUnavailableError):
        store.put(ANNS, [fact("f2", "x" * 200_000)])
    assert store.get(ANNS, ["f1", "f2"])[0].id == "f1"
    store.put(ANNS, [fact("f3", "tea")])
    assert len(store.recall(ANNS, asking("tea"))[0]) == 2
    store.close()


def test_a_damaged_file_is_told_from_one_that_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    store = SqliteGraphStore(path, SystemClock())
    store.put(ANNS, [fact(f"f{n}", "tea " * 500) for n in range(50)])
    store.close()
    damaged = bytearray(path.read_bytes())
    damaged[8192 * 2 :] = b"\xa5" * (len(damaged) - 8192 * 2)
    path.write_bytes(damaged)
    with pytest.raises(StoreUnavailableError, match="damaged"):
        SqliteGraphStore(path, SystemClock()).get(ANNS, ["f1"])


def test_the_file_and_its_copies_are_the_owners_alone(tmp_path: Path) -> None:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    store.put(ANNS, [fact("f1", "tea")])
    store.backup(tmp_path / "copy.db")
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
    store.close()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    store.close()
    store.close()
    with pytest.raises(StoreUnavailableError):
        store.get(ANNS, ["f1"])
    with pytest.raises(StoreUnavailableError):
        store.put(ANNS, [fact("f1")])


def test_snapshots_outlive_the_log_of_changes(tmp_path: Path) -> None:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    reader = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    store.put(ANNS, [fact("f0", "tea")])
    assert len(reader.recall(ANNS, asking("tea"))[0]) == 1
    for start in range(0, LOG_KEPT + 1000, 500):
        store.put(ANNS, [fact(f"g{start + i}", "cake") for i in range(500)])
        store.recall(ANNS, asking("tea"))
    assert reader.profile(ANNS).rows == store.profile(ANNS).rows == LOG_KEPT + 1001
    store.put(ANNS, [fact(f"h{i}", "cake") for i in range(LOG_KEPT + 1)])
    assert reader.profile(ANNS).rows == store.profile(ANNS).rows == 2 * LOG_KEPT + 1002
    kept = store._writer.run(lambda c: c.execute("select count(*) from cube_log").get)
    assert kept <= LOG_KEPT * 5 // 4
    reader.close()
    store.close()


def test_the_least_used_cubes_leave_memory_first(tmp_path: Path) -> None:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock(), cache_bytes=1)
    for i in range(3):
        store.put(ANNS, [fact(f"f{i}", "tea")])
        assert len(store.recall(ANNS, asking("tea"))[0]) == i + 1
        assert len(store._cache._held) == 1
    store.close()


@pytest.mark.parametrize(
    ("field", "value", "index"),
    [(Field.CONTENT_HASH, "h", "item_content"), (Field.CONVERSATION_ID, "c", "item_conversation")],
)
def test_exact_duplicates_and_conversations_are_found_by_index(
    tmp_path: Path, field: Field, value: str, index: str
) -> None:
    store = SqliteGraphStore(tmp_path / "graph.db", SystemClock())
    sql, values = compile_filter(all_of(Condition(field, Operator.EQ, value)))
    with store._readers.transaction() as connection:
        plan = connection.execute(
            f"explain query plan select * from item where item.cube = ? and {sql}", [1, *values]
        ).fetchall()
    assert index in str(plan)
    store.close()


@pytest.mark.parametrize(
    "condition",
    [
        Condition(Field.TAGS, Operator.LIKE, "x"),
        Condition(Field.VALUE, Operator.CONTAINS, "x"),
        Condition(Field.VALUE, Operator.EQ, ("x", "y")),
    ],
)
def test_an_operator_that_does_not_fit_its_field_is_refused(condition: Condition) -> None:
    with pytest.raises(InvalidFilterError):
        compile_filter(all_of(condition))
