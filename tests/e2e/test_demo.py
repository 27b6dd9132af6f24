"""The demo as a newcomer runs it."""

import json
import re
from pathlib import Path

from rich.cells import cell_len

from memos.cli.demo_script import load_script
from memos.cli.traces import count_traces
from tests.e2e.cli_process import memos

ERASED = re.compile(r"^after( +0)+ *$", re.MULTILINE)


def test_the_demo_answers_its_questions_erases_its_user_and_leaves_nothing_behind(tmp_path: Path):
    mine, temporary = tmp_path / "mine", tmp_path / "temporary"
    temporary.mkdir()
    # What the environment configures must not be touched: not my data, not a model, not a store.
    found = memos(
        "demo", "--fast",
        TMPDIR=str(temporary), MEMOS_DATA_DIR=str(mine), MEMOS_RECORDS_URL=f"sqlite:///{mine}/r.db",
        MEMOS_LLM_MODEL="gpt-x", OPENAI_API_KEY="sk-none", MEMOS_EMBEDDER_BACKEND="openai",
    )  # fmt: skip

    assert found.returncode == 0, found.stderr
    answered = int(re.search(r"(\d+) of 10 questions answered", found.stdout)[1])
    assert answered >= 9
    assert found.stdout.count("✓") == answered
    assert ERASED.search(found.stdout)
    assert list(temporary.iterdir()) == []
    assert not mine.exists()
    assert max(cell_len(line) for line in found.stdout.splitlines()) <= 100


def test_the_demo_keeps_its_folder_when_asked(tmp_path: Path):
    found = memos("demo", "--fast", "--keep", TMPDIR=str(tmp_path))
    (folder,) = tmp_path.iterdir()

    assert found.returncode == 0, found.stderr
    assert str(folder) in found.stdout
    assert all(count_traces(folder, load_script().traces).values())
    listed = memos("projects", "list", "--format", "json", "--data-dir", folder)
    assert json.loads(listed.stdout)[0]["cubes"] == 1


def test_the_conversation_is_long_bilingual_and_spread_over_months():
    script = load_script()
    texts = [message["content"] for sitting in script.sittings for message in sitting.messages]
    times = [message["chat_time"] for sitting in script.sittings for message in sitting.messages]
    chinese = [text for text in texts if re.search("[\u4e00-\u9fff]", text)]

    assert script.turns >= 40
    assert 0.3 < len(chinese) / len(texts) < 0.7
    assert times == sorted(times)
    assert times[0][:7] == "2025-01"
    assert times[-1][:7] == "2025-07"
    said = " ".join(texts)
    assert all(any(word in said for word in question.expected) for question in script.questions)
    assert all(word in said for word in script.traces)


def test_traces_are_found_in_every_encoding_and_counted_per_folder(tmp_path: Path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").write_bytes("x豆包y".encode())
    (tmp_path / "b").write_bytes("豆包".encode("utf-16-le"))
    (tmp_path / "c").write_text(json.dumps("豆包 and Lisbon"))
    (tmp_path / "sub" / "d").write_text("lisbon")

    assert count_traces(tmp_path, ["豆包", "Lisbon", "Kyoto"]) == {
        "豆包": 3,
        "Lisbon": 2,
        "Kyoto": 0,
    }
