"""Commands that need no server, each as a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cli_process import MEMOS, environment, memos

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


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("recall",), "No such command 'recall'"),
        (("status",), "Missing argument 'TASK_ID'"),
        (("search", "x", "--colour"), "No such option: --colour"),
        (("get", "--page", "0"), "Invalid value for '--page'"),
        (("kb", "create"), "Missing option '--name'"),
    ],
)
def test_wrong_usage_exits_with_2_and_a_one_line_reason(words: tuple[str, ...], reason: str):
    found = memos(*words)
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert found.stderr.startswith(f"Error: {reason}")
    assert ". See `memos" in found.stderr
    assert "--help`." in found.stderr


def test_shells_can_complete_commands():
    # Which shell it is, the library asks of the process that called.
    asked = subprocess.run(
        ["bash", "-c", f"{MEMOS} --show-completion; true"],
        env=environment(), capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "_MEMOS_COMPLETE" in asked.stdout
    completed = memos(_MEMOS_COMPLETE="complete_bash", COMP_WORDS="memos ext", COMP_CWORD="1")
    assert completed.stdout.split() == ["extract"]


def test_values_of_the_client_are_kept_in_its_file(tmp_path: Path):
    home = {"HOME": str(tmp_path)}
    assert memos("config", "get", "platform.api_key", **home).returncode == 1
    for key, value in (
        ("platform.api_key", "mpg-0123456789abcdef"),
        ("platform.base_url", "http://10.0.0.7:8000/api/openmem/v1/"),
        ("defaults.user_id", "ida"),
    ):
        shown = memos("config", "set", key, value, **home).stdout
        assert ("0123" in shown) == (key != "platform.api_key" and "0123" in value)
    file = tmp_path / ".memos" / "config.yaml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert memos("config", "get", "platform.api_key", **home).stdout == "mpg-0123456789abcdef\n"
    listed = memos("config", "list", "--format", "json", MEMOS_USER_ID="from-env", **home).stdout
    rows = {row["name"]: row for row in json.loads(listed)}
    assert (rows["defaults.user_id"]["value"], rows["defaults.user_id"]["source"]) == (
        "from-env",
        "env MEMOS_USER_ID",
    )
    assert rows["platform.base_url"]["source"] == str(file)
    assert "0123" not in listed
    memos("config", "unset", "defaults.user_id", **home)
    assert memos("config", "get", "defaults.user_id", **home).stdout == "memos-cli\n"
    assert "ida" not in file.read_text(encoding="utf-8")


def test_what_other_programs_wrote_into_the_file_stays(tmp_path: Path):
    file = tmp_path / ".memos" / "config.yaml"
    file.parent.mkdir()
    file.write_text("platform:\n  region: 上海\nother: [1, 2]\n", encoding="utf-8")
    memos("config", "set", "defaults.user_id", "ida", HOME=str(tmp_path))
    text = file.read_text(encoding="utf-8")
    assert "region: 上海" in text
    assert "other:" in text
    assert "user_id: ida" in text


@pytest.mark.parametrize(
    ("words", "content", "reason"),
    [
        (("config", "set", "platform.apikey", "x"), "", "did you mean platform.api_key?"),
        (("config", "set", "platform.base_url", "localhost"), "", "must start with http://"),
        (("config", "set", "defaults.user_id", " "), "", "VALUE is empty"),
        (("config", "get", "defaults.user_id"), "a: [", "cannot be read as YAML"),
        (("config", "get", "defaults.user_id"), "- a", "must hold a mapping"),
        (("search", "x"), "", "no API key: give --api-key"),
        (("--api-key", "k", "--base-url", "http://127.0.0.1:9", "search", "x"), "",
         "cannot be reached"),
    ],
)  # fmt: skip
def test_what_the_client_cannot_use_is_a_one_line_reason(
    tmp_path: Path, words: tuple[str, ...], content: str, reason: str
):
    (tmp_path / ".memos").mkdir()
    (tmp_path / ".memos" / "config.yaml").write_text(content, encoding="utf-8")
    found = memos(*words, HOME=str(tmp_path))
    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (1, "", 1)
    assert reason in found.stderr
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
    for name in ("", "a\tb"):
        refused = memos("projects", "create", name, *folder)
        assert (refused.returncode, "printable" in refused.stderr) == (1, True)
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


def test_policies_are_shown_and_changed_and_care_is_run(tmp_path: Path):
    memos("projects", "create", "shop", "--data-dir", tmp_path)
    show = ("projects", "policy", "shop", "--format", "json", "--data-dir", tmp_path)
    changed = json.loads(memos(*show, "--set", "user_capacity=7").stdout)
    assert {"name": "user_capacity", "value": 7, "from": "project"} in changed
    assert {"name": "long_term_capacity", "value": 2000, "from": "default"} in changed
    wrong = memos(*show, "--set", "user_capacity=many")
    assert (wrong.returncode, "NAME=NUMBER" in wrong.stderr) == (1, True)
    assert json.loads(memos(*show, "--reset").stdout)[1]["value"] == 500
    cared = memos("maintain", "--format", "json", "--data-dir", tmp_path)
    assert json.loads(cared.stdout) == [{"cubes": 0, "expired": 0, "archived": 0}]
