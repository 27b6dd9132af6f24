# ruff: noqa: PLR0913, PLR0917 - the methods have the documented arguments, in the documented order
"""The MemOS SDK: `MemOSClient`, and `AsyncMemOSClient` for asyncio programs.

Generated from `_async_client.py` by scripts/generate_sync_client.py; edit that file, not this one.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, overload

import httpx
from typing_extensions import Self, Unpack

from memos.api import _client_core as core
from memos.api._async_client import AsyncMemOSClient
from memos.api._client_answer import (
    EventLines,
    is_event_stream,
    may_repeat,
    not_a_stream,
    pause_s,
    read_answer,
    unreachable,
)
from memos.api._client_core import Answer, Call
from memos.api.openmem_models import (
    AddFilesResponse,
    AddResponse,
    ChatResponse,
    DeleteResponse,
    FileListResponse,
    GetMemoryResponse,
    GetMessageResponse,
    KnowledgebaseResponse,
    SearchResponse,
    StatusResponse,
)
from memos.types.clock import IdSource, RandomIds

__all__ = ["AsyncMemOSClient", "MemOSClient"]

Json = dict[str, Any]


class MemOSClient:
    """Client of the MemOS Cloud API.

    Args:
        api_key: project key; absent: `MEMOS_API_KEY`.
        base_url: address of the API; absent: `MEMOS_BASE_URL`, else the server of this machine,
            http://127.0.0.1:8000/api/openmem/v1.
        is_global: accepted for programs written for the hosted service, where it chose a region;
            has no effect.
        timeout_s: seconds one attempt may wait for the server.
        max_attempts: how often a call is sent at most; only calls that are safe to repeat are.
        backoff_s: pause before the first repetition; doubles with each.
        raise_on_error: raise the error of `memos.errors` for an answer whose code is not 0,
            instead of returning it.
        transport: replaces the network, for tests and in-process servers.
        ids: source of Idempotency-Keys.

    Raises:
        ValueError: no key is given and none is set.

    Every method raises ValueError for arguments it cannot send, and an error of `memos.errors`
    when the server cannot be reached or answers with an HTTP error status. Other failures are
    answers whose `code` is not 0.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        is_global: str | bool = "false",  # noqa: ARG002 - accepted, see above
        *,
        timeout_s: float = 30.0,
        max_attempts: int = 3,
        backoff_s: float = 0.2,
        raise_on_error: bool = False,
        transport: httpx.BaseTransport | None = None,
        ids: IdSource | None = None,
    ) -> None:
        self._connection = core.resolve(api_key, base_url)
        self._max_attempts = max(max_attempts, 1)
        self._backoff_s = backoff_s
        self._raise_on_error = raise_on_error
        self._ids = ids or RandomIds()
        self._http = httpx.Client(timeout=timeout_s, transport=transport)

    @property
    def base_url(self) -> str:
        """Address of the API, without a slash at its end."""
        return self._connection.base_url

    @property
    def api_key(self) -> str:
        """The key that is sent."""
        return self._connection.api_key

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request."""
        return dict(self._connection.headers)

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_message(
        self,
        messages: Sequence[Mapping[str, Any]],
        user_id: str | None = None,
        conversation_id: str | None = None,
        info: Json | None = None,
        source: str | None = None,
        app_id: str | None = None,
        agent_id: str | None = None,
        async_mode: bool = True,
        tags: Sequence[str] | None = None,
        allow_public: bool = False,
        allow_knowledgebase_ids: Sequence[str] | None = None,
        allow_memory_view: object = None,
    ) -> AddResponse:
        """Store messages and make memories of them. Needs user_id or agent_id."""
        arguments = dict(locals())
        core.require(arguments, "messages")
        core.require_any(arguments, "user_id", "agent_id")
        return self._send(Call("add/message", AddResponse, core.given(arguments)))

    def search_memory(
        self,
        query: str,
        user_id: str | None = None,
        conversation_id: str | None = None,
        agent_id: str | None = None,
        memory_limit_number: int = 6,
        include_preference: bool = True,
        knowledgebase_ids: Sequence[str] | None = None,
        filter: Json | None = None,  # noqa: A002 - the documented name
        source: str | None = None,
        include_tool_memory: bool = False,
        preference_limit_number: int = 6,
        tool_memory_limit_number: int = 6,
        relativity: float | None = None,
        include_skill: bool = False,
        skill_limit_number: int = 6,
        include_memory_view: object = None,
        context_format: str = "memory",
        *,
        explain: bool = False,
        max_tokens: int | None = None,
        deadline_ms: int | None = None,
        mode: Literal["fast", "fine"] | None = None,
    ) -> SearchResponse:
        """Find the memories of one user or one agent that answer a question.

        `explain` says of each result how its score came about, `context_format="prompt"` also
        renders them as a text of at most `max_tokens`, `mode="fine"` asks a model for further
        queries; what was not done within `deadline_ms` is told in `stages`.
        """
        arguments = dict(locals())
        core.require(arguments, "query")
        core.require_one(arguments, "user_id", "agent_id")
        body = core.given({**arguments, "explain": explain or None})
        return self._send(Call("search/memory", SearchResponse, body, reads=True))

    def explain_memory(
        self,
        memory_id: str,
        query: str,
        user_id: str | None = None,
        **options: Unpack[core.SearchOptions],
    ) -> Json:
        """Ask where a memory stands in a search, or which stage left it out. Answers as sent."""
        body = core.explain_body(memory_id, query, user_id, options)
        return self._send(Call("explain/memory", dict, body, reads=True))

    def get_memory(
        self,
        user_id: str | None = None,
        include_preference: bool = True,
        page: int = 1,
        size: int = 10,
        agent_id: str | None = None,
        include_tool_memory: bool = True,
        include_memory_view: object = None,
        filter: Json | None = None,  # noqa: A002 - the documented name
    ) -> GetMemoryResponse:
        """Read the memories of one user or one agent, page by page (at most 50 per kind)."""
        arguments = dict(locals())
        core.require_one(arguments, "user_id", "agent_id")
        core.require_page_size(size)
        body = core.given(arguments)
        return self._send(Call("get/memory", GetMemoryResponse, body, reads=True))

    def get_memory_by_id(self, memid: str) -> Json:
        """Read one memory with its sources. Returns the answer as sent."""
        return self._send(Call(core.memory_path(memid), dict, reads=True))

    def get_message(
        self,
        user_id: str,
        conversation_id: str | None = None,
        conversation_limit_number: int | None = None,
        message_limit_number: int | None = None,
        source: str | None = None,
    ) -> GetMessageResponse:
        """Read the newest messages of a conversation."""
        arguments = dict(locals())
        core.require(arguments, "user_id", "conversation_id")
        body = core.given(arguments)
        return self._send(Call("get/message", GetMessageResponse, body, reads=True))

    def get_task_status(self, task_id: str) -> StatusResponse:
        """Ask how far the work behind an add or a feedback is."""
        arguments = dict(locals())
        core.require(arguments, "task_id")
        body = core.given(arguments)
        return self._send(Call("get/status", StatusResponse, body, reads=True))

    def add_feedback(
        self,
        user_id: str,
        conversation_id: str | None = None,
        feedback_content: str | None = None,
        agent_id: str | None = None,
        app_id: str | None = None,
        feedback_time: str | None = None,
        allow_public: bool = False,
        allow_knowledgebase_ids: Sequence[str] | None = None,
    ) -> AddResponse:
        """Correct memories in plain words."""
        arguments = dict(locals())
        core.require(arguments, "user_id", "feedback_content")
        return self._send(Call("add/feedback", AddResponse, core.given(arguments)))

    def delete_memory(
        self,
        user_ids: Sequence[str] | None = None,
        memory_ids: Sequence[str] | None = None,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        filter: Json | None = None,  # noqa: A002 - the documented name
        memory_type: str | None = None,
    ) -> DeleteResponse:
        """Delete memories by exactly one of memory_ids, user_id, agent_id and filter.

        `user_ids` is the older spelling of one user; beside memory_ids it is not sent.
        """
        body = core.delete_body(dict(locals()))
        return self._send(Call("delete/memory", DeleteResponse, body))

    def update_memory(
        self,
        memory_id: str,
        content: str | None = None,
        title: str | None = None,
        status: str | None = None,
    ) -> Json:
        """Change a memory's text, title or status. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "memory_id")
        core.require_any(arguments, "content", "title", "status")
        return self._send(Call("update/memory", dict, core.given(arguments)))

    def extract_memory(
        self,
        messages: Sequence[Mapping[str, Any]],
        extraction_types: Sequence[str] | None = None,
        model: str | None = None,
    ) -> Json:
        """Extract memories from messages without storing anything. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "messages")
        return self._send(Call("extract/memory", dict, core.given(arguments), reads=True))

    def rerank(
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
        return self._send(Call("rerank", dict, core.given(arguments), reads=True))

    def create_knowledgebase(
        self, knowledgebase_name: str, knowledgebase_description: str | None = None
    ) -> KnowledgebaseResponse:
        """Create a knowledge base."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_name")
        body = core.given(arguments)
        return self._send(
            Call("create/knowledgebase", KnowledgebaseResponse, body, repeatable=False)
        )

    def delete_knowledgebase(self, knowledgebase_id: str) -> DeleteResponse:
        """Remove a knowledge base from the project."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_id")
        return self._send(Call("delete/knowledgebase", DeleteResponse, core.given(arguments)))

    def add_knowledgebase_file_json(
        self, knowledgebase_id: str, file: Sequence[Mapping[str, Any]]
    ) -> AddFilesResponse:
        """Add files given as addresses or Base64 content."""
        arguments = dict(locals())
        core.require(arguments, "knowledgebase_id", "file")
        body = core.given(arguments)
        return self._send(Call("add/knowledgebase-file", AddFilesResponse, body, repeatable=False))

    def add_knowledgebase_file_form(
        self,
        knowledgebase_id: str,
        files: Sequence[str],
        type: str | None = None,  # noqa: A002 - the documented name
    ) -> AddFilesResponse:
        """Upload local files, given by their paths."""
        params = core.given(locals())
        core.require(params, "knowledgebase_id", "files")
        return self._send(core.upload("add/knowledgebase-file", AddFilesResponse, params))

    def get_knowledgebase_file(
        self,
        file_ids: Sequence[str] | None = None,
        knowledgebase_id: str | None = None,
        type: str | None = None,  # noqa: A002 - the documented name
        page: int | None = None,
        page_size: int | None = None,
    ) -> FileListResponse:
        """Read files by their ids, or list those of a knowledge base."""
        arguments = dict(locals())
        core.require_one(arguments, "file_ids", "knowledgebase_id")
        body = core.given(arguments)
        return self._send(Call("get/knowledgebase-file", FileListResponse, body, reads=True))

    def delete_knowledgebase_file(self, file_ids: Sequence[str]) -> DeleteResponse:
        """Delete files of a knowledge base."""
        arguments = dict(locals())
        core.require(arguments, "file_ids")
        body = core.given(arguments)
        return self._send(Call("delete/knowledgebase-file", DeleteResponse, body))

    def bind_profile_template(self, bind_list: Sequence[Mapping[str, Any]]) -> Json:
        """Bind profile templates to users or agents. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "bind_list")
        return self._send(Call("bind/profile_template", dict, core.given(arguments)))

    def edit_profile(
        self,
        profile_template_id: str,
        user_id: str | None = None,
        agent_id: str | None = None,
        metadata: Json | None = None,
        remove_fields: Sequence[str] | None = None,
    ) -> Json:
        """Change fields of a profile. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "profile_template_id")
        core.require_one(arguments, "user_id", "agent_id")
        return self._send(Call("edit/profile", dict, core.given(arguments)))

    def delete_profile(
        self, profile_template_id: str, user_id: str | None = None, agent_id: str | None = None
    ) -> Json:
        """Delete a profile. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "profile_template_id")
        core.require_one(arguments, "user_id", "agent_id")
        return self._send(Call("delete/profile", dict, core.given(arguments)))

    @overload
    def chat(
        self,
        user_id: str,
        conversation_id: str,
        query: str,
        *,
        stream: Literal[True],
        **options: Unpack[core.ChatOptions],
    ) -> Iterator[str]: ...

    @overload
    def chat(
        self,
        user_id: str,
        conversation_id: str,
        query: str,
        *,
        stream: Literal[False] = False,
        **options: Unpack[core.ChatOptions],
    ) -> ChatResponse: ...

    def chat(
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
    ) -> ChatResponse | Iterator[str]:
        """Talk to a model that remembers the user.

        With `stream`, the text after `data:` of each event is yielded as it comes, and a refusal
        is raised, whatever `raise_on_error` says.
        """
        arguments = dict(locals())
        core.require(arguments, "user_id", "conversation_id", "query")
        call = Call("chat", ChatResponse, core.given(arguments), repeatable=False)
        if stream:
            return self._stream(call)
        return self._send(call)

    def _send(self, call: Call[Answer]) -> Answer:
        response = self._exchange(call)
        return read_answer(call, response, raise_on_error=self._raise_on_error)

    def _stream(self, call: Call[ChatResponse]) -> Iterator[str]:
        response = self._exchange(call, stream=True)
        if is_event_stream(response):
            return self._events(response)
        response.read()
        read_answer(call, response, raise_on_error=True)
        raise not_a_stream()

    def _events(self, response: httpx.Response) -> Iterator[str]:
        lines = EventLines()
        try:
            for chunk in response.iter_bytes():
                for text in lines.feed(chunk):
                    yield text
            for text in lines.finish():
                yield text
        except httpx.TransportError as error:
            raise unreachable(error) from error
        finally:
            response.close()

    def _exchange(self, call: Call[Any], *, stream: bool = False) -> httpx.Response:
        """Send a call, again where that is safe, and return the answer to its last sending."""
        attachments = core.read_attachments(call.files)
        key = self._ids.new_id()
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(call, key, attachments, stream=stream)
            if attempt < self._max_attempts and may_repeat(call, outcome):
                if isinstance(outcome, httpx.Response):
                    outcome.close()
                time.sleep(pause_s(attempt, outcome, self._backoff_s))
            elif isinstance(outcome, httpx.Response):
                return outcome
            else:
                raise unreachable(outcome) from outcome

    def _attempt(
        self, call: Call[Any], key: str, attachments: Sequence[core.Attachment], *, stream: bool
    ) -> httpx.Response | httpx.TransportError:
        arguments = core.request_arguments(call, self._connection, key, attachments)
        try:
            return self._http.send(self._http.build_request(**arguments), stream=stream)
        except httpx.TransportError as error:
            return error
