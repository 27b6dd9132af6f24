"""What models take is counted and limited, and a model that is away loses nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conftest import KEY, Api, ManualClock
from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.endpoints.usage import charged_to
from memos.errors import ModelBudgetError
from memos.mem_os.bootstrap import build
from model_protocols import PROTOCOLS, Protocol
from scripted_model import Answer, Request, ScriptedModel, refusal, reply, scripted_model

SAID = {"user_id": "u", "conversation_id": "c"}


def say(text: str, **more: object) -> dict:
    return {**SAID, "messages": [{"role": "user", "content": text}], **more}


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


@pytest.fixture
def open_api(tmp_path: Path, embedder: Embedder):
    """Starts the application with settings over the usual ones."""
    opened = []

    def start(**more: object) -> Api:
        settings = Settings(
            data_dir=tmp_path / "data", bootstrap_api_key=KEY, embedded_worker=False, **more
        )
        system = build(settings, embedder=embedder)
        system.start()
        http = TestClient(create_app(system), raise_server_exceptions=False)
        opened.append((system, http))
        return Api(system, http)

    yield start
    for system, http in opened:
        http.close()
        system.close()


def extracted(value: str) -> Answer:
    memory = {
        "kind": "fact", "value": value, "key": "k", "tags": [], "messages": [1], "quote": value,
        "reasoning": "", "event_start": None, "event_end": None, "confidence": 0.9,
    }  # fmt: skip
    return reply(json.dumps({"memories": [memory]}))


def facts(api: Api) -> list[str]:
    found = api.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"]
    return [item["memory_value"] for item in found]


def reading(server: ScriptedModel, **more: object) -> dict[str, object]:
    return {"llm_model": "reader-m", "llm_api_base": server.url, "llm_max_retries": 0, **more}


def test_what_the_reader_takes_is_written_down_for_the_project(
    open_api, server: ScriptedModel
) -> None:
    api = open_api(**reading(server))
    server.script(extracted("The user lives in Lisbon."))
    api.post("add/message", say("I live in Lisbon."))
    api.settle()
    project = api.system.projects.find("default").id
    [row] = api.system.records.model_usage(project)
    assert (row.operation, row.role, row.model) == ("add", "reader", "reader-m")
    assert (row.calls, row.failures, row.input_tokens, row.output_tokens) == (1, 0, 7, 3)
    shown = api.request("GET", "/metrics").text
    assert 'memos_model_calls_total{model="reader-m",outcome="ok",role="reader"} 1.0' in shown
    assert f'memos_model_breaker{{endpoint="{server.url}",state="closed"}} 1.0' in shown


@pytest.mark.parametrize(
    "answer",
    [
        refusal(500),
        refusal(401, KEY),
        Answer(status=429, body={}, headers={"retry-after": "60"}),
        Answer(body=b'{"choices": [{"mess'),
        reply('{"memories": [{"kind": "fa'),
        reply('{"nothing": "of the form"}'),
        reply("<think>I had better think about"),
        reply(""),
        Answer(hang=True),
    ],
    ids=["500", "401", "429", "cut", "cut JSON", "wrong schema", "thoughts", "empty", "hangs"],
)
def test_however_the_model_misbehaves_the_add_is_finished_by_rules(
    open_api, server: ScriptedModel, answer: Answer
) -> None:
    api = open_api(**reading(server, llm_timeout_seconds=0.2))
    server.fallback = lambda _: answer
    for text in ("I live in Lisbon.", "我喜欢吃草莓。"):
        task = api.post("add/message", say(text))["data"]["task_id"]
        api.settle()
        status = api.post("get/status", {"task_id": task})
        assert status["data"]["status"] == "completed"
    found = " ".join(facts(api))
    assert "Lisbon" in found
    searched = api.post("search/memory", {"user_id": "u", "query": "草莓", "relativity": 0})
    assert "草莓" in json.dumps(searched, ensure_ascii=False)


@pytest.mark.parametrize("fault", ["500", "cut", "empty", "hangs"])
@pytest.mark.parametrize("protocol", PROTOCOLS[1:], ids=lambda p: p.name)
def test_the_add_is_finished_whatever_protocol_the_model_speaks(
    open_api, server: ScriptedModel, protocol: Protocol, fault: str
) -> None:
    answers = {
        "500": refusal(500),
        "cut": Answer(body=b'{"mess'),
        "empty": protocol.reply(""),
        "hangs": Answer(hang=True),
    }
    server.fallback = lambda _: answers[fault]
    base = server.url.removesuffix("/v1")
    more = {"llm_backend": protocol.name, "llm_api_base": base, "llm_api_key": "k"}
    api = open_api(**reading(server, llm_timeout_seconds=0.2) | more)
    task = api.post("add/message", say("I live in Lisbon."))["data"]["task_id"]
    api.settle()
    assert api.post("get/status", {"task_id": task})["data"]["status"] == "completed"
    assert any("Lisbon" in fact for fact in facts(api))
    assert server.requests


def test_a_dead_model_is_left_alone_after_some_failures_and_probed_again(
    open_api, server: ScriptedModel
) -> None:
    api = open_api(**reading(server))
    server.fallback = lambda _: refusal(500)
    for number in range(9):
        api.post("add/message", say(f"I planted {number} trees in Lisbon."))
        api.settle()
    assert len(server.requests) == 5
    assert api.system.spending.guards.states() == {server.url: "open"}
    assert len(facts(api)) == 9


def test_calls_of_a_day_are_refused_over_http_and_refusals_cost_nothing(open_api) -> None:
    api = open_api(budgets={"calls_per_day": 2})
    assert api.post("add/message", {**SAID, "messages": []})["code"] == 40002
    assert api.post("add/message", say("I live in Lisbon."))["code"] == 0
    assert api.post("search/memory", {"user_id": "u", "query": "where"})["code"] == 0
    refused = api.post("add/message", say("I moved to Porto."))
    assert refused["code"] == 40304
    assert "memos projects budget" in refused["message"]
    assert refused["data"]["success"] is False
    project = api.system.projects.find("default").id
    assert sum(row.calls for row in api.system.records.usage(project)) == 2
    api.settle()
    assert not any("Porto" in fact for fact in facts(api))


def test_with_the_model_budget_used_up_the_rules_read_and_chat_is_refused(
    open_api, server: ScriptedModel
) -> None:
    api = open_api(**reading(server), budgets={"model_tokens_per_day": 10})
    server.script(extracted("The user lives in Lisbon."))
    api.post("add/message", say("I live in Lisbon."))
    api.settle()
    api.post("add/message", say("I work as a baker."))
    api.settle()
    assert len(server.requests) == 1
    assert any("baker" in fact for fact in facts(api))
    refused = api.post("chat", {**SAID, "query": "Where do I live?"})
    assert refused["code"] == 40300
    assert "model tokens" in refused["message"]


def test_an_add_that_goes_round_in_circles_is_stopped(open_api) -> None:
    api = open_api(loop_repeats=5)
    codes = [api.post("add/message", say("Hello there."))["code"] for _ in range(7)]
    assert codes == [0, 0, 0, 0, 0, 40300, 40300]
    assert api.post("add/message", say("Something else."))["code"] == 0


def test_feedback_that_goes_round_in_circles_is_stopped(open_api) -> None:
    api = open_api(loop_repeats=15)
    body = {**SAID, "feedback_content": "Replace Anna with Berta everywhere."}
    codes = [api.post("add/feedback", body)["code"] for _ in range(4)]
    assert codes == [0, 0, 0, 40300]


def embeddings(request: Request) -> Answer:
    """An OpenAI-compatible embedder: vectors that tell texts apart, ten tokens a call."""
    rows = [
        {"index": n, "embedding": [1.0, len(text) % 7, len(text) % 11, len(text) % 13]}
        for n, text in enumerate(request.body["input"])
    ]
    return Answer(body={"data": rows, "usage": {"prompt_tokens": 10, "total_tokens": 10}})


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def remote(tmp_path: Path, server: ScriptedModel, clock: ManualClock) -> Iterator[Api]:
    """A system whose embedder answers over HTTP, on a clock that is turned by hand."""
    server.fallback = embeddings
    settings = Settings(
        data_dir=tmp_path / "data",
        bootstrap_api_key=KEY,
        embedded_worker=False,
        embedder_backend="universal_api",
        embedder_model="e",
        embedder_api_base=server.url,
    )
    system = build(settings, clock=clock)
    system.start()
    with TestClient(create_app(system), raise_server_exceptions=False) as http:
        yield Api(system, http)
    system.close()


def test_with_the_embedder_budget_used_up_words_are_searched_and_adds_wait_for_the_next_day(
    remote: Api, clock: ManualClock
) -> None:
    project = remote.system.projects.find("default").id
    remote.post("add/message", say("I live in Lisbon."))
    remote.settle()
    assert remote.system.spending.budgets.used(project)["embedder_tokens_per_day"] > 0
    assert remote.system.spending.budgets.used(project)["model_tokens_per_day"] == 0
    remote.system.records.set_budget(project, "embedder_tokens_per_day", 10)
    clock.advance(10)
    spent = embedded_tokens(remote, project)
    late = remote.post("add/message", say("My cat is called Quuxi."))["data"]["task_id"]
    remote.system.worker.drain()
    assert remote.post("get/status", {"task_id": late})["data"]["status"] == "running"
    found = remote.post("search/memory", {**SAID, "query": "Quuxi", "relativity": 0})["data"]
    assert any("Quuxi" in memory["memory_value"] for memory in found["memory_detail_list"])
    assert embedded_tokens(remote, project) == spent
    clock.advance(86_400)
    remote.settle()
    assert remote.post("get/status", {"task_id": late})["data"]["status"] == "completed"
    assert embedded_tokens(remote, project) > spent


def embedded_tokens(api: Api, project: str) -> int:
    """What adds and searches of a project had embedded."""
    rows = api.system.records.model_usage(project)
    return sum(r.input_tokens for r in rows if r.role == "embedder" and r.operation != "reembed")


def test_one_projects_embedder_budget_stops_no_other(remote: Api) -> None:
    system = remote.system
    other = system.records.create_project("other")
    system.records.set_budget(other.id, "embedder_tokens_per_day", 1)
    system.spending.budgets.note_model(other.id, "embedder", 1)
    with charged_to(other.id, "add"), pytest.raises(ModelBudgetError):
        system.embedder.embed(["refused"])
    with charged_to(system.projects.find("default").id, "add"):
        assert len(system.embedder.embed(["let through"])) == 1
