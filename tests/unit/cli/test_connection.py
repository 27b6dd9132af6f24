"""Which server, key and user a command means, and how its requests say where they come from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.cli.client_config import effective, user_or_default, write_config
from memos.cli.connection import marks, open_client, use_global_options
from memos.configs.environment import client_environment
from memos.errors import InvalidInputError

NAMES = ("API_KEY", "BASE_URL", "USER_ID", "CONVERSATION_ID", "AGENT_ID", "APP_ID", "FRAMEWORK")
AGENT_MARKS = (
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CURSOR_AGENT",
    "CURSOR_TRACE_ID",
    "OPENCODE",
)


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home folder of its own and an environment without MemOS' names."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (*(f"MEMOS_{n}" for n in NAMES), *AGENT_MARKS):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    use_global_options(None, None)


def test_a_value_is_taken_from_the_nearest_place(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_or_default(None) == "memos-cli"
    write_config({"defaults.user_id": "of the file"})
    assert user_or_default(None) == "of the file"
    monkeypatch.setenv("MEMOS_USER_ID", "of the environment")
    assert user_or_default(None) == "of the environment"
    assert effective("defaults.user_id", "given") == ("given", "command line")
    assert effective("platform.api_key") == (None, "unset")


def test_the_options_before_the_command_come_after_its_own() -> None:
    with pytest.raises(InvalidInputError, match="no API key"):
        open_client()
    use_global_options("global-key", "http://global/v1//")
    with open_client() as client:
        assert (client.api_key, client.base_url) == ("global-key", "http://global/v1")
    with open_client("own-key", "http://own/v1") as client:
        assert (client.api_key, client.base_url) == ("own-key", "http://own/v1")


def test_requests_say_that_they_come_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert marks() == ({"X-Source": "cli"}, {"source": "cli"})
    monkeypatch.setenv("CURSOR_AGENT", "1")
    headers = {"X-Source": "cli-cursor", "X-Framework": "cursor"}
    assert marks() == (headers, {"source": "cli-cursor", "framework": "cursor"})
    monkeypatch.setenv("MEMOS_FRAMEWORK", "codex")
    assert client_environment().framework == "codex"
    use_global_options("k", None)
    with open_client() as client:
        assert client.headers["X-Source"] == "cli-codex"
        assert client.headers["Authorization"] == "Token k"
