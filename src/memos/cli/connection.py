"""The client of commands that talk to a running server."""

from typing import TYPE_CHECKING

from memos.errors import InvalidInputError

if TYPE_CHECKING:
    from memos.api.client import MemOSClient
    from memos.types.clock import IdSource


def open_client(
    api_key: str | None, base_url: str | None, ids: "IdSource | None" = None
) -> "MemOSClient":
    """A client that raises what goes wrong; close it.

    Args:
        api_key: key; None for MEMOS_API_KEY.
        base_url: address; None for MEMOS_BASE_URL, else the server of this machine.
        ids: source of Idempotency-Keys; random ones when left out.

    Raises:
        InvalidInputError: there is no key.
    """
    from memos.api.client import MemOSClient
    from memos.configs.environment import client_environment

    if not (api_key or client_environment().api_key):
        raise InvalidInputError(
            "no API key: give --api-key or set MEMOS_API_KEY (`memos keys create` makes one)"
        )
    return MemOSClient(api_key, base_url, raise_on_error=True, ids=ids)
