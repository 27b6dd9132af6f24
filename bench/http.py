"""What a client waits for, over HTTP keep-alive, beside the bare embedding of the same texts.

The server is a process of its own on filled cubes. Each call is followed by an embedding of
another text of the same kind in this process, with the same number of numpy threads, so that both
feel the same noise; the ratio of the medians is what the goals are about.
"""

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.fill import fill
from bench.load import Line
from bench.report import Row
from bench.server import Server
from bench.texts import question, statement
from memos.embedders.base import Embedder
from memos.embedders.factory import build_embedder
from memos.types.clock import SystemClock

_CLIENTS = 8
_GOAL_RATIO = "<= 2x embedding"


@dataclass(frozen=True)
class Options:
    """How much to measure.

    Args:
        full: also a cube of 100,000 memories.
        repeats: calls per figure.
        delete: memories of the user that is deleted.
    """

    full: bool = False
    repeats: int = 200
    delete: int = 10_000


def run(options: Options) -> list[Row]:
    """Every figure, in the order of the table."""
    sizes = {"small": 1_000, "medium": 10_000, **({"large": 100_000} if options.full else {})}
    with tempfile.TemporaryDirectory(prefix="memos-bench-") as folder:
        server = Server(Path(folder))
        try:
            rows = [_import_time(), *_starting(server)]
            started = time.perf_counter()
            fill(server.data_dir, {**sizes, "leaver": options.delete})
            total = sum(sizes.values()) + options.delete
            took = time.perf_counter() - started
            print(f"filled {total:,} memories in {took:.0f} s")
            server.start()
            server.wait_ready()
            rows.append(_per_thousand("data folder", server.data_bytes(), total))
            rows += _measure(server, options, sizes)
            return rows
        except Exception:
            print(server.tail(), file=sys.stderr)
            raise
        finally:
            server.close()


def _starting(server: Server) -> list[Row]:
    """An empty server: until it answers, what it weighs, and its first request."""
    seconds, first = [], []
    for _ in range(3):
        server.start()
        seconds.append(server.wait_ready())
        idle = server.rss_bytes()
        started = time.perf_counter()
        server.post("search/memory", {"user_id": "nobody", "query": "hello"})
        body = {"user_id": "nobody", "messages": [{"role": "user", "content": "Hello there."}]}
        server.post("add/message", body)
        first.append(time.perf_counter() - started)
        server.wait_idle(30)
        loaded = server.rss_bytes()
        server.stop()
    return [
        Row("server ready", value=float(np.median(seconds)), unit="s", goal="< 3 s"),
        Row("first search and add (loads the encoder)", value=float(np.median(first)), unit="s"),
        Row("RSS, just started", value=idle / 1e6, unit="MB", goal="< 250 MB"),
        Row("RSS, encoder loaded", value=loaded / 1e6, unit="MB", goal="< 250 MB"),
    ]


def _import_time() -> Row:
    """What importing the SDK costs a program, beyond starting Python: the best of five."""

    def best(code: str) -> float:
        times = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - started)
        return min(times)

    seconds = best("import memos.api.client") - best("pass")
    return Row("import memos.api.client", value=seconds, unit="s", goal="< 0.3 s")


def _measure(server: Server, options: Options, sizes: dict[str, int]) -> list[Row]:
    embedder = build_embedder("use_multilingual", SystemClock())
    line = Line(server.port)
    try:
        embedder.embed(["warm up"])
        rows = [_adds(server, line, embedder, options.repeats)]
        empty = server.rss_bytes()
        for user, size in sizes.items():
            rows.append(_searches(line, embedder, (user, size), options.repeats))
        held = server.rss_bytes() - empty
        rows.append(_per_thousand("RSS", held, sum(sizes.values())))
        rows += _together(server, options.repeats)
        line.close()
        line = Line(server.port)  # the server closes connections that were idle for seconds
        rows.append(_deletion(line, options.delete))
    finally:
        line.close()
        embedder.close()
    return rows


def _adds(server: Server, line: Line, embedder: Embedder, repeats: int) -> Row:
    """Asynchronous adds, each once the work of the one before is done: the acknowledgement alone."""
    chance = random.Random(2)

    def add(number: int) -> None:
        text = statement(chance, 10**7 + number)
        messages = [{"role": "user", "content": text}]
        _check(line.post("add/message", {"user_id": "writer", "messages": messages}))

    def settle() -> None:
        server.wait_idle(30)

    return _paired("add acknowledged (async)", add, (embedder, False), repeats, settle)


def _searches(line: Line, embedder: Embedder, cube: tuple[str, int], repeats: int) -> Row:
    user, size = cube
    chance = random.Random(size)
    _search(line, user, "warm up")

    def search(number: int) -> None:
        _search(line, user, f"{question(chance)} {number}")

    return _paired(f"search, {size:,} memories", search, (embedder, True), repeats)


def _paired(
    name: str,
    call: Callable[[int], None],
    bare: tuple[Embedder, bool],
    repeats: int,
    settle: Callable[[], None] | None = None,
) -> Row:
    """Time a call and a bare embedding by turns."""
    embedder, query = bare
    chance = random.Random(f"bare {name}")  # texts of its own: a text seen before is cached
    calls, embeddings = [], []
    for number in range(repeats):
        started = time.perf_counter()
        call(number)
        calls.append(time.perf_counter() - started)
        if settle is not None:
            settle()
        text = f"{question(chance)} {number}x" if query else statement(chance, 10**8 + number)
        started = time.perf_counter()
        embedder.embed([text], query=query)
        embeddings.append(time.perf_counter() - started)
    row = _row(name, calls)
    ratio = float(np.median(calls) / np.median(embeddings))
    goal = "" if "100,000" in name else _GOAL_RATIO
    bare_ms = float(np.median(embeddings) * 1000)
    return Row(name, row.p50_ms, row.p95_ms, row.p99_ms, ratio, bare_ms, "ms embedding", goal)


def _together(server: Server, repeats: int) -> list[Row]:
    """Eight clients at once searching 10,000 memories, then eight adding."""
    return [
        _throughput(server, "8 clients searching 10,000", repeats, "search"),
        _throughput(server, "8 clients adding", repeats, "add"),
    ]


def _throughput(server: Server, name: str, repeats: int, kind: str) -> Row:
    times: list[float] = []

    def client(number: int) -> None:
        chance = random.Random(f"{kind}/{number}")
        line = Line(server.port)
        for i in range(max(1, repeats // 2)):
            started = time.perf_counter()
            if kind == "search":
                _search(line, "medium", f"{question(chance)} {number} {i}")
            else:
                text = statement(chance, chance.randrange(10**9))
                messages = [{"role": "user", "content": text}]
                body = {"user_id": f"writer-{number}", "messages": messages}
                _check(line.post("add/message", body))
            times.append(time.perf_counter() - started)
        line.close()

    threads = [threading.Thread(target=client, args=(n,)) for n in range(_CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    row = _row(name, times)
    server.wait_idle(300)
    return Row(name, row.p50_ms, row.p95_ms, row.p99_ms, value=len(times) / elapsed, unit="per s")


def _deletion(line: Line, size: int) -> Row:
    started = time.perf_counter()
    _check(line.post("delete/memory", {"user_id": "leaver"}))
    took = time.perf_counter() - started
    _, answer = line.post("get/memory", {"user_id": "leaver"})
    if answer["data"]["total"]:
        raise RuntimeError("the deleted user still has memories")
    return Row(f"delete a user with {size:,} memories", value=took, unit="s", goal="< 2 s")


def _per_thousand(name: str, size: int, memories: int) -> Row:
    return Row(f"{name} per 1k memories", value=size / memories / 1e3, unit="MB")


def _search(line: Line, user: str, query: str) -> None:
    _check(line.post("search/memory", {"user_id": user, "query": query}))


def _check(result: tuple[int, dict[str, object]]) -> None:
    status, answer = result
    if status != 200 or answer["code"] != 0:
        raise RuntimeError(f"HTTP {status}, code {answer['code']}: {answer['message']}")


def _row(name: str, seconds: list[float]) -> Row:
    p50, p95, p99 = np.percentile(np.array(seconds) * 1000, (50, 95, 99))
    return Row(name, float(p50), float(p95), float(p99))
