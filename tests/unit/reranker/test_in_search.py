"""A whole system with a reranking service: it nudges, and its absence is not felt."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import START_MS, SharedEmbedder
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.handlers.search import SearchCommand, SearchOutcome
from memos.mem_os.bootstrap import System, build
from memos.memories.textual.tree_text_memory.retrieve.texts import MemoryTexts
from memos.types.memory import FACT_KINDS
from memos.types.scope import Scope
from scripted_model import Answer, Request, ScriptedModel, refusal, scripted_model

SAID = ["I bought a red bicycle in Lisbon.", "I bought a blue bicycle in Madrid."]


def prefers(word: str) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        listed = enumerate(request.body["documents"])
        return Answer(
            body={"results": [{"index": n, "relevance_score": float(word in t)} for n, t in listed]}
        )

    return answer


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


@pytest.fixture
def system(server: ScriptedModel, embedder: Embedder, tmp_path: Path) -> Iterator[System]:
    settings = Settings(
        data_dir=tmp_path / "data",
        tokens_per_minute=0,
        embedded_worker=False,
        reranker_backend="http",
        reranker_url=server.url,
        reranker_weight=5.0,
        reranker_timeout_seconds=30,
    )
    built = build(settings, embedder=SharedEmbedder(embedder))
    built.start()
    caller = Caller(built.records.projects()[0].id, "test")
    for text in SAID:  # a conversation each: a short memory is shown with what was said before
        said = [IncomingMessage("user", text, START_MS)]
        built.add(caller, AddCommand("u", said, conversation_id=text[-7:], wait=True))
    yield built
    built.close()


def search(system: System, **more: object) -> SearchOutcome:
    caller = Caller(system.records.projects()[0].id, "test")
    return system.search(
        caller,
        SearchCommand("Which bicycle did I buy?", "u", relativity=0.0, **more),  # type: ignore[arg-type]
    )


def best(outcome: SearchOutcome) -> str:
    return outcome.facts[0].value


@pytest.mark.parametrize("word", ["red", "blue"])
def test_the_service_decides_between_equals(
    server: ScriptedModel, system: System, word: str
) -> None:
    server.fallback = prefers(word)
    outcome = search(system)
    assert outcome.answer.rerank == "done"
    assert word in best(outcome)
    assert server.requests[-1].body["query"] == "Which bicycle did I buy?"


def test_a_service_that_refuses_leaves_the_results(server: ScriptedModel, system: System) -> None:
    server.fallback = lambda _: refusal(401)
    outcome = search(system)
    assert outcome.answer.rerank == "failed: unavailable"
    assert len(outcome.facts) == len(SAID)


def test_a_service_that_hangs_holds_a_search_no_longer_than_its_deadline(
    server: ScriptedModel, system: System
) -> None:
    server.fallback = lambda _: Answer(hang=True)
    outcome = search(system, deadline_s=0.1)
    assert outcome.answer.rerank in {"skipped: deadline", "failed: unavailable"}
    assert len(outcome.facts) == len(SAID)


def test_texts_come_from_the_real_conversation(system: System) -> None:
    caller = Caller(system.records.projects()[0].id, "test")
    talk = [("assistant", "Where did you spend the summer?"), ("user", "I stayed in Norway.")]
    messages = [IncomingMessage(role, text, START_MS) for role, text in talk]
    system.add(caller, AddCommand("v", messages, conversation_id="c", wait=True))
    items = system.graph.find(Scope.of(caller.subject("v")), FACT_KINDS).items
    texts = MemoryTexts(system.records).texts(items)
    assert any(t.startswith(talk[0][1] + "\n") and "Norway" in t for t in texts), texts
