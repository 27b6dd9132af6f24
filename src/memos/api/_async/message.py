"""Methods about messages: add, read, correct, and the state of the work behind them."""

from collections.abc import Mapping, Sequence
from typing import Any

from memos.api import _client_core as core
from memos.api._async.transport import AsyncTransport
from memos.api._client_core import Call
from memos.api.openmem_models import AddResponse, GetMessageResponse, StatusResponse

Json = dict[str, Any]


class AsyncMessageMethods(AsyncTransport):
    """Add and read messages, give feedback, ask how far a task is."""

    async def add_message(
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
        *,
        expires_at: str | int | None = None,
    ) -> AddResponse:
        """Store messages and make memories of them, which may expire. Needs user_id or agent_id."""
        arguments = dict(locals())
        core.require(arguments, "messages")
        core.require_any(arguments, "user_id", "agent_id")
        return await self._send(Call("add/message", AddResponse, core.given(arguments)))

    async def get_message(
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
        return await self._send(Call("get/message", GetMessageResponse, body, reads=True))

    async def add_feedback(
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
        return await self._send(Call("add/feedback", AddResponse, core.given(arguments)))

    async def get_task_status(self, task_id: str) -> StatusResponse:
        """Ask how far the work behind an add or a feedback is."""
        arguments = dict(locals())
        core.require(arguments, "task_id")
        body = core.given(arguments)
        return await self._send(Call("get/status", StatusResponse, body, reads=True))
