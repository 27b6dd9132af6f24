"""Processes that kill themselves at a named step. Run: python -m tests.e2e.dying

Reads one job a line from its input, `{"deed", "folder", "at", ...}`, does each in a process of its
own (forked, so that the imports are paid once), and answers with how that process ended. `at` is
`STORE.METHOD:N`: the process gets SIGKILL instead of the Nth call, or with a `+` right after it.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from memos.cli.main import app
from memos.configs.settings import Settings
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.handlers.caller import Caller
from memos.handlers.feedback import FeedbackCommand
from memos.mem_os import bootstrap
from memos.mem_os.bootstrap import System, build
from memos.mem_scheduler import maintain
from memos.records.sql import SqlRecords
from memos.types.scope import Cube
from tests.hash_embedder import HashEmbedder

STORES = {"graph": SqliteGraphStore, "records": SqlRecords}
Job = dict[str, Any]


def die_at(point: str) -> None:
    """Kill this process at a step."""
    name, _, when = point.partition(":")
    store, _, method = name.partition(".")
    after, wanted = when.endswith("+"), int(when.rstrip("+"))
    inner: Callable[..., object] = getattr(STORES[store], method)
    calls = 0

    def counted(*arguments: Any, **named: Any) -> object:
        nonlocal calls
        calls += 1
        if calls == wanted and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = inner(*arguments, **named)
        if calls == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(STORES[store], method, counted)


def opened(folder: Path, **more: Any) -> System:
    """A system that does nothing by itself; started."""
    settings = Settings(data_dir=folder, bootstrap_api_key="mpg-" + "k" * 40, embedded_worker=False)
    system = build(settings, embedder=HashEmbedder(), **more)
    system.start()
    return system


def delete_memory(system: System, job: Job) -> None:
    system.erase.by_ids(caller_of(system), [job["memory"]])


def delete_user(system: System, job: Job) -> None:
    project = system.records.projects()[0].id
    system.erase.of_subject(caller_of(system), Cube.parse(job["user"].replace("PROJECT", project)))


def say(system: System, job: Job) -> None:
    request = job.get("request", "one")
    said = FeedbackCommand("u", job["text"], 1_757_635_200_000, request_id=request, wait=True)
    system.feedback(caller_of(system), said)


def caller_of(system: System) -> Caller:
    return Caller(system.records.projects()[0].id, "test")


IN_PROCESS: dict[str, Callable[[System, Job], None]] = {
    "delete memory": delete_memory,
    "delete user": delete_user,
    "feedback": say,
}


def do(job: Job) -> None:
    """One job, to its end or to the death of the process."""
    die_at(job["at"])
    if job["deed"] in IN_PROCESS:
        IN_PROCESS[job["deed"]](opened(Path(job["folder"])), job)
        return
    bootstrap.configured_embedder = lambda *_: HashEmbedder()
    maintain._BATCH = 2
    app([job["deed"], "--data-dir", job["folder"]], standalone_mode=False)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            with Path(os.devnull).open("w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
            do(json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
