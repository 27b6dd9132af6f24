"""Measure what the work behind an add costs as a cube grows: read, compare with memory, write.

Run: python -m bench.organise_speed [--sizes 1000 10000 100000] [--repeats 60]

Each repeat is a whole synchronous add of one turn (message stored, segment indexed, drafts read by
rules, compared with what is near in memory, written), beside the bare embedding of a statement.
`compare` is the part that grows with the cube, the search for memories near a draft; `again` tells
a statement that memory holds; `first` is the first add after the folder was opened,
which reads the cube. Folders are filled as by `bench.search_speed`.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is imported

import argparse
import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.search_speed import Bench
from bench.texts import statement
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.memories.textual.tree_text_memory.organize.duplicate import neighbours
from memos.types.scope import Cube, CubeKind, Scope


class OrganiseBench(Bench):
    """A filled folder to which turns are added."""

    def add(self, user: str, text: str) -> None:
        """One whole add."""
        now = self.system.clock.now_ms()
        message = IncomingMessage("user", text, now)
        command = AddCommand(user, [message], conversation_id="bench", wait=True)
        outcome = self.system.add(Caller(self.project, "bench"), command)
        if outcome.status != "completed":
            raise RuntimeError(outcome.status)

    def compare(self, user: str, text: str) -> Callable[[], object]:
        """The comparison with memory alone, the statement embedded beforehand."""
        vectors = self.system.embedder.embed([text])
        scope = Scope.of(Cube(self.project, CubeKind.USER, user))
        profile = self.system.embedder.profile
        return lambda: neighbours(self.system.graph, scope, vectors, profile)


def measure(bench: OrganiseBench, user: str, size: int, repeats: int) -> str:
    """A line of the table."""
    chance = random.Random(size)
    for _ in range(5):
        bench.embed()
    first = bench.millis(lambda: bench.add(user, "I sold my harp."))
    walls: dict[str, list[float]] = {"embed": [], "add": [], "again": [], "compare": []}
    for number in range(repeats):
        text = statement(chance, 10**7 + number)
        walls["embed"].append(bench.millis(bench.embed))
        walls["add"].append(bench.millis(lambda text=text: bench.add(user, text)))
        walls["compare"].append(bench.millis(bench.compare(user, text)))
        walls["again"].append(bench.millis(lambda text=text: bench.add(user, text)))
    p50 = {leg: statistics.median(times) for leg, times in walls.items()}
    p95 = sorted(walls["add"])[int(0.95 * repeats)]
    return (
        f"{size:>8} {p50['embed']:7.2f} {p50['compare']:8.2f} {p50['compare'] / p50['embed']:6.2f}"
        f" {p50['add']:8.2f} {p95:8.2f} {p50['again']:8.2f} {first:8.0f}"
    )


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.organise_speed", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=60)
    options = parser.parse_args()
    print("wall ms, medians")
    print(
        f"{'memories':>8} {'embed':>7} {'compare':>8} {'ratio':>6} {'add':>8} {'p95':>8} {'again':>8}"
        f" {'first':>8}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        for size in options.sizes:
            folder = Path(scratch) / str(size)
            OrganiseBench(folder, {"user": size}).close()
            bench = OrganiseBench(folder, {"user": size})
            try:
                print(measure(bench, "user", size, options.repeats), flush=True)
            finally:
                bench.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
