"""Commands that need no server, each as a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

from tests.e2e.cli_process import memos

HEAVY = ("apsw", "fastapi", "httpx", "numpy", "openai", "pydantic", "rich", "sqlalchemy", "uvicorn")


def test_the_command_line_loads_no_heavy_library_before_a_command_runs():
    code = f"import sys, memos.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_python_m_memos_is_the_same_command():
    found = subprocess.run(
        [sys.executable, "-m", "memos", "--version"], capture_output=True, text=True, check=True
    )

    assert found.stdout == memos("--version").stdout
    assert found.stdout.startswith("memos 0.")


def test_wrong_usage_exits_with_2(tmp_path: Path):
    assert memos("recall").returncode == 2
    assert memos("serve", "--port", "70000").returncode == 2
    assert memos("usage", "--since", "yesterday", "--data-dir", tmp_path).returncode == 2
    assert memos("cube", "export", tmp_path / "x", "--data-dir", tmp_path).returncode == 2


def test_a_command_on_a_folder_without_data_says_so_and_makes_nothing(tmp_path: Path):
    found = memos("keys", "list", "--data-dir", tmp_path / "nowhere")

    assert found.returncode == 1
    assert found.stderr.startswith("Error: there is no data in ")
    assert found.stderr.count("\n") == 1
    assert not (tmp_path / "nowhere").exists()


def test_a_data_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")

    for command in (["serve", "--port", "0"], ["worker"], ["keys", "create"]):
        found = memos(*command, "--data-dir", tmp_path / "file" / "data")
        assert found.returncode == 1
        assert found.stderr.startswith("Error: the data folder ")
        assert found.stderr.count("\n") == 1


def test_settings_are_shown_with_value_and_source(tmp_path: Path):
    found = memos(
        "config", "show", "--format", "json", "--data-dir", tmp_path,
        MEMOS_PORT="9100", OPENAI_API_KEY="sk-very-secret", MEMOS_RECORDS_URL="postgresql://u:pw@h/d",
    )  # fmt: skip
    rows = {row["name"]: row for row in json.loads(found.stdout)}

    assert (rows["MEMOS_PORT"]["value"], rows["MEMOS_PORT"]["source"]) == ("9100", "env MEMOS_PORT")
    assert rows["MEMOS_DATA_DIR"]["source"] == "override"
    assert rows["MEMOS_HOST"]["source"] == "default"
    assert "very-secret" not in found.stdout
    assert "pw@" not in found.stdout


def test_settings_are_shown_as_a_table_too():
    found = memos("config", "show", MEMOS_PORT="9100")

    assert found.returncode == 0
    assert any(
        line.split() == ["│", "MEMOS_PORT", "│", "9100", "│", "env", "MEMOS_PORT", "│"]
        for line in found.stdout.splitlines()
    )


def test_a_misspelt_setting_stops_the_command_with_the_nearest_name():
    found = memos("config", "show", MEMOS_PROT="9100")

    assert found.returncode == 1
    assert "did you mean MEMOS_PORT?" in found.stderr


def test_a_key_is_made_listed_and_revoked(tmp_path: Path):
    made = memos("keys", "create", "--name", "laptop", "--expires-days", 30, "--data-dir", tmp_path)
    secret = made.stdout.strip()

    listed = memos("keys", "list", "--format", "json", "--data-dir", tmp_path)
    (row,) = json.loads(listed.stdout)
    assert secret.startswith(row["starts_with"])
    assert secret not in listed.stdout
    assert (row["name"], row["project"]) == ("laptop", "default")
    assert row["state"].startswith("until ")

    assert memos("keys", "revoke", row["id"], "--data-dir", tmp_path).returncode == 0
    (row,) = json.loads(memos("keys", "list", "--format", "json", "--data-dir", tmp_path).stdout)
    assert row["state"].startswith("revoked ")


def test_what_does_not_exist_is_named_in_one_line(tmp_path: Path):
    memos("keys", "create", "--data-dir", tmp_path)

    for command in (
        ["keys", "create", "--project", "nobody"],
        ["keys", "revoke", "no-such-key"],
        ["projects", "delete", "nobody", "--yes"],
        ["usage", "--project", "nobody"],
        ["cube", "export", str(tmp_path / "x.jsonl"), "--user", "nobody"],
    ):
        found = memos(*command, "--data-dir", tmp_path)
        assert (found.returncode, found.stderr.count("\n")) == (1, 1), command
        assert found.stderr.startswith("Error: ")
    assert not (tmp_path / "x.jsonl").exists()


def test_a_project_is_made_once_listed_and_deleted_only_when_confirmed(tmp_path: Path):
    folder = ("--data-dir", tmp_path)
    project_id = memos("projects", "create", "team-a", *folder).stdout.strip()
    assert memos("projects", "create", "team-a", *folder).returncode == 1
    memos("keys", "create", "--project", "team-a", *folder)

    refused = memos("projects", "delete", "team-a", *folder, stdin="n\n")
    (row,) = json.loads(memos("projects", "list", "--format", "json", *folder).stdout)
    assert refused.returncode == 1
    assert (row["id"], row["name"], row["keys"]) == (project_id, "team-a", 1)

    assert memos("projects", "delete", "team-a", *folder, stdin="y\n").returncode == 0
    assert json.loads(memos("projects", "list", "--format", "json", *folder).stdout) == []


def test_what_is_no_exported_cube_is_refused(tmp_path: Path):
    for name, text in {
        "text": "hello\n",
        "empty": "",
        "other": '{"memos_cube": {"version": 99}}\n',
        "cut": '{"memos_cube": {"version": 1, "kind": "user", "owner": "mei"}}\n',
    }.items():
        (tmp_path / name).write_text(text)
        found = memos("cube", "import", tmp_path / name, "--data-dir", tmp_path / "data")
        assert (found.returncode, found.stderr.count("\n")) == (1, 1), found.stderr
    assert not (tmp_path / "data").exists()
