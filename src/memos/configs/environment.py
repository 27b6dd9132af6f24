"""What clients read from the environment. Standard library only, so that importing it costs nothing."""

import os
import re
from typing import NamedTuple

_TRUE = frozenset({"1", "true", "yes", "on"})
_FRAMEWORK_MARKS = {
    "claude": ("CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT"),
    "codex": ("CODEX_SANDBOX", "CODEX_THREAD_ID", "CODEX_SANDBOX_NETWORK_DISABLED"),
    "cursor": ("CURSOR_AGENT", "CURSOR_TRACE_ID"),
    "opencode": ("OPENCODE", "OPENCODE_CLIENT"),
    "cline": ("CLINE_ACTIVE",),
    "copilot": ("COPILOT_CLI", "COPILOT_AGENT_SESSION_ID"),
    "antigravity": ("ANTIGRAVITY_AGENT", "ANTIGRAVITY_CLI_ALIAS"),
    "openclaw": ("OPENCLAW_SHELL", "OPENCLAW_CLI"),
    "hermes": ("HERMES_SESSION_ID", "HERMES_INTERACTIVE"),
}
"""Names that agents set for the commands they run."""


class ClientEnvironment(NamedTuple):
    """Values a client takes when its caller gave none. Unset and blank names are None.

    Args:
        api_key: `MEMOS_API_KEY`.
        base_url: `MEMOS_BASE_URL`; not trimmed of slashes.
        is_global: `MEMOS_IS_GLOBAL` is 1, true, yes or on (any case).
        user_id: `MEMOS_USER_ID`.
        conversation_id: `MEMOS_CONVERSATION_ID`.
        agent_id: `MEMOS_AGENT_ID`.
        app_id: `MEMOS_APP_ID`.
        framework: `MEMOS_FRAMEWORK`, else the agent whose marks are set.
    """

    api_key: str | None
    base_url: str | None
    is_global: bool
    user_id: str | None = None
    conversation_id: str | None = None
    agent_id: str | None = None
    app_id: str | None = None
    framework: str | None = None

    def __repr__(self) -> str:
        """Text without the key."""
        shown = self._replace(api_key="***" if self.api_key else None)
        fields = ", ".join(f"{name}={value!r}" for name, value in shown._asdict().items())
        return f"ClientEnvironment({fields})"


def client_environment() -> ClientEnvironment:
    """Read the client's values from the environment now."""
    return ClientEnvironment(
        api_key=_text("MEMOS_API_KEY"),
        base_url=_text("MEMOS_BASE_URL"),
        is_global=(_text("MEMOS_IS_GLOBAL") or "").lower() in _TRUE,
        user_id=_text("MEMOS_USER_ID"),
        conversation_id=_text("MEMOS_CONVERSATION_ID"),
        agent_id=_text("MEMOS_AGENT_ID"),
        app_id=_text("MEMOS_APP_ID"),
        framework=_text("MEMOS_FRAMEWORK") or _framework(),
    )


def agent_home(name: str) -> str | None:
    """Where an agent was told to keep its files, such as `CODEX_HOME`; None when it was not."""
    return _text(name)


def _framework() -> str | None:
    for framework, marks in _FRAMEWORK_MARKS.items():
        if any(_text(mark) for mark in marks):
            return framework
    return None


def _text(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def expanded_path(text: str) -> str:
    """A path with `~` and environment variables (`$NAME`, `%NAME%`) put in; unknown ones stay."""
    named = re.sub(r"%(\w+)%", lambda match: os.environ.get(match[1], match[0]), text)
    return os.path.expanduser(os.path.expandvars(named))  # noqa: PTH111 - text in, text out
