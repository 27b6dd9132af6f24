"""The MCP tools over the application, as a client of the protocol sees them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client

from memos.api.client import AsyncMemOSClient
from memos.api.mcp_serve.document import PathPolicy
from memos.api.mcp_serve.server import McpOptions, ToolSet, build_mcp
from memos.api.mcp_serve.session import Identity, conversation_of
from tests.conftest import KEY, Api, ManualClock

pytestmark = pytest.mark.anyio
CLOUD = {
    "add_message", "search_memory", "delete_memory", "add_feedback", "get_user_profile",
    "create_knowledge_base", "remove_knowledge_base", "add_kb_document", "get_kb_documents",
    "delete_kb_documents",
}  # fmt: skip
OPEN = {"add_memory", "search_memories", "chat"}
FIRST = "Hello, I am Mei."


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Tools:
    """A client of the protocol."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, name: str, **arguments: Any) -> Any:
        result = await self.client.call_tool(name, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    async def refused(self, name: str, **arguments: Any) -> str:
        result = await self.client.call_tool(name, arguments)
        assert result.is_error
        return result.content[0].text


@asynccontextmanager
async def tools(
    api: Api,
    user_id: str | None = "mei",
    *,
    offer: ToolSet = "cloud",
    folders: tuple[Path, ...] = (),
    key: str = KEY,
    clock: ManualClock | None = None,
) -> AsyncIterator[Tools]:
    def connect(own: str | None) -> AsyncMemOSClient:
        return AsyncMemOSClient(
            own or key,
            "http://memos/api/openmem/v1",
            raise_on_error=True,
            transport=httpx.ASGITransport(api.http.app),
        )

    options = McpOptions(Identity(user_id), PathPolicy(folders), offer)
    server = build_mcp(connect, options, (clock or ManualClock()).monotonic)
    async with Client(server) as client:
        yield Tools(client)


@pytest.mark.parametrize(
    ("offer", "names"), [("cloud", CLOUD), ("open", OPEN), ("all", CLOUD | OPEN)]
)
async def test_the_documented_tools_are_offered(api: Api, offer: ToolSet, names: set[str]) -> None:
    async with tools(api, offer=offer) as mcp:
        listed = (await mcp.client.list_tools()).tools
        assert {tool.name for tool in listed} == names
        assert all(tool.description for tool in listed)
        assert "search" in (mcp.client.instructions or "")


async def test_what_is_added_is_found_corrected_and_erased(api: Api) -> None:
    async with tools(api) as mcp:
        messages = [
            {"role": "user", "content": "I moved to Lisbon in February."},
            {"role": "assistant", "content": "How lovely!"},
        ]
        added = await mcp.call("add_message", conversation_first_message=FIRST, messages=messages)
        assert added["data"]["task_id"]
        api.system.worker.drain()
        asked = {"query": "Which city did I move to?", "conversation_first_message": FIRST}
        found = await mcp.call("search_memory", **asked)
        [memory] = found["data"]["memory_detail_list"]
        assert "Lisbon" in memory["memory_value"]
        assert memory["conversation_id"] == conversation_of("mei", FIRST)

        await mcp.call("delete_memory", memory_ids=[memory["id"]])
        assert (await mcp.call("search_memory", **asked))["data"]["memory_detail_list"] == []


async def test_the_profile_is_a_tool_and_a_resource(api: Api) -> None:
    async with tools(api) as mcp:
        messages = [{"role": "user", "content": "I work as a nurse.\n# Orders\nI prefer tea."}]
        await mcp.call("add_message", conversation_first_message=FIRST, messages=messages)
        api.system.worker.drain()
        profile = await mcp.call("get_user_profile")
        assert profile["data"]["memory_detail_list"]
        page = (await mcp.client.read_resource("memos://profile")).contents[0].text
        assert "nurse" in page
        assert "tea" in page.split("# Preferences")[1]
        assert "\n# Orders" not in page


async def test_feedback_goes_to_the_same_conversation(api: Api) -> None:
    async with tools(api) as mcp:
        answer = await mcp.call(
            "add_feedback",
            conversation_first_message=FIRST,
            feedback_content="I live in Porto, not Lisbon.",
        )
        assert answer["data"]["success"] is True


async def test_a_local_file_goes_into_a_knowledge_base(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "policy.md"
    file.write_text("# Travel\nA hotel night may cost 150 euros.", encoding="utf-8")
    async with tools(api, folders=(tmp_path,)) as mcp:
        base = (await mcp.call("create_knowledge_base", knowledgebase_name="travel"))["data"]["id"]
        data = "data:text/markdown;base64,IyBUCgp0ZXh0"
        sent = await mcp.call("add_kb_document", knowledgebase_id=base, files=[str(file), data])
        ids = [one["id"] for one in sent["data"]]
        assert len(ids) == 2
        api.system.worker.drain()
        listed = await mcp.call("get_kb_documents", file_ids=ids)
        assert {one["id"] for one in listed["data"]["file_detail_list"]} == set(ids)
        found = await mcp.call(
            "search_memory",
            query="How much may a hotel night cost?",
            conversation_first_message=FIRST,
            knowledgebase_ids=[base],
        )
        assert "150" in json.dumps(found["data"]["memory_detail_list"])
        await mcp.call("delete_kb_documents", file_ids=ids)
        await mcp.call("remove_knowledge_base", knowledgebase_id=base)


async def test_a_failed_upload_is_not_sent_again_at_once(api: Api, tmp_path: Path) -> None:
    clock = ManualClock()
    file = tmp_path / "a.md"
    file.write_text("text", encoding="utf-8")
    async with tools(api, folders=(tmp_path,), clock=clock) as mcp:
        wrong = {"knowledgebase_id": "base-none", "files": [str(file)]}
        assert "50120" in await mcp.refused("add_kb_document", **wrong)
        assert "do not retry" in await mcp.refused("add_kb_document", **wrong)
        clock.advance(61)
        assert "50120" in await mcp.refused("add_kb_document", **wrong)


async def test_errors_are_told_with_their_code(api: Api) -> None:
    async with tools(api) as mcp:
        assert "40307" in await mcp.refused("delete_memory", memory_ids=["none"])
        assert await mcp.refused("add_message", conversation_first_message=FIRST, messages=[])
        assert await mcp.refused("search_memory", query="", conversation_first_message=FIRST)
    async with tools(api, key="mpg-wrong") as mcp:
        said = await mcp.refused("search_memory", query="tea", conversation_first_message=FIRST)
        assert "mpg-wrong" not in said


async def test_the_open_tools_remember_find_and_answer(api: Api) -> None:
    async with tools(api, None, offer="open") as mcp:
        kept = await mcp.call(
            "add_memory", memory_content="我养了一只橘猫，叫豆包。", user_id="小美"
        )
        assert kept == {"result": "Memory added successfully"}
        api.system.worker.drain()
        found = await mcp.call("search_memories", query="我的猫叫什么名字？", user_id="小美")
        assert "豆包" in found["memories"][0]
        assert "MEMOS_" in await mcp.refused("chat", query="hi", user_id="小美")
        assert "--user-id" in await mcp.refused("search_memories", query="tea")


async def test_a_server_bound_to_a_user_serves_no_other(api: Api) -> None:
    async with tools(api, "mei", offer="open") as mcp:
        assert "one user" in await mcp.refused("search_memories", query="tea", user_id="li")
