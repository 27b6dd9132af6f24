"""What a model wrote and nobody said is kept apart: listed when asked for, never recalled."""

import json
from typing import Any

import pytest

from tests.conftest import Api
from tests.scripted_model import ScriptedModel, reply


def memory(value: str, quote: str = "") -> dict[str, Any]:
    return {
        "kind": "fact",
        "value": value,
        "key": "k",
        "tags": [],
        "messages": [1],
        "quote": quote,
        "reasoning": "",
        "event_start": None,
        "event_end": None,
        "confidence": 0.9,
    }


def tell(api: Api, text: str) -> None:
    messages = [{"role": "user", "content": text, "chat_time": "2025-09-12 08:00"}]
    body = {"user_id": "u", "messages": messages, "async_mode": False}
    assert api.post("add/message", body)["data"]["status"] == "completed"


def listed(api: Api, **fields: Any) -> list[tuple[str, str]]:
    data = api.post("get/memory", {"user_id": "u", "size": 50, **fields})["data"]
    return [(m["memory_value"], m["status"]) for m in data["memory_detail_list"]]


@pytest.mark.parametrize(
    ("said", "good", "bad", "query"),
    [
        (
            "I bought three chairs at the market.",
            "The user bought three chairs at the market.",
            "The user bought 30 chairs in Lisbon.",
            "How many chairs did I buy?",
        ),
        (
            "我昨天在市场买了三把椅子。",
            "用户昨天在市场买了三把椅子。",
            "用户在上海买了30把椅子。",
            "我买了几把椅子？",
        ),
    ],
)
def test_an_invented_figure_is_listed_on_demand_and_never_recalled(
    read_by_model: Api, model: ScriptedModel, said: str, good: str, bad: str, query: str
) -> None:
    api = read_by_model
    model.script(reply(json.dumps({"memories": [memory(good), memory(bad)]}, ensure_ascii=False)))
    tell(api, said)
    assert [value for value, _ in listed(api)] == [good]
    assert listed(api, status="quarantined") == [(bad, "quarantined")]
    assert len(listed(api, status=["activated", "quarantined"])) == 2
    body = {"user_id": "u", "query": query, "relativity": 0}
    found = api.post("search/memory", body)["data"]["memory_detail_list"]
    assert [m["memory_value"] for m in found] == [good]


def test_a_malformed_reply_leaves_the_reading_to_the_rules(
    read_by_model: Api, model: ScriptedModel
) -> None:
    model.script(reply("I would rather not."), reply('{"memories": [{"kind": 3}]}'))
    tell(read_by_model, "I bought three chairs at the market.")
    assert [v for v, _ in listed(read_by_model)] == ["The user bought three chairs at the market."]


def test_an_unknown_status_is_refused(api: Api) -> None:
    answer = api.post("get/memory", {"user_id": "u", "status": "lost"})
    assert answer["code"] == 40000
    assert "quarantined" in answer["message"]
    assert api.post("get/memory", {"user_id": "u", "status": None})["code"] == 0
