"""Many writers and readers at once for a while: is there an error, and does the server stay awake?

    python -m bench.soak --writers 32 --readers 32 --seconds 60

The clients run in processes of their own, so that their interpreter locks do not slow the server's
answers; they share the machine's cores with it. `/health` is asked by one more process, 20 times a
second, and so is a server that does nothing: its latency is what the busy machine itself costs.
Goals: no error, `/health` p99 under 50 ms.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import Row, save, show
from bench.server import Server, free_port

_ROOT = Path(__file__).parents[1]
_PROCESSES = 2
_DRAIN_S = 600.0
_HEALTH_GOAL_MS = 50.0


@dataclass(frozen=True)
class Options:
    """Threads of each kind, for how long, over how many users."""

    writers: int = 32
    readers: int = 32
    seconds: float = 60.0
    users: int = 16
    seed: int = 1


def run(server: Server, options: Options) -> tuple[list[Row], list[str]]:
    """Load a started server; the figures, and what went wrong."""
    _warm(server)
    before = server.cpu_s()
    idle_port = free_port()
    idle = _idle_server(idle_port)
    started = time.perf_counter()
    clients = {
        "add/message": _clients(server, options, "write", options.writers),
        "search/memory": _clients(server, options, "read", options.readers),
        "health": [_client(server.port, options, "health", 1, 0)],
        "idle server beside it": [_client(idle_port, options, "health", 1, 1)],
    }
    rows, problems = [], []
    for name, processes in clients.items():
        answers = [_result(process) for process in processes]
        seconds = [s for answer in answers for s in answer["seconds"]]
        for answer in answers:
            problems += [f"{name}: {count} x {why}" for why, count in answer["errors"].items()]
        if seconds:
            rows.append(_latency(name, seconds, options.seconds))
    idle.terminate()
    idle.wait()
    elapsed = time.perf_counter() - started
    cores = (server.cpu_s() - before) / elapsed
    left = server.unfinished()
    rss = server.rss_bytes()
    try:
        drained = server.wait_idle(_DRAIN_S)
    except RuntimeError as error:
        problems.append(str(error))
        drained = _DRAIN_S
    rows += [
        Row("server cores used", value=cores, unit="cores"),
        Row("RSS at the end", value=rss / 1e6, unit="MB"),
        Row("unfinished tasks at the end", value=left, unit="tasks"),
        Row("time to finish them", value=drained, unit="s"),
    ]
    log = server.log.read_text(encoding="utf-8", errors="replace")
    problems += [f"log: {line[:200]}" for line in log.splitlines() if "locked" in line.lower()]
    health = next((row for row in rows if row.name == "health"), None)
    if health is not None and (health.p99_ms or 0) > _HEALTH_GOAL_MS:
        problems.append(f"/health p99 is {health.p99_ms:.0f} ms, goal {_HEALTH_GOAL_MS:.0f} ms")
    return rows, problems


def _warm(server: Server) -> None:
    """Load the encoder, which the first request does."""
    server.post("add/message", {"user_id": "warm", "messages": [{"role": "user", "content": "hi"}]})
    server.post("search/memory", {"user_id": "warm", "query": "hi"})


def _idle_server(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "uvicorn", "bench.idle:app", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "critical"], cwd=_ROOT)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    return process


def _clients(
    server: Server, options: Options, kind: str, threads: int
) -> list[subprocess.Popen[str]]:
    shares = [len(range(i, threads, _PROCESSES)) for i in range(_PROCESSES)]
    return [_client(server.port, options, kind, n, i) for i, n in enumerate(shares) if n]


def _client(
    port: int, options: Options, kind: str, threads: int, number: int
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.load", kind, "--port", str(port)]
    command += ["--threads", str(threads), "--seconds", str(options.seconds)]
    command += ["--users", str(options.users), "--seed", f"{options.seed}/{kind}/{number}"]
    if kind == "health":
        command += ["--pause", "0.05"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)


def _result(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate()
    if process.returncode:
        return {"seconds": [], "errors": {f"the client ended with {process.returncode}": 1}}
    result: dict[str, Any] = json.loads(output)
    return result


def _latency(name: str, seconds: list[float], duration: float) -> Row:
    p50, p95, p99 = np.percentile(np.array(seconds) * 1000, (50, 95, 99))
    return Row(
        name,
        p50_ms=float(p50),
        p95_ms=float(p95),
        p99_ms=float(p99),
        value=len(seconds) / duration,
        unit="per s",
    )


def main() -> int:
    """Command line; 1 when something went wrong."""
    defaults = Options()
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--writers", type=int, default=defaults.writers)
    parser.add_argument("--readers", type=int, default=defaults.readers)
    parser.add_argument("--seconds", type=float, default=defaults.seconds)
    parser.add_argument("--users", type=int, default=defaults.users)
    parser.add_argument("--seed", type=int, default=defaults.seed)
    options = Options(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="memos-soak-") as folder:
        server = Server(Path(folder))
        try:
            server.start()
            server.wait_ready()
            rows, problems = run(server, options)
        except Exception:
            print(server.tail(), file=sys.stderr)
            raise
        finally:
            server.close()
    show(f"{options.writers} writers, {options.readers} readers, {options.seconds:g} s", rows)
    save("soak", rows)
    for problem in problems:
        print(f"PROBLEM {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
