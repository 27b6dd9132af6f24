"""A feedback task that dies at any step and is run again ends where an undisturbed one does."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.graph_dbs.base import GraphStore, NodeWrite
from memos.handlers.caller import Caller
from memos.handlers.feedback import AddFeedback, FeedbackCommand
from memos.mem_feedback.apply import (
    FEEDBACK_CONVERSATION,
    FeedbackJob,
    FeedbackParts,
    Judge,
)
from memos.mem_feedback.feedback import Feedback, FeedbackKind
from memos.mem_feedback.payload import FEEDBACK_TASK, FeedbackPayload
from memos.mem_feedback.rules import RuleJudge
from memos.mem_feedback.tombstones import Tombstones
from memos.mem_feedback.versions import with_former_versions
from memos.mem_os.bootstrap import System, build
from memos.mem_reader.rules import RuleReader
from memos.mem_scheduler.gate import SubjectGate
from memos.mem_scheduler.worker import Worker, WorkerOptions
from memos.memories.textual.tree_text_memory.organize.organizer import Organizer, Provenance
from memos.records.base import COMPLETED, RUNNING, NewMessage, NewTask, Task
from memos.types.filters import all_of
from memos.types.memory import ALL_KINDS, Draft, Edge, MemoryItem, MemoryKind, MemoryStatus, Source
from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import KEY, CountedIds, ManualClock

TOLD = ("The purchase limit is 800 CNY.", "The user lives in Lisbon.", "The user owns an apple.")


class KilledError(Exception):
    """The process is killed."""


class DyingGraph:
    """A graph store whose process dies before its nth write."""

    def __init__(self, graph: GraphStore, writes: int) -> None:
        self._graph = graph
        self.left = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    def put(self, scope: Scope, nodes: Sequence[NodeWrite], edges: Sequence[Edge] = ()) -> None:
        self.left -= 1
        if self.left < 0:
            raise KilledError
        self._graph.put(scope, nodes, edges)


@pytest.fixture
def make(tmp_path: Path, embedder: Embedder):
    """Builds a system with three memories; every one the same, as clock and ids are fixed."""
    built: list[System] = []

    def fresh() -> tuple[System, Cube]:
        settings = Settings(
            data_dir=tmp_path / str(len(built)), bootstrap_api_key=KEY, embedded_worker=False
        )
        system = build(settings, clock=ManualClock(), ids=CountedIds(), embedder=embedder)
        built.append(system)
        system.start()
        cube = Cube(system.records.projects()[0].id, CubeKind.USER, "u")
        drafts = [
            Draft(MemoryKind.LONG_TERM, text, text, (Source(f"m{n}", "user", chat_time=n + 1),))
            for n, text in enumerate(TOLD)
        ]
        Organizer(system.graph, system.embedder, system.clock).write(
            cube, drafts, Provenance("t", "c")
        )
        return system, cube

    yield fresh
    for system in built:
        system.close()


def job(system: System, graph: Any) -> FeedbackJob:
    return FeedbackJob(job_parts(system, graph, RuleJudge()))


def job_parts(system: System, graph: Any, judge: Judge) -> FeedbackParts:
    def erase(cube: Cube, ids: Sequence[str]) -> object:
        return system.erase.by_ids(Caller(cube.project, "test"), ids)

    return FeedbackParts(
        system.records,
        graph,
        system.embedder,
        reader=RuleReader(zone=system.settings.zone),
        judge=judge,
        erase=erase,
        gate=SubjectGate(),
        clock=system.clock,
    )


def accept(system: System, cube: Cube, text: str, mark: str = "f") -> Task:
    message = NewMessage(f"{mark}m", "user", text, system.clock.now_ms())
    payload = FeedbackPayload(message.id, "c").to_json()
    system.records.accept(
        cube, FEEDBACK_CONVERSATION, [message], NewTask(f"{mark}t", "feedback", payload)
    )
    task = system.records.task(cube.project, f"{mark}t")
    assert task is not None
    return task


def state(system: System, cube: Cube) -> list[tuple[Any, ...]]:
    items = system.graph.find(Scope.of(cube), ALL_KINDS, all_of(), limit=100).items
    edges = system.graph.edges(Scope.of(cube), [item.id for item in items])
    told = sorted((i.id, i.value, i.status.value, i.version, i.tags, str(i.info)) for i in items)
    return [*told, *edges]


@pytest.mark.parametrize(
    "text",
    [
        "The purchase limit is 600 CNY, not 800 CNY.",
        "That's wrong, I live in Porto.",
        "Replace apple with apple pie everywhere.",
        "Forget that I live in Lisbon.",
        "Remember that the spare key is under the pot.",
        "I don't like apples any more.",
    ],
)
def test_dying_at_any_write_changes_nothing_in_the_end(make: Any, text: str) -> None:
    system, cube = make()
    task = accept(system, cube, text)
    whole = job(system, system.graph).run(task)
    expected = state(system, cube)
    assert whole.changes == 1
    job(system, system.graph).run(task)
    assert state(system, cube) == expected
    for writes in range(10):
        system, cube = make()
        task = accept(system, cube, text)
        graph = DyingGraph(system.graph, writes)
        try:
            job(system, graph).run(task)
        except KilledError:
            record = job(system, system.graph).run(task)
            assert state(system, cube) == expected
            assert record.changes == 1
        else:
            break
    assert writes >= 1


def test_what_was_forgotten_is_not_allowed_again_until_told_to_remember(make: Any) -> None:
    system, cube = make()
    job(system, system.graph).run(accept(system, cube, "Forget that I live in Lisbon."))
    tombstones = Tombstones(system.graph, system.clock)
    source = (Source("m9", "user"),)

    def draft(value: str) -> Draft:
        return Draft(MemoryKind.USER, value, value, source, speaker="user")

    same, worded, other = (
        draft("The user lives in Lisbon."),
        draft("The user moved to Lisbon in May."),
        draft("The user lives in Porto."),
    )
    assert tombstones.allowed(cube, [same, worded, other]) == [other]
    elsewhere = Cube(cube.project, CubeKind.USER, "v")
    assert tombstones.allowed(elsewhere, [same]) == [same]
    assert "Lisbon" not in str(list(system.graph.export_cube(cube)))
    tombstones.lift(cube, [same])
    assert tombstones.allowed(cube, [same, worded]) == [same, worded]


def test_a_whole_state_can_be_kept_out(make: Any) -> None:
    system, cube = make()
    job(system, system.graph).run(accept(system, cube, "Please don't remember my address."))
    value = "The user's address is 12 Rose Street, Leeds."
    draft = Draft(MemoryKind.USER, value, value, (Source("m", "user"),), speaker="user")
    assert Tombstones(system.graph, system.clock).allowed(cube, [draft]) == []


def test_former_versions_belong_to_a_memory(make: Any) -> None:
    system, cube = make()
    record = job(system, system.graph).run(accept(system, cube, "Replace Lisbon with Porto."))
    again = accept(system, cube, "Replace Porto with Faro.", "g")
    second = job(system, system.graph).run(again)
    new = system.graph.get(Scope.of(cube), [second.update[0].id])
    ids = [item.id for item in with_former_versions(system.graph, cube, new)]
    assert ids == [second.update[0].id, record.update[0].id, record.update[0].archived_id]


def test_votes_stop_at_three(make: Any) -> None:
    system, cube = make()
    memory = system.graph.find(Scope.of(cube), ALL_KINDS, all_of()).items[0]
    caller = Caller(cube.project, "k")
    for number in range(5):
        system.feedback(
            caller,
            FeedbackCommand("u", "👍", 1, memory_ids=(memory.id,), request_id=f"r{number}"),
        )
    assert system.graph.get(Scope.of(cube), [memory.id])[0].info["memos:votes"] == 3


class Named:
    """A judge that looks at the memories, as a model does."""

    reads_memories = True

    def judge(self, text: str, memories: Sequence[MemoryItem]) -> Feedback:
        targets = tuple(item.id for item in memories if "apple" in item.value)
        return Feedback(FeedbackKind.CORRECTION, statement=text, wrong=True, targets=targets)


def test_a_memory_that_a_model_names_is_corrected(make: Any) -> None:
    system, cube = make()
    parts = job_parts(system, system.graph, Named())
    record = FeedbackJob(parts).run(accept(system, cube, "I own three figs."))
    assert len(record.update) == 1
    archived, new = (
        system.graph.get(Scope.of(cube), [memory_id])[0]
        for memory_id in (record.update[0].archived_id, record.update[0].id)
    )
    assert (archived.value, archived.status) == (TOLD[2], MemoryStatus.ARCHIVED)
    assert new.value == "The user owns three figs."


def test_with_a_model_the_work_goes_on_behind_the_answer(make: Any) -> None:
    system, cube = make()
    work = FeedbackJob(job_parts(system, system.graph, Named()))
    options = WorkerOptions(name="w")
    worker = Worker(system.records, {FEEDBACK_TASK: work.run}, options, system.clock)
    meter = system.spending.meter
    add = AddFeedback(system.records, work, worker, meter=meter, ids=CountedIds())
    caller = Caller(cube.project, "k")
    told = FeedbackCommand("u", "I own three figs.", 1, request_id="r")
    first = add(caller, told)
    assert (first.status, first.record) == (RUNNING, None)
    assert worker.drain() == 1
    done = add(caller, told)
    assert (done.task_id, done.status) == (first.task_id, COMPLETED)
    assert done.record is not None
    assert done.record.changes == 1
