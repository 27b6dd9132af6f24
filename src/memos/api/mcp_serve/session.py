"""Who a tool call acts for: which key, which user, through which client."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from memos.api.client import AsyncMemOSClient
from memos.errors import InvalidInputError

USER_HEADER = "x-memos-user-id"
_MOST_CLIENTS = 64
_MOST_KEY_CHARS = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """What the process was started with.

    Args:
        user_id: the user whose memory it is; None when every call names one.
        shared_key: calls over HTTP without a key of their own act with the key of the process.
    """

    user_id: str | None
    shared_key: bool = True


Connect = Callable[[str | None], AsyncMemOSClient]
"""Makes the client for a key; None stands for the key of the process."""


class Sessions:
    """The clients of the calls, one for each key, a bounded number of them.

    Args:
        connect: makes a client.
        identity: what the process was started with.
    """

    def __init__(self, connect: Connect, identity: Identity) -> None:
        self._connect = connect
        self._identity = identity
        self._clients: OrderedDict[str, AsyncMemOSClient] = OrderedDict()

    def client(self, context: Context | None) -> AsyncMemOSClient:
        """The client that a call acts through; None stands for the process itself.

        Raises:
            ToolError: the call brings no key and may not use that of the process.
        """
        own = self._own_key(context.headers if context else None)
        name = hashlib.sha256((own or "").encode()).hexdigest()
        if name not in self._clients:
            try:
                self._clients[name] = self._connect(own)
            except InvalidInputError as error:
                raise ToolError(error.message) from error
            while len(self._clients) > _MOST_CLIENTS:
                self._clients.popitem(last=False)
        self._clients.move_to_end(name)
        return self._clients[name]

    def user(self, context: Context, named: str | None = None) -> str:
        """The user whose memory a call is about.

        A process bound to a user serves no other; a caller with a key of its own may name one.

        Args:
            context: the call.
            named: the user a tool's argument names.

        Raises:
            ToolError: no user is named, or one that may not be.
        """
        headers = context.headers or {}
        own = headers.get(USER_HEADER) if self._own_key(context.headers) else None
        bound = own or self._identity.user_id
        if bound and named and named != bound:
            raise ToolError("this server serves one user only; leave user_id out")
        user = bound or named
        if not user:
            raise ToolError("no user: set MEMOS_USER_ID, or start the server with --user-id")
        return user

    def _own_key(self, headers: Mapping[str, str] | None) -> str | None:
        """The key that a call brings; None when it acts with that of the process."""
        own = _bearer(headers)
        if own is None and headers is not None and not self._identity.shared_key:
            raise ToolError(
                "no API key: send your MemOS key with the request as `Authorization: Bearer KEY`"
            )
        return own


def _bearer(headers: Mapping[str, str] | None) -> str | None:
    """The key that a request brings, None without one."""
    value = (headers or {}).get("authorization", "")
    scheme, _, key = value.partition(" ")
    key = key.strip()
    if scheme.lower() in {"bearer", "token"} and 0 < len(key) <= _MOST_KEY_CHARS:
        return key
    return None


def conversation_of(user_id: str, first_message: str) -> str:
    """The conversation a first message stands for, as the hosted service's tools derive it."""
    text = f"{user_id}\n{first_message}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()
