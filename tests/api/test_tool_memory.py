"""Tool memory over HTTP: the documented example, versions, merging, erasing."""

import base64
import json
import random
from pathlib import Path

import pytest

from tests.conftest import Api

SCHEMA = {
    "name": "get_weather",
    "description": "Get current weather information for a given location",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string", "description": "City name, e.g. Beijing"}},
        "required": ["location"],
    },
}
PROMPT = (
    "You are an assistant that can call tools. When a user's request can be fulfilled by a tool, "
    "you MUST call the appropriate tool.\n"
)
USER = "memos_user_123"


def system(*schemas: dict) -> dict:
    return {"role": "system", "content": PROMPT + json.dumps(schemas, indent=2)}


def call(name: str, call_id: str = "call_123", **arguments: object) -> dict:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {
        "role": "assistant",
        "tool_calls": [{"id": call_id, "type": "function", "function": function}],
    }


def result(content: object, call_id: str = "call_123") -> dict:
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "role": "tool",
        "tool_call_id": call_id,
        "content": [{"type": "text", "text": text}],
    }


def ask(text: str) -> dict:
    return {"role": "user", "content": text}


WEATHER = [
    system(SCHEMA),
    ask("What's the weather like in Beijing right now?"),
    call("get_weather", location="Beijing"),
    result({"location": "Beijing", "temperature": "7°C", "condition": "Cloudy"}),
]


def add(api: Api, messages: list[dict], user: str = USER, **more: object) -> None:
    body = {"user_id": user, "conversation_id": "demo-conv-id", "messages": messages, **more}
    assert api.post("add/message", body)["code"] == 0
    api.settle()


def search(api: Api, query: str, user: str = USER, **more: object) -> list[dict]:
    body = {
        "user_id": user,
        "conversation_id": "0928",
        "query": query,
        "memory_limit_number": 10,
        "include_preference": True,
        "preference_limit_number": 10,
        "include_tool_memory": True,
        "tool_memory_limit_number": 10,
        **more,
    }
    return api.post("search/memory", body)["data"]["tool_memory_detail_list"]


def listed(api: Api, user: str = USER, **more: object) -> list[dict]:
    body = {"user_id": user, "size": 50, **more}
    return api.post("get/memory", body)["data"]["tool_memory_detail_list"]


def by_type(memories: list[dict], kind: str) -> list[dict]:
    return [m for m in memories if m["tool_type"] == kind]


def trajectories(memories: list[dict]) -> list[dict]:
    return by_type(memories, "ToolTrajectoryMemory")


def schemas(memories: list[dict]) -> list[dict]:
    return by_type(memories, "ToolSchemaMemory")


def test_the_documented_weather_example_is_found_by_topic(api: Api) -> None:
    add(api, WEATHER)
    found = search(api, "What clothes are suitable for Beijing")
    [schema] = schemas(found)
    assert json.loads(schema["tool_value"]) == SCHEMA
    assert schema["conversation_id"] == "demo-conv-id"
    assert schema["status"] == "activated"
    [use] = trajectories(found)
    assert use["tool_value"] == (
        'The user asked: "What\'s the weather like in Beijing right now?" -> called get_weather '
        'with location = "Beijing" -> got location: Beijing, temperature: 7°C, condition: Cloudy'
    )
    [status] = use["tool_used_status"]
    assert status == {
        "used_tool": "get_weather",
        "error_type": "",
        "success_rate": 1.0,
        "tool_experience": 'get_weather works with location = "Beijing".',
    }
    assert "get_weather" in use["experience"]
    assert "location" in use["experience"]
    assert 0 < use["relativity"] <= 1
    assert isinstance(use["create_time"], int)


def test_another_city_finds_the_tool_and_an_unrelated_task_does_not(api: Api) -> None:
    add(api, WEATHER)
    assert trajectories(search(api, "How cold is it in Shanghai today?"))
    assert search(api, "Translate this contract into French") == []


def test_a_chinese_request_is_told_in_chinese(api: Api) -> None:
    add(
        api,
        [
            ask("北京现在天气怎么样？"),
            call("get_weather", location="北京"),
            result({"temperature": "7°C", "condition": "多云"}),
        ],
    )
    [use] = trajectories(search(api, "明天去北京穿什么合适"))
    assert use["tool_value"] == (
        "用户问：“北京现在天气怎么样？” -> 调用 get_weather，参数 location = “北京” -> "
        "得到 temperature: 7°C, condition: 多云"
    )
    assert "get_weather" in use["experience"]
    assert "请求时" in use["experience"]


def test_tool_memories_are_left_out_unless_asked_for(api: Api) -> None:
    add(api, WEATHER)
    assert search(api, "Beijing weather", include_tool_memory=False) == []
    assert listed(api, include_tool_memory=False) == []
    assert len(listed(api)) == 2


def test_a_changed_schema_becomes_a_new_version_and_the_old_one_keeps_resolving(api: Api) -> None:
    add(api, [system(SCHEMA), ask("hello")])
    [old] = schemas(listed(api))
    add(api, [system(SCHEMA), ask("hello again")])
    assert [m["id"] for m in schemas(listed(api))] == [old["id"]]
    parameters = {**SCHEMA["parameters"], "required": ["location", "unit"]}
    changed = {**SCHEMA, "parameters": parameters}
    add(api, [system(changed), ask("hello")])
    [new] = schemas(listed(api))
    assert new["id"] != old["id"]
    assert json.loads(new["tool_value"]) == changed
    former = api.get(f"get/memory/{old['id']}")["data"]
    assert former["status"] == "archived"
    assert json.loads(former["memory_value"]) == SCHEMA


def test_repeated_use_is_merged_and_failures_teach(api: Api) -> None:
    add(api, WEATHER)
    add(
        api,
        [
            ask("What's the weather like in Atlantis right now?"),
            call("get_weather", "c1", location="Atlantis"),
            result({"error": {"type": "CityNotFound", "message": "no such city"}}, "c1"),
        ],
    )
    add(
        api,
        [
            ask("How is the weather in Shanghai today?"),
            call("get_weather", "c2", location="Shanghai"),
            result({"temperature": "12°C"}, "c2"),
        ],
    )
    [use] = trajectories(listed(api))
    [status] = use["tool_used_status"]
    assert status["success_rate"] == pytest.approx(2 / 3, abs=1e-4)
    assert status["error_type"] == "CityNotFound"
    assert status["tool_experience"] == (
        'get_weather fails with location = "Atlantis" (CityNotFound); '
        'works with location = "Shanghai".'
    )
    assert "Before: called get_weather" in use["tool_value"]
    assert "(3 calls in all, 2 succeeded)" in use["tool_value"]
    assert "Atlantis" in use["experience"]


def test_a_missing_argument_is_named_as_the_reason(api: Api) -> None:
    add(
        api,
        [
            ask("Book a table for two at Luigi's"),
            call("book_table", "c1", restaurant="Luigi's"),
            result("Error: missing required field people", "c1"),
            call("book_table", "c2", restaurant="Luigi's", people=2),
            result({"confirmed": True}, "c2"),
        ],
    )
    [use] = trajectories(listed(api))
    [status] = use["tool_used_status"]
    assert status["success_rate"] == 0.5
    assert status["error_type"] == "invalid_arguments"
    assert status["tool_experience"].startswith("book_table fails without people")


def test_a_result_that_arrives_with_the_next_add_completes_the_use(api: Api) -> None:
    add(api, WEATHER[1:3])
    [pending] = trajectories(listed(api))
    assert "no result yet" in pending["tool_value"]
    assert pending["tool_used_status"][0]["success_rate"] is None
    add(api, WEATHER[3:])
    [use] = trajectories(listed(api))
    assert "7°C" in use["tool_value"]
    assert use["tool_used_status"][0]["success_rate"] == 1.0


def test_a_chain_that_goes_on_replaces_what_was_known_of_it(api: Api) -> None:
    add(api, WEATHER[1:])
    add(api, [call("find_shop", "c9", city="Beijing"), result({"shop": "Uniqlo"}, "c9")])
    [use] = trajectories(listed(api))
    assert use["tool_value"].count("called") == 2
    assert [s["used_tool"] for s in use["tool_used_status"]] == ["get_weather", "find_shop"]


def test_schemas_are_taken_from_a_tools_field_as_well(api: Api) -> None:
    tools = [{"type": "function", "function": SCHEMA}]
    add(api, [ask("hello there")], tools=tools)
    assert [json.loads(m["tool_value"])["name"] for m in schemas(listed(api))] == ["get_weather"]
    [message] = api.post("get/message", {"user_id": USER, "conversation_id": "demo-conv-id"})[
        "data"
    ]["message_detail_list"]
    assert message["content"] == "hello there"


def test_filters_hold_for_tool_memories(api: Api) -> None:
    add(api, WEATHER, info={"scene": "weather"}, agent_id="a1")
    assert len(listed(api, filter={"and": [{"scene": "weather"}]})) == 2
    assert listed(api, filter={"and": [{"scene": "other"}]}) == []
    assert search(api, "weather in Beijing", filter={"user": {"and": [{"agent_id": "a2"}]}}) == []


def bytes_of(folder: Path) -> bytes:
    return b"".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())


def test_an_erased_tool_memory_leaves_no_byte(api: Api) -> None:
    folder = api.system.settings.data_dir
    add(
        api,
        [
            ask("Please look up the zorbleplex rating"),
            call("lookup", term="quuxifrage"),
            result({"grade": "wibbletron"}),
        ],
        allow_public=True,
    )
    [use] = trajectories(listed(api))
    before = bytes_of(folder)
    needles = [b"zorbleplex", b"quuxifrage", b"wibbletron"]
    assert all(needle in before for needle in needles)
    assert api.post("delete/memory", {"memory_ids": [use["id"]]})["code"] == 0
    after = bytes_of(folder)
    assert [needle for needle in needles if needle in after] == []
    assert listed(api) == []


def test_erasing_a_fact_takes_it_out_of_a_merged_tool_memory(api: Api) -> None:
    folder = api.system.settings.data_dir
    add(api, WEATHER[1:])
    add(
        api,
        [
            ask("My locker word is quuxifrage. What's the weather like in Shanghai right now?"),
            call("get_weather", "c4", location="Shanghai"),
            result({"temperature": "1°C"}, "c4"),
        ],
    )
    assert len(trajectories(listed(api))) == 1
    facts = api.post("get/memory", {"user_id": USER})["data"]["memory_detail_list"]
    [fact] = [m["id"] for m in facts if "quuxifrage" in m["memory_value"]]
    assert api.post("delete/memory", {"memory_ids": [fact]})["code"] == 0
    [use] = trajectories(listed(api))
    assert "Shanghai" not in json.dumps(use)
    assert "Beijing" in use["tool_value"]
    assert b"quuxifrage" not in bytes_of(folder)


def test_a_picture_in_a_result_is_noted_and_not_stored(api: Api) -> None:
    picture = base64.b64encode(random.Random(7).randbytes(300_000)).decode()
    add(
        api,
        [
            ask("Take a screenshot of the page"),
            call("screenshot", url="https://example.org"),
            result({"title": "Example", "image": f"data:image/png;base64,{picture}"}),
        ],
    )
    [use] = trajectories(listed(api))
    assert "[image/png, 300 kB]" in use["tool_value"]
    assert picture[1000:1200].encode() not in bytes_of(api.system.settings.data_dir)


def test_doing_the_work_again_changes_nothing(api: Api) -> None:
    add(api, WEATHER)
    before = listed(api)
    task_id = api.post(
        "add/message",
        {"user_id": USER, "conversation_id": "demo-conv-id", "messages": WEATHER},
    )["data"]["task_id"]
    api.settle()
    once = listed(api)
    task = api.system.records.task(_project(api), task_id)
    assert task is not None
    job = api.system.worker._jobs[task.kind]
    job(task)
    assert listed(api) == once
    assert len(once) == len(before)
    [use] = trajectories(once)
    assert "(2 calls in all, 2 succeeded)" in use["tool_value"]


def _project(api: Api) -> str:
    return api.system.records.projects()[0].id
