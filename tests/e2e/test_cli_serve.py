"""A real server process, and the commands that work beside it."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from memos.cli.traces import count_traces
from memos.cli.waiting import wait_for_tasks
from memos.errors import AuthenticationError
from tests.e2e.cli_process import MEMOS, RunningServer, environment, memos, serve

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for the whole module; tests use users of their own."""
    with serve(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


def remember(server: RunningServer, user: str, text: str, key: str | None = None) -> None:
    """Add a message and wait until memories are made of it."""
    with server.client(key) as client:
        task = client.add_message(
            [{"role": "user", "content": text}], user_id=user, conversation_id="c1"
        ).task_id
        assert wait_for_tasks(client, [task]) == {"completed": 1}


def recall(server: RunningServer, user: str, question: str, key: str | None = None) -> str:
    """Everything a search finds, as one text."""
    with server.client(key) as client:
        found = client.search_memory(query=question, user_id=user, relativity=0)
        return " | ".join(
            [m.memory_value for m in found.memories] + [p.preference for p in found.preferences]
        )


def test_a_ready_server_answers_health_and_shows_its_first_key_and_folder(server: RunningServer):
    assert httpx.get(f"{server.url}/health").status_code == 200
    assert server.first_key.startswith("mpg-")
    assert str(server.data_dir) in server.banner
    assert f"Token {server.first_key}" in server.banner


@pytest.mark.parametrize("number", [0, 1])
def test_the_python_examples_of_the_readme_find_what_they_added(server: RunningServer, number: int):
    example = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[
        number
    ]
    found = subprocess.run(
        [sys.executable, "-c", example],
        env=environment(
            MEMOS_API_KEY=server.first_key, MEMOS_BASE_URL=server.base_url, PYTHONIOENCODING="utf-8"
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert ("Lisbon", "豆包")[number] in found.stdout


def test_the_python_example_of_the_banner_runs(server: RunningServer):
    example = server.banner.split("or from Python:\n")[1].split("\n\n")[0]
    found = subprocess.run(
        [sys.executable, "-c", example],
        env=environment(PYTHONIOENCODING="utf-8"), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "豆包" in found.stdout


def test_a_key_made_beside_a_server_works_at_once_and_a_revoked_one_is_refused(
    server: RunningServer,
):
    folder = ("--data-dir", server.data_dir)
    good, bad = (
        memos("keys", "create", "--name", name, *folder).stdout.strip() for name in ("good", "bad")
    )
    listed = json.loads(memos("keys", "list", "--format", "json", *folder).stdout)
    (bad_id,) = [row["id"] for row in listed if row["name"] == "bad"]
    memos("keys", "revoke", bad_id, *folder)

    assert recall(server, "nobody-yet", "anything", good) == ""
    with pytest.raises(AuthenticationError):
        recall(server, "nobody-yet", "anything", bad)


def test_a_project_deleted_beside_a_server_leaves_no_byte(server: RunningServer):
    folder = ("--data-dir", server.data_dir)
    memos("projects", "create", "short-lived", *folder)
    secret = memos("keys", "create", "--project", "short-lived", *folder).stdout.strip()
    remember(server, "zoe", "I planted a Quincewort tree in Ravelsberg.", secret)
    remember(server, "zoe", "My neighbour is called Tamsin Oakhollow.")
    traces = ["Quincewort", "Ravelsberg"]
    assert all(count_traces(server.data_dir, traces).values())

    assert memos("projects", "delete", "short-lived", "--yes", *folder).returncode == 0

    assert count_traces(server.data_dir, traces) == {"Quincewort": 0, "Ravelsberg": 0}
    assert "Oakhollow" in recall(server, "zoe", "What is my neighbour called?")


def test_a_backup_of_a_running_server_is_whole_and_never_overwrites(
    server: RunningServer, tmp_path: Path
):
    remember(server, "kai", "My bicycle is a green Gazelle.")
    target = tmp_path / "copy"

    assert memos("backup", target, "--data-dir", server.data_dir).returncode == 0
    again = memos("backup", target, "--data-dir", server.data_dir)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)

    with serve(target) as restored:
        assert restored.first_key is None
        assert "Gazelle" in recall(restored, "kai", "Which bicycle do I ride?", server.first_key)


def test_an_exported_cube_lives_on_in_another_folder(server: RunningServer, tmp_path: Path):
    remember(server, "ada", "I keep two goats, Bramble and Thistle.")
    remember(server, "ada", "我最喜欢的花是山茶花。")
    file = tmp_path / "ada.jsonl"
    folder = ("--data-dir", tmp_path / "other")

    exported = memos("cube", "export", file, "--user", "ada", "--data-dir", server.data_dir)
    assert exported.returncode == 0, exported.stderr
    assert (
        memos("cube", "export", file, "--user", "ada", "--data-dir", server.data_dir).returncode
        == 1
    )
    for _ in range(2):  # the second time changes nothing
        loaded = memos("cube", "import", file, *folder)
        assert loaded.returncode == 0, loaded.stderr
    key = memos("keys", "create", *folder).stdout.strip()

    with serve(tmp_path / "other") as other, other.client(key) as client:
        assert "Bramble" in recall(other, "ada", "What are my goats called?", key)
        assert "山茶花" in recall(other, "ada", "我最喜欢什么花？", key)
        stored = client.get_message(user_id="ada", conversation_id="c1").messages
        assert [message.content[:6] for message in stored] == ["I keep", "我最喜欢的花"]
        remember(other, "ada", "The goats moved to Frostmoor.", key)
        client.delete_memory(user_id="ada")
        gone = count_traces(other.data_dir, ["Bramble", "山茶花", "Frostmoor"])
        assert set(gone.values()) == {0}


def test_a_cube_stays_with_its_owner_inside_one_folder(server: RunningServer, tmp_path: Path):
    remember(server, "ben", "I repair clocks.")
    memos("cube", "export", tmp_path / "ben", "--user", "ben", "--data-dir", server.data_dir)

    found = memos(
        "cube", "import", tmp_path / "ben", "--user", "thief", "--data-dir", server.data_dir
    )

    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert "another owner" in found.stderr
    assert recall(server, "thief", "What do I repair?") == ""


def test_usage_counts_calls_by_operation(server: RunningServer):
    remember(server, "uma", "I collect stamps.")

    found = memos(
        "usage", "--format", "json", "--project", "default", "--data-dir", server.data_dir
    )

    (added,) = [row for row in json.loads(found.stdout) if row["operation"] == "add"]
    assert added["project"] == "default"
    assert added["calls"] > 0
    assert added["tokens"] > 0


def test_a_port_in_use_is_one_clear_line(server: RunningServer, tmp_path: Path):
    port = server.url.rsplit(":", 1)[1]

    found = memos("serve", "--port", port, "--data-dir", tmp_path / "data")

    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert f"port {port} on 127.0.0.1 is in use" in found.stderr


def test_a_stopped_server_exits_with_0_and_frees_its_port(tmp_path: Path):
    with serve(tmp_path / "data") as running:
        port = int(running.url.rsplit(":", 1)[1])
        assert running.stop() == 0
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


def test_a_worker_of_its_own_does_what_a_server_without_one_leaves(tmp_path: Path):
    with serve(tmp_path / "data", "--no-worker") as server, server.client() as client:
        task = client.add_message(
            [{"role": "user", "content": "I am allergic to walnuts."}], user_id="ivy"
        ).task_id
        assert client.get_task_status(task).status == "running"
        worker = subprocess.Popen(
            [MEMOS, "worker", "--data-dir", str(tmp_path / "data")],
            env=environment(), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert wait_for_tasks(client, [task]) == {"completed": 1}
            worker.terminate()
            assert worker.wait(30) == 0
        finally:
            worker.kill()
            worker.stdout.close()
        assert "walnuts" in recall(server, "ivy", "What am I allergic to?")
