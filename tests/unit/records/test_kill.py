"""A process that is killed while it accepts loses nothing that it acknowledged."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conformance.records_stores import Store, user

ACCEPT = """
import sys, threading
from memos.records.base import NewMessage, NewTask
from memos.records.sql import open_records
from memos.types.clock import RandomIds, SystemClock
from memos.types.scope import Cube, CubeKind

records = open_records(sys.argv[1], SystemClock(), RandomIds())
project = records.projects()[0].id
lock = threading.Lock()

def accept(thread):
    cube = Cube(project, CubeKind.USER, f"user{thread}")
    for n in range(1_000_000):
        name = f"{thread}-{n}"
        new = [NewMessage(name + part, "user", "text " * 20, 1) for part in "ab"]
        records.accept(cube, "talk", new, NewTask(name, "add"))
        with lock:
            print(name, flush=True)

for thread in range(4):
    threading.Thread(target=accept, args=(thread,)).start()
"""


@pytest.mark.parametrize("acknowledged", [1, 60, 150])
def test_what_was_acknowledged_before_a_kill_is_there_once_and_claimable(
    tmp_path: Path, acknowledged: int
) -> None:
    store = Store(f"sqlite:///{tmp_path}/records.db")
    project = store.open().create_project("p").id
    store.close()
    child = subprocess.Popen(
        [sys.executable, "-c", ACCEPT, store.url], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    names = [child.stdout.readline().strip() for _ in range(acknowledged)]
    child.send_signal(signal.SIGKILL)
    names += [line.strip() for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()

    records = store.open()
    claimed = []
    while (task := records.claim("w", 60)) is not None:
        claimed.append(task.id)
        assert records.complete(task.lease)
    assert set(names) <= set(claimed)
    assert len(claimed) == len(set(claimed))
    for thread in range(4):
        messages = records.recent_messages(user(project, f"user{thread}"), "talk", 10**6)
        expected = [f"{thread}-{n}{part}" for n in range(len(messages) // 2) for part in "ab"]
        assert [message.id for message in messages] == expected
        assert len(messages) == 2 * sum(name.startswith(f"{thread}-") for name in claimed)
    store.close()
