"""Methods that use models: chat, extraction, reranking."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, overload

from typing_extensions import Unpack

from memos.api import _client_core as core
from memos.api._async.transport import AsyncTransport
from memos.api._client_core import Call
from memos.api.openmem_models import ChatResponse

Json = dict[str, Any]


class AsyncModelMethods(AsyncTransport):
    """Chat with memory, extract memories from messages, rerank documents."""

    async def extract_memory(
        self,
        messages: Sequence[Mapping[str, Any]],
        extraction_types: Sequence[str] | None = None,
        model: str | None = None,
    ) -> Json:
        """Extract memories from messages without storing anything. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "messages")
        return await self._send(Call("extract/memory", dict, core.given(arguments), reads=True))

    async def rerank(
        self,
        query: str,
        documents: Sequence[str],
        model: str | None = None,
        top_n: int | None = None,
    ) -> Json:
        """Order documents by relevance to a query. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "query", "documents")
        core.require_top_n(top_n)
        return await self._send(Call("rerank", dict, core.given(arguments), reads=True))

    async def get_suggestions(
        self,
        user_id: str | None = None,
        agent_id: str | None = None,
        message: str | Sequence[Mapping[str, Any]] | None = None,
        language: Literal["zh", "en"] | None = None,
    ) -> Json:
        """Ask for questions the user may want to ask next. Returns the answer as sent."""
        arguments = dict(locals())
        core.require_one(arguments, "user_id", "agent_id")
        return await self._send(Call("get/suggestions", dict, core.given(arguments), reads=True))

    @overload
    async def chat(
        self,
        user_id: str,
        conversation_id: str,
        query: str,
        *,
        stream: Literal[True],
        **options: Unpack[core.ChatOptions],
    ) -> AsyncIterator[str]: ...

    @overload
    async def chat(
        self,
        user_id: str,
        conversation_id: str,
        query: str,
        *,
        stream: Literal[False] = False,
        **options: Unpack[core.ChatOptions],
    ) -> ChatResponse: ...

    async def chat(
        self,
        user_id: str,
        conversation_id: str,
        query: str,
        internet_search: bool = False,
        force_stop: bool = False,
        use_mem_os_cube: bool = False,
        source: str | None = None,
        system_prompt: str | None = None,
        model_name: str | None = None,
        knowledgebase_ids: Sequence[str] | None = None,
        filter: Json | None = None,  # noqa: A002 - the documented name
        add_message_on_answer: bool = True,
        app_id: str | None = None,
        agent_id: str | None = None,
        async_mode: bool = True,
        tags: Sequence[str] | None = None,
        info: Json | None = None,
        allow_public: bool = False,
        allow_knowledgebase_ids: Sequence[str] | None = None,
        max_tokens: int = 8192,
        temperature: float = 0.7,
        top_p: float = 0.95,
        include_preference: bool = True,
        preference_limit_number: int = 6,
        memory_limit_number: int = 6,
        stream: bool = False,
        include_tool_memory: bool = False,
        tool_memory_limit_number: int = 6,
        relativity: float | None = None,
    ) -> ChatResponse | AsyncIterator[str]:
        """Talk to a model that remembers the user.

        With `stream`, the text after `data:` of each event is yielded as it comes, and a refusal
        is raised, whatever `raise_on_error` says.
        """
        arguments = dict(locals())
        core.require(arguments, "user_id", "conversation_id", "query")
        call = Call("chat", ChatResponse, core.given(arguments), repeatable=False)
        if stream:
            return await self._stream(call)
        return await self._send(call)
