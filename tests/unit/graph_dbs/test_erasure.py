"""After a deletion no byte of what was deleted is left in any file of the store."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import numpy as np
import pytest

from memos.errors import StoreUnavailableError
from memos.graph_dbs.base import NodeWrite
from memos.graph_dbs.sqlite import SqliteGraphStore, erase
from memos.graph_dbs.sqlite.connection import connect
from memos.graph_dbs.sqlite.rows import pack_tokens, pack_vector
from memos.graph_dbs.tokenize import hashes
from memos.types.clock import SystemClock
from memos.types.memory import Edge, EdgeKind, Source
from tests.unit.graph_dbs.examples import ANN, ANNS, BOB, BOBS, asking, fact, segment, vector

DIM = 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "graph.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteGraphStore]:
    graph = SqliteGraphStore(path, SystemClock())
    graph.adopt_embedder("random", DIM)
    yield graph
    graph.close()


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file())


class Marked:
    """A node full of random markers, and every byte string by which it could be recognised."""

    def __init__(self, seed: int, cube=ANN) -> None:
        drawn = random.Random(seed)
        texts = ["".join(drawn.choices("abcdefghijklmnop", k=24)) for _ in range(12)]
        words = f"{texts[0]} {texts[1]} {'long ' * drawn.choice([1, 60, 2500])}"
        self.node: NodeWrite = fact(
            f"{texts[2]}-{seed}",
            f"value {words}",
            cube=cube,
            key=texts[3],
            background=texts[4],
            reasoning=texts[5],
            speaker=texts[6],
            tags=(texts[7], "common"),
            entities=(texts[8],),
            info={"scene": texts[9]},
            conversation_id=texts[10],
            sources=(Source(texts[11], "user"),),
            updated_at=seed,
            content_hash=texts[3][::-1],
            vector=vector(seed, DIM),
        )
        self.evidence = segment(f"s{texts[2]}", words, cube=cube, vector=vector(-seed % 2**32, DIM))
        packed = pack_vector(self.node.vector), pack_vector(self.evidence.vector)
        tokens = pack_tokens(*hashes(f"{texts[0]} {texts[1]}"))[:8]
        self.needles = [t.encode() for t in texts] + [p for p in packed if p] + [tokens[:8]]

    def pieces(self) -> list[bytes]:
        """Runs of eight bytes, so that a copy overwritten in part is seen too."""
        return [n[i : i + 8] for n in self.needles for i in range(0, len(n) - 7, 8)]

    @property
    def ids(self) -> list[str]:
        return [self.node.item.id, self.evidence.item.id]

    @property
    def edge(self) -> Edge:
        return Edge(self.node.item.id, EdgeKind.DERIVED_FROM, self.evidence.item.id)


def put(store: SqliteGraphStore, scope, marked: list[Marked]) -> None:
    nodes = [node for m in marked for node in (m.node, m.evidence)]
    store.put(scope, nodes, [m.edge for m in marked])


def left(path: Path, marked: list[Marked]) -> int:
    """How many pieces of the nodes lie in the files."""
    data = bytes_on_disk(path)
    runs = [np.frombuffer(data, "<u8", (len(data) - i) // 8, i) for i in range(8)]
    pieces = np.frombuffer(b"".join(p for m in marked for p in m.pieces()), "<u8")
    return int(np.count_nonzero(np.isin(pieces, np.unique(np.concatenate(runs)))))


def test_markers_of_present_nodes_are_on_disk(path: Path, store: SqliteGraphStore) -> None:
    marked = [Marked(i) for i in range(3)]
    put(store, ANNS, marked)
    assert left(path, marked) == sum(len(m.pieces()) for m in marked)


@pytest.mark.parametrize("size", [1, 50])
def test_deleted_nodes_leave_no_byte_and_take_none_of_their_neighbours(
    path: Path, store: SqliteGraphStore, size: int
) -> None:
    marked = [Marked(i) for i in range(200)]
    others = [Marked(10_000 + i, BOB) for i in range(30)]
    drawn = random.Random(size)
    for start in range(0, 200, 20):  # grow by parts, so that tree pages split and are rebalanced
        put(store, ANNS, marked[start : start + 20])
        put(store, BOBS, others[start // 8 : start // 8 + 3])
    store.recall(ANNS, asking("common"))
    doomed = drawn.sample(marked, 100)
    for start in range(0, len(doomed), size):
        part = doomed[start : start + size]
        assert store.delete(ANNS, [uid for m in part for uid in m.ids]) == 2 * len(part)
        if start % 50 == 0:
            assert left(path, part) == 0
    assert left(path, doomed) == 0
    kept = [m for m in marked if m not in doomed]
    assert store.get(ANNS, [m.ids[0] for m in kept]) == [m.node.item for m in kept]
    store.put(ANNS, [fact("later", "common")])
    assert left(path, doomed) == 0
    store.close()
    assert left(path, doomed) == 0
    assert apsw.Connection(str(path)).execute("pragma integrity_check").get == "ok"


def test_a_deleted_cube_leaves_no_byte(path: Path, store: SqliteGraphStore) -> None:
    mine, others = [Marked(i) for i in range(150)], [Marked(1000 + i, BOB) for i in range(150)]
    for i in range(0, 150, 10):
        put(store, ANNS, mine[i : i + 10])
        put(store, BOBS, others[i : i + 10])
    assert store.delete_cubes(ANNS) == 300
    assert left(path, mine) == 0
    assert ANN.uid.encode() not in bytes_on_disk(path)
    assert len(store.get(BOBS, [uid for m in others for uid in m.ids])) == 300


def test_what_another_connection_has_cached_does_not_come_back(
    path: Path, store: SqliteGraphStore
) -> None:
    marked = [Marked(i) for i in range(200)]
    for i in range(0, 200, 10):
        put(store, ANNS, marked[i : i + 10])
    other = SqliteGraphStore(path, SystemClock())
    other.put(ANNS, [fact("theirs", "common")])  # its writer now holds pages of its own
    doomed = marked[::3]
    store.delete(ANNS, [uid for m in doomed for uid in m.ids])
    for i in range(40):
        other.put(ANNS, [fact(f"more-{i}", "common", updated_at=i * 5)])
        store.put(ANNS, [fact(f"mine-{i}", "common", updated_at=i * 5)])
    other.close()
    assert left(path, doomed) == 0


def test_the_snapshot_in_memory_forgets_too(store: SqliteGraphStore) -> None:
    marked = Marked(1)
    put(store, ANNS, [marked])
    store.put(ANNS, [segment("kept", "common")])
    store.recall(ANNS, asking("common"))
    store.delete(ANNS, marked.ids)
    (snapshot,) = store._cache._held.values()
    assert len(snapshot.nodes) == 1
    assert snapshot.vectors.nbytes == (2 + 1) * DIM + 4  # one float16 row, its code and scale
    assert marked.node.item.speaker not in snapshot.names.speakers
    assert marked.node.item.conversation_id not in snapshot.names.conversations
    assert not snapshot.evidence.node.size


def test_an_erasure_cut_short_is_finished_at_the_next_start(
    path: Path, store: SqliteGraphStore
) -> None:
    marked = [Marked(i) for i in range(30)]
    put(store, ANNS, marked)
    store.close()
    connection = connect(path)  # a process that deletes, commits and dies before clearing the files
    connection.execute("begin immediate")
    connection.execute("delete from item")
    erase.mark_due(connection)
    connection.execute("commit")
    assert left(path, marked) > 0
    SqliteGraphStore(path, SystemClock()).close()
    assert left(path, marked) == 0
    connection.close()


def test_a_reader_that_never_ends_is_reported_and_the_next_deletion_makes_up(
    path: Path, store: SqliteGraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Marked(1), Marked(2)
    put(store, ANNS, [first, second])
    monkeypatch.setattr(erase, "_PATIENCE_S", 0.0)
    store._writer.run(lambda connection: connection.set_busy_timeout(10))
    reader = connect(path)
    reader.execute("begin")
    reader.execute("select count(*) from item").fetchall()
    with pytest.raises(StoreUnavailableError):
        store.delete(ANNS, first.ids)
    assert store.get(ANNS, first.ids) == []
    reader.execute("rollback")
    reader.close()
    store.delete(ANNS, second.ids)
    assert left(path, [first, second]) == 0


def test_writers_at_work_neither_stop_an_erasure_nor_lose_a_write(
    path: Path, store: SqliteGraphStore
) -> None:
    marked = [Marked(i) for i in range(20)]
    put(store, ANNS, marked)
    other = SqliteGraphStore(path, SystemClock())
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        while not stop.is_set():
            other.put(BOBS, [fact(f"bob-{len(written)}", "common", cube=BOB)])
            written.append(f"bob-{len(written)}")

    thread = threading.Thread(target=write)
    thread.start()
    for one in marked:
        store.delete(ANNS, one.ids)
    stop.set()
    thread.join()
    other.close()
    assert left(path, marked) == 0
    assert len(store.get(BOBS, written)) == len(written)
