"""Requests of the Cloud API: what is accepted, what it becomes, and the code of what is refused."""

import importlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.api.openmem_models import (
    AddData,
    AddMessageRequest,
    AddResponse,
    BindProfileTemplateRequest,
    DeleteMemoryRequest,
    FoundData,
    GetMemoryRequest,
    GetMessageRequest,
    GetStatusRequest,
    MemoryDetail,
    SearchMemoryRequest,
    SearchResponse,
    StatusResponse,
    ToolMemoryDetail,
    UpdateMemoryRequest,
    empty_data,
    parse_request,
)
from memos.errors import InvalidInputError

REQUESTS = [
    AddMessageRequest,
    SearchMemoryRequest,
    GetMemoryRequest,
    DeleteMemoryRequest,
    GetMessageRequest,
    GetStatusRequest,
]
PROFILE = {"user_id": "u", "profile_template_id": "t"}
SAID = {"role": "user", "content": "I like tea."}


def add(**fields: Any) -> dict[str, Any]:
    return {"user_id": "u", "messages": [SAID], **fields}


def search(**fields: Any) -> dict[str, Any]:
    return {"user_id": "u", "query": "tea?", **fields}


def called(**fields: Any) -> dict[str, Any]:
    """An add with one tool call, its parts replaced by `fields`."""
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}, **fields}
    return add(messages=[{"role": "assistant", "tool_calls": [call]}])


def test_an_explicit_null_is_the_same_as_absent() -> None:
    nulls = dict.fromkeys(SearchMemoryRequest.model_fields)
    body = {**nulls, "user_id": "u", "query": "tea?"}
    assert parse_request(SearchMemoryRequest, body) == parse_request(SearchMemoryRequest, search())


def test_documented_defaults_apply() -> None:
    request = parse_request(SearchMemoryRequest, search())
    assert (request.memory_limit_number, request.preference_limit_number) == (9, 9)
    assert (request.tool_memory_limit_number, request.skill_limit_number) == (6, 6)
    assert (request.include_preference, request.include_tool_memory) == (True, False)
    assert (request.include_skill, request.relativity, request.filter) == (False, None, None)
    assert parse_request(AddMessageRequest, add()).conversation_id == "default_session"
    assert parse_request(AddMessageRequest, add()).async_mode is True


def test_unknown_fields_are_ignored() -> None:
    body = search(source="cli", framework="codex", top_k="x", mode=3, metadata={"a": "\x00"})
    assert parse_request(SearchMemoryRequest, body) == parse_request(SearchMemoryRequest, search())


@pytest.mark.parametrize(
    ("sent", "meant"), [("9", 9), (9.0, 9), (0, 0), (-4, 0), (26, 25), (10**30, 25), ("025", 25)]
)
def test_limits_are_read_from_strings_and_brought_into_range(sent: object, meant: int) -> None:
    request = parse_request(SearchMemoryRequest, search(memory_limit_number=sent))
    assert request.memory_limit_number == meant


@pytest.mark.parametrize("sent", [True, 1.5, "many", "", [3], {}, "9" * 5000])
def test_a_limit_that_is_no_integer_is_refused(sent: object) -> None:
    with pytest.raises(InvalidInputError, match="memory_limit_number must be an integer") as error:
        parse_request(SearchMemoryRequest, search(memory_limit_number=sent))
    assert error.value.code == 40000


def test_page_comes_as_page_or_current_and_size_stays_in_range() -> None:
    def page(**fields: Any) -> tuple[int, int]:
        request = parse_request(GetMemoryRequest, {"user_id": "u", **fields})
        return request.page, request.size

    assert page() == (1, 10)
    assert page(current=3, size=500) == (3, 50)
    assert page(page=None, current="4", size=0) == (4, 1)
    assert page(page=2, current=9) == (2, 10)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("all", ["all"]),
        (["all"], ["all"]),
        (["kb1", "all"], ["all"]),
        (["b", "a", "b"], ["b", "a"]),
    ],
)
def test_knowledge_bases_are_named_or_all(sent: object, meant: list[str]) -> None:
    assert (
        parse_request(SearchMemoryRequest, search(knowledgebase_ids=sent)).knowledgebase_ids
        == meant
    )


def test_flags_come_as_booleans_or_words() -> None:
    assert parse_request(AddMessageRequest, add(async_mode="False")).async_mode is False
    with pytest.raises(InvalidInputError, match="async_mode must be true or false"):
        parse_request(AddMessageRequest, add(async_mode=1))


def test_an_agent_alone_is_a_subject() -> None:
    request = parse_request(AddMessageRequest, {"user_id": "", "agent_id": "a", "messages": [SAID]})
    assert (request.user_id, request.agent_id) == (None, "a")


def test_a_message_gives_its_text_parts_and_calls() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    parts = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "http://example.org/a.png"}},
        {"type": "text", "text": "here"},
    ]
    body = add(
        messages=[
            {"role": "user", "content": parts, "chat_time": 1757635200000},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": ""},
        ]
    )
    first, second, third = parse_request(AddMessageRequest, body).messages
    assert (first.text, list(first.parts), first.chat_time) == (
        "look\nhere",
        parts,
        "1757635200000",
    )
    assert (second.text, second.calls) == ("", (call,))
    assert (third.text, third.tool_call_id) == ("", "c")


REFUSED: list[tuple[type, object, int]] = [
    (AddMessageRequest, [], 40000),
    (AddMessageRequest, {"messages": [SAID]}, 40002),
    (AddMessageRequest, add(user_id="  "), 40002),
    (AddMessageRequest, add(user_id=7), 40000),
    (AddMessageRequest, add(user_id="u" * 101), 40010),
    (AddMessageRequest, add(conversation_id=""), 40002),
    (AddMessageRequest, add(conversation_id="c" * 101), 40011),
    (AddMessageRequest, add(agent_id="a" * 101), 40000),
    (AddMessageRequest, add(app_id="a" * 101), 40000),
    (AddMessageRequest, {"user_id": "u"}, 40002),
    (AddMessageRequest, add(messages=None), 40002),
    (AddMessageRequest, add(messages=[]), 40002),
    (AddMessageRequest, add(messages="hello"), 40000),
    (AddMessageRequest, add(messages=["hello"]), 40000),
    (AddMessageRequest, add(messages=[{"content": "x"}]), 40002),
    (AddMessageRequest, add(messages=[{"role": "robot", "content": "x"}]), 40000),
    (AddMessageRequest, add(messages=[{"role": "user", "content": ""}]), 40002),
    (AddMessageRequest, add(messages=[{"role": "tool"}]), 40002),
    (AddMessageRequest, add(messages=[{"role": "user", "content": 5}]), 40000),
    (AddMessageRequest, add(messages=[{"role": "user", "content": [{"text": "x"}]}]), 40000),
    (AddMessageRequest, add(messages=[{"role": "user", "content": [{"type": "text"}]}]), 40000),
    (AddMessageRequest, add(messages=[{**SAID, "chat_time": []}]), 40000),
    (AddMessageRequest, add(messages=[{"role": "user", "content": "\ud800"}]), 40000),
    (AddMessageRequest, add(messages=[{"role": "user", "content": "a\x00b"}]), 40000),
    (AddMessageRequest, called(id=None), 40000),
    (AddMessageRequest, called(type="tool"), 40000),
    (AddMessageRequest, called(function={"name": "f"}), 40000),
    (AddMessageRequest, called(function={"name": "f", "arguments": "{"}), 40000),
    (AddMessageRequest, called(function={"name": "f", "arguments": {}}), 40000),
    (AddMessageRequest, called(function={"name": "f", "arguments": "[" * 100_000}), 40000),
    (AddMessageRequest, called(id=""), 40000),
    (AddMessageRequest, add(tags="travel"), 40000),
    (AddMessageRequest, add(tags=["t"] * 501), 40000),
    (AddMessageRequest, add(tags=["t" * 201]), 40000),
    (AddMessageRequest, add(info={"x": "y" * 70_000}), 40000),
    (AddMessageRequest, add(info=["x"]), 40000),
    (AddMessageRequest, add(info={"\udfff": 1}), 40000),
    (AddMessageRequest, add(info={"x": float("inf")}), 40000),
    (SearchMemoryRequest, {"user_id": "u"}, 40002),
    (SearchMemoryRequest, search(query=" "), 40002),
    (SearchMemoryRequest, search(query=["tea"]), 40000),
    (SearchMemoryRequest, search(filter=[]), 40000),
    (SearchMemoryRequest, search(knowledgebase_ids="kb1"), 40000),
    (SearchMemoryRequest, search(knowledgebase_ids=[""]), 40002),
    (SearchMemoryRequest, search(relativity=1.01), 40012),
    (SearchMemoryRequest, search(relativity=-1), 40012),
    (SearchMemoryRequest, search(relativity=10**400), 40012),
    (SearchMemoryRequest, search(relativity="2"), 40012),
    (SearchMemoryRequest, search(relativity=float("nan")), 40012),
    (SearchMemoryRequest, search(relativity="high"), 40000),
    (SearchMemoryRequest, search(relativity=True), 40000),
    (GetMemoryRequest, {}, 40002),
    (GetMessageRequest, {"user_id": "u"}, 40002),
    (GetMessageRequest, {"conversation_id": "c"}, 40002),
    (GetStatusRequest, {"task_id": ""}, 40002),
    (DeleteMemoryRequest, {}, 40002),
    (DeleteMemoryRequest, {"memory_ids": []}, 40002),
    (DeleteMemoryRequest, {"memory_ids": [""]}, 40002),
    (DeleteMemoryRequest, {"user_id": ""}, 40002),
    (DeleteMemoryRequest, {"filter": {}}, 40002),
    (DeleteMemoryRequest, {"filter": {"user": None}}, 40002),
    (DeleteMemoryRequest, {"filter": {"public": {"and": [{"a": 1}]}}}, 40000),
    (DeleteMemoryRequest, {"memory_ids": "m"}, 40000),
    (DeleteMemoryRequest, {"memory_ids": [3]}, 40000),
    (DeleteMemoryRequest, {"memory_ids": ["m"], "user_id": "u"}, 40000),
    (DeleteMemoryRequest, {"user_id": "u", "agent_id": "a"}, 40000),
    (DeleteMemoryRequest, {"user_ids": ["u", "v"]}, 40000),
    (DeleteMemoryRequest, {"user_ids": ["u\x00"]}, 40000),
    (DeleteMemoryRequest, {"user_id": "u", "conversation_id": "c"}, 40000),
    (BindProfileTemplateRequest, {"bind_list": [PROFILE] * 101}, 40000),
]


@pytest.mark.parametrize(("model", "body", "code"), REFUSED)
def test_a_defect_is_refused_with_its_documented_code(model: Any, body: object, code: int) -> None:
    with pytest.raises(InvalidInputError) as error:
        parse_request(model, body)
    assert error.value.code == code
    assert error.value.message.endswith(".")


@pytest.mark.parametrize(
    ("model", "body", "says"),
    [
        (BindProfileTemplateRequest, {"bind_list": [PROFILE] * 101}, "at most 100 entries"),
        (AddMessageRequest, called(id=""), "messages[0].tool_calls[0].id is required"),
        (UpdateMemoryRequest, {"memory_id": "m", "status": "all"}, "one of activated, archived"),
    ],
)
def test_a_refusal_says_what_would_do(model: Any, body: object, says: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        parse_request(model, body)
    assert says in error.value.message


def test_one_user_may_be_deleted_by_the_older_spelling() -> None:
    assert parse_request(DeleteMemoryRequest, {"user_ids": ["u"]}).user_id == "u"
    both = parse_request(DeleteMemoryRequest, {"user_ids": ["u"], "memory_ids": ["m", "m"]})
    assert (both.memory_ids, both.user_id) == (["m"], None)


SECRET = "zq7xvk"
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([SECRET, "", "user", "\ud800", "all", SECRET * 30]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "tool_calls", "function", "and"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("model", REQUESTS)
@given(data=st.data())
def test_any_json_is_read_or_refused_without_repeating_it(model: Any, data: st.DataObject) -> None:
    names = [*model.model_fields, "user_ids", "current"]
    body = data.draw(st.dictionaries(st.sampled_from(names), json_values))
    refused: list[InvalidInputError] = []
    try:
        parse_request(model, body)
    except InvalidInputError as error:
        refused.append(error)
    assert all(40000 <= e.code <= 40012 and SECRET not in e.message for e in refused)


def test_the_published_schema_names_required_fields() -> None:
    assert AddMessageRequest.model_json_schema()["required"] == ["messages"]
    assert SearchMemoryRequest.model_json_schema()["required"] == ["query"]
    assert GetMessageRequest.model_json_schema()["required"] == ["user_id", "conversation_id"]


@pytest.mark.parametrize("model", REQUESTS)
def test_every_published_field_is_described_and_every_example_is_valid(model: Any) -> None:
    schema = model.model_json_schema()
    assert all("description" in field for field in schema["properties"].values())
    for example in schema.get("examples", []):
        parse_request(model, example)


def test_every_documented_key_of_an_item_is_always_sent() -> None:
    sent = MemoryDetail(id="m").model_dump()
    assert {"memory_key", "memory_value", "relativity", "sources", "info", "tags"} <= sent.keys()
    assert sent["memory_value"] is None
    assert sent["sources"] == []


def test_a_tool_value_is_always_text() -> None:
    item = ToolMemoryDetail.model_validate({"tool_value": {"name": "天气"}})
    assert item.tool_value == '{"name": "天气"}'


def test_lenient_reading_turns_null_lists_into_empty_ones_and_keeps_unknown_item_keys() -> None:
    body = {
        "code": 0,
        "message": None,
        "took": 3,
        "data": {"memory_detail_list": [{"id": "m", "score": 2}], "skill_detail_list": None},
    }
    answer = SearchResponse.model_validate(body)
    assert answer.data.skill_detail_list == []
    assert answer.memories[0].score == 2  # type: ignore[attr-defined]
    assert not hasattr(answer, "took")
    assert SearchResponse.model_validate({"code": 40002, "data": None}).memories == []


def test_a_status_comes_as_an_object_or_a_list_of_one() -> None:
    for data in ({"task_id": "t", "status": "running"}, [{"task_id": "t", "status": "running"}]):
        answer = StatusResponse.model_validate({"code": 0, "message": "ok", "data": data})
        assert (answer.task_id, answer.status, answer.messages) == ("t", "running", [answer.data])


def test_errors_carry_the_empty_data_of_their_endpoint() -> None:
    assert empty_data("add/message") == {"success": False, "task_id": "", "status": "failed"}
    assert empty_data("/get/status/", task_id="t") == {"task_id": "t", "status": "failed"}
    assert empty_data("search/memory") == FoundData().model_dump()
    assert empty_data("get/memory/some-id") is None
    assert empty_data("add/knowledgebase-file") == []
    json.dumps([empty_data(name) for name in ("get/memory", "get/message", "delete/memory")])


def test_an_answer_survives_the_wire() -> None:
    sent = AddResponse(data=AddData(success=True, task_id="t", status="running"))
    assert AddResponse.model_validate_json(sent.model_dump_json()) == sent


def test_every_listed_model_is_there_and_the_sdk_loads_no_request() -> None:
    models = importlib.import_module("memos.api.openmem_models")
    assert [name for name in models.__all__ if getattr(models, name, None) is None] == []
    with pytest.raises(AttributeError):
        _ = models.NoSuchRequest
    code = "import sys, memos.api.client; print(*(m for m in sys.modules if 'request' in m))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "openmem_models" not in loaded.stdout
