"""Measure the care for memories and looking back, as a user's memories grow.

Run: python -m bench.maintain_speed [--sizes 1000 10000 100000]

Per size: a first run of the care, which archives what is beyond the capacities; a second, which finds
nothing to do; and the median of searches now, `as_of` and `known_at`.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the server; before numpy is imported

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.fill import fill
from bench.server import KEY
from bench.texts import question
from memos.configs.settings import Settings
from memos.handlers.caller import Caller
from memos.handlers.search import SearchCommand
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.retrieve.viewpoint import Viewpoint

_USER = "u"
_SEARCHES = 40


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.maintain_speed", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory(prefix="memos-bench-") as folder:
            measure(Path(folder), size)
    return 0


def measure(folder: Path, size: int) -> None:
    """Fill a folder with a user's memories and print one line."""
    fill(folder, {_USER: size})
    settings = Settings(
        data_dir=folder, bootstrap_api_key=KEY, embedded_worker=False, tokens_per_minute=0
    )
    system = build(settings)
    try:
        system.start()
        cpu = time.process_time()
        first, archived = _care(system)
        cpu = time.process_time() - cpu
        second, again = _care(system)
        looks = " ".join(f"{name} {_searches(system, at):.1f}" for name, at in _views(system))
        print(
            f"{size:>7} memories: first care {first:.2f} s, CPU {cpu:.2f} s "
            f"({archived} archived), "
            f"second {second:.3f} s ({again}); search ms: {looks}"
        )
    finally:
        system.close()


def _care(system: System) -> tuple[float, int]:
    started = time.perf_counter()
    care = system.truth.maintenance.run()
    return time.perf_counter() - started, care.archived


def _views(system: System) -> list[tuple[str, Viewpoint]]:
    now = system.clock.now_ms()
    return [
        ("now", Viewpoint()),
        ("as_of", Viewpoint(as_of=now)),
        ("known_at", Viewpoint(known_at=now)),
    ]


def _searches(system: System, viewpoint: Viewpoint) -> float:
    """Median milliseconds of a search."""
    caller = Caller(system.records.projects()[0].id, "bench")
    chance, taken = random.Random(3), []
    for _ in range(_SEARCHES):
        command = SearchCommand(question(chance), _USER, viewpoint=viewpoint)
        started = time.perf_counter()
        system.search(caller, command)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
