"""Methods about profiles."""

from collections.abc import Mapping, Sequence
from typing import Any

from memos.api import _client_core as core
from memos.api._async.transport import AsyncTransport
from memos.api._client_core import Call

Json = dict[str, Any]


class AsyncProfileMethods(AsyncTransport):
    """Bind profile templates to users or agents and edit the profiles."""

    async def bind_profile_template(self, bind_list: Sequence[Mapping[str, Any]]) -> Json:
        """Bind profile templates to users or agents. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "bind_list")
        return await self._send(Call("bind/profile_template", dict, core.given(arguments)))

    async def edit_profile(
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
        return await self._send(Call("edit/profile", dict, core.given(arguments)))

    async def delete_profile(
        self, profile_template_id: str, user_id: str | None = None, agent_id: str | None = None
    ) -> Json:
        """Delete a profile. Returns the answer as sent."""
        arguments = dict(locals())
        core.require(arguments, "profile_template_id")
        core.require_one(arguments, "user_id", "agent_id")
        return await self._send(Call("delete/profile", dict, core.given(arguments)))
