"""LlamaIndex over MemOS."""

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.memory import Memory

from memos.api.client import AsyncMemOSClient, MemOSClient
from memos.integrations.block import Recall
from memos.integrations.llama_index import MemOSMemoryBlock, MemOSRetriever
from tests.conftest import Api

RECALL = Recall("mei", "now")


@pytest.mark.usefixtures("told")
def test_the_retriever_scores_by_relevance(client: MemOSClient) -> None:
    found = MemOSRetriever(client, RECALL).retrieve("Which city did I move to?")
    assert "Lisbon" in found[0].node.get_content()
    assert found[0].score > 0.45


@pytest.mark.anyio
@pytest.mark.usefixtures("told")
async def test_the_block_stands_in_the_memory_and_takes_what_leaves_it(
    api: Api, client: MemOSClient, async_client: AsyncMemOSClient
) -> None:
    block = MemOSMemoryBlock(client=async_client, recall=RECALL)
    memory = Memory.from_defaults(
        session_id="now",
        token_limit=60,
        chat_history_token_ratio=0.5,
        token_flush_size=20,
        memory_blocks=[block],
        tokenizer_fn=str.split,
    )
    asked = ChatMessage(role="user", content="Which city did I move to?")
    await memory.aput(asked)
    messages = await memory.aget()
    assert any("Lisbon" in (m.content or "") for m in messages)

    for text in ("I adopted a parrot called Pico.", "It talks all day. " * 10, "Hello again. " * 8):
        await memory.aput(ChatMessage(role="user", content=text))
    api.system.worker.drain()
    kept = [m.content for m in client.get_message("mei", "now").messages]
    assert "I adopted a parrot called Pico." in kept
    await memory.sql_store._async_engine.dispose()  # the framework leaves it open


@pytest.mark.anyio
async def test_without_a_question_or_memories_the_block_is_empty(
    async_client: AsyncMemOSClient,
) -> None:
    block = MemOSMemoryBlock(client=async_client, recall=RECALL)
    assert await block.aget([]) == ""
    assert await block.aget([ChatMessage(role="user", content="Where do I live?")]) == ""
