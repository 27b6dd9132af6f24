"""A program against the SDK's public types. Checked by mypy, never run."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from typing_extensions import assert_type

from memos.api.client import AsyncMemOSClient, MemOSClient
from memos.api.openmem_models import (
    AddResponse,
    ChatResponse,
    DeleteResponse,
    MemoryDetail,
    MessageDetail,
)


def synchronous(client: MemOSClient) -> None:
    added = client.add_message([{"role": "user", "content": "I like tea."}], "u", "c")
    assert_type(added, AddResponse)
    assert_type(added.data.task_id, str)
    found = client.search_memory("tea?", "u", filter={"and": [{"scene": "chat"}]}, relativity=0.3)
    assert_type(found.data.memory_detail_list, list[MemoryDetail])
    assert_type(found.memories[0].memory_value, str | None)
    assert_type(found.memories[0].relativity, float | None)
    block = client.search_memory("tea?", "u", context_format="prompt", max_tokens=500, mode="fine")
    assert_type(block.context, str | None)
    assert_type(block.answerable, float | None)
    assert_type(block.stages, dict[str, Any])
    assert_type(client.explain_memory("m", "tea?", "u", relativity=0.3), dict[str, Any])
    assert_type(client.get_message("u", "c").messages, list[MessageDetail])
    assert_type(client.delete_memory(memory_ids=["m"]), DeleteResponse)
    assert_type(client.get_memory_by_id("m"), dict[str, Any])
    assert_type(client.chat("u", "c", "hi", temperature=0.1), ChatResponse)
    assert_type(client.chat("u", "c", "hi", stream=True), Iterator[str])
    client.search_memory(query=3)  # type: ignore[arg-type]
    client.search_memory("tea?", "u", mode="slow")  # type: ignore[arg-type]
    client.explain_memory("m", "tea?", "u", pages=1)  # type: ignore[call-arg]
    client.get_memory("u", pages=1)  # type: ignore[call-arg]
    client.chat("u", "c", "hi", temperatur=0.1)  # type: ignore[call-overload]


async def asynchronous() -> None:
    async with AsyncMemOSClient("key", raise_on_error=True) as client:
        assert_type(client, AsyncMemOSClient)
        found = await client.search_memory("tea?", "u")
        assert_type(found.memories, list[MemoryDetail])
        assert_type(await client.chat("u", "c", "hi"), ChatResponse)
        assert_type(await client.chat("u", "c", "hi", stream=True), AsyncIterator[str])
