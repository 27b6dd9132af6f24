"""`memos usage --models` and `memos projects budget`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memos.cli.main import app
from memos.configs.settings import Settings
from memos.mem_os.bootstrap import build
from memos.records.base import ModelUsageRow
from tests.hash_embedder import HashEmbedder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MEMOS_BUDGETS", "MEMOS_TOKENS_PER_MINUTE", "MEMOS_RECORDS_URL"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(data_dir=tmp_path, embedded_worker=False)
    system = build(settings, embedder=HashEmbedder())
    system.start()
    project = system.projects.find("default").id
    row = ModelUsageRow(project, "", "add", "reader", "m", 2, 1, 70, 30, 500)
    system.records.add_model_usage(row)
    system.records.add_usage(project, "add", 12, 3)
    system.close()
    return tmp_path


def run(folder: Path, *words: str) -> list[dict]:
    done = CliRunner().invoke(app, [*words, "--format", "json", "--data-dir", str(folder)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_what_models_took_is_shown(folder: Path) -> None:
    [row] = run(folder, "usage", "--models", "--project", "default")
    day = row.pop("day")
    assert len(day) == 10
    assert row == {
        "project": "default", "operation": "add", "role": "reader", "model": "m", "calls": 2,
        "failures": 1, "input_tokens": 70, "output_tokens": 30, "mean_ms": 250,
    }  # fmt: skip


def test_a_budget_is_set_shown_and_taken_back(folder: Path) -> None:
    def amounts(*flags: str) -> dict[str, tuple[object, object, str]]:
        rows = run(folder, "projects", "budget", "default", *flags)
        return {row["budget"]: (row["amount"], row["used_today"], row["from"]) for row in rows}

    assert amounts()["calls_per_day"] == ("no limit", 1, "settings")
    changed = amounts("--calls-per-day", "500", "--model-tokens-per-day", "0")
    assert changed["calls_per_day"] == (500, 1, "project")
    assert changed["tokens_per_day"] == ("no limit", 12, "settings")
    assert changed["model_tokens_per_day"] == ("no limit", 100, "project")
    assert changed["tokens_per_minute"] == (400_000, None, "settings")
    assert amounts("--reset")["calls_per_day"] == ("no limit", 1, "settings")


def test_a_budget_of_a_project_that_is_not_there_is_refused(folder: Path) -> None:
    done = CliRunner().invoke(app, ["projects", "budget", "nobody", "--data-dir", str(folder)])
    assert done.exit_code != 0
