"""Requests with the fields and headers the known clients send; answers read as strictly as they do.

The lines are our own; which fields come, which are null, and which headers stand beside them
follows what the clients were seen to send.
"""

import json
from collections.abc import Mapping

import httpx
import pytest

from tests.conftest import KEY, Api
from tests.strict_answers import (
    Conversation,
    Done,
    Found,
    Listed,
    Origin,
    Removed,
    Status,
    Strict,
)

BASE = "/api/openmem/v1"
AUTH = {"Authorization": f"Token {KEY}", "Content-Type": "application/json"}
PYTHON = {"User-Agent": "python-requests/2.32", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
SDK = {**PYTHON, **AUTH}
CLI = {**PYTHON, **AUTH, "X-Source": "cli-codex", "X-Framework": "codex"}
NODE = {
    **AUTH,
    "accept": "*/*",
    "accept-language": "*",
    "sec-fetch-mode": "cors",
    "user-agent": "node",
}
SDK_ADD = dict.fromkeys(
    ["info", "source", "app_id", "agent_id", "allow_knowledgebase_ids", "allow_memory_view", "tags"]
)
SDK_SEARCH = {
    "conversation_id": None,
    "agent_id": None,
    "memory_limit_number": 6,
    "include_preference": True,
    "knowledgebase_ids": None,
    "filter": None,
    "preference_limit_number": 6,
    "tool_memory_limit_number": 6,
    "relativity": None,
    "include_skill": False,
    "skill_limit_number": 6,
    "include_memory_view": None,
    "context_format": "memory",
    "source": None,
    "include_tool_memory": False,
}
CLI_MARKS = {"source": "cli-codex", "framework": "codex"}
CLI_SEARCH = {
    "memory_limit_number": 9,
    "include_preference": None,
    "conversation_id": "trip",
    "preference_limit_number": 9,
    "tool_memory_limit_number": 6,
    "skill_limit_number": 6,
    **CLI_MARKS,
}
PLUGIN_SEARCH = {
    "source": "openclaw_linux",
    "memory_limit_number": 9,
    "include_preference": True,
    "preference_limit_number": 6,
    "include_tool_memory": False,
    "tool_memory_limit_number": 6,
    "relativity": 0.45,
}


def ask(api: Api, path: str, body: object, headers: Mapping[str, str]) -> httpx.Response:
    content = json.dumps(body).encode()
    return api.request("POST", f"{BASE}/{path}", content=content, headers=dict(headers))


def data(response: httpx.Response) -> dict:
    assert response.status_code == 200
    answer = response.json()
    assert (type(answer["code"]), answer["code"], answer["message"]) == (int, 0, "ok")
    return answer["data"]


def talk(*texts: str) -> list[dict]:
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]


TOOL_TURN = [
    {"role": "user", "content": "Will it rain in Porto?"},
    {
        "role": "assistant",
        "tool_calls": [
            {
                "id": "call_9",
                "type": "function",
                "function": {"name": "forecast", "arguments": '{"city": "Porto"}'},
            }
        ],
    },
    {
        "role": "tool",
        "tool_call_id": "call_9",
        "content": [{"type": "text", "text": '{"rain": "80%"}'}],
    },
    {"role": "assistant", "content": "Very likely."},
]
ADDS = {
    "sdk": (SDK, {**SDK_ADD, "messages": talk("I booked a cabin in Porto.", "Nice."),
                  "user_id": "ana", "conversation_id": "trip", "allow_public": False,
                  "async_mode": False}),
    "sdk without conversation": (SDK, {**SDK_ADD, "messages": talk("I like tea."),
                                       "user_id": "ana", "conversation_id": None,
                                       "allow_public": False, "async_mode": True}),
    "sdk agent only": (SDK, {**SDK_ADD, "messages": talk("The agent answers in French."),
                             "user_id": None, "agent_id": "pilot", "conversation_id": None,
                             "allow_public": False, "async_mode": False}),
    "sdk memory view": (SDK, {**SDK_ADD, "messages": talk("I own a kayak."), "user_id": "ana",
                              "conversation_id": "trip", "allow_memory_view": ["detail_factual"],
                              "allow_knowledgebase_ids": [], "info": {"scene": "boat"},
                              "source": "sdk-test", "tags": ["sport"], "app_id": "app",
                              "agent_id": "pilot", "allow_public": False, "async_mode": False}),
    "sdk tools": (SDK, {**SDK_ADD, "messages": [{"role": "system", "content": "tools: []"},
                                                *TOOL_TURN],
                        "user_id": "ana", "conversation_id": "tools", "allow_public": False,
                        "async_mode": False}),
    "cli": (CLI, {"messages": talk("The user prefers pandas for data analysis"),
                  "user_id": "ana", "conversation_id": "trip", **CLI_MARKS}),
    "mcp": (NODE, {"user_id": "ana", "conversation_id": "a1b2", "source": "MODELSCOPE",
                   "messages": [{"role": "user", "content": "My favourite language is Python.",
                                 "chat_time": "2026-01-06 15:15:28.900"},
                                {"role": "assistant", "content": "Noted.",
                                 "chat_time": "2026-01-06 15:15:30"}]}),
    "plugin": (NODE, {"user_id": "ana", "conversation_id": "agent:main:main",
                      "messages": TOOL_TURN, "source": "openclaw_linux", "tags": ["openclaw"],
                      "info": {"source": "openclaw_linux", "sessionKey": "agent:main:main",
                               "agentId": "main"},
                      "allow_public": False, "async_mode": True}),
    "evaluation": (SDK, {"messages": [{"role": "user", "content": "Ana adopted a cat.",
                                       "chat_time": "2023-05-08 13:56:00"}],
                         "user_id": "ana", "conversation_id": "c1", "async_mode": False}),
}  # fmt: skip
SEARCHES = {
    "sdk": (SDK, {**SDK_SEARCH, "query": "Which cabin?", "user_id": "ana"}),
    "sdk agent only": (SDK, {**SDK_SEARCH, "query": "language", "user_id": None,
                             "agent_id": "pilot"}),
    "sdk by source": (SDK, {**SDK_SEARCH, "query": "boat", "user_id": "ana", "relativity": 0,
                            "filter": {"user": {"and": [{"agent_id": "pilot"},
                                                        {"scene": "boat"}]}}}),
    "sdk everything": (SDK, {**SDK_SEARCH, "query": "weather", "user_id": "ana", "relativity": 0,
                             "filter": {"or": [{"tags": {"contains": "sport"}},
                                               {"create_time": {"gte": "2020-01-01"}}]},
                             "include_skill": True, "include_tool_memory": True,
                             "conversation_id": "trip", "source": "sdk-test"}),
    "sdk all knowledge bases": (SDK, {**SDK_SEARCH, "query": "rules", "user_id": "ana",
                                      "knowledgebase_ids": ["all"]}),
    "cli": (CLI, {**CLI_SEARCH, "query": "data analysis", "user_id": "ana"}),
    "cli health check": (CLI, {"query": "ping", "user_id": "cli-healthcheck",
                               "memory_limit_number": 1, **CLI_MARKS}),
    "mcp": (NODE, {"query": "language", "user_id": "ana", "conversation_id": "a1b2",
                   "memory_limit_number": 6, "source": "MODELSCOPE"}),
    "plugin": (NODE, {**PLUGIN_SEARCH, "user_id": "ana", "query": "Which language?"}),
    "plugin by agent": (NODE, {**PLUGIN_SEARCH, "user_id": "ana", "query": "Which language?",
                               "filter": {"user": {"and": [{"agent_id": "research"}]}}}),
    "plugin by kind": (NODE, {**PLUGIN_SEARCH, "user_id": "ana", "query": "Which language?",
                              "filter": {"user": {"and": [{"scene": "chat"}]},
                                         "knowledgebase": {"and": [{"tags": {"contains": "x"}}]}}}),
    "coze": ({**AUTH}, {"query": "language", "user_id": "ana", "memory_limit_number": "6"}),
}  # fmt: skip
LISTINGS = {
    "sdk": (SDK, {"include_preference": True, "user_id": "ana", "agent_id": None, "filter": None,
                  "include_tool_memory": True, "include_memory_view": None, "page": 1, "size": 10}),
    "cli": (CLI, {"user_id": "ana", **CLI_MARKS}),
    "mcp profile": (NODE, {"user_id": "ana", "include_preference": True, "current": 1, "size": 20,
                           "include_tool_memory": False, "source": "MODELSCOPE"}),
    "mcp beyond the end": (NODE, {"user_id": "ana", "current": 99, "size": 50,
                                  "source": "MODELSCOPE"}),
}  # fmt: skip


@pytest.mark.parametrize("client", ADDS)
def test_every_client_can_add(api: Api, client: str) -> None:
    headers, body = ADDS[client]
    added = Done.model_validate(data(ask(api, "add/message", body, headers)))
    assert added.success
    assert added.status in {"running", "completed"}
    status = data(ask(api, "get/status", {"task_id": added.task_id, **CLI_MARKS}, headers))
    assert Status.model_validate(status).task_id == added.task_id
    api.settle()
    status = data(ask(api, "get/status", {"task_id": added.task_id}, headers))
    assert status["status"] == "completed"


def test_every_client_can_read_what_the_others_wrote(api: Api) -> None:
    for headers, body in ADDS.values():
        data(ask(api, "add/message", body, headers))
        rough = data(ask(api, "search/memory", {**SDK_SEARCH, "query": "q", "user_id": "ana"}, SDK))
        Found.model_validate(rough)
        api.settle()
    found = {name: data(ask(api, "search/memory", b, h)) for name, (h, b) in SEARCHES.items()}
    for answer in found.values():
        Found.model_validate(answer)
    assert found["cli health check"]["memory_detail_list"] == []
    assert {m["info"]["scene"] for m in found["sdk by source"]["memory_detail_list"]} == {"boat"}
    assert found["plugin by agent"]["memory_detail_list"] == []
    assert found["sdk everything"]["memory_detail_list"]
    for name, (headers, body) in LISTINGS.items():
        listed = Listed.model_validate(data(ask(api, "get/memory", body, headers)))
        assert listed.total > 0
        assert bool(listed.memory_detail_list) == (name != "mcp beyond the end")


def test_origins_and_messages_have_the_shapes_clients_print(api: Api) -> None:
    for name in ("sdk", "cli"):
        headers, body = ADDS[name]
        data(ask(api, "add/message", {**body, "async_mode": False}, headers))
    listed = data(ask(api, "get/memory", {"user_id": "ana"}, CLI))
    for memory in listed["memory_detail_list"]:
        answer = api.request("GET", f"{BASE}/get/memory/{memory['id']}", headers=CLI)
        origin = Origin.model_validate(data(answer))
        assert origin.metadata.sources[0]["content"]
        assert origin.metadata.sources[0]["role"] in {"user", "assistant"}
    for body in (
        {"user_id": "ana", "conversation_id": "trip", "conversation_limit_number": None,
         "message_limit_number": None, "source": None},
        {"user_id": "ana", "conversation_id": "trip", "message_limit_number": 10, **CLI_MARKS},
    ):  # fmt: skip
        said = Conversation.model_validate(data(ask(api, "get/message", body, SDK)))
        assert [m.role for m in said.message_detail_list] == ["user", "assistant", "user"]


def test_every_spelling_of_a_deletion_works(api: Api) -> None:
    def remember() -> list[str]:
        headers, body = ADDS["sdk"]
        data(ask(api, "add/message", {**body, "agent_id": "pilot"}, headers))
        listed = data(ask(api, "get/memory", {"user_id": "ana"}, SDK))
        return [m["id"] for m in listed["memory_detail_list"]]

    for headers, body in (
        (SDK, {"memory_ids": []}),
        (NODE, {"user_ids": ["ana"], "memory_ids": [], "source": "MODELSCOPE"}),
        (CLI, {"memory_ids": [], **CLI_MARKS}),
        (SDK, {"filter": {"and": [{"agent_id": "pilot"}]}}),
        (CLI, {"user_id": "ana", **CLI_MARKS}),
    ):
        assert remember()
        fresh = {"memory_ids": remember()} if "memory_ids" in body else {}
        answer = ask(api, "delete/memory", {**body, **fresh}, headers)
        assert Removed.model_validate(data(answer)).success
        assert data(ask(api, "get/memory", {"user_id": "ana"}, SDK))["total"] == 0


@pytest.mark.parametrize("path", ["ping", "ping/"])
def test_the_command_lines_first_call_works(api: Api, path: str) -> None:
    answer = api.request("GET", f"{BASE}/{path}", headers=CLI)
    assert (answer.status_code, answer.json()["code"]) == (200, 0)


@pytest.mark.parametrize(
    ("path", "body", "code", "shape"),
    [
        ("add/message", {**ADDS["sdk"][1], "conversation_id": "x" * 101}, 40011, Done),
        ("search/memory", {**SDK_SEARCH, "query": "q", "user_id": "ana",
                           "knowledgebase_ids": ["base-not-there"]}, 50123, Found),
        ("get/status", {"task_id": "no-such-task", **CLI_MARKS}, 50131, Status),
        ("delete/memory", {"user_ids": ["ana"], "source": "MODELSCOPE",
                           "memory_ids": ["00000000-0000-4000-8000-000000000000"]}, 40307, Removed),
        ("delete/memory", {"user_id": "nobody"}, 40308, Removed),
        ("get/message", {"user_id": "ana", "conversation_id": None}, 40002, Conversation),
        ("get/memory", {"user_id": None, "agent_id": None}, 40002, Listed),
    ],
)  # fmt: skip
def test_an_error_is_http_200_with_the_endpoints_own_shape(
    api: Api, path: str, body: dict, code: int, shape: type[Strict]
) -> None:
    answer = ask(api, path, body, SDK)
    assert answer.status_code == 200
    assert answer.json()["code"] == code
    shape.model_validate(answer.json()["data"])


@pytest.mark.parametrize("value", ["Token wrong", "Bearer wrong"])
def test_a_wrong_key_is_401_for_every_client(api: Api, value: str) -> None:
    for path, body in (("search/memory", SEARCHES["mcp"][1]), ("get/memory", LISTINGS["cli"][1])):
        answer = ask(api, path, body, {**CLI, "Authorization": value})
        assert (answer.status_code, answer.json()["code"]) == (401, 40132)
