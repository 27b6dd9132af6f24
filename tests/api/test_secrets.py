"""Secrets stay out of memories and of the index, by the policy of the server."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from memos.types.secret import SecretPolicy
from tests.conftest import KEY, Api

SAID = [
    ("My email password is hunter2!x, and I live in Lisbon.", "hunter2!x"),
    ("Remember my card 4111 1111 1111 1111 for the hotel in Porto.", "4111 1111 1111 1111"),
    ("The api key of the shop is sk-proj-abcdEFGH1234567890xyz.", "sk-proj-abcdEFGH1234567890xyz"),
    ("My social security number is 123-45-6789.", "123-45-6789"),
    ("我的邮箱密码是abc123xyz，我住在杭州。", "abc123xyz"),
    ("我的身份证号是11010519491231002X，请记住。", "11010519491231002X"),
]


@contextmanager
def serving(folder: Path, embedder: Embedder, policy: SecretPolicy) -> Iterator[Api]:
    settings = Settings(
        data_dir=folder / policy.value,
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        secrets=policy,
    )
    system = build(settings, embedder=embedder)
    system.start()
    try:
        with TestClient(create_app(system)) as http:
            yield Api(system, http)
    finally:
        system.close()


def add(api: Api, text: str, *, wait: bool) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    body = {"user_id": "u", "conversation_id": "c", "messages": messages, "async_mode": not wait}
    return api.post("add/message", body)


def everything(api: Api, query: str) -> str:
    body = {"user_id": "u", "query": query, "relativity": 0, "include_tool_memory": True}
    listed = api.post("get/memory", {"user_id": "u", "size": 50, "status": "all"})["data"]
    return str(listed) + str(api.post("search/memory", body)["data"])


@pytest.mark.parametrize(("text", "secret"), SAID)
def test_a_secret_is_in_no_memory_rough_or_read(api: Api, text: str, secret: str) -> None:
    assert add(api, text, wait=False)["code"] == 0
    assert secret not in everything(api, text)
    api.settle()
    found = everything(api, text)
    assert secret not in found
    assert secret.encode() not in (api.system.settings.data_dir / "memory.db").read_bytes()
    messages = api.post("get/message", {"user_id": "u", "conversation_id": "c"})["data"]
    assert secret in str(messages)


@pytest.mark.parametrize("policy", [SecretPolicy.REDACT_MESSAGES, SecretPolicy.REFUSE])
@pytest.mark.parametrize(("text", "secret"), SAID)
def test_a_stricter_policy_leaves_no_byte_of_it(
    tmp_path: Path, embedder: Embedder, policy: SecretPolicy, text: str, secret: str
) -> None:
    with serving(tmp_path, embedder, policy) as api:
        answer = add(api, text, wait=True)
        assert (answer["code"] == 40000) is (policy is SecretPolicy.REFUSE), answer
        feedback = {"user_id": "u", "feedback_content": f"Remember this: {text}"}
        answer = api.post("add/feedback", feedback)
        assert (answer["code"] == 40000) is (policy is SecretPolicy.REFUSE), answer
        api.settle()
        assert secret not in answer["message"]
        for path in api.system.settings.data_dir.rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), path


def test_a_server_told_to_keep_secrets_keeps_them(tmp_path: Path, embedder: Embedder) -> None:
    with serving(tmp_path, embedder, SecretPolicy.KEEP) as api:
        add(api, "My email password is hunter2!x.", wait=True)
        assert "hunter2!x" in everything(api, "What is my email password?")


def test_a_secret_told_in_feedback_is_no_memory(api: Api) -> None:
    body = {"user_id": "u", "feedback_content": "Remember that my wifi password is hunter2!x."}
    assert api.post("add/feedback", body)["data"]["success"] is True
    assert "hunter2!x" not in everything(api, "wifi password")
    assert "wifi password" in everything(api, "wifi password")


def test_a_file_is_read_where_secrets_are_kept_out_of_messages(
    tmp_path: Path, embedder: Embedder
) -> None:
    data = base64.b64encode(b"Tea costs four euros.").decode()
    part = {"type": "file", "file": {"file_data": data, "filename": "a.txt"}}
    with serving(tmp_path, embedder, SecretPolicy.REDACT_MESSAGES) as api:
        messages = [{"role": "user", "content": [{"type": "text", "text": "Read this."}, part]}]
        body = {"user_id": "u", "conversation_id": "c", "messages": messages}
        task = api.post("add/message", body)["data"]["task_id"]
        api.settle()
        [report] = api.post("get/status", {"task_id": task})["data"]["parts"]
        assert report["status"] == "read", report
        assert "Tea costs four euros" in everything(api, "tea")
