"""What the SDK reads from the environment. Standard library only, so that importing it costs nothing."""

import os
from typing import NamedTuple

_TRUE = frozenset({"1", "true", "yes", "on"})


class ClientEnvironment(NamedTuple):
    """Connection values a client takes when its caller gave none.

    Args:
        api_key: `MEMOS_API_KEY`, None when unset or blank.
        base_url: `MEMOS_BASE_URL`, None when unset or blank; not trimmed of slashes.
        is_global: `MEMOS_IS_GLOBAL` is 1, true, yes or on (any case).
    """

    api_key: str | None
    base_url: str | None
    is_global: bool

    def __repr__(self) -> str:
        """Text without the key."""
        key = "'***'" if self.api_key else "None"
        return f"ClientEnvironment(api_key={key}, base_url={self.base_url!r}, is_global={self.is_global})"


def client_environment() -> ClientEnvironment:
    """Read the client's connection values from the environment now."""
    return ClientEnvironment(
        api_key=_text("MEMOS_API_KEY"),
        base_url=_text("MEMOS_BASE_URL"),
        is_global=(_text("MEMOS_IS_GLOBAL") or "").lower() in _TRUE,
    )


def _text(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None
