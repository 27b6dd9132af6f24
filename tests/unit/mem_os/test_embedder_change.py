"""A changed or absent embedder never stops anybody from adding or finding memories."""

from hash_embedder import HashEmbedder
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.handlers.search import SearchCommand
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.retrieve.retriever import Question, Source, Wanted
from memos.types.memory import FACT_KINDS
from memos.types.scope import Scope
from tests.conftest import KEY

TEXT = "The green kayak hangs in the garage."
QUERY = "Where does the green kayak hang?"


def opened(settings: Settings, embedder: Embedder) -> tuple[System, Caller]:
    """A system whose background threads are not started, so that each step is the test's."""
    system = build(settings, embedder=embedder)
    system.projects.ensure_default()
    return system, Caller(system.records.projects()[0].id, KEY)


def add(system: System, caller: Caller, text: str = TEXT) -> None:
    system.add(caller, AddCommand("u", [IncomingMessage("user", text, 0)], wait=True))


def dense(system: System, caller: Caller, query: str = QUERY) -> list[float]:
    """Dense parts of what a search finds."""
    question = Question(query, [Source(Scope.of(caller.subject("u")))], [Wanted(FACT_KINDS, 5)], 0)
    return [found.hit.dense for found in system.search._retriever.search(question).lists[0]]


def test_a_new_embedder_takes_over_after_it_embedded_everything(settings: Settings) -> None:
    old, new = HashEmbedder("old", 64), HashEmbedder("new", 96)
    system, caller = opened(settings, old)
    add(system, caller)
    system.close()
    system, caller = opened(settings, new)
    assert system.graph.embedder_name() == "old"
    assert dense(system, caller) == [0.0]  # found by words; the old encoder cannot be had
    assert system.reembedder.bring_up_to_date() == 2  # a segment and a memory
    assert system.graph.embedder_name() == "new"
    assert dense(system, caller)[0] > 0.3
    assert system.reembedder.bring_up_to_date() == 0
    add(system, caller, "The red canoe lies on the beach.")
    assert dense(system, caller, "Where does the red canoe lie?")[0] > 0.3
    system.close()


def test_the_bundled_encoder_serves_its_store_until_the_switch(
    settings: Settings, embedder: Embedder
) -> None:
    system, caller = opened(settings, embedder)
    add(system, caller)
    before = dense(system, caller)
    system.close()
    new = HashEmbedder("new", 96)
    system, caller = opened(settings, new)
    assert dense(system, caller) == before
    assert new.embedded == 0
    system.reembedder.bring_up_to_date()
    assert dense(system, caller) != before
    system.close()


def test_memories_added_while_vectors_are_remade_get_theirs_too(settings: Settings) -> None:
    old, new = HashEmbedder("old", 64), HashEmbedder("new", 96)
    system, caller = opened(settings, old)
    add(system, caller)
    system.close()
    system, caller = opened(settings, new)
    add(system, caller, "The red canoe lies on the beach.")
    system.reembedder.bring_up_to_date()
    assert dense(system, caller, "Where does the red canoe lie?")[0] > 0.3
    system.close()


def test_adding_and_searching_go_on_while_the_embedder_is_down(settings: Settings) -> None:
    embedder = HashEmbedder()
    embedder.up = False
    system, caller = opened(settings, embedder)
    outcome = system.add(caller, AddCommand("u", [IncomingMessage("user", TEXT, 0)]))
    assert outcome.status == "running"
    found = system.search(caller, SearchCommand(QUERY, "u"))
    assert "kayak" in found.facts[0].value
    embedder.up = True
    system.worker.drain()
    task = system.records.task(caller.project, outcome.task_id)
    assert task is not None
    assert task.status == "completed"
    assert dense(system, caller)[0] > 0.3
    system.close()


def test_an_add_whose_memories_cannot_be_embedded_is_tried_again(settings: Settings) -> None:
    embedder = HashEmbedder()
    system, caller = opened(settings, embedder)
    system.embedder.embed(["adopt"])
    outcome = system.add(caller, AddCommand("u", [IncomingMessage("user", TEXT, 0)]))
    embedder.up = False
    system.worker.drain()
    task = system.records.task(caller.project, outcome.task_id)
    assert task is not None
    assert (task.status, task.attempts) == ("running", 1)
    assert "kayak" in system.search(caller, SearchCommand(QUERY, "u")).facts[0].value
    system.close()


def test_what_was_written_just_before_the_switch_is_brought_in_after_it(
    settings: Settings,
) -> None:
    old, new = HashEmbedder("old", 64), HashEmbedder("new", 96)
    system, caller = opened(settings, old)
    add(system, caller)
    system.graph.switch_embedder("new", 96)  # as if the switch had overtaken the add
    system.close()
    system, caller = opened(settings, new)
    assert dense(system, caller) == [0.0]
    assert system.reembedder.bring_up_to_date() == 2
    assert dense(system, caller)[0] > 0.3
    assert system.reembedder.bring_up_to_date() == 0
    system.close()
