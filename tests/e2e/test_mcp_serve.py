"""`memos mcp` as its clients start it: over standard input and output, and over HTTP."""

import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.e2e.cli_process import MEMOS, RunningServer, environment, memos, serve

pytestmark = pytest.mark.anyio
FIRST = "Hi, I am Mei."
ADDED = {
    "conversation_first_message": FIRST,
    "messages": [{"role": "user", "content": "I adopted a cat. 我的猫叫豆包。"}],
}
ASKED = {"conversation_first_message": FIRST, "query": "我的猫叫什么名字？"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with serve(tmp_path_factory.mktemp("mcp") / "data") as running:
        yield running


async def remembers(client: Client) -> None:
    added = await client.call_tool("add_message", ADDED)
    assert not added.is_error
    found = await client.call_tool("search_memory", ASKED)
    assert "豆包" in json.dumps(found.structured_content, ensure_ascii=False)


async def test_a_client_starts_it_and_remembers(server: RunningServer) -> None:
    settings = environment(
        MEMOS_API_KEY=server.first_key, MEMOS_BASE_URL=server.base_url, MEMOS_USER_ID="mei"
    )
    started = StdioServerParameters(command=MEMOS, args=["mcp"], env=settings)
    async with Client(started) as client:
        assert len((await client.list_tools()).tools) == 10
        await remembers(client)
        profile = await client.read_resource("memos://profile")
        assert profile.contents[0].text.startswith("# Facts")


@contextmanager
def over_http(*options: str, **settings: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [MEMOS, "mcp", "--transport", "http", "--port", str(port), *options]
    process = subprocess.Popen(
        command, env=environment(**settings), stderr=subprocess.DEVNULL, text=True
    )
    try:
        _until_reachable(port)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _until_reachable(port: int) -> None:
    pause = threading.Event()
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.1)
    pytest.fail("the server does not listen")


def keyed(key: str, user: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        headers={"Authorization": f"Bearer {key}", "X-MemOS-User-Id": user}, timeout=30
    )


async def test_over_http_each_caller_brings_its_own_key(server: RunningServer) -> None:
    beyond = ("--host", "0.0.0.0", "--base-url", server.base_url)
    with over_http(*beyond) as url:
        async with Client(url) as client:
            refused = await client.call_tool("search_memory", ASKED)
            assert refused.is_error
            assert "Authorization" in refused.content[0].text
        async with (
            keyed(server.first_key, "li") as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            await remembers(client)


async def test_over_http_on_this_machine_the_key_of_the_process_serves(
    server: RunningServer,
) -> None:
    settings = {
        "MEMOS_API_KEY": server.first_key,
        "MEMOS_BASE_URL": server.base_url,
        "MEMOS_USER_ID": "wang",
    }
    with over_http(**settings) as url:
        async with Client(url) as client:
            await remembers(client)


def test_without_a_key_it_says_what_to_set(tmp_path: Path) -> None:
    ended = memos("mcp", HOME=str(tmp_path))
    assert ended.returncode == 1
    assert re.search(r"MEMOS_API_KEY", ended.stderr)
    assert ended.stdout == ""
