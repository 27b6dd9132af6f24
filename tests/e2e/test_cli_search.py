"""`memos search` and `memos explain` against a real server."""

import json
from collections.abc import Iterator

import pytest

from memos.cli.answer import printable
from tests.e2e.cli_process import RunningServer, memos, serve

TEXTS = ["I keep the green kayak in the garage.", "My brother repairs old radios in Porto."]
QUERY = "Where is the green kayak?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One filled server for the module."""
    with serve(tmp_path_factory.mktemp("search") / "data") as running:
        with running.client() as client:
            for text in TEXTS:
                said = [{"role": "user", "content": text}]
                client.add_message(said, "u", text, async_mode=False)
        yield running


def ask(server: RunningServer, *arguments: str) -> str:
    done = memos(*arguments, "--base-url", server.base_url, MEMOS_API_KEY=server.first_key)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_results_are_a_table_and_with_explain_their_parts_too(server: RunningServer) -> None:
    plain = ask(server, "search", QUERY, "--user", "u", "--format", "table")
    assert "The user keeps the green kayak in the garage." in plain
    assert "rewrite: skipped: off" in plain
    assert "How the scores came about" not in plain
    explained = ask(server, "search", "-q", QUERY, "--user-id", "u", "--explain")
    assert "[time: " in explained
    assert "How the scores came about" in explained
    assert "lexical 1, dense 1" in explained


def test_results_can_be_json_or_a_block_for_a_prompt(server: RunningServer) -> None:
    found = json.loads(ask(server, "search", QUERY, "--user", "u", "--json", "--limit", "1"))
    assert "kayak" in found["memory_detail_list"][0]["memory_value"]
    assert len(found["memory_detail_list"]) == 1
    block = ask(server, "search", QUERY, "--user", "u", "--context", "--relativity", "0")
    assert block.count("<memories>") == 1
    assert "green kayak" in block


def test_explain_names_the_stage_that_left_a_memory_out(server: RunningServer) -> None:
    found = json.loads(ask(server, "search", "old radios?", "--user", "u", "--format", "json"))
    radios = found["memory_detail_list"][0]["id"]
    told = ask(server, "explain", radios, QUERY, "--user", "u")
    assert told.startswith("relativity: its relativity is 0.")
    assert "lexical" in told
    shown = json.loads(ask(server, "explain", radios, "old radios?", "--user", "u", "--json"))
    assert (shown["stage"], shown["rank"]) == ("returned", 1)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("search", "--user", "u"), "QUERY is required"),
        (("search", QUERY, "--user", "u", "--agent", "a"), "exactly one of user_id or agent_id"),
        (("explain", "nope", QUERY, "--user", "u"), "no memory of this id"),
    ],
)
def test_what_cannot_be_asked_is_a_one_line_reason(
    server: RunningServer, arguments: tuple[str, ...], reason: str
) -> None:
    done = memos(*arguments, "--base-url", server.base_url, MEMOS_API_KEY=server.first_key)
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_memories_cannot_command_the_terminal() -> None:
    assert printable("a\x1b[2Jb\rc\nd") == "a\N{REPLACEMENT CHARACTER}[2Jb" + (
        "\N{REPLACEMENT CHARACTER}c\nd"
    )
    assert printable("青色のカヤック é") == "青色のカヤック é"
