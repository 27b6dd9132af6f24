"""Measure a whole search in process, beside the bare embedding of the same kind of question.

Run: python -m bench.search_speed [--sizes 1000 10000 100000] [--full] [--cpu] [--data FOLDER]

`--full` also asks a user of 10,000 memories in a store that holds a million (3.5 GB of disk).
`--cpu` takes the processor time of the asking thread, in which a question is also encoded, in place
of the time on the wall: for machines busy with other work.
`--data` keeps the filled folders there for the next run. A memory here is what a turn of a chat
leaves: a segment (words and vector) and a memory derived from it. Texts are English and Chinese
with words as unevenly frequent as in speech; vectors are those of a pool of embedded texts, mixed
in pairs and blurred, so that a million need not be embedded.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is imported

import argparse
import gc
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench.crowd import multiply
from bench.texts import question, statement
from memos.configs.settings import Settings
from memos.graph_dbs.base import Bucket, NodeWrite, RecallQuery
from memos.handlers.caller import Caller
from memos.handlers.search import SearchCommand
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.organize.normalise import content_hash
from memos.types.memory import (
    FACT_KINDS,
    PREFERENCE_KINDS,
    Edge,
    EdgeKind,
    MemoryItem,
    MemoryKind,
    Source,
)
from memos.types.scope import Cube, CubeKind, Scope

_POOL = 2000
_BATCH = 1000
_TALK = 30
_MINUTE_MS = 60_000
_START_MS = 1_700_000_000_000
_CROWD_CUBES = 100
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u")]
_CHARACTERS = [chr(0x4E00 + 7 * i) for i in range(2500)]


class Corpus:
    """Turns of a chat with vectors that lie as those of real texts do."""

    def __init__(self, system: System, seed: int) -> None:
        self._chance = random.Random(seed)
        self._random = np.random.default_rng(seed)
        texts = [self.text(i) for i in range(_POOL)]
        self._pool = system.embedder.embed(texts)

    def text(self, number: int) -> str:
        """A statement, and some words of a vocabulary in which the n-th is used 1 / n as often."""
        said = statement(self._chance, number)
        if said.isascii():
            return f"{said} {' '.join(self._word() for _ in range(8))}"
        return said + "".join(_CHARACTERS[self._rank(len(_CHARACTERS))] for _ in range(10))

    def _word(self) -> str:
        rank = self._rank(20_000)
        return _SYLLABLES[rank % 70] + _SYLLABLES[rank // 70 % 70] + _SYLLABLES[rank // 4900]

    def _rank(self, size: int) -> int:
        return int(size ** self._chance.random()) - 1

    def vectors(self, count: int) -> np.ndarray:
        """float32 (count, dim), unit rows."""
        one, two = self._random.integers(_POOL, size=(2, count))
        share = self._random.random((count, 1), np.float32)
        mixed = self._pool[one] * (1 - share / 2) + self._pool[two] * (share / 2)
        noise = self._random.standard_normal(mixed.shape, np.float32)
        mixed += noise * np.float32(0.4 / np.sqrt(mixed.shape[1]))
        unit: np.ndarray = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return unit

    def batches(self, cube: Cube, size: int) -> Iterator[tuple[list[NodeWrite], list[Edge]]]:
        """Memories with their evidence, to be stored."""
        for start in range(0, size, _BATCH):
            count = min(_BATCH, size - start)
            spoken, drawn = self.vectors(count), self.vectors(count)
            drawn = 0.8 * spoken + 0.2 * drawn
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
            nodes: list[NodeWrite] = []
            edges = []
            for i in range(count):
                segment, memory = turn(cube, start + i, self.text(start + i))
                nodes.append(NodeWrite(segment, memory.value, spoken[i]))
                nodes.append(NodeWrite(memory, vector=drawn[i]))
                edges.append(Edge(memory.id, EdgeKind.DERIVED_FROM, segment.id))
            yield nodes, edges


def turn(cube: Cube, number: int, text: str) -> tuple[MemoryItem, MemoryItem]:
    """The segment and the memory of a turn."""
    said = _START_MS + number * _MINUTE_MS
    source = Source(f"{cube.owner}-m{number:07}", "user", 0, len(text), said)
    shared = {
        "cube": cube,
        "speaker": ("user", "assistant")[number % 2],
        "event_from": said,
        "created_at": said,
        "updated_at": said,
        "ordinal": number * 1000,
        "conversation_id": f"{cube.owner}-c{number // _TALK}",
        "sources": (source,),
    }
    segment = MemoryItem(
        id=f"{number:07}-s-{cube.owner}", kind=MemoryKind.SEGMENT, value="",
        is_question=number % 7 == 0, **shared,
    )  # fmt: skip
    preference = number % 10 == 0
    memory = MemoryItem(
        id=f"{number:07}-m-{cube.owner}",
        kind=MemoryKind.EXPLICIT_PREFERENCE if preference else MemoryKind.LONG_TERM,
        value=text, key=text[:40], content_hash=content_hash(text), tags=("mode:fine",), **shared,
    )  # fmt: skip
    return segment, memory


class Bench:
    """A filled folder, opened as the server does.

    Args:
        folder: the data folder.
        cubes: memories by user.
        clock: seconds.
    """

    def __init__(
        self, folder: Path, cubes: dict[str, int], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.folder = folder
        self._clock = clock
        full = (folder / "filled").exists()
        self.system = build(Settings(data_dir=folder, embedded_worker=False))
        self.system.start()
        self.project = self.system.records.projects()[0].id
        if not full:
            for seed, (user, size) in enumerate(cubes.items()):
                self._fill(user, size, seed)
            (folder / "filled").touch()
        self._chance = random.Random(99)
        self._seen: set[str] = set()

    def close(self) -> None:
        """Release the files."""
        self.system.close()

    def question(self) -> str:
        """A question not asked before (a repeated one would not be embedded)."""
        while True:
            text = question(self._chance)
            word = "".join(self._chance.choices(_SYLLABLES, k=3))
            text = f"{text[:-1]} {word}{text[-1]}"
            if text not in self._seen:
                self._seen.add(text)
                return text

    def embed(self) -> None:
        """Embed a question, no more."""
        self.system.embedder.embed([self.question()], query=True)

    def search(self, user: str) -> None:
        """A whole search."""
        self.system.search(Caller(self.project, "bench"), SearchCommand(self.question(), user))

    def recall(self, user: str) -> Callable[[], object]:
        """A recall alone, its question embedded beforehand."""
        text = self.question()
        vector = self.system.embedder.embed([text], query=True)[0]
        query = RecallQuery(text, vector, (Bucket(FACT_KINDS, 35), Bucket(PREFERENCE_KINDS, 35)))
        scope = Scope.of(Cube(self.project, CubeKind.USER, user))
        return lambda: self.system.graph.recall(scope, query)

    def insert(self, user: str, number: int) -> None:
        """Store one more turn."""
        cube = Cube(self.project, CubeKind.USER, user)
        vector = self.system.embedder.embed(["a turn more"])[0]
        segment, memory = turn(cube, number, f"turn {number} more")
        self.system.graph.put(
            Scope.of(cube),
            [NodeWrite(segment, memory.value, vector), NodeWrite(memory, vector=vector)],
            [Edge(memory.id, EdgeKind.DERIVED_FROM, segment.id)],
        )

    def millis(self, action: Callable[[], object]) -> float:
        """Milliseconds of one call."""
        started = self._clock()
        action()
        return (self._clock() - started) * 1e3

    def _fill(self, user: str, size: int, seed: int) -> None:
        corpus = Corpus(self.system, seed)
        cube = Cube(self.project, CubeKind.USER, user)
        for nodes, edges in corpus.batches(cube, size):
            self.system.graph.put(Scope.of(cube), nodes, edges)


def resident() -> float:
    """Resident MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def measure(bench: Bench, user: str, size: int, repeats: int) -> str:
    """A line of the table. The legs take turns, so that a busy machine slows all alike."""
    for _ in range(5):
        bench.embed()
    gc.collect()
    before = resident()
    cold = bench.millis(bench.recall(user))
    held = resident() - before
    walls: dict[str, list[float]] = {"embed": [], "search": [], "recall": []}
    for _ in range(repeats):
        walls["embed"].append(bench.millis(bench.embed))
        walls["search"].append(bench.millis(lambda: bench.search(user)))
        walls["recall"].append(bench.millis(bench.recall(user)))
    fresh = []
    for i in range(20):
        bench.insert(user, 10**6 + size + i)
        fresh.append(bench.millis(bench.recall(user)))
    p50 = {leg: statistics.median(times) for leg, times in walls.items()}
    p95 = {leg: sorted(times)[int(0.95 * len(times))] for leg, times in walls.items()}
    disk = (bench.folder / "memory.db").stat().st_size / 2**20
    return (
        f"{user:>10} {size:>8} {p50['embed']:7.2f} {p50['search']:8.2f} {p95['search']:7.2f}"
        f" {p50['search'] / p50['embed']:6.2f} {p50['recall']:8.2f} {p95['recall']:7.2f}"
        f" {cold:8.0f} {statistics.median(fresh):7.1f} {held / size * 1000:8.2f} {disk:8.0f}"
    )


HEADER = (
    f"{'user':>10} {'memories':>8} {'embed':>7} {'search':>8} {'p95':>7} {'ratio':>6} {'recall':>8}"
    f" {'p95':>7} {'first':>8} {'fresh':>7} {'MiB/1000':>8} {'file MiB':>8}"
)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.search_speed", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    clock = time.thread_time if options.cpu else time.perf_counter
    with tempfile.TemporaryDirectory() as scratch:
        root = options.data or Path(scratch)
        timed = "CPU" if options.cpu else "wall"
        print(f"{timed} ms, medians; first: recall that reads the cube; fresh: after an insert")
        print(HEADER)
        for size in options.sizes:
            bench = Bench(root / f"n{size}", {"alone": size}, clock)
            print(measure(bench, "alone", size, options.repeats), flush=True)
            bench.close()
        if options.full:
            compare(root, 10_000, options.repeats)
    return 0


def compare(root: Path, size: int, repeats: int) -> None:
    """The same cube alone and among a hundred of its size, asked in turns."""
    lone, crowd = root / f"n{size}", root / f"crowd{size}"
    Bench(lone, {"alone": size}).close()
    if not crowd.exists():
        multiply(lone, crowd, _CROWD_CUBES - 1)
    benches = {"alone": Bench(lone, {}), "in crowd": Bench(crowd, {})}
    walls: dict[str, list[float]] = {}
    for turn in range(repeats + 5):
        order = list(benches.items())
        for name, bench in order if turn % 2 else reversed(order):
            search = bench.millis(lambda bench=bench: bench.search("alone"))  # type: ignore[misc]
            recall = bench.millis(bench.recall("alone"))
            if turn >= 5:
                walls.setdefault(f"search {name}", []).append(search)
                walls.setdefault(f"recall {name}", []).append(recall)
    for bench in benches.values():
        bench.close()
    print(f"{size} memories alone, and among {size * _CROWD_CUBES:,}")
    for leg, times in sorted(walls.items()):
        p95 = sorted(times)[int(0.95 * len(times))]
        print(f"{leg:>16} p50 {statistics.median(times):7.2f} p95 {p95:7.2f}")


if __name__ == "__main__":
    sys.exit(main())
