"""`memos chat`, `extract`, `rerank` and `kb` against a live server with a scripted chat model."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli_process import RunningServer, memos, serve
from tests.scripted_model import ScriptedModel, reply, scripted_model

POLICY = "Design software is limited to 1000 yuan."


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as scripted:
        scripted.fallback = lambda _: reply("You prefer \x1b[31mtea.")
        yield scripted


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, model: ScriptedModel
) -> Iterator[RunningServer]:
    entry = {"model_name_or_path": "scripted", "api_base": model.url, "api_key": "none"}
    folder = tmp_path_factory.mktemp("served") / "data"
    with serve(folder, CHAT_MODEL_LIST=json.dumps([entry])) as running:
        yield running


def run(server: RunningServer, *words: object) -> Any:
    return memos(*words, MEMOS_API_KEY=server.first_key, MEMOS_BASE_URL=server.base_url)


def ask(server: RunningServer, *words: object) -> str:
    done = run(server, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def data(server: RunningServer, *words: object) -> Any:
    return json.loads(ask(server, *words, "--format", "json"))


def test_a_model_answers_with_what_is_remembered(
    server: RunningServer, model: ScriptedModel
) -> None:
    ask(server, "add", "I prefer oolong tea.", "--wait")
    assert (
        ask(server, "chat", "What do I drink?") == "You prefer \N{REPLACEMENT CHARACTER}[31mtea.\n"
    )
    assert "oolong tea" in json.dumps(model.requests[-1].body)
    assert data(server, "chat", "-q", "What do I drink?")["response"].startswith("You prefer")


def test_memories_can_be_extracted_without_being_stored(server: RunningServer) -> None:
    shown = ask(server, "extract", "I moved to Lisbon. I prefer short answers.", "--user-id", "x")
    assert "Lisbon" in shown
    assert "short answers" in shown
    found = data(server, "extract", "--message", "I moved to Lisbon.", "--user-id", "x")
    assert "Lisbon" in found["memory_detail_list"][0]["memory_value"]
    assert data(server, "get", "x")["total"] == 0


def test_texts_are_ordered_by_a_question(server: RunningServer) -> None:
    texts = ("My cat sleeps all day.", "Flask is a Python web framework.")
    shown = ask(server, "rerank", "python backend", *texts)
    assert shown.splitlines()[1].startswith("- Flask is a Python web framework. [relevance: ")
    named = [f"--documents={text}" for text in texts]
    (best,) = data(server, "rerank", "-q", "python backend", *named, "--top-n", "1")["results"]
    assert best["index"] == 1
    assert "┃ relevance" in ask(server, "rerank", "q", *texts, "--format", "table")


def test_a_knowledge_base_is_made_filled_searched_and_removed(
    server: RunningServer, tmp_path: Path
) -> None:
    base = data(server, "kb", "create", "--name", "rules", "--description", "d")["id"]
    note = tmp_path / "policy.txt"
    note.write_text(POLICY, encoding="utf-8")
    (taken,) = data(server, "kb", "add-file", "--kb-id", base, "--path", note)
    entry = {"content": "data:text/plain;base64,SGVsbG8gd29ybGQu", "name": "hello.txt"}
    shown = ask(server, "kb", "add-file", "--kb-id", base, "--files", json.dumps([entry]))
    assert "- hello.txt [status: " in shown
    ids = json.dumps([taken["id"]])
    for _ in range(100):
        (read,) = data(server, "kb", "get-file", "--file-ids", ids)["file_detail_list"]
        if read["status"] != "running":
            break
    assert (read["name"], read["status"]) == ("policy.txt", "completed")
    listed = ask(server, "kb", "list-file", "--kb-id", base, "--type", "document", "--page", "1",
                 "--page-size", "10", "--format", "table")  # fmt: skip
    assert "policy.txt" in listed
    assert "hello.txt" in listed
    found = ask(server, "search", "limit for design software", "--knowledgebase-ids", f'["{base}"]')
    assert "1000 yuan" in found
    assert "Files deleted." in ask(server, "kb", "delete-file", "--kb-id", base, "--file-ids", ids)
    assert ask(server, "kb", "remove", base) == f"Knowledge base {base} removed.\n"
    gone = run(server, "kb", "list-file", "--kb-id", base)
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("chat",), "QUERY is required"),
        (("chat", "hi", "--model", "no-such-model"), "model"),
        (("extract", "x " * 9000), "token"),
        (("kb", "remove", "no-such-base"), "knowledge"),
        (("kb", "add-file", "--kb-id", "b", "--path", "/no/such/file"), "cannot be read"),
        (("kb", "add-file", "--kb-id", "b", "--files", "[1]"), "an entry of --files must be"),
    ],
)
def test_what_cannot_be_done_is_a_one_line_reason(
    server: RunningServer, words: tuple[str, ...], reason: str
) -> None:
    done = run(server, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert reason in done.stderr
