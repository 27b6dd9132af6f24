"""LangChain and LangGraph: a retriever, a chat history, and two nodes for a graph of messages."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from memos.api.client import MemOSClient
from memos.integrations.block import Recall, block_of, texts_of

_MOST_MESSAGES = 50
_ROLES = {"human": "user", "ai": "assistant"}


class MemOSRetriever(BaseRetriever):
    """The memories that bear on a question, as documents; facts first, then preferences.

    Attributes:
        client: made with `raise_on_error=True`, so that a failed search is an error.
        recall: whose memory, and how much of it.
    """

    client: MemOSClient
    recall: Recall
    model_config = ConfigDict(arbitrary_types_allowed=True)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the framework's signature
    ) -> list[Document]:
        found = self.client.search_memory(**self.recall.arguments(query))
        return [_document(text, item.model_dump()) for text, item in texts_of(found)]


def _document(text: str, item: Mapping[str, Any]) -> Document:
    names = ("id", "relativity", "conversation_id", "create_time", "memory_type", "preference_type")
    told = {name: item[name] for name in names if item.get(name) is not None}
    return Document(text, id=item["id"], metadata=told)


class MemOSChatMessageHistory(BaseChatMessageHistory):
    """The messages of one conversation; what is added is remembered as well.

    Args:
        client: made with `raise_on_error=True`.
        user_id: whose conversation it is.
        conversation_id: which one.
    """

    def __init__(self, client: MemOSClient, user_id: str, conversation_id: str) -> None:
        self._client = client
        self._user_id = user_id
        self._conversation_id = conversation_id

    @property
    def messages(self) -> list[BaseMessage]:  # type: ignore[override]  # a property, as in the framework's own
        """The last 50 messages of users and assistants, oldest first."""
        found = self._client.get_message(
            self._user_id, self._conversation_id, message_limit_number=_MOST_MESSAGES
        )
        kinds = {"user": HumanMessage, "assistant": AIMessage}
        return [
            kinds[message.role](message.content, id=message.id)
            for message in found.messages
            if message.role in kinds
        ]

    def add_messages(self, messages: Sequence[BaseMessage]) -> None:
        """Store messages; those of other kinds than human and AI are left out."""
        turns = turns_of(messages)
        if turns:
            self._client.add_message(turns, self._user_id, self._conversation_id)

    def clear(self) -> None:
        """Refuse: messages are evidence of memories. Start another conversation, or delete memories.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "memories rest on these messages; use another conversation_id, or delete_memory"
        )


def turns_of(messages: Sequence[BaseMessage]) -> list[dict[str, str]]:
    """Messages of people and models as the API takes them; blank ones are left out."""
    return [
        {"role": _ROLES[message.type], "content": str(message.text)}
        for message in messages
        if message.type in _ROLES and str(message.text).strip()
    ]


class MemoryNodes:
    """Two nodes for a LangGraph whose state has `messages`: one before the model, one behind it.

    Args:
        client: made with `raise_on_error=True`.
        recall: whose memory; its conversation is the one messages are added to.
    """

    def __init__(self, client: MemOSClient, recall: Recall) -> None:
        self._client = client
        self._recall = recall

    def recall(self, state: Mapping[str, Any]) -> dict[str, list[BaseMessage]]:
        """Add a system message with the memories that bear on the last human message, if any do."""
        asked = [message for message in state["messages"] if message.type == "human"]
        if not asked:
            return {"messages": []}
        found = self._client.search_memory(**self._recall.arguments(str(asked[-1].text)))
        block = block_of(found)
        return {"messages": [SystemMessage(block)] if block else []}

    def remember(self, state: Mapping[str, Any]) -> dict[str, list[BaseMessage]]:
        """Store the last human message and what was answered to it."""
        messages = list(state["messages"])
        last = max((i for i, m in enumerate(messages) if m.type == "human"), default=None)
        if last is not None:
            recall = self._recall
            turns = turns_of(messages[last:])
            self._client.add_message(turns, recall.user_id, recall.conversation_id)
        return {"messages": []}
