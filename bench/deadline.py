"""Measure how long after its deadline a request comes back while the reranker sleeps through it.

Run: python -m bench.deadline [--calls 400] [--callers 4] [--busy 0] [--switch-ms 0.5]

Every call is answered too late or never, the worst case: calls in time return before the deadline,
and calls known to be too slow are not begun. `--busy` adds threads that compute in this process,
`--switch-ms` says after how long such a thread gives way (0.5 as in `memos serve`, 5 as Python's default).
The last row is what a reranker that answers at once adds to a search.
"""

import argparse
import statistics
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.report import Row, save, show
from memos.cli.http_server import SWITCH_S
from memos.graph_dbs.base import RecallHit
from memos.llms.base import Reply, Turn
from memos.memories.textual.tree_text_memory.retrieve.boost import Ranked
from memos.memories.textual.tree_text_memory.retrieve.rerank import (
    DONE,
    NO_TIME,
    RerankOptions,
    RerankStage,
)
from memos.memories.textual.tree_text_memory.retrieve.rewrite import SEARCH_S, RewriteStage
from memos.types.clock import SystemClock
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind

DEADLINES_MS = (20, 50, 200)
REWRITE_DEADLINE_MS = 1600
"""Of a `fine` search; the model is left half a second before it."""
REWRITE_SHARE = 10
"""One such wait for so many of the reranker's, each being longer."""
GOAL = "p99 <= 20 ms"
CLOCK = SystemClock()


class Sleeper:
    """A reranker that answers after `seconds`, whatever time it is given."""

    name = "sleeper"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._never = threading.Event()

    def rerank(self, query: str, texts: Sequence[str], *, timeout_s: float) -> list[float]:  # noqa: ARG002
        if self._seconds:
            self._never.wait(self._seconds)
        return [0.5] * len(texts)

    def close(self) -> None:
        self._never.set()


class SleepingModel:
    """A language model that answers too late, whatever it is asked."""

    name = "sleeper"

    def __init__(self) -> None:
        self._never = threading.Event()

    def complete(self, turns: Sequence[Turn], **options: object) -> Reply:  # noqa: ARG002
        self._never.wait(10)
        return Reply("")

    def close(self) -> None:
        self._never.set()


class Values:
    """Texts are the values."""

    def texts(self, items: Sequence[MemoryItem]) -> list[str]:
        return [item.value for item in items]


def hits(count: int) -> list[Ranked]:
    cube = Cube("bench", CubeKind.USER, "u")
    made = []
    for n in range(count):
        item = MemoryItem(id=f"{n:03}", cube=cube, kind=MemoryKind.USER, value=f"memory {n}")
        made.append(Ranked(item, 0.5, RecallHit(item, 1.0 - n / 100, 0.1, 0.1, 0.1, 0.0, 0.0)))
    return made


HITS = hits(30)


def late_by(deadline_s: float) -> float:
    """Milliseconds between the deadline of one call and its return."""
    reranker = Sleeper(10)
    stage = RerankStage(reranker, Values(), CLOCK, RerankOptions(timeout_s=60))
    deadline = CLOCK.monotonic() + deadline_s
    _, outcome = stage.rerank_hits(HITS, "q", deadline=deadline)
    late = (CLOCK.monotonic() - deadline) * 1000
    assert outcome == NO_TIME, outcome
    reranker.close()
    return late


def rewritten_late_by(deadline_s: float) -> float:
    """The same of the stage that asks a model for further queries: after it should have been left."""
    model = SleepingModel()
    stage = RewriteStage(model, CLOCK)  # type: ignore[arg-type]
    deadline = CLOCK.monotonic() + deadline_s
    _, outcome = stage.further("Where is the kayak?", deadline)
    late = (CLOCK.monotonic() - (deadline - SEARCH_S)) * 1000
    assert outcome == NO_TIME, outcome
    model.close()
    return late


def added() -> float:
    """Milliseconds of one call whose reranker answers at once."""
    stage = RerankStage(Sleeper(0), Values(), CLOCK, RerankOptions(timeout_s=60))
    started = CLOCK.monotonic()
    _, outcome = stage.rerank_hits(HITS, "q", deadline=started + 60)
    assert outcome == DONE, outcome
    return (CLOCK.monotonic() - started) * 1000


def row(name: str, values: Sequence[float], goal: str = "") -> Row:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return Row(name, cuts[49], cuts[94], cuts[98], value=max(values), unit="ms at most", goal=goal)


def compute(stop: threading.Event) -> None:
    while not stop.is_set():
        sum(n * n for n in range(2000))


def main() -> int:
    """Command line; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.deadline")
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--callers", type=int, default=4)
    parser.add_argument("--busy", type=int, default=0)
    parser.add_argument("--switch-ms", type=float, default=1000 * SWITCH_S)
    options = parser.parse_args()
    sys.setswitchinterval(options.switch_ms / 1000)
    stop = threading.Event()
    for _ in range(options.busy):
        threading.Thread(target=compute, args=(stop,), daemon=True).start()
    rows = []
    with ThreadPoolExecutor(options.callers) as pool:
        for deadline in DEADLINES_MS:
            late = list(pool.map(late_by, [deadline / 1000] * options.calls))
            rows.append(row(f"after a deadline of {deadline} ms", late, GOAL))
        calls = [REWRITE_DEADLINE_MS / 1000] * max(2, options.calls // REWRITE_SHARE)
        late = list(pool.map(rewritten_late_by, calls))
        rows.append(row(f"model of a fine search, deadline {REWRITE_DEADLINE_MS} ms", late, GOAL))
    rows.append(row("answered at once, one caller", [added() for _ in range(options.calls)]))
    stop.set()
    show(f"Deadline of reranking: {options.callers} callers, {options.busy} busy threads", rows)
    print(f"saved as {save('deadline', rows)}")
    return int(any(r.goal and r.p99_ms is not None and r.p99_ms > 20 for r in rows))


if __name__ == "__main__":
    sys.exit(main())
