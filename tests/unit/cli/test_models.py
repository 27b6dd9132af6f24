"""`memos models test`: every configured model is called, and what fails says what to mend."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from memos.cli.models import app
from scripted_model import Answer, Request, ScriptedModel, refusal, reply, scripted_model

RIGHT = "blue"
READ = json.dumps({"memories": [{"kind": "fact", "value": "The user lives in Lisbon.",
                                 "messages": [1], "quote": "I moved to Lisbon"}]})  # fmt: skip


def models(request: Request) -> Answer:
    """An embedder that knows the answer, a chat model and a reranker on one address."""
    if request.path.endswith("/rerank"):
        listed = enumerate(request.body["documents"])
        return Answer(
            body={
                "results": [{"index": n, "relevance_score": float(RIGHT in t)} for n, t in listed]
            }
        )
    if request.path.endswith("/embeddings"):
        rows = [[1.0, 1.0 if "colour" in t or RIGHT in t else -1.0] for t in request.body["input"]]
        data = [{"object": "embedding", "index": n, "embedding": r} for n, r in enumerate(rows)]
        return Answer(body={"object": "list", "model": "m", "data": data})
    if "memories" in json.dumps(request.body):
        return reply(READ)
    return reply("ready")


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        model.fallback = models
        yield model


@pytest.fixture
def env(server: ScriptedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("OPENAI_API_KEY", "OPENAI_API_BASE", "MOS_RERANKER_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    chat = [{"backend": "openai", "api_base": server.url, "api_key": "sk-secret",
             "model_name_or_path": "chatty"}]  # fmt: skip
    path = tmp_path / "env"
    path.write_text(
        f"MEMOS_DATA_DIR={tmp_path / 'data'}\n"
        f"MEMOS_EMBEDDER_BACKEND=universal_api\nMEMOS_EMBEDDER_API_BASE={server.url}\n"
        "MEMOS_EMBEDDER_MODEL=e\nMEMOS_EMBEDDER_DENSE_WEIGHT=2\nMEMOS_EMBEDDER_MEAN_COSINE=0.1\n"
        f"MEMOS_LLM_MODEL=reader\nMEMOS_LLM_API_BASE={server.url}\nMEMOS_LLM_MAX_RETRIES=0\n"
        f"CHAT_MODEL_LIST={json.dumps(chat)}\n"
        f"MEMOS_RERANKER_BACKEND=http\nMEMOS_RERANKER_URL={server.url}\nMEMOS_RERANKER_MODEL=r\n",
        encoding="utf-8",
    )
    return path


def run(env: Path) -> tuple[int, dict[str, dict]]:
    done = CliRunner().invoke(app, ["test", "--format", "json", "--env-file", str(env)])
    return done.exit_code, {row["role"]: row for row in json.loads(done.stdout)}


def test_all_models_that_answer_are_ok(env: Path) -> None:
    code, rows = run(env)
    assert code == 0, rows
    assert {role: (row["model"], row["result"]) for role, row in rows.items()} == {
        "embedder": ("e", "ok"),
        "reader": ("reader", "ok"),
        "chat": ("chatty", "ok"),
        "reranker": ("r", "ok"),
    }


@pytest.mark.parametrize(
    ("role", "path", "setting"),
    [
        ("embedder", "/embeddings", "MEMOS_EMBEDDER_API_KEY"),
        ("reader", "/chat/completions", "MEMOS_LLM_API_KEY"),
        ("chat", "/chat/completions", "MEMOS_CHAT_MODEL_LIST"),
        ("reranker", "/rerank", "MEMOS_RERANKER_BACKEND"),
    ],
)
def test_one_that_refuses_fails_and_names_its_settings(
    server: ScriptedModel, env: Path, role: str, path: str, setting: str
) -> None:
    server.fallback = lambda r: refusal(401, "sk-secret") if r.path.endswith(path) else models(r)
    code, rows = run(env)
    assert code == 1
    assert rows[role]["result"] == "failed"
    assert "401" in rows[role]["remark"]
    assert setting in rows[role]["remark"]
    assert "sk-secret" not in str(rows)


def test_a_reader_that_does_not_keep_to_the_form_is_found_out(
    server: ScriptedModel, env: Path
) -> None:
    server.fallback = lambda r: reply("ready") if "chat" in r.path else models(r)
    code, rows = run(env)
    assert code == 1
    assert "writes JSON" in rows["reader"]["remark"]
    assert rows["chat"]["result"] == "ok"


def test_a_reranker_with_reversed_scores_is_found_out(server: ScriptedModel, env: Path) -> None:
    def reversed_scores(request: Request) -> Answer:
        answer = models(request)
        for result in answer.body.get("results", ()):
            result["relevance_score"] = 1.0 - result["relevance_score"]
        return answer

    server.fallback = reversed_scores
    code, rows = run(env)
    assert code == 1
    assert "reversed" in rows["reranker"]["remark"]


def test_without_models_the_bundled_encoder_and_the_rules_are_ok(tmp_path: Path) -> None:
    empty = tmp_path / "env"
    empty.write_text(f"MEMOS_DATA_DIR={tmp_path}\n", encoding="utf-8")
    code, rows = run(empty)
    assert code == 0
    assert {role: row["model"] for role, row in rows.items()} == {
        "embedder": "use_multilingual",
        "reader": "rules",
        "reranker": "none",
    }


def test_calibrate_prints_settings_and_nothing_else(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.write_text("\n".join(f"In year {n} I planted tree number {n}." for n in range(30)))
    env = tmp_path / "env"
    env.write_text(f"MEMOS_DATA_DIR={tmp_path}\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["calibrate", str(texts), "--env-file", str(env)])
    assert done.exit_code == 0, done.output
    mean, weight = done.stdout.splitlines()
    assert mean.startswith("MEMOS_EMBEDDER_MEAN_COSINE=0.0")
    assert weight == "MEMOS_EMBEDDER_DENSE_WEIGHT=1.30"
