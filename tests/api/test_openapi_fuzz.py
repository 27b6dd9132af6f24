"""Whatever is sent, the answer is an envelope and never a failure of ours."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.python.asgi import get_client
from starlette.testclient import TestClient

from memos.api.openmem_models import (
    AddFilesResponse,
    AddResponse,
    DeleteResponse,
    Envelope,
    FileListResponse,
    GetMemoryResponse,
    GetMessageResponse,
    KnowledgebaseResponse,
    MemoryByIdResponse,
    SearchResponse,
    StatusResponse,
)
from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import System, build
from tests.conftest import KEY

BASE = "/api/openmem/v1/"
HEADERS = {"Authorization": f"Token {KEY}", "Content-Type": "application/json"}
ANSWERS: dict[str, type[Envelope]] = {
    "add/message": AddResponse,
    "search/memory": SearchResponse,
    "get/memory": GetMemoryResponse,
    "get/message": GetMessageResponse,
    "get/status": StatusResponse,
    "delete/memory": DeleteResponse,
    "create/knowledgebase": KnowledgebaseResponse,
    "delete/knowledgebase": DeleteResponse,
    "add/knowledgebase-file": AddFilesResponse,
    "get/knowledgebase-file": FileListResponse,
    "delete/knowledgebase-file": DeleteResponse,
    "get/memory/{memory_id}": MemoryByIdResponse,
}
VALID: dict[str, dict[str, Any]] = {
    "add/message": {
        "user_id": "u",
        "conversation_id": "c",
        "messages": [
            {"role": "user", "content": "I like tea.", "chat_time": "2025-06-10 09:00:00"},
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "7"}]},
        ],
        "tags": ["a"],
        "info": {"scene": "x"},
        "async_mode": False,
    },
    "search/memory": {
        "user_id": "u",
        "query": "What does the user like?",
        "filter": {"and": [{"tags": {"contains": "a"}}, {"create_time": {"gte": "2020-01-01"}}]},
        "memory_limit_number": 3,
        "relativity": 0.1,
        "knowledgebase_ids": "all",
    },
    "get/memory": {"user_id": "u", "page": 1, "size": 5, "filter": {"or": [{"scene": "x"}]}},
    "get/message": {"user_id": "u", "conversation_id": "c", "message_limit_number": 5},
    "get/status": {"task_id": "t"},
    "delete/memory": {"memory_ids": ["m"]},
    "create/knowledgebase": {"knowledgebase_name": "k", "knowledgebase_description": "d"},
    "delete/knowledgebase": {"knowledgebase_id": "b"},
    "add/knowledgebase-file": {
        "knowledgebase_id": "b",
        "file": [{"name": "a.txt", "type": "document", "content": "data:text/plain;base64,QUJD"}],
    },
    "get/knowledgebase-file": {"knowledgebase_id": "b", "type": "document", "page": 1},
    "delete/knowledgebase-file": {"file_ids": ["f"], "knowledgebase_id": "b"},
}
SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
HUGE = "123456789" * 500  # more digits than Python turns into a number
ODD_TEXTS = st.sampled_from(
    ["", " ", "\x00", "\ud800", "\udfff\ud800", "\u2028", "é\u0301", "a" * 101, "%00", "../..", "all",
     "2025-02-30", "99999-01-01", "1e400", "NaN", "-0", "'; drop table item; --", "😀" * 40,
     "0001-01-01", "9999-12-31 23:59:59", "明年的昨天"]
)  # fmt: skip
ODD_NUMBERS = st.sampled_from(
    [0, -1, 2**31, 2**63, -(2**63) - 1, 10**25, 0.5, -0.0, 1e308, float("nan"), float("inf"), True]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ODD_TEXTS | ODD_NUMBERS
)
NAMES = st.sampled_from(
    ["and", "or", "user", "public", "knowledgebase", "tags", "create_time", "scene", "info", "role",
     "content", "type", "text", "gte", "lt", "in", "like", "contains", "=", "user_id", "agent_id"]
)  # fmt: skip
JUNK = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[System]:
    """One system for all examples: what one leaves behind is part of the next."""
    chosen = Settings(
        data_dir=tmp_path_factory.mktemp("fuzz"),
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        knowledgebase_max_count=10**6,
    )
    built = build(chosen, embedder=embedder)
    built.start()
    yield built
    built.close()


@pytest.fixture(scope="module")
def http(system: System) -> Iterator[TestClient]:
    """One client of its application."""
    with TestClient(create_app(system), raise_server_exceptions=False) as client:
        yield client


def check(endpoint: str, status: int, answer: Any) -> None:
    """HTTP below 500, and the endpoint's own envelope, whatever the code."""
    assert status in {200, 401, 404, 405}
    assert type(answer["code"]) is int
    assert answer["code"] == 0 or 40000 <= answer["code"] < 60000
    assert answer["code"] not in {50000, 50002, 50004}
    assert answer["message"]
    assert (answer["code"] == 0) == (answer["message"] == "ok")
    model = ANSWERS.get(endpoint, Envelope)
    model.model_validate(answer)
    if model is not MemoryByIdResponse and endpoint in ANSWERS:
        kind = list if model is AddFilesResponse else dict
        assert isinstance(answer["data"], kind)


def post(http: TestClient, system: System, endpoint: str, content: bytes) -> httpx.Response:
    """Send raw bytes; queued work is done first, so that synchronous adds need not wait for it."""
    while system.records.unfinished():
        system.worker.drain()
    answer = http.post(BASE + endpoint, content=content, headers=HEADERS)
    check(endpoint, answer.status_code, answer.json())
    return answer


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    yield at
    if isinstance(value, dict | list):
        for key, child in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(child, (*at, key))


def replaced(value: Any, at: tuple[Any, ...], junk: Any) -> Any:
    """A copy with another value at one place."""
    if not at:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = replaced(value[at[0]], at[1:], junk)
    return copy


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_requests_made_from_the_openapi_document_never_fail(
    system: System, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(system))
    operations = [result.ok() for result in schema.get_all_operations()]
    assert {o.path for o in operations} >= {BASE + path for path in ANSWERS}
    with get_client(create_app(system)) as session:
        for operation in operations:
            endpoint = operation.path.removeprefix(BASE)
            if mode is GenerationMode.POSITIVE or endpoint in VALID:
                probe_operation(system, operation.as_strategy(generation_mode=mode), session)


def probe_operation(system: System, cases: st.SearchStrategy[Any], session: Any) -> None:
    """Send what schemathesis makes for one operation."""

    @settings(SETTINGS, max_examples=40)
    @given(cases)
    def probe(case: Any) -> None:
        while system.records.unfinished():
            system.worker.drain()
        answer = case.call(session=session, headers=HEADERS)
        assert answer.status_code < 500
        endpoint = case.operation.path.removeprefix(BASE)
        if endpoint in ANSWERS:
            check(endpoint, answer.status_code, answer.json())

    probe()


@pytest.mark.parametrize("endpoint", VALID)
def test_any_json_is_answered_in_the_envelope(
    http: TestClient, system: System, endpoint: str
) -> None:
    names = sorted({name for body in VALID.values() for name in body} | {"agent_id", "current"})

    @settings(SETTINGS, max_examples=150)
    @given(JUNK | st.dictionaries(st.sampled_from(names), JUNK, max_size=6))
    def probe(body: Any) -> None:
        post(http, system, endpoint, json.dumps(body).encode())

    probe()


@pytest.mark.parametrize("endpoint", VALID)
def test_a_good_request_with_one_bad_place_is_answered_in_the_envelope(
    http: TestClient, system: System, endpoint: str
) -> None:
    places = list(paths(VALID[endpoint]))

    @settings(SETTINGS, max_examples=150)
    @given(st.sampled_from(places), JUNK)
    def probe(place: tuple[Any, ...], junk: Any) -> None:
        body = replaced(VALID[endpoint], place, junk)
        post(http, system, endpoint, json.dumps(body).encode())

    probe()


@pytest.mark.parametrize("endpoint", VALID)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"user_id":' * 3_000,
        b'{"user_id":"u","query":"q","info":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"user_id":"u","query":"q","filter":' + b'{"and":[' * 300 + b"]}" * 300 + b"}",
        b'{"user_id":' + HUGE.encode() + b"}",
        b'{"user_id":"u","page":1e999,"relativity":NaN,"query":"q"}',
        b'{"user_id":"\\ud800","query":"\\ud800","conversation_id":"\\udfff","task_id":"\\ud800"}',
        b'{"user_id":"a\\u0000b","query":"\\u0000","task_id":"\\u0000","memory_ids":["\\u0000"]}',
        b"\x00",
        "\ufeff{}".encode(),
        b'{"user_id":"u","user_id":["u"]}',
        b"\xff\xfe{\x00}\x00",
    ],
    ids=range(12),
)
def test_hostile_bytes_are_refused_politely(
    http: TestClient, system: System, endpoint: str, content: bytes
) -> None:
    answer = post(http, system, endpoint, content)
    assert answer.status_code == 200


@settings(SETTINGS, max_examples=150)
@given(identifier=st.text(min_size=1) | ODD_TEXTS.filter(bool))
def test_any_memory_id_in_a_path_is_answered_in_the_envelope(
    http: TestClient, identifier: str
) -> None:
    from urllib.parse import quote

    escaped = quote(identifier.encode("utf-8", "surrogatepass"), safe="")
    answer = http.get(f"{BASE}get/memory/{escaped}", headers=HEADERS)
    check("get/memory/{memory_id}", answer.status_code, answer.json())
    assert answer.json()["code"] != 0


@settings(SETTINGS, max_examples=150)
@given(value=st.text(st.characters(codec="latin-1", exclude_categories=("Cc",))))
def test_any_authorization_header_is_refused_with_401(http: TestClient, value: str) -> None:
    headers = {"Authorization": value.encode("latin-1")}
    answer = http.post(BASE + "get/memory", json={"user_id": "u"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] in {40100, 40130, 40132}
