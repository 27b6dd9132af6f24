"""What goes over the wire arrives as it left: requests, answers, and the words of messages."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.testclient import TestClient

from memos.api.client import MemOSClient
from memos.api.openmem_models import (
    AddMessageRequest,
    AddResponse,
    DeleteResponse,
    GetMemoryResponse,
    GetMessageResponse,
    MemoryByIdResponse,
    SearchMemoryRequest,
    SearchResponse,
    StatusResponse,
    parse_request,
)
from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from tests.conftest import KEY, Api

SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60)
WORDS = TEXT.filter(lambda t: t.strip() != "")
NAME = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)
NUMBER = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
INFO = st.dictionaries(NAME, JSON, max_size=3)
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": WORDS})
ANSWERS = [
    AddResponse,
    StatusResponse,
    SearchResponse,
    GetMemoryResponse,
    GetMessageResponse,
    DeleteResponse,
    MemoryByIdResponse,
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Api]:
    """One system for all examples."""
    chosen = Settings(
        data_dir=tmp_path_factory.mktemp("wire"),
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
    )
    system = build(chosen, embedder=embedder)
    system.start()
    with TestClient(create_app(system), raise_server_exceptions=False) as http:
        yield Api(system, http)
    system.close()


@settings(SETTINGS, max_examples=60)
@given(
    messages=st.lists(MESSAGE, min_size=1, max_size=4),
    user=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20),
    info=INFO,
)
def test_messages_and_metadata_are_read_back_as_they_were_sent(
    api: Api, messages: list[dict[str, Any]], user: str, info: dict[str, Any]
) -> None:
    assume(user.strip() != "")
    conversation = f"c{api.system.clock.monotonic()}"
    body = {"user_id": user, "conversation_id": conversation, "messages": messages, "info": info}
    assert api.post("add/message", body)["code"] == 0
    for _ in ("rough", "refined"):
        asked = {"user_id": user, "conversation_id": conversation}
        read = api.post("get/message", asked)["data"]["message_detail_list"]
        assert [{"role": m["role"], "content": m["content"]} for m in read] == messages
        where = {"and": [{"conversation_id": conversation}]}
        listed = api.post("get/memory", {"user_id": user, "filter": where})["data"]
        memories = listed["memory_detail_list"] + listed["preference_detail_list"]
        assert all(memory["info"] == info for memory in memories)
        api.settle()


@settings(SETTINGS, max_examples=100)
@given(
    messages=st.lists(MESSAGE, min_size=1, max_size=3),
    user=NAME,
    info=INFO | st.none(),
    tags=st.lists(TEXT, max_size=3) | st.none(),
    async_mode=st.booleans(),
)
def test_what_the_sdk_sends_is_what_the_server_reads(
    messages: list[dict[str, Any]],
    user: str,
    info: dict[str, Any] | None,
    tags: list[str] | None,
    async_mode: bool,
) -> None:
    seen: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return httpx.Response(200, json={"code": 0, "data": {}, "message": "ok"})

    with MemOSClient("k", "http://test", transport=httpx.MockTransport(answer)) as client:
        client.add_message(messages, user, info=info, tags=tags, async_mode=async_mode)
        client.search_memory("q?", user, relativity=0.25, include_skill=True)
    add = parse_request(AddMessageRequest, seen[0])
    assert [(m.role, m.text) for m in add.messages] == [(m["role"], m["content"]) for m in messages]
    assert (add.user_id, add.info, add.tags, add.async_mode) == (user, info, tags, async_mode)
    search = parse_request(SearchMemoryRequest, seen[1])
    assert (search.query, search.user_id, search.relativity, search.include_skill) == (
        "q?",
        user,
        0.25,
        True,
    )


@settings(SETTINGS, max_examples=60)
@given(data=st.data())
@pytest.mark.parametrize("model", ANSWERS, ids=lambda m: m.__name__)
def test_an_answer_survives_being_written_and_read(
    model: type[BaseModel], data: st.DataObject
) -> None:
    schema = {"memory_value": TEXT, "info": INFO, "tags": st.lists(TEXT, max_size=2), "id": NAME}
    entry = data.draw(st.fixed_dictionaries({}, optional=schema))
    content = {
        "success": True,
        "task_id": data.draw(TEXT),
        "status": "running",
        "memory_detail_list": [entry],
        "preference_detail_list": [{"preference": data.draw(TEXT), "preference_type": None}],
        "message_detail_list": [{"id": "m", "content": data.draw(TEXT)}],
        "unknown": data.draw(JSON),
        **entry,
    }
    first = model.model_validate({"code": 0, "message": "ok", "data": content})
    wire = json.dumps(first.model_dump(mode="json"))
    again = model.model_validate(json.loads(wire))
    assert again == first
    assert json.dumps(again.model_dump(mode="json")) == wire
