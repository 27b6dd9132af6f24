"""LlamaIndex: a memory block for its `Memory`, and a retriever."""

from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.memory import BaseMemoryBlock
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from pydantic import Field

from memos.api.client import AsyncMemOSClient, MemOSClient
from memos.integrations.block import Recall, block_of, texts_of

_ROLES = {MessageRole.USER: "user", MessageRole.ASSISTANT: "assistant"}


class MemOSMemoryBlock(BaseMemoryBlock[str]):
    """Long-term memory beside LlamaIndex's short-term one.

    It gives the memories that bear on the last message of the user, and takes the messages that
    leave the short-term memory.

    Attributes:
        client: made with `raise_on_error=True`.
        recall: whose memory; its conversation is the one messages are added to.
    """

    name: str = Field(default="memos", description="Name of the block.")
    client: AsyncMemOSClient
    recall: Recall

    async def _aget(self, messages: list[ChatMessage] | None = None, **_: Any) -> str:  # noqa: ANN401 - the framework's signature
        asked = [m for m in messages or [] if m.role is MessageRole.USER and m.content]
        if not asked:
            return ""
        found = await self.client.search_memory(**self.recall.arguments(asked[-1].content or ""))
        return block_of(found)

    async def _aput(self, messages: list[ChatMessage]) -> None:
        turns = [
            {"role": _ROLES[message.role], "content": message.content}
            for message in messages
            if message.role in _ROLES and message.content
        ]
        if turns:
            recall = self.recall
            await self.client.add_message(turns, recall.user_id, recall.conversation_id)


class MemOSRetriever(BaseRetriever):
    """The memories that bear on a question, as nodes scored by their relevance.

    Args:
        client: made with `raise_on_error=True`.
        recall: whose memory, and how much of it.
    """

    def __init__(self, client: MemOSClient, recall: Recall) -> None:
        self._client = client
        self._recall = recall
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._client.search_memory(**self._recall.arguments(query_bundle.query_str))
        return [_node(text, item.id, item.relativity) for text, item in texts_of(found)]


def _node(text: str, memory_id: str | None, relativity: float | None) -> NodeWithScore:
    node = TextNode(text=text, id_=memory_id or "", metadata={"memory_id": memory_id})
    return NodeWithScore(node=node, score=relativity)
