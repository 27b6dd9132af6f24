"""`memos mcp`: memory as tools for Claude, Cursor, Cline and whatever else speaks MCP."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.client_config import effective
from memos.cli.connection import global_options
from memos.cli.options import ApiKey, BaseUrl
from memos.configs.environment import client_environment
from memos.errors import ConfigError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from memos.api.client import AsyncMemOSClient

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SOURCE = "MCP"


class Transport(str, Enum):
    """How clients reach the server."""

    STDIO = "stdio"
    HTTP = "http"


class Tools(str, Enum):
    """Which tools are offered."""

    CLOUD = "cloud"
    OPEN = "open"
    ALL = "all"


def mcp(  # noqa: PLR0913, PLR0917 - one parameter per flag
    transport: Annotated[
        Transport, typer.Option(help="stdio: started by its client; http: streamable HTTP.")
    ] = Transport.STDIO,
    host: Annotated[str, typer.Option(help="Address for http.", metavar="HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port for http.", min=0, max=65535)] = 8002,
    user_id: Annotated[
        str | None,
        typer.Option(
            help="Whose memory it is; absent: MEMOS_USER_ID, else every call names one.",
            metavar="ID",
        ),
    ] = None,
    tools: Annotated[
        Tools, typer.Option(help="The hosted service's tools, the open-source server's, or both.")
    ] = Tools.CLOUD,
    allow_dir: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder whose files a model may upload; repeat it. Absent: your home folder for"
            " stdio, none for http. Hidden folders inside it stay closed.",
            metavar="DIR",
        ),
    ] = None,
    share_key: Annotated[
        bool,
        typer.Option(
            "--share-key",
            help="Over http beyond this machine: act with this process's key for callers that send"
            " none. Anybody who reaches the port then reads and writes the memory.",
        ),
    ] = False,
    api_key: ApiKey = None,
    base_url: BaseUrl = None,
) -> None:
    """Serve memory as MCP tools, on top of a running MemOS server.

    Over http a caller may send a key of its own as `Authorization: Bearer KEY`, and then its user
    as `X-MemOS-User-Id`.
    """
    before = global_options()
    key, _ = effective("platform.api_key", api_key or before.api_key)
    address, _ = effective("platform.base_url", base_url or before.base_url)
    shared = share_key or transport is Transport.STDIO or host in _LOOPBACK
    if shared and not key:
        raise ConfigError("no API key: give --api-key or set MEMOS_API_KEY (`memos keys create`)")
    folders = allow_dir or ([Path.home()] if transport is Transport.STDIO else [])
    server = _server(key, address, user_id, shared, folders=folders, tools=tools)
    _run(server, transport, host, port)


def _server(
    key: str | None,
    address: str | None,
    user_id: str | None,
    shared: bool,
    *,
    folders: Sequence[Path],
    tools: Tools,
) -> "MCPServer":
    from memos.api.mcp_serve.document import PathPolicy
    from memos.api.mcp_serve.server import McpOptions, build_mcp
    from memos.api.mcp_serve.session import Identity
    from memos.types.clock import SystemClock

    def connect(own: str | None) -> "AsyncMemOSClient":
        from memos.api.client import AsyncMemOSClient

        return AsyncMemOSClient(
            own or key, address, raise_on_error=True, extra_body={"source": _SOURCE}
        )

    options = McpOptions(
        Identity(user_id or client_environment().user_id, shared_key=shared),
        PathPolicy(tuple(folder.expanduser().resolve() for folder in folders)),
        tools.value,
    )
    return build_mcp(connect, options, SystemClock().monotonic)


def _run(server: "MCPServer", transport: Transport, host: str, port: int) -> None:
    if transport is Transport.STDIO:
        server.run("stdio")
        return
    typer.echo(f"MemOS MCP on http://{host}:{port}/mcp", err=True)
    # Without sessions: a call carries all it needs, so restarts and several processes do no harm.
    server.run("streamable-http", host=host, port=port, stateless_http=True)
