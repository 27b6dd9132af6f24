"""`mode: fine` over HTTP, with a model that answers what the test says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from memos.memories.textual.tree_text_memory.retrieve.retriever import FURTHER as LOWERED
from tests.conftest import KEY, Api
from tests.scripted_model import Answer, ScriptedModel, refusal, reply, scripted_model

TEXTS = ["I keep the green kayak in the garage.", "My brother repairs old radios in Porto."]
FURTHER = '{"queries": ["Who repairs old radios?"]}'
BODY = {"user_id": "u", "query": "Where is the green kayak?", "mode": "fine"}


def fill(api: Api) -> Api:
    for day, text in enumerate(TEXTS, 1):
        messages = [{"role": "user", "content": text, "chat_time": f"2025-03-0{day} 10:00:00"}]
        body = {"user_id": "u", "messages": messages, "conversation_id": text, "async_mode": False}
        assert api.post("add/message", body)["code"] == 0
    return api


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as server:
        yield server


@pytest.fixture
def fine(model: ScriptedModel, embedder: Embedder, tmp_path: Path) -> Iterator[Api]:
    """A filled system whose messages were read by rules: the model refused to read them."""
    settings = Settings(
        data_dir=tmp_path / "data",
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        llm_model="scripted",
        llm_api_base=model.url,
        llm_max_retries=0,
    )
    model.fallback = lambda _: refusal(404)
    system = build(settings, embedder=embedder)
    system.start()
    with TestClient(create_app(system)) as http:
        api = fill(Api(system, http))
        model.requests.clear()
        yield api
    system.close()


def test_further_queries_of_the_model_find_more(fine: Api, model: ScriptedModel) -> None:
    model.script(reply(FURTHER))
    data = fine.post("search/memory", BODY)["data"]
    assert data["stages"]["rewrite"] == "done"
    found = [m["memory_value"] for m in data["memory_detail_list"]]
    assert "kayak" in " ".join(found)
    assert "radios" in " ".join(found)
    assert len(found) == len(set(found))
    assert BODY["query"] in model.requests[0].body["messages"][-1]["content"]


def test_a_memory_counts_by_its_best_query(fine: Api, model: ScriptedModel) -> None:
    def scores(**body: object) -> dict[str, float]:
        asked = {**BODY, "explain": True, "relativity": 0, **body}
        found = fine.post("search/memory", asked)["data"]["memory_detail_list"]
        return {m["id"]: m["explain"]["parts"]["score"] for m in found}

    model.script(reply(FURTHER))
    kayak, radios = scores(mode="fast"), scores(mode="fast", query="Who repairs old radios?")
    both = scores()
    expected = {name: max(score, radios[name] - LOWERED) for name, score in kayak.items()}
    assert both == pytest.approx(expected, abs=1e-5)
    assert both not in (kayak, radios)


@pytest.mark.parametrize("mode", ["fast", "mixture", "FINE", 3, None, ["fine"]])
def test_any_other_mode_asks_no_model(fine: Api, model: ScriptedModel, mode: object) -> None:
    data = fine.post("search/memory", {**BODY, "mode": mode})["data"]
    assert data["stages"]["rewrite"] == "skipped: off"
    assert "radios" not in str(data["memory_detail_list"])
    assert model.requests == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(reply("I would rather not."), "failed: reply"), (refusal(500), "failed: unavailable")],
)
def test_a_model_that_fails_leaves_a_fast_search(
    fine: Api, model: ScriptedModel, answer: Answer, outcome: str
) -> None:
    model.script(answer)
    data = fine.post("search/memory", BODY)["data"]
    fast = fine.post("search/memory", {**BODY, "mode": "fast"})["data"]
    assert data["stages"]["rewrite"] == outcome
    assert data["memory_detail_list"] == fast["memory_detail_list"]


def test_a_short_deadline_leaves_the_model_out(fine: Api, model: ScriptedModel) -> None:
    data = fine.post("search/memory", {**BODY, "deadline_ms": 1000})["data"]
    assert data["stages"]["rewrite"] == "skipped: deadline"
    assert "kayak" in data["memory_detail_list"][0]["memory_value"]
    assert model.requests == []


def test_explaining_a_fine_search_follows_it(fine: Api, model: ScriptedModel) -> None:
    listed = fine.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"]
    radios = next(m["id"] for m in listed if "radios" in m["memory_value"])
    model.script(reply(FURTHER))
    followed = fine.post("explain/memory", {**BODY, "memory_id": radios})["data"]
    plain = fine.post("explain/memory", {**BODY, "memory_id": radios, "mode": "fast"})["data"]
    assert (followed["stage"], plain["stage"]) == ("returned", "relativity")
    assert len(model.requests) == 1


def test_without_a_model_a_fine_search_is_a_fast_one(api: Api) -> None:
    fill(api)
    data = api.post("search/memory", BODY)["data"]
    assert data["stages"]["rewrite"] == "skipped: no model"
    assert data["stages"]["dense"] == "done"
    assert "kayak" in data["memory_detail_list"][0]["memory_value"]
