"""What was acknowledged survives kill -9, whole; what was not is there whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import apsw

from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.memory import MemoryKind
from tests.unit.graph_dbs.examples import ANNS, asking

CHILD = """
import sys
from pathlib import Path
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.memory import Edge, EdgeKind
from tests.unit.graph_dbs.examples import ANNS, DIM, fact, segment, vector

store = SqliteGraphStore(Path(sys.argv[1]), SystemClock())
store.adopt_embedder("random", DIM)
first = int(sys.argv[2])
for i in range(first, first + 100_000):
    nodes = [segment(f"s{i}-{part}", f"word{i}", vector=vector(i)) for part in range(4)]
    store.put(ANNS, [*nodes, fact(f"f{i}")], [Edge(f"f{i}", EdgeKind.DERIVED_FROM, f"s{i}-0")])
    if i % 5 == 4:
        store.delete(ANNS, [f"f{i - 1}"])
    print(i, flush=True)
"""


def acknowledged(path: Path, first: int, count: int) -> int:
    """Run a writer, kill it after some acknowledgements; the last number it acknowledged."""
    root = Path(__file__).parents[3]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(first)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(count)]
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().splitlines()
    child.stdout.close()
    child.wait()
    return int((rest or lines)[-1])


def test_acknowledged_writes_survive_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    first = 0
    for count in (1, 13, 30):
        last = acknowledged(path, first, count)
        store = SqliteGraphStore(path, SystemClock())
        for i in range(first, last + 1):
            deleted = i % 5 == 3 and i < last
            facts = store.get(ANNS, [f"f{i}"])
            assert len(facts) == (0 if deleted else 1) or (i == last and i % 5 == 3)
            assert len(store.get(ANNS, [f"s{i}-{part}" for part in range(4)])) == 4
        beyond = store.get(ANNS, [f"s{last + 1}-{part}" for part in range(4)])
        assert len(beyond) in {0, 4}
        hits = store.recall(ANNS, asking(f"word{last}"))[0]
        assert last % 5 == 3 or hits[0].item.id == f"f{last}"
        assert store.find(ANNS, frozenset({MemoryKind.SEGMENT})).total % 4 == 0
        store.close()
        first = last + 2
    assert apsw.Connection(str(path)).execute("pragma integrity_check").get == "ok"


def test_two_processes_write_and_read_one_file(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    store = SqliteGraphStore(path, SystemClock())
    store.adopt_embedder("random", 8)
    last = acknowledged(path, 0, 3)
    assert len(store.get(ANNS, [f"s{i}-0" for i in range(last + 1)])) == last + 1
    assert store.recall(ANNS, asking(f"word{last}", vector=None))[0]
    store.delete_cubes(ANNS)
    last = acknowledged(path, 50, 3)
    assert store.profile(ANNS).rows >= 4 * (last - 49)
    store.close()
