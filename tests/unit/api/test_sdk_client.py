"""The SDK against a real HTTP server with scripted answers; every test runs on both clients."""

import asyncio
import inspect
import itertools
import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from memos.api._client_answer import pause_s
from memos.api.client import AsyncMemOSClient, MemOSClient
from memos.errors import (
    AuthenticationError,
    MemosError,
    MissingFieldError,
    NotFoundError,
    QuotaExceededError,
    UnavailableError,
)

OK = {"code": 0, "message": "ok", "data": {}}
ADDED = {
    "code": 0,
    "message": "ok",
    "data": {"success": True, "task_id": "t1", "status": "running"},
}
SAID = [{"role": "user", "content": "I like tea."}]


@dataclass
class Reply:
    """What the server does with one request; `cut` closes the connection instead of answering."""

    body: Any = field(default_factory=lambda: OK)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Server:
    """Answers with the replies handed in, then with `OK`; keeps the requests."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.seen: list[Seen] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/api/openmem/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                parts = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = dict(self.headers.items())
                outer.seen.append(Seen(self.command, parts.path, parts.query, headers, raw))
                reply = outer.replies.pop(0) if outer.replies else Reply()
                if reply.cut:
                    self.close_connection = True
                    return
                body = (
                    reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                )
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 - the names http.server looks for

            def log_message(self, *_: object) -> None: ...

        return Handler


class Ids:
    """Idempotency keys in a fixed order."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        return f"key-{next(self._numbers)}"


Use = Callable[..., Any]


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()
    yield served
    served.close()


@pytest.fixture(params=["sync", "async"])
def use(request: pytest.FixtureRequest, server: Server) -> Use:
    """Calls one method of a fresh client and returns what it returns; streams become lists."""

    def synchronous(method: str, *args: Any, options: dict[str, Any], **kwargs: Any) -> Any:
        with MemOSClient(**options) as client:
            answer = getattr(client, method)(*args, **kwargs)
            return list(answer) if inspect.isgenerator(answer) else answer

    async def asynchronous(method: str, *args: Any, options: dict[str, Any], **kwargs: Any) -> Any:
        async with AsyncMemOSClient(**options) as client:
            answer = await getattr(client, method)(*args, **kwargs)
            return [text async for text in answer] if inspect.isasyncgen(answer) else answer

    def call(method: str, *args: Any, _options: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        options = {"api_key": "k", "base_url": server.url, "backoff_s": 0.0, "ids": Ids()}
        options |= _options or {}
        if request.param == "sync":
            return synchronous(method, *args, options=options, **kwargs)
        return asyncio.run(asynchronous(method, *args, options=options, **kwargs))

    return call


def test_the_documented_calls_work_positionally(use: Use, server: Server) -> None:
    server.replies = [Reply(ADDED)]
    added = use("add_message", SAID, "u", "c")
    assert (added.success, added.task_id, added.status) == (True, "t1", "running")
    assert (added.code, added.message, added.data.task_id) == (0, "ok", "t1")
    use("search_memory", "tea?", "u", "c")
    use("get_message", "u", "c")
    add, search, message = server.seen
    base = "/api/openmem/v1/"
    assert [s.path for s in server.seen] == [
        base + "add/message", base + "search/memory", base + "get/message",
    ]  # fmt: skip
    assert add.body == {
        "messages": SAID,
        "user_id": "u",
        "conversation_id": "c",
        "async_mode": True,
        "allow_public": False,
    }
    assert search.body == {
        "query": "tea?",
        "user_id": "u",
        "conversation_id": "c",
        "memory_limit_number": 6,
        "include_preference": True,
        "include_tool_memory": False,
        "preference_limit_number": 6,
        "tool_memory_limit_number": 6,
        "include_skill": False,
        "skill_limit_number": 6,
        "context_format": "memory",
    }
    assert message.body == {"user_id": "u", "conversation_id": "c"}
    assert add.headers["Authorization"] == "Token k"


def test_what_a_search_can_also_be_told_is_sent_and_read(use: Use, server: Server) -> None:
    found = {"context": "- tea", "answerable": 0.9, "stages": {"rewrite": "done"}}
    server.replies = [Reply({"code": 0, "message": "ok", "data": found})]
    answer = use(
        "search_memory",
        "tea?",
        "u",
        context_format="prompt",
        explain=True,
        max_tokens=500,
        deadline_ms=200,
        mode="fine",
        as_of="2025-03-01",
        known_at=1_700_000_000_000,
        status=["activated", "archived"],
    )
    sent = server.seen[0].body
    assert (answer.context, answer.answerable) == ("- tea", 0.9)
    assert answer.stages == {"rewrite": "done"}
    assert (sent["context_format"], sent["explain"], sent["mode"]) == ("prompt", True, "fine")
    assert (sent["max_tokens"], sent["deadline_ms"]) == (500, 200)
    assert (sent["as_of"], sent["known_at"]) == ("2025-03-01", 1_700_000_000_000)
    assert sent["status"] == ["activated", "archived"]


def test_an_explanation_asks_with_the_limits_of_a_search(use: Use, server: Server) -> None:
    use("search_memory", "tea?", "u")
    use("explain_memory", "m", "tea?", "u", relativity=0.3)
    search, explain = server.seen
    assert explain.path.endswith("/explain/memory")
    assert explain.body["memory_id"] == "m"
    assert explain.body["relativity"] == 0.3
    limits = {name: value for name, value in search.body.items() if name.endswith("limit_number")}
    assert limits.items() <= explain.body.items()


def test_an_explanation_needs_a_memory_a_question_and_one_subject(use: Use) -> None:
    for arguments, options in [
        (("", "tea?", "u"), {}),
        (("m", "", "u"), {}),
        (("m", "tea?"), {}),
        (("m", "tea?", "u"), {"agent_id": "a"}),
        (("m", "tea?", "u"), {"pages": 1}),
    ]:
        with pytest.raises(ValueError, match=r"required|knows no pages"):
            use("explain_memory", *arguments, **options)


CALLS: list[tuple[str, tuple[Any, ...], str, dict[str, Any] | None]] = [
    (
        "get_memory",
        ("u",),
        "get/memory",
        {
            "user_id": "u",
            "include_preference": True,
            "page": 1,
            "size": 10,
            "include_tool_memory": True,
        },
    ),
    ("get_memory_by_id", ("a/b c",), "get/memory/a%2Fb%20c", None),
    ("get_task_status", ("t",), "get/status", {"task_id": "t"}),
    (
        "add_feedback",
        ("u", "c", "no"),
        "add/feedback",
        {"user_id": "u", "conversation_id": "c", "feedback_content": "no", "allow_public": False},
    ),
    ("delete_memory", (["u"],), "delete/memory", {"user_id": "u"}),
    ("delete_memory", (["u"], ["m"]), "delete/memory", {"memory_ids": ["m"]}),
    ("update_memory", ("m", "new"), "update/memory", {"memory_id": "m", "content": "new"}),
    ("get_memory_history", ("m",), "get/memory/history", {"memory_id": "m"}),
    ("restore_memory", ("m", 2), "restore/memory", {"memory_id": "m", "version": 2}),
    (
        "get_suggestions",
        ("u", None, "hi", "en"),
        "get/suggestions",
        {"user_id": "u", "message": "hi", "language": "en"},
    ),
    ("extract_memory", (SAID,), "extract/memory", {"messages": SAID}),
    (
        "rerank",
        ("q", ["a"], None, 1),
        "rerank",
        {"query": "q", "documents": ["a"], "top_n": 1},
    ),
    ("create_knowledgebase", ("kb",), "create/knowledgebase", {"knowledgebase_name": "kb"}),
    ("delete_knowledgebase", ("b",), "delete/knowledgebase", {"knowledgebase_id": "b"}),
    (
        "get_knowledgebase_file",
        (None, "b", "document", 1, 10),
        "get/knowledgebase-file",
        {"knowledgebase_id": "b", "type": "document", "page": 1, "page_size": 10},
    ),
    ("delete_knowledgebase_file", (["f"],), "delete/knowledgebase-file", {"file_ids": ["f"]}),
    (
        "bind_profile_template",
        ([{"profile_template_id": "p", "user_id": "u"}],),
        "bind/profile_template",
        {"bind_list": [{"profile_template_id": "p", "user_id": "u"}]},
    ),
    (
        "edit_profile",
        ("p", "u", None, {"a": 1}, ["b"]),
        "edit/profile",
        {"profile_template_id": "p", "user_id": "u", "metadata": {"a": 1}, "remove_fields": ["b"]},
    ),
    ("delete_profile", ("p", "u"), "delete/profile", {"profile_template_id": "p", "user_id": "u"}),
]


@pytest.mark.parametrize(("method", "args", "endpoint", "body"), CALLS)
def test_each_method_sends_its_documented_request(
    use: Use, server: Server, method: str, args: Any, endpoint: str, body: Any
) -> None:
    answer = use(method, *args)
    (seen,) = server.seen
    assert seen.path == f"/api/openmem/v1/{endpoint}"
    assert (seen.method, seen.body if seen.raw else None) == ("POST" if body else "GET", body)
    assert (answer["code"] if isinstance(answer, dict) else answer.code) == 0


def test_chat_sends_its_documented_defaults(use: Use, server: Server) -> None:
    server.replies = [Reply({"code": 0, "message": "ok", "data": {"response": "Tea."}})]
    assert use("chat", "u", "c", "What do I drink?").response == "Tea."
    body = server.seen[0].body
    assert (body["max_tokens"], body["temperature"], body["top_p"]) == (8192, 0.7, 0.95)
    assert (body["stream"], body["add_message_on_answer"]) == (False, True)
    assert not body.keys() & {"self", "arguments", "filter", "relativity"}


def test_lists_of_knowledge_bases_have_their_shortcuts(use: Use, server: Server) -> None:
    file = {"id": "f", "name": "a.txt", "sizeMB": 0.1, "status": "running"}
    server.replies = [
        Reply({"code": 0, "message": "ok", "data": {"id": "base1"}}),
        Reply({"code": 0, "message": "ok", "data": [file]}),
        Reply({"code": 0, "message": "ok", "data": {"file_detail_list": [file], "total": 1}}),
    ]
    assert use("create_knowledgebase", "kb").knowledgebase_id == "base1"
    assert use("add_knowledgebase_file_json", "base1", [{"content": "x"}]).files[0].sizeMB == 0.1
    assert use("get_knowledgebase_file", ["f"]).files[0].name == "a.txt"


def test_local_files_go_up_as_a_form(use: Use, server: Server, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("policy", encoding="utf-8")
    server.replies = [Reply({"code": 0, "message": "ok", "data": []})]
    use("add_knowledgebase_file_form", "b1", [str(note)], "document")
    (seen,) = server.seen
    assert (seen.path, seen.query) == (
        "/api/openmem/v1/add/knowledgebase-file",
        "knowledgebase_id=b1&type=document",
    )
    assert seen.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="file"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\npolicy' in seen.raw
    with pytest.raises(ValueError, match="cannot be read"):
        use("add_knowledgebase_file_form", "b1", [str(tmp_path / "none")])


def test_an_upload_that_was_turned_away_is_sent_whole_again(
    use: Use, server: Server, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_bytes(b"policy" * 40_000)
    server.replies = [Reply(status=503), Reply({"code": 0, "message": "ok", "data": []})]
    use("add_knowledgebase_file_form", "b1", [str(note)])
    assert [s.raw.count(b"policy") for s in server.seen] == [40_000] * 2
    assert len({s.headers["Idempotency-Key"] for s in server.seen}) == 1


class Drain(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Takes a request piece by piece and forgets it."""

    size = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        self.size = sum(len(piece) for piece in request.stream)
        return httpx.Response(200, json={"code": 0, "message": "ok", "data": []})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def test_a_large_file_is_never_held_in_memory(use: Use, tmp_path: Path) -> None:
    large, drain = tmp_path / "large.pdf", Drain()
    with large.open("wb") as file:
        file.truncate(64 * 2**20)
    tracemalloc.start()
    use("add_knowledgebase_file_form", "b1", [str(large)], _options={"transport": drain})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert drain.size > 64 * 2**20
    assert peak < 4 * 2**20


def test_fields_and_headers_can_go_with_every_request(use: Use, server: Server) -> None:
    marks = {"extra_headers": {"X-Source": "cli"}, "extra_body": {"source": "cli", "user_id": "x"}}
    use("get_memory", "u", _options=marks)
    use("get_memory_by_id", "m", _options=marks)
    posted, got = server.seen
    assert (posted.body["source"], posted.body["user_id"], got.raw) == ("cli", "u", b"")
    assert {s.headers["X-Source"] for s in server.seen} == {"cli"}


def test_items_give_their_keys_as_attributes(use: Use, server: Server) -> None:
    item = {"id": "m", "memory_value": "Likes tea.", "relativity": 0.9, "extra": {"a": 1}}
    data = {
        "memory_detail_list": [item],
        "preference_detail_list": None,
        "tool_memory_detail_list": [{"tool_value": {"name": "f"}}],
    }
    server.replies = [Reply({"code": 0, "message": "ok", "data": data, "took": 1})]
    found = use("search_memory", "tea?", "u")
    assert found.data.memory_detail_list[0].memory_value == "Likes tea."
    assert found.memories[0].extra == {"a": 1}
    assert found.memories[0].tags == []
    assert found.preferences == []
    assert found.tool_memories[0].tool_value == '{"name": "f"}'
    with pytest.raises(AttributeError):
        _ = found.memories[0].unknown


def test_an_error_code_is_an_answer_unless_asked_to_raise(use: Use, server: Server) -> None:
    refused = Reply({"code": 40002, "message": "query must not be empty.", "data": None})
    server.replies = [refused, refused]
    answer = use("search_memory", "x", "u")
    assert (answer.code, answer.message, answer.memories) == (40002, "query must not be empty.", [])
    with pytest.raises(MissingFieldError, match="query must not be empty") as error:
        use("search_memory", "x", "u", _options={"raise_on_error": True})
    assert error.value.code == 40002


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply({"code": 40132, "message": "no such key"}, 401), AuthenticationError, 40132),
        (Reply(b"<html>", 401), AuthenticationError, 40132),
        (Reply({"code": 50131, "message": "gone"}, 404), NotFoundError, 50131),
        (Reply(b"oops", 500), MemosError, 50000),
        (Reply(b"not json"), MemosError, 50000),
        (Reply([1]), MemosError, 50000),
        (Reply({"code": 0, "message": "ok", "data": {"success": "maybe"}}), MemosError, 50000),
    ],
)
def test_failures_raise_the_error_they_stand_for(
    use: Use, server: Server, reply: Reply, kind: type[MemosError], code: int
) -> None:
    server.replies = [reply]
    with pytest.raises(kind) as error:
        use("add_message", SAID, "u")
    assert (type(error.value), error.value.code) == (kind, code)
    assert len(server.seen) == 1


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(status=429), Reply(cut=True)])
def test_a_write_is_repeated_with_the_same_idempotency_key(
    use: Use, server: Server, reply: Reply
) -> None:
    server.replies = [reply, reply, Reply(ADDED)]
    assert use("add_message", SAID, "u").success
    assert [s.headers["Idempotency-Key"] for s in server.seen] == ["key-1"] * 3
    assert len({s.raw for s in server.seen}) == 1


def test_a_read_is_repeated_and_carries_no_key(use: Use, server: Server) -> None:
    server.replies = [Reply(cut=True), Reply(status=503)]
    assert use("get_memory", "u").code == 0
    assert len(server.seen) == 3
    assert not any("Idempotency-Key" in s.headers for s in server.seen)


@pytest.mark.parametrize(
    ("method", "args"), [("create_knowledgebase", ("kb",)), ("chat", ("u", "c", "q"))]
)
def test_what_cannot_be_done_twice_is_not_sent_again_after_a_cut(
    use: Use, server: Server, method: str, args: Any
) -> None:
    server.replies = [Reply(cut=True)]
    with pytest.raises(UnavailableError):
        use(method, *args)
    assert len(server.seen) == 1


def test_attempts_end(use: Use, server: Server) -> None:
    server.replies = [Reply({"code": 40309, "message": "slow down"}, 429)] * 9
    with pytest.raises(QuotaExceededError, match="slow down"):
        use("get_memory", "u", _options={"max_attempts": 2})
    assert len(server.seen) == 2


def test_the_pause_is_what_the_server_asks_or_grows() -> None:
    asked = [httpx.Response(503, headers={"Retry-After": t}) for t in ("3", "9999", "soon")]
    assert [pause_s(1, answer, 0.0) for answer in asked] == [3.0, 10.0, 0.0]
    lost = httpx.ConnectError("")
    assert 0.2 <= pause_s(1, lost, 0.2) <= 0.4 <= pause_s(2, lost, 0.2) <= 0.8
    assert pause_s(50, lost, 0.2) == 10.0


def test_a_server_that_is_not_there_is_named_so(use: Use) -> None:
    with pytest.raises(UnavailableError, match="cannot be reached"):
        use("get_memory", "u", _options={"base_url": "http://127.0.0.1:9/v1"})


STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}


def test_chat_streams_the_data_of_its_events(use: Use, server: Server) -> None:
    text = 'event: x\ndata: {"data": "你\u2028好\x85"}\r\n\n: ping\ndata:two\n\ndata: [DONE]'
    server.replies = [Reply(text.encode(), headers=STREAM)]
    assert use("chat", "u", "c", "hi", stream=True) == [
        '{"data": "你\u2028好\x85"}',
        "two",
        "[DONE]",
    ]
    assert server.seen[0].body["stream"] is True


@pytest.mark.parametrize("status", [200, 400])
def test_a_refused_stream_raises(use: Use, server: Server, status: int) -> None:
    server.replies = [Reply({"code": 40002, "message": "no query", "data": None}, status)]
    with pytest.raises(MissingFieldError, match="no query"):
        use("chat", "u", "c", "hi", stream=True)


def test_an_answer_that_is_no_stream_raises(use: Use) -> None:
    with pytest.raises(MemosError, match="without a stream"):
        use("chat", "u", "c", "hi", stream=True)


@pytest.mark.parametrize(
    ("method", "kwargs", "message"),
    [
        ("add_message", {"messages": [], "user_id": "u"}, "messages is required"),
        ("add_message", {"messages": SAID}, "user_id or agent_id is required"),
        ("search_memory", {"query": "", "user_id": "u"}, "query is required"),
        ("search_memory", {"query": "q"}, "exactly one of user_id or agent_id is required"),
        ("get_memory", {"user_id": "u", "agent_id": "a"}, "exactly one of user_id or agent_id"),
        ("get_memory", {"user_id": "u", "size": 51}, "size must not be greater than 50"),
        ("get_memory_by_id", {"memid": ""}, "memory_id is required"),
        ("get_message", {"user_id": "u"}, "conversation_id is required"),
        ("add_feedback", {"user_id": "u"}, "feedback_content is required"),
        ("delete_memory", {}, "exactly one delete condition is required"),
        ("delete_memory", {"memory_ids": []}, "exactly one delete condition is required"),
        ("delete_memory", {"memory_ids": ["m"], "user_id": "u"}, "exactly one delete condition"),
        ("delete_memory", {"user_ids": ["u", "v"]}, "exactly one delete condition is required"),
        ("update_memory", {"memory_id": "m"}, "content, title or status is required"),
        ("rerank", {"query": "q", "documents": ["d"], "top_n": 0}, "top_n must be greater than 0"),
        ("get_knowledgebase_file", {}, "exactly one of file_ids or knowledgebase_id is required"),
        ("edit_profile", {"profile_template_id": "p"}, "exactly one of user_id or agent_id"),
        ("search_memory", {"query": "q", "user_id": "u", "relativity": float("nan")}, "as JSON"),
    ],
)
def test_arguments_that_cannot_be_sent_are_value_errors(
    use: Use, server: Server, method: str, kwargs: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        use(method, **kwargs)
    assert server.seen == []


@pytest.mark.parametrize("kind", [MemOSClient, AsyncMemOSClient])
def test_address_and_key_come_from_arguments_then_environment(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEMOS_API_KEY", raising=False)
    monkeypatch.delenv("MEMOS_BASE_URL", raising=False)
    with pytest.raises(ValueError, match="MemOS API key is required"):
        kind()
    local = kind("k", is_global="true")
    assert local.base_url == "http://127.0.0.1:8000/api/openmem/v1"
    monkeypatch.setenv("MEMOS_API_KEY", "from-env")
    monkeypatch.setenv("MEMOS_BASE_URL", "http://env/v1//")
    client = kind()
    assert (client.api_key, client.base_url) == ("from-env", "http://env/v1")
    assert client.headers["Authorization"] == "Token from-env"
    assert kind("k", "http://arg/v1/").base_url == "http://arg/v1"


def test_both_clients_have_the_same_methods() -> None:
    def signatures(kind: type) -> dict[str, str]:
        return {
            name: str(inspect.signature(member)).split(" ->")[0].replace("Async", "")
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if name == "__init__" or not name.startswith("_")
        }

    asynchronous, synchronous = signatures(AsyncMemOSClient), signatures(MemOSClient)
    asynchronous["close"] = asynchronous.pop("aclose")
    assert asynchronous == synchronous
