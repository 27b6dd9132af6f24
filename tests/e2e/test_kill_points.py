"""Killed in the middle of anything, a second start ends where an undisturbed run ends.

Each case is done twice from one copy of a data folder: by a process that is killed at a named step
and then finished by a new one, and without a kill. What is left must be the same, down to versions,
changes of state, counts in the audit trail and messages.
"""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from memos.handlers.add import AddCommand, IncomingMessage
from memos.mem_os.bootstrap import System
from memos.types.clock import SystemClock
from memos.types.memory import ALL_KINDS, MemoryKind
from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import ManualClock
from tests.e2e.dying import IN_PROCESS, caller_of, opened

ROOT = Path(__file__).parents[2]
TOLD = (
    "I live in Berlin.",
    "I moved to Madrid.",
    "My project partner User 1 keeps the blue folder.",
    "User 1 likes green tea with ginger.",
    "The box of User 1 stands in the cellar.",
    "My sister Anna plays the harp in Oslo.",
    "The spare key hangs behind the clock.",
)
SAID = {
    "feedback": "Replace User 1 with User 2 everywhere.",
    "forget": "Forget that my sister plays the harp.",
    "undo": "Undo that.",
}
PASSED_S = 200
"""After so long holds and leases of a dead process are over."""


@pytest.fixture(scope="module")
def dying() -> Iterator[Callable[[dict[str, Any]], int]]:
    """Does a job in a process that dies; the signal or code it ended with."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.dying"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def do(job: dict[str, Any]) -> int:
        stdin.write(json.dumps(job) + "\n")
        stdin.flush()
        return int(stdout.readline())

    yield do
    stdin.close()
    assert process.wait(30) == 0
    stdout.close()


def clock(later_s: float = 0) -> ManualClock:
    return ManualClock(SystemClock().now_ms() + round(later_s * 1000))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some memories, also public ones, and one add that waits for a worker."""
    folder = tmp_path_factory.mktemp("told") / "data"
    system = opened(folder)
    for text in TOLD:
        tell(system, text, wait=True)
    assert system.records.unfinished() == 0
    system.close()
    return folder


def tell(system: System, text: str, *, wait: bool) -> None:
    said = IncomingMessage("user", text, 1_757_635_200_000)
    system.add(caller_of(system), AddCommand("u", [said], allow_public=True, wait=wait))


@dataclass
class Folders:
    """Two copies of one folder: one for the run that is killed, one for the other."""

    killed: Path
    whole: Path

    @classmethod
    def of(cls, told: Path, where: Path) -> "Folders":
        return cls(*(Path(shutil.copytree(told, where / name)) for name in ("killed", "whole")))


def cube_of(system: System, kind: CubeKind = CubeKind.USER) -> Cube:
    return Cube(system.records.projects()[0].id, kind, "u" if kind is CubeKind.USER else "")


def picture(system: System) -> dict[str, Any]:
    """All there is, without the times."""
    seen: dict[str, Any] = {"unfinished": system.records.unfinished()}
    for kind in (CubeKind.USER, CubeKind.PUBLIC):
        cube = cube_of(system, kind)
        scope = Scope.of(cube)
        items = system.graph.find(scope, ALL_KINDS | {MemoryKind.SEGMENT}, limit=10_000).items
        ids = [item.id for item in items]
        messages = system.records.messages(cube, [s.message_id for i in items for s in i.sources])
        versions = system.graph.versions(scope, ids)
        seen[kind.value] = {
            "items": sorted(
                (i.id, i.status, i.value, i.tags, i.event_until is None) for i in items
            ),
            "versions": {i: [(v.item.value, v.change.reason) for v in versions[i]] for i in ids},
            "trail": sorted(
                (t.memory_id, t.old, t.new, t.by) for t in system.graph.trail(scope, ids)
            ),
            "edges": sorted((e.source, e.kind, e.target) for e in system.graph.edges(scope, ids)),
            "messages": sorted((m.id, m.text) for m in messages),
        }
    rows = system.records.audit_rows(limit=1000)
    seen["audit"] = sorted(
        (r.action, json.dumps(r.details)) for r in rows if r.action != "maintain"
    )
    return seen


def finished(folder: Path) -> System:
    """A new process some minutes later, after what it does by itself."""
    system = opened(folder, clock=clock(PASSED_S))
    system.resumer.poll()
    system.worker.drain()
    return system


def memory_about(folder: Path, words: str) -> str:
    system = opened(folder)
    items = system.graph.find(Scope.of(cube_of(system)), ALL_KINDS, limit=1000).items
    found = next(i.id for i in items if words in i.value and i.status.value == "activated")
    system.close()
    return found


@pytest.mark.parametrize(
    ("deed", "at"),
    [
        ("delete memory", "records.redact:1"),
        ("delete memory", "records.redact:1+"),
        ("delete memory", "graph.delete:1+"),
        ("delete memory", "graph.delete:2"),
        ("delete memory", "graph.delete:2+"),
        ("delete memory", "records.finish_erasure:1"),
        ("delete user", "graph.delete:1"),
        ("delete user", "graph.delete_cubes:1"),
        ("delete user", "graph.delete_cubes:1+"),
        ("delete user", "records.erase_subject:1+"),
        ("feedback", "records.accept:1+"),
        ("feedback", "graph.put:1+"),
        ("feedback", "graph.put:2+"),
        ("feedback", "records.audit:1"),
        ("feedback", "records.complete:1"),
        ("undo", "graph.put:1+"),
        ("undo", "graph.put:2+"),
        ("undo", "records.audit:1"),
        ("forget", "graph.put:1+"),
        ("forget", "records.begin_erasure:1"),
        ("forget", "graph.delete:1+"),
        ("forget", "records.finish_erasure:1"),
        ("forget", "records.complete:1"),
    ],
)
def test_a_killed_change_of_memory_is_finished(
    dying: Callable[[dict[str, Any]], int], told: Path, tmp_path: Path, deed: str, at: str
) -> None:
    folders = Folders.of(told, tmp_path)
    if deed == "undo":
        for folder in (folders.killed, folders.whole):
            system = opened(folder)
            IN_PROCESS["feedback"](system, {"text": SAID["feedback"], "request": "zero"})
            system.close()
    job = {
        "deed": "feedback" if deed in SAID else deed,
        "at": at,
        "memory": memory_about(told, "Madrid"),
        "user": f"PROJECT/{CubeKind.USER.value}/u",
        "text": SAID.get(deed, ""),
    }
    assert dying({**job, "folder": str(folders.killed)}) == -signal.SIGKILL
    undisturbed = opened(folders.whole, clock=clock(PASSED_S))
    before = picture(undisturbed)
    IN_PROCESS[job["deed"]](undisturbed, job)
    expected = picture(undisturbed)
    undisturbed.close()
    assert expected != before
    system = finished(folders.killed)
    assert picture(system) == expected
    system.close()
    again = finished(folders.killed)
    assert picture(again) == expected
    again.close()


@pytest.mark.parametrize(
    "at", ["graph.move:1", "graph.move:1+", "graph.move:2+", "records.audit:1"]
)
def test_killed_care_is_made_up_for_by_the_next(
    dying: Callable[[dict[str, Any]], int], told: Path, tmp_path: Path, at: str
) -> None:
    folders = Folders.of(told, tmp_path)
    for folder in (folders.killed, folders.whole):
        system = opened(folder)
        project = system.records.projects()[0].id
        system.truth.maintenance.set_policy(project, {"user_capacity": 1, "long_term_capacity": 1})
        system.close()
    job = {"deed": "maintain", "folder": str(folders.killed), "at": at}
    assert dying(job) == -signal.SIGKILL
    pictures = []
    for folder in (folders.killed, folders.whole):
        system = opened(folder, clock=clock(PASSED_S))
        system.truth.maintenance.run()
        pictures.append(picture(system))
        assert (system.truth.maintenance.run().archived, picture(system)) == (0, pictures[-1])
        system.close()
    assert pictures[0] == pictures[1]
    archived = [row for row in pictures[0]["user"]["trail"] if row[3] == "policy:capacity"]
    assert len(archived) == len({row[0] for row in archived}) > 2


@pytest.mark.parametrize("at", ["graph.put:1", "graph.put:1+", "records.complete:1"])
def test_what_a_killed_worker_leaves_a_server_beside_it_finishes(
    dying: Callable[[dict[str, Any]], int], told: Path, tmp_path: Path, at: str
) -> None:
    folder = Path(shutil.copytree(told, tmp_path / "data"))
    moment = clock()
    server = opened(folder, clock=moment)
    tell(server, "My brother Ben repairs old radios in Turin.", wait=False)
    tell(server, "I moved to Lisbon.", wait=False)
    waiting = Path(shutil.copytree(folder, tmp_path / "whole"))
    assert dying({"deed": "worker", "folder": str(folder), "at": at}) == -signal.SIGKILL
    assert server.records.unfinished() == 2
    assert server.worker.drain() == 0, "the dead worker's lease lasts"
    moment.advance(PASSED_S)
    assert server.worker.drain() == 2
    undisturbed = finished(waiting)
    assert picture(server) == picture(undisturbed)
    values = [item[2] for item in picture(server)["user"]["items"] if item[1] == "activated"]
    assert [v for v in values if "Turin" in v] == [v for v in values if "radios" in v] != []
    server.close()
    undisturbed.close()
