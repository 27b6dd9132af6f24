# Generated from `_async/memory.py` by scripts/generate_sync_client.py; edit that file.
"""Methods about memories: search, get, explain, delete, update."""

from collections.abc import Sequence
from typing import Any, Literal

from typing_extensions import Unpack

from memos.api import _client_core as core
from memos.api._client_core import Call
from memos.api._sync.transport import Transport
from memos.api.openmem_models import DeleteResponse, GetMemoryResponse, SearchResponse

Json = dict[str, Any]


class MemoryMethods(Transport):
    """Search, read, change and delete memories."""

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
        as_of: str | int | None = None,
        known_at: str | int | None = None,
        status: str | Sequence[str] | None = None,
    ) -> SearchResponse:
        """Find the memories of one user or one agent that answer a question.

        `explain` says of each result how its score came about, `context_format="prompt"` also
        renders them as a text of at most `max_tokens`, `mode="fine"` asks a model for further
        queries; what was not done within `deadline_ms` is told in `stages`. `as_of` asks for what
        was true then, `known_at` for what was known then, `status` for other states than what holds.
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
        *,
        as_of: str | int | None = None,
        known_at: str | int | None = None,
        status: str | Sequence[str] | None = None,
        include_skill: bool | None = None,
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

    def get_memory_history(self, memory_id: str) -> Json:
        """Read every version of a memory and why each came. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "memory_id")
        return self._send(Call("get/memory/history", dict, core.given(arguments), reads=True))

    def restore_memory(self, memory_id: str, version: int | None = None) -> Json:
        """Make a memory hold again, as it was in a version. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "memory_id")
        return self._send(Call("restore/memory", dict, core.given(arguments)))
