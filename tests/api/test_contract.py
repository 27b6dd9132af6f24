"""Codes, limits, defaults and shapes of the documented contract."""

import json
import re

import pytest

from tests.conftest import KEY, Api

HELLO = [{"role": "user", "content": "I live in Lisbon and work as a nurse."}]
ENDPOINTS = [
    "add/message",
    "search/memory",
    "get/memory",
    "delete/memory",
    "get/message",
    "get/status",
]


def test_a_call_without_key_is_refused_with_the_code_for_its_reason(api: Api) -> None:
    for headers, code in [
        ({}, 40100),
        ({"Authorization": "  "}, 40100),
        ({"Authorization": KEY}, 40130),
        ({"Authorization": f"Basic {KEY}"}, 40130),
        ({"Authorization": "Token mpg-wrong"}, 40132),
    ]:
        answer = api.request("POST", "/api/openmem/v1/get/memory", json={}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["code"] == code


@pytest.mark.parametrize("scheme", ["Token", "Bearer", "token"])
def test_both_schemes_open_the_door(api: Api, scheme: str) -> None:
    for path in ("ping", "ping/"):
        answer = api.request(
            "GET", f"/api/openmem/v1/{path}", headers={"Authorization": f"{scheme} {KEY}"}
        )
        assert answer.json()["code"] == 0


def test_doubled_slashes_are_tolerated(api: Api) -> None:
    answer = api.request("POST", "/api//openmem/v1//get/memory", json={"user_id": "u"})
    assert answer.json()["code"] == 0


def called(argument: str) -> dict:
    """A message that calls a tool with one argument."""
    function = {"name": "write", "arguments": json.dumps({"text": argument})}
    return {
        "role": "assistant",
        "tool_calls": [{"id": "1", "type": "function", "function": function}],
    }


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_broken_bodies_get_40000_and_the_empty_shape(api: Api, endpoint: str) -> None:
    for content in (b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b"1e999"):
        answer = api.request("POST", f"/api/openmem/v1/{endpoint}", content=content)
        assert answer.status_code == 200
        assert answer.json()["code"] == 40000
        assert isinstance(answer.json()["data"], dict)


@pytest.mark.parametrize(
    ("endpoint", "body", "code"),
    [
        ("add/message", {"messages": HELLO}, 40002),
        ("add/message", {"user_id": "u", "messages": []}, 40002),
        ("add/message", {"user_id": "", "messages": HELLO}, 40002),
        ("add/message", {"user_id": "u", "messages": [{"role": "king", "content": "x"}]}, 40000),
        ("add/message", {"user_id": "u" * 101, "messages": HELLO}, 40010),
        (
            "add/message",
            {"user_id": "u", "conversation_id": "c" * 101, "messages": HELLO},
            40011,
        ),
        (
            "add/message",
            {"user_id": "u", "messages": HELLO, "allow_knowledgebase_ids": ["base1"]},
            50123,
        ),
        (
            "add/message",
            {"user_id": "u", "messages": [dict(HELLO[0], chat_time="soonish")]},
            40000,
        ),
        (
            "add/message",
            {"user_id": "u", "messages": [{"role": "user", "content": "word " * 41_000}]},
            40305,
        ),
        ("add/message", {"user_id": "u", "messages": [called("word " * 41_000)]}, 40305),
        ("add/message", {"user_id": "u", "messages": [dict(HELLO[0], name="n" * 300_000)]}, 40305),
        ("add/feedback", {"user_id": "u", "feedback_content": "x", "feedback_time": "y"}, 40000),
        ("search/memory", {"user_id": "u"}, 40002),
        ("search/memory", {"query": "x"}, 40002),
        ("search/memory", {"query": "word " * 4_001, "user_id": "u"}, 40305),
        ("search/memory", {"query": "x", "user_id": "u", "relativity": 1.5}, 40012),
        ("search/memory", {"query": "x", "user_id": "u", "filter": {"a": 1}}, 40000),
        ("search/memory", {"query": "x", "user_id": "u", "knowledgebase_ids": ["b"]}, 50123),
        ("get/memory", {}, 40002),
        ("get/message", {"user_id": "u"}, 40002),
        ("get/status", {"task_id": "nope"}, 50131),
        ("get/status", {}, 40002),
        ("delete/memory", {}, 40002),
        ("delete/memory", {"memory_ids": []}, 40002),
        ("delete/memory", {"memory_ids": ["a"], "user_id": "u"}, 40000),
        ("delete/memory", {"memory_ids": ["nope"]}, 40307),
        ("delete/memory", {"user_id": "never-seen"}, 40308),
    ],
)
def test_each_mistake_has_its_documented_code(
    api: Api, endpoint: str, body: dict, code: int
) -> None:
    answer = api.request("POST", f"/api/openmem/v1/{endpoint}", json=body)
    assert answer.status_code == 200
    assert answer.json()["code"] == code
    assert len(answer.json()["message"]) > 10


def test_a_refused_add_stores_nothing(api: Api) -> None:
    api.post("add/message", {"user_id": "u", "messages": HELLO, "allow_knowledgebase_ids": ["b"]})
    assert api.post("get/memory", {"user_id": "u"})["data"]["total"] == 0
    assert api.post("delete/memory", {"user_id": "u"})["code"] == 40308


def test_explicit_nulls_and_unknown_fields_mean_nothing(api: Api) -> None:
    nulls = dict.fromkeys(["conversation_id", "info", "tags", "app_id", "agent_id", "allow_public"])
    added = api.post("add/message", {"user_id": "u", "messages": HELLO, "source": "sdk", **nulls})
    assert added["code"] == 0
    found = api.post(
        "search/memory",
        {
            "user_id": "u",
            "query": "Where does the user live?",
            "include_preference": None,
            "relativity": None,
            "knowledgebase_ids": None,
            "filter": None,
            "memory_limit_number": "3",
            "top_k": 4,
        },
    )
    assert found["code"] == 0
    assert "Lisbon" in json.dumps(found["data"]["memory_detail_list"])


def test_a_never_seen_user_has_empty_lists(api: Api) -> None:
    answer = api.post("search/memory", {"query": "ping", "user_id": "cli-healthcheck"})
    assert answer["code"] == 0
    assert answer["message"] == "ok"
    documented = {
        "memory_detail_list": [],
        "preference_detail_list": [],
        "tool_memory_detail_list": [],
        "skill_detail_list": [],
        "preference_note": "",
    }
    assert {key: answer["data"][key] for key in documented} == documented
    assert answer["data"]["answerable"] == 0


def test_a_memory_carries_every_documented_key(api: Api) -> None:
    api.post("add/message", {"user_id": "u", "messages": HELLO, "async_mode": False})
    memory = api.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"][0]
    assert {
        "id",
        "memory_key",
        "memory_value",
        "memory_type",
        "create_time",
        "update_time",
        "conversation_id",
        "status",
        "confidence",
        "tags",
        "relativity",
        "sources",
    } <= set(memory)
    assert isinstance(memory["create_time"], int)
    assert memory["status"] == "activated"
    by_id = api.get(f"get/memory/{memory['id']}")["data"]
    assert by_id["memory"] == memory["memory_value"]
    source = by_id["metadata"]["sources"][0]
    assert source["role"] == "user"
    assert source["content"] in HELLO[0]["content"]


def test_messages_are_read_back_newest_last_with_text_times(api: Api) -> None:
    messages = [
        {"role": "user", "content": f"note {n}", "chat_time": f"2025-06-10 09:3{n}:00"}
        for n in range(8)
    ]
    body = {"user_id": "u", "conversation_id": "c", "messages": messages}
    api.post("add/message", body)
    got = api.post("get/message", {"user_id": "u", "conversation_id": "c"})["data"]
    listed = got["message_detail_list"]
    assert [m["content"] for m in listed] == [f"note {n}" for n in range(2, 8)]
    assert listed[0]["create_time"] == "2025-06-10 09:32:00"
    assert api.post("get/message", {"user_id": "u", "conversation_id": "x"})["data"] == {
        "message_detail_list": []
    }


def test_pages_cover_everything_once(api: Api) -> None:
    for n in range(7):
        text = f"I bought the blue lamp number {n} in shop {n * 7}."
        api.post(
            "add/message",
            {
                "user_id": "u",
                "messages": [{"role": "user", "content": text}],
                "async_mode": False,
            },
        )
    first = api.post("get/memory", {"user_id": "u", "page": 1, "size": 3})["data"]
    assert (first["total"], first["size"], first["current"], first["pages"]) == (7, 3, 1, 3)
    pages = [
        api.post("get/memory", {"user_id": "u", name: n, "size": 3})["data"]["memory_detail_list"]
        for name, n in [("page", 1), ("current", 2), ("page", 3)]
    ]
    assert len({m["id"] for page in pages for m in page}) == 7


def test_the_same_idempotency_key_stores_once(api: Api) -> None:
    headers = {"Authorization": f"Token {KEY}", "Idempotency-Key": "once"}
    body = {"user_id": "u", "conversation_id": "c", "messages": HELLO}
    first = api.post("add/message", body, headers=headers)
    again = api.post("add/message", body, headers=headers)
    api.settle()
    last = api.post("add/message", body, headers=headers)
    assert first["data"]["task_id"] == again["data"]["task_id"] == last["data"]["task_id"]
    assert last["data"]["status"] == "completed"
    listed = api.post("get/message", {"user_id": "u", "conversation_id": "c"})["data"]
    assert len(listed["message_detail_list"]) == 1


def test_the_same_statement_twice_is_one_memory_with_two_sources(api: Api) -> None:
    for conversation in ("a", "b"):
        api.post(
            "add/message",
            {
                "user_id": "u",
                "conversation_id": conversation,
                "messages": HELLO,
                "async_mode": False,
            },
        )
    data = api.post("get/memory", {"user_id": "u"})["data"]
    values = [m["memory_value"] for m in data["memory_detail_list"]]
    assert len(values) == len(set(values))
    assert all(len(m["sources"]) == 2 for m in data["memory_detail_list"])


def test_health_metrics_and_openapi_answer_without_a_key(api: Api) -> None:
    assert api.request("GET", "/health", headers={}).json()["status"] == "healthy"
    api.post("get/memory", {})
    metrics = api.request("GET", "/metrics", headers={}).text
    assert 'memos_calls_total{code="40002",path="get/memory"} 1.0' in metrics
    document = api.request("GET", "/openapi.json", headers={}).json()
    assert "/api/openmem/v1/add/message" in document["paths"]
    assert "AddMessageRequest" in document["components"]["schemas"]


def test_the_interactive_page_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.request("GET", "/docs", headers={})
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 4
    for source in sources:
        assert source.startswith("/")
        assert api.request("GET", source, headers={}).status_code == 200


def test_unknown_addresses_answer_in_the_envelope(api: Api) -> None:
    answer = api.request("POST", "/api/openmem/v1/nope", json={})
    assert answer.status_code == 404
    assert answer.json()["code"] == 40000
    answer = api.request("GET", "/api/openmem/v1/add/message")
    assert answer.status_code == 405


def test_tokens_per_minute_are_limited_and_refused_adds_cost_nothing(api: Api) -> None:
    from memos.handlers.budget import Budgets
    from memos.handlers.loop import LoopBreaker
    from memos.handlers.meter import Meter

    api.system.add._meter = Meter(
        api.system.records,
        api.system.clock,
        Budgets(api.system.records, api.system.clock, {"tokens_per_minute": 100}),
        LoopBreaker(api.system.clock, 0),
    )
    long = [{"role": "user", "content": "word " * 60}]
    assert api.post("add/message", {"user_id": "u", "messages": long})["code"] == 0
    assert api.post("add/message", {"user_id": "u", "messages": long})["code"] == 40309
    assert api.post("add/message", {"user_id": "u", "messages": HELLO})["code"] == 0
