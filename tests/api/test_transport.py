"""What clients, probes and disks do to a request on its way: every answer is an envelope."""

import asyncio
import base64
import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memos.api import upload
from memos.api.server_api import create_app
from tests.conftest import KEY, Api

BASE = "/api/openmem/v1/"
ENDPOINTS = ["add/message", "search/memory", "add/knowledgebase-file"]


async def call(
    api: Api, path: str, incoming: list[dict[str, Any]], headers: dict[str, str]
) -> list[dict[str, Any]]:
    """Call the application as a server does; what it sends."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    named = {"authorization": f"Token {KEY}", **headers}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": BASE + path, "raw_path": (BASE + path).encode(), "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in named.items()], "scheme": "http",
        "server": ("test", 80), "client": ("test", 1), "root_path": "",
    }  # fmt: skip
    await asyncio.wait_for(create_app(api.system)(scope, receive, send), 20)
    return sent


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_client_that_hangs_up_is_no_failure_and_leaves_nothing_in_the_log(
    api: Api, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun = {"type": "http.request", "body": b'{"user_id": "u', "more_body": True}
    with caplog.at_level(logging.DEBUG):
        asyncio.run(call(api, path, [begun, {"type": "http.disconnect"}], {}))
    assert [r for r in caplog.records if r.levelno > logging.INFO or r.exc_info] == []
    assert KEY not in caplog.text


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_body_that_is_announced_too_large_is_not_waited_for(api: Api, path: str) -> None:
    sent = asyncio.run(call(api, path, [], {"content-length": str(10**12)}))
    assert sent[0]["status"] == 200
    assert b'"code":' in sent[1]["body"]
    assert b'"code":0' not in sent[1]["body"]


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("announced", [{"content-length": str(2**21)}, {}])
def test_a_large_body_of_a_stranger_is_not_read(
    api: Api, path: str, announced: dict[str, str]
) -> None:
    stranger = {"authorization": "Token mpg-nobody", **announced}
    sent = asyncio.run(call(api, path, [], stranger))
    assert sent[0]["status"] == 401
    assert b'"code":40132' in sent[1]["body"]


def test_a_probe_may_ask_for_the_head_only(api: Api) -> None:
    for path in ("/health", BASE + "ping", "/metrics"):
        answer = api.request("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")
    assert api.request("HEAD", BASE + "ping", headers={}).status_code == 401
    assert api.request("HEAD", BASE + "search/memory").status_code == 405


def test_refusals_carry_the_headers_that_http_asks_for(api: Api) -> None:
    assert api.request("GET", BASE + "search/memory").headers["allow"] == "POST"
    assert api.request("POST", "/health").headers["allow"] == "GET"
    assert "Token" in api.request("GET", BASE + "ping", headers={}).headers["www-authenticate"]


def test_an_upload_that_the_disk_does_not_take_is_refused_with_the_reason(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = api.post("create/knowledgebase", {"knowledgebase_name": "k"})["data"]["id"]
    content = base64.b64encode(os.urandom(2 * upload.PIECE)).decode()
    monkeypatch.setattr(upload.tempfile, "TemporaryFile", full_disk)
    answer = api.request(
        "POST",
        BASE + "add/knowledgebase-file",
        json={"knowledgebase_id": base, "file": [{"name": "a.txt", "content": content}]},
    )
    assert (answer.status_code, answer.json()["code"]) == (200, 50004)
    assert answer.json()["data"] == []
    assert "full" in answer.json()["message"]


def full_disk(**_options: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def same_key(api: Api, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Token {KEY}", "Idempotency-Key": "one"}
    return api.post(path, body, headers=headers)


def said(text: str) -> dict[str, Any]:
    return {"user_id": "u", "messages": [{"role": "user", "content": text}]}


def corrected(text: str) -> dict[str, Any]:
    return {"user_id": "u", "feedback_content": text}


@pytest.mark.parametrize(("path", "body"), [("add/message", said), ("add/feedback", corrected)])
def test_a_key_that_came_with_another_request_is_refused(
    api: Api, path: str, body: Callable[[str], dict[str, Any]]
) -> None:
    first = same_key(api, path, body("I like figs."))
    other = same_key(api, path, body("I like plums."))
    assert first["code"] == 0
    assert other["code"] == 40000
    assert "Idempotency-Key" in other["message"]
    again = same_key(api, path, {**body("I like figs."), "async_mode": False})
    assert again["data"]["task_id"] == first["data"]["task_id"]
    assert again["data"]["status"] == "completed"
