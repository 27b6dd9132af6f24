"""From settings, also by their documented names, to models behind their guards."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ManualClock
from memos.configs.settings import Settings, load_settings
from memos.endpoints.guard import Guards
from memos.endpoints.usage import Account, ModelUse, charged_to
from memos.errors import ConfigError, ModelUnavailableError
from memos.llms.base import Turn
from memos.mem_os.chat import configured_chat_models
from memos.mem_os.models import configured_embedder, configured_llm, configured_reranker
from memos.types.clock import SystemClock
from model_protocols import OllamaProtocol
from scripted_model import Answer, Request, ScriptedModel, refusal, reply, scripted_model
from tests.tiny_encoder import write_encoder

ASK = [Turn("user", "Hello?")]
CLOCK = SystemClock()
WIRE = OllamaProtocol()


class Books:
    """Keeps what models took."""

    def __init__(self) -> None:
        self.uses: list[ModelUse] = []

    def admit(self, account: Account, role: str) -> None:
        """Let pass."""

    def note(self, use: ModelUse) -> None:
        self.uses.append(use)


def everything(request: Request) -> Answer:
    """Ollama and an OpenAI-compatible server in one."""
    if request.path == "/api/embed":
        rows = [[1.0, len(text) % 7 + 1.0] for text in request.body["input"]]
        return Answer(body={"embeddings": rows, "prompt_eval_count": 10})
    if request.path == "/api/chat":
        return WIRE.reply("from ollama")
    if request.path.endswith("/rerank"):
        count = len(request.body["documents"])
        return Answer(body={"results": [{"index": n, "score": 0.5} for n in range(count)]})
    return reply(f"from {request.body['model']}")


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        model.fallback = everything
        yield model


def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Settings:
    for name in ("OPENAI_API_KEY", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "env"
    path.write_text(text, encoding="utf-8")
    return load_settings(env_file=path).settings


def test_documented_names_connect_ollama_for_everything(
    server: ScriptedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = documented(
        tmp_path,
        monkeypatch,
        f"MEMRADER_BACKEND=ollama\nMEMRADER_MODEL=qwen3:0.6b\nMEMRADER_API_BASE={server.url}\n"
        f"MOS_EMBEDDER_BACKEND=ollama\nMOS_EMBEDDER_MODEL=nomic-embed-text:latest\n"
        f"MOS_EMBEDDER_API_BASE={server.url}\nEMBEDDING_DIMENSION=2\n"
        "MEMOS_EMBEDDER_DENSE_WEIGHT=1\nMEMOS_EMBEDDER_MEAN_COSINE=0.1\n"
        'MEMOS_EMBEDDER_OPTIONS={"query_prefix": "search_query: "}\n'
        'MEMOS_LLM_OPTIONS={"options": {"num_ctx": 8192}}\n',
    )
    llm = configured_llm(settings, CLOCK)
    assert llm is not None
    assert llm.complete(ASK).text == "from ollama"
    assert server.requests[0].body["options"]["num_ctx"] == 8192
    embedder = configured_embedder(settings, CLOCK)
    embedder.embed(["where"], query=True)
    asked = server.requests[1].body
    assert (asked["input"], asked["dimensions"]) == (["search_query: where"], 2)
    llm.close()
    embedder.close()


def test_chat_models_of_several_backends_are_listed_side_by_side(
    server: ScriptedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [
        {"backend": "qwen", "api_base": server.url, "api_key": "k",
         "model_name_or_path": "qwen3-max", "extra_body": {"enable_thinking": True},
         "support_models": ["qwen3-max"]},
        {"name": "default", "backend": "ollama",
         "config": {"model": "llama3", "api_base": server.url, "options": {"seed": 7}}},
        {"backend": "of-a-new-kind", "api_base": server.url, "model_name_or_path": "new-1"},
    ]  # fmt: skip
    settings = documented(tmp_path, monkeypatch, f"CHAT_MODEL_LIST={json.dumps(listed)}\n")
    models = configured_chat_models(settings, CLOCK)
    assert models.choose("qwen3-max").complete(ASK).text == "from qwen3-max"
    assert server.requests[-1].body["enable_thinking"] is True
    assert models.choose("llama3").complete(ASK).text == "from ollama"
    assert server.requests[-1].body["options"]["seed"] == 7
    assert models.choose("new-1").complete(ASK).text == "from new-1"
    models.close()


def test_a_local_encoder_is_given_by_its_folder(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "mine")
    embedder = configured_embedder(
        Settings(
            embedder_backend="onnx",
            embedder_model=str(folder),
            embedder_options={"pooling": "cls", "dense_weight": 2.0, "mean_cosine": 0.2},
        ),
        CLOCK,
    )
    assert embedder.profile.name.startswith("onnx:mine:")
    assert embedder.profile.dense_weight == 2.0
    embedder.close()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"embedder_backend": "ollama"}, "MEMOS_EMBEDDER_MODEL"),
        ({"embedder_backend": "onnx", "embedder_model": "x", "embedder_options": {"pooling": "max"}}, "pooling"),
    ],
)  # fmt: skip
def test_what_an_embedder_lacks_is_told(values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        configured_embedder(Settings(**values), CLOCK)  # type: ignore[arg-type]


def test_models_at_one_address_share_a_guard(server: ScriptedModel) -> None:
    settings = Settings(
        llm_model="m", llm_api_base=server.url, llm_max_retries=0,
        reranker_backend="llm", embedder_backend="universal_api", embedder_model="e",
        embedder_api_base=server.url, embedder_dimension=2, embedder_dense_weight=1.0,
        embedder_mean_cosine=0.1,
    )  # fmt: skip
    guards = Guards(ManualClock())
    llm = configured_llm(settings, CLOCK, guards)
    embedder = configured_embedder(settings, CLOCK, guards)
    reranker = configured_reranker(settings, CLOCK, embedder, guards)
    assert llm is not None
    assert reranker is not None
    server.fallback = lambda _: refusal(500)
    for _ in range(5):
        with pytest.raises(ModelUnavailableError):
            llm.complete(ASK)
    asked = len(server.requests)
    for call in (
        lambda: embedder.embed(["x"]),
        lambda: reranker.rerank("q", ["t"], timeout_s=1),
    ):
        with pytest.raises(ModelUnavailableError, match="left alone"):
            call()
    assert len(server.requests) == asked
    for model in (llm, reranker, embedder):
        model.close()


def test_a_stream_is_charged_to_who_asked_for_it(server: ScriptedModel) -> None:
    books = Books()
    guards = Guards(CLOCK, ledger=books)
    settings = Settings(llm_backend="ollama", llm_model="m", llm_api_base=server.url)
    llm = configured_llm(settings, CLOCK, guards, "chat")
    assert llm is not None
    server.script(WIRE.stream(["a", "b"]), WIRE.stream(["a", "b", "c"]))
    with charged_to("p", "chat"):
        pieces = llm.stream(ASK)
    assert [piece.text for piece in pieces] == ["a", "b"]
    with charged_to("p", "chat"):
        left = llm.stream(ASK)
    next(left)
    left.close()  # type: ignore[attr-defined]
    assert [use.account for use in books.uses] == [Account("p", "chat")] * 2
    assert [(use.input_tokens, use.output_tokens) for use in books.uses] == [(7, 3), (2, 1)]
    assert [use.failures for use in books.uses] == [0, 0]
    llm.close()


def test_vectors_of_several_projects_are_charged_to_each(server: ScriptedModel) -> None:
    books = Books()
    settings = Settings(
        embedder_backend="ollama", embedder_model="e", embedder_api_base=server.url,
        embedder_dimension=2, embedder_dense_weight=1.0, embedder_mean_cosine=0.1,
    )  # fmt: skip
    embedder = configured_embedder(settings, CLOCK, Guards(CLOCK, ledger=books))

    def run(project: str) -> None:
        with charged_to(project, "add"):
            for n in range(20):
                embedder.embed([f"{project} says {n}"])

    threads = [threading.Thread(target=run, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {use.account.project for use in books.uses} == {"a", "b", "c"}
    assert sum(use.input_tokens for use in books.uses) == 10 * len(server.requests)
    before = len(server.requests)
    embedder.embed(["a says 1"])
    assert len(server.requests) == before
    embedder.close()


def test_a_reranking_service_is_counted(server: ScriptedModel) -> None:
    books = Books()
    settings = Settings(reranker_backend="http", reranker_url=server.url, reranker_model="r")
    reranker = configured_reranker(
        settings,
        CLOCK,
        None,
        Guards(CLOCK, ledger=books),  # type: ignore[arg-type]
    )
    assert reranker is not None
    assert reranker.rerank("q", ["a", "b"], timeout_s=5) == [0.5, 0.5]
    assert reranker.rerank("q", [], timeout_s=5) == []
    [use] = books.uses
    assert (use.role, use.model, use.calls) == ("reranker", "http:r", 1)
    reranker.close()
