"""Measure the embedded graph store: recall, durable writes, erasure, size, beside a bare embedding.

Run: python -m bench.graph_store [rows ...]      (default 1000 10000 100000; needs a few minutes)

Rows are synthetic: two thirds segments of a few words in conversations of 20, one third facts
derived from the segment before, vectors of 512 dimensions around 400 topics.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from memos.embedders.factory import build_embedder
from memos.graph_dbs.base import Bucket, NodeWrite, RecallQuery
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.filters import Condition, Field, Operator, all_of
from memos.types.memory import (
    FACT_KINDS,
    PREFERENCE_KINDS,
    SKILL_KINDS,
    TOOL_KINDS,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryKind,
)
from memos.types.scope import Cube, CubeKind, Scope

DIM = 512
BATCH = 600
WORDS = [f"word{i}" for i in range(20_000)]


class Corpus:
    """Random nodes that look like a long chat history."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.topics = self.random.normal(size=(400, DIM)).astype(np.float32)

    def vector(self) -> np.ndarray:
        drawn = self.topics[self.random.integers(400)] + self.random.normal(size=DIM)
        return (drawn / np.linalg.norm(drawn)).astype(np.float32)

    def words(self, count: int) -> str:
        # Frequencies fall as 1 / (rank + 30): without stop words no word is in more than a tenth of rows.
        ranks = (30 * (1 + len(WORDS) / 30) ** self.random.random(count) - 30).astype(int)
        return " ".join(WORDS[rank] for rank in ranks)

    def batches(self, cube: Cube, rows: int) -> Iterator[tuple[list[NodeWrite], list[Edge]]]:
        for start in range(0, rows, BATCH):
            nodes, edges = [], []
            for i in range(start, min(start + BATCH, rows)):
                nodes.append(self.fact(cube, i) if i % 3 == 2 else self.segment(cube, i))
                if i % 3 == 2:
                    edges.append(Edge(nodes[-1].item.id, EdgeKind.DERIVED_FROM, nodes[-2].item.id))
            yield nodes, edges

    def segment(self, cube: Cube, i: int) -> NodeWrite:
        item = MemoryItem(
            id=f"{cube.owner}-{i:08}", cube=cube, kind=MemoryKind.SEGMENT, value="",
            conversation_id=f"talk-{i // 20}", created_at=i * 60_000, ordinal=i,
            speaker=("user", "assistant")[i % 2], is_question=i % 7 == 0,
        )  # fmt: skip
        return NodeWrite(item, self.words(20), self.vector())

    def fact(self, cube: Cube, i: int) -> NodeWrite:
        item = MemoryItem(
            id=f"{cube.owner}-{i:08}", cube=cube, kind=MemoryKind.USER, value=self.words(15),
            key=self.words(3), tags=(f"tag{i % 50}", "mode:fine"), created_at=i * 60_000,
            conversation_id=f"talk-{i // 20}", info={"scene": f"scene{i % 5}"},
        )  # fmt: skip
        return NodeWrite(item, "", self.vector())

    def query(self, where: bool) -> RecallQuery:
        filter_ = all_of(Condition(None, Operator.EQ, "scene1", "scene")) if where else None
        tagged = all_of(Condition(Field.TAGS, Operator.CONTAINS, "tag7")) if where else None
        buckets = (
            Bucket(FACT_KINDS, 20, filter_ or tagged),
            Bucket(PREFERENCE_KINDS, 6),
            Bucket(TOOL_KINDS, 6),
            Bucket(SKILL_KINDS, 6),
        )
        return RecallQuery(self.words(6), self.vector(), buckets)


def timed(action: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Median wall and CPU milliseconds."""
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return statistics.median(walls), statistics.median(cpus)


def rss() -> float:
    """Resident MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(rows: int, embed: Callable[[], object]) -> None:
    corpus = Corpus(rows)
    cube = Cube("bench", CubeKind.USER, "u")
    scope = Scope.of(cube)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.db"
        store = SqliteGraphStore(path, SystemClock())
        store.adopt_embedder("random", DIM)
        batches = list(corpus.batches(cube, rows))
        started = time.perf_counter()
        for nodes, edges in batches:
            store.put(scope, nodes, edges)
        loaded = time.perf_counter() - started
        del batches
        store.close()
        store = SqliteGraphStore(path, SystemClock())
        before = rss()
        started = time.perf_counter()
        store.recall(scope, corpus.query(where=False))
        cold = (time.perf_counter() - started) * 1e3
        held = rss() - before
        queries = iter([corpus.query(where=i >= 200) for i in range(400)])
        recall = timed(lambda: store.recall(scope, next(queries)), 200)
        filtered = timed(lambda: store.recall(scope, next(queries)), 100)
        embedding = timed(embed, 60)
        more = iter([corpus.segment(cube, rows + i) for i in range(600)])
        insert = timed(lambda: store.put(scope, [next(more)]), 200)
        store.recall(scope, corpus.query(where=False))
        fresh = timed(
            lambda: (
                store.put(scope, [next(more)]),
                store.recall(scope, corpus.query(where=False)),
            ),
            50,
        )
        size = path.stat().st_size / 2**20
        ids = [f"u-{i:08}" for i in range(rows)]
        erase_one = timed(lambda: store.delete(scope, [ids.pop()]), 7)
        doomed = [ids.pop() for _ in range(min(len(ids), 20_000))]
        started = time.perf_counter()
        store.delete(scope, doomed)
        erased = time.perf_counter() - started
        store.close()
    print(f"{rows} rows")
    print(f"  bulk insert              {rows / loaded:8.0f} rows/s")
    print(f"  first recall             {cold:8.1f} ms")
    print(f"  recall p50               {recall[0]:8.2f} ms wall {recall[1]:8.2f} cpu")
    print(f"  recall filtered p50      {filtered[0]:8.2f} ms wall {filtered[1]:8.2f} cpu")
    print(f"  bare query embedding     {embedding[0]:8.2f} ms wall {embedding[1]:8.2f} cpu")
    print(
        f"  recall / embedding       {recall[0] / embedding[0]:8.2f}     {recall[1] / embedding[1]:8.2f} cpu"
    )
    print(f"  durable insert p50       {insert[0]:8.2f} ms")
    print(f"  insert, then recall p50  {fresh[0]:8.2f} ms")
    print(f"  delete one p50           {erase_one[0]:8.2f} ms")
    print(f"  delete {len(doomed):6} nodes      {erased * 1e3:8.1f} ms")
    print(f"  file                     {size * 1024 / rows * 1000 / 1024:8.2f} MiB per 1000")
    print(f"  resident after recall    {held / rows * 1000:8.2f} MiB per 1000")


def main() -> None:
    embedder = build_embedder("use_multilingual", SystemClock())
    questions = iter([f"where did Caroline travel in the summer of {i}?" for i in range(10_000)])
    for rows in [int(argument) for argument in sys.argv[1:]] or [1000, 10_000, 100_000]:
        measure(rows, lambda: embedder.embed([next(questions)], query=True))
    embedder.close()


if __name__ == "__main__":
    main()
