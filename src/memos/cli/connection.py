"""The client of commands that talk to a running server."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from memos.cli.client_config import effective
from memos.configs.environment import client_environment
from memos.errors import InvalidInputError

if TYPE_CHECKING:
    from memos.api.client import MemOSClient
    from memos.types.clock import IdSource


class GlobalOptions(NamedTuple):
    """What was given before the command: `memos --base-url URL search ..`."""

    api_key: str | None = None
    base_url: str | None = None


_GLOBAL: ContextVar[GlobalOptions] = ContextVar("global_options")


def use_global_options(api_key: str | None, base_url: str | None) -> None:
    """Note the options given before the command, for every client opened in it."""
    _GLOBAL.set(GlobalOptions(api_key, base_url))


def global_options() -> GlobalOptions:
    """The options given before the command."""
    return _GLOBAL.get(GlobalOptions())


def open_client(
    api_key: str | None = None,
    base_url: str | None = None,
    ids: "IdSource | None" = None,
    *,
    fields: Mapping[str, str] | None = None,
) -> "MemOSClient":
    """A client that raises what goes wrong and says that it is the command line; close it.

    Args:
        api_key: key; None for the global option, MEMOS_API_KEY, then the configuration file.
        base_url: address, in the same order; else the server of this machine.
        ids: source of Idempotency-Keys; random ones when left out.
        fields: put into every body besides what the methods send.

    Raises:
        InvalidInputError: there is no key.
    """
    from memos.api.client import MemOSClient

    before = global_options()
    key, _ = effective("platform.api_key", api_key or before.api_key)
    address, _ = effective("platform.base_url", base_url or before.base_url)
    if not key:
        raise InvalidInputError(
            "no API key: give --api-key, set MEMOS_API_KEY or run `memos config set "
            "platform.api_key KEY` (`memos keys create` makes one)"
        )
    headers, body = marks()
    return MemOSClient(
        key,
        address,
        raise_on_error=True,
        ids=ids,
        extra_headers=headers,
        extra_body={**body, **(fields or {})},
    )


def marks() -> tuple[dict[str, str], dict[str, str]]:
    """Headers and body fields that tell the server who calls: the command line, run by an agent."""
    framework = client_environment().framework
    source = f"cli-{framework}" if framework else "cli"
    headers, body = {"X-Source": source}, {"source": source}
    if framework:
        headers["X-Framework"] = framework
        body["framework"] = framework
    return headers, body
