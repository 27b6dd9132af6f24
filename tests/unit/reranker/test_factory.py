import pytest

from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.errors import ConfigError
from memos.mem_os.models import configured_reranker, rerank_options
from memos.reranker.factory import RerankerOptions, build_reranker
from memos.types.clock import SystemClock

CLOCK = SystemClock()


def name(embedder: Embedder, **values: object) -> str | None:
    made = configured_reranker(Settings(**values), CLOCK, embedder)  # type: ignore[arg-type]
    return made.name if made else None


def test_there_is_none_by_default(embedder: Embedder) -> None:
    assert name(embedder) is None


@pytest.mark.parametrize(
    ("documented", "expected"), [("cosine_local", None), ("http_bge", "http:m")]
)
def test_the_documented_backends_are_understood(
    embedder: Embedder, documented: str, expected: str | None
) -> None:
    values = {"reranker_url": "http://h", "reranker_model": "m"}
    assert name(embedder, reranker_backend=documented, **values) == expected


def test_the_reader_model_judges_when_no_other_is_named(embedder: Embedder) -> None:
    assert name(embedder, reranker_backend="llm", llm_model="reader") == "llm:reader"
    assert name(embedder, reranker_backend="llm", llm_model="reader", reranker_model="m") == "llm:m"


@pytest.mark.parametrize(
    ("backend", "setting"),
    [("http", "MEMOS_RERANKER_URL"), ("onnx", "MEMOS_RERANKER_PATH"), ("llm", "MEMOS_LLM_MODEL")],
)
def test_what_a_backend_lacks_is_named(embedder: Embedder, backend: str, setting: str) -> None:
    with pytest.raises(ConfigError, match=setting):
        name(embedder, reranker_backend=backend)


def test_an_unknown_backend_is_refused(embedder: Embedder) -> None:
    with pytest.raises(ConfigError, match="magic"):
        build_reranker("magic", RerankerOptions(), clock=CLOCK, embedder=embedder)


def test_the_key_is_not_in_the_text_of_the_options() -> None:
    assert "sk-secret" not in repr(RerankerOptions("m", "http://h", "sk-secret"))


def test_the_options_of_the_stage_come_from_the_settings() -> None:
    options = rerank_options(
        Settings(reranker_weight=0.3, reranker_candidates=7, reranker_timeout_seconds=0.5)
    )
    assert (options.weight, options.candidates, options.timeout_s) == (0.3, 7, 0.5)
