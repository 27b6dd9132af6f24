"""What every reranker must do, whatever is behind it."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import SharedEmbedder
from memos.embedders.base import Embedder
from memos.endpoints.guard import Guards
from memos.errors import ModelUnavailableError
from memos.reranker.base import Reranker
from memos.reranker.factory import RerankerFactory, RerankerOptions, build_reranker
from memos.reranker.guarded import GuardedReranker
from memos.types.clock import SystemClock
from scripted_model import Answer, Request, refusal, reply, scripted_model
from tests.unit.reranker.tiny_model import write_model

QUERY = "Is the cake good?"
TEXTS = ["bad filler filler", "good cake", "", "草莓蛋糕很好吃。", "\ud83d lone", "filler " * 3000]


def judged(text: str) -> float:
    """Something that depends on the text only; the tests' stand-in for understanding."""
    return (sum(text.encode("utf-8", "replace")) % 97) / 96


def service(request: Request) -> Answer:
    """A reranking service of either form, and a chat model, by the path asked."""
    if request.path.endswith("/rerank"):
        listed = request.body["documents"]
        scored = [{"index": i, "relevance_score": judged(t)} for i, t in enumerate(listed)]
        return Answer(body={"results": sorted(scored, key=lambda r: -r["relevance_score"])})
    notes = json.loads(request.body["messages"][-1]["content"])["notes"]
    return reply(json.dumps({"scores": [{"n": n["n"], "score": judged(n["text"])} for n in notes]}))


def text_embeddings_inference(request: Request) -> Answer:
    """A reranking service of the other form."""
    if "texts" not in request.body:
        return refusal(422)
    scored = [{"index": i, "score": judged(t)} for i, t in enumerate(request.body["texts"])]
    return Answer(body=scored[::-1])


def documented(backend: str, url: str, folder: Path) -> dict[str, object]:
    """A documented configuration of a backend."""
    llm = {"backend": "openai", "config": {"model": "m", "api_base": url}}
    configs: dict[str, dict[str, object]] = {
        "cosine_local": {},
        "onnx": {"path": str(folder)},
        "llm": {"llm": llm},
    }
    return {"backend": backend, "config": configs.get(backend, {"url": url, "model": "m"})}


@pytest.fixture(
    params=["cosine", "http", "onnx", "llm", "documented cosine_local", "documented http_bge",
            "documented jina", "documented cohere", "documented onnx", "documented llm", "tei",
            "guarded"]
)  # fmt: skip
def reranker(
    request: pytest.FixtureRequest, embedder: Embedder, tmp_path: Path
) -> Iterator[Reranker]:
    with scripted_model() as server:
        server.fallback = text_embeddings_inference if request.param == "tei" else service
        kind, _, backend = request.param.partition(" ")
        if kind == "documented":
            folder = write_model(tmp_path / "model")
            config = documented(backend, server.url, folder)
            made = RerankerFactory.from_config(config, embedder=embedder)
            yield made
            made.close()
            return
        if kind in {"tei", "guarded"}:
            bare = RerankerFactory.from_config(documented("http_bge", server.url, tmp_path))
            guard = Guards(SystemClock()).of(server.url)
            made = GuardedReranker(bare, guard) if kind == "guarded" else bare
            yield made
            made.close()
            return
        options = RerankerOptions("m", server.url, path=write_model(tmp_path / "model"))
        made = build_reranker(request.param, options, clock=SystemClock(), embedder=embedder)
        assert made is not None
        yield made
        made.close()


def test_every_text_gets_a_relevance(reranker: Reranker) -> None:
    scores = reranker.rerank(QUERY, TEXTS, timeout_s=60)
    assert len(scores) == len(TEXTS)
    assert all(type(score) is float and 0.0 <= score <= 1.0 for score in scores)
    assert len(set(scores)) > 2


def test_no_texts_have_no_scores(reranker: Reranker) -> None:
    assert reranker.rerank(QUERY, [], timeout_s=60) == []


def test_scores_follow_their_texts_when_the_order_changes(reranker: Reranker) -> None:
    forwards = reranker.rerank(QUERY, TEXTS, timeout_s=60)
    backwards = reranker.rerank(QUERY, TEXTS[::-1], timeout_s=60)
    assert backwards[::-1] == pytest.approx(forwards, abs=1e-5)


def test_a_text_has_the_same_score_alone(reranker: Reranker) -> None:
    together = reranker.rerank(QUERY, TEXTS, timeout_s=60)
    alone = [reranker.rerank(QUERY, [text], timeout_s=60)[0] for text in TEXTS]
    assert alone == pytest.approx(together, abs=1e-5)


def test_eight_threads_get_the_scores_of_their_own_texts(reranker: Reranker) -> None:
    lists = [[f"good {t} {i}" for i in range(t + 1)] for t in range(8)]
    expected = [reranker.rerank(QUERY, texts, timeout_s=60) for texts in lists]
    got: dict[int, list[float]] = {}

    def run(t: int) -> None:
        got[t] = reranker.rerank(QUERY, lists[t], timeout_s=60)

    threads = [threading.Thread(target=run, args=(t,)) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for t in range(8):
        assert got[t] == pytest.approx(expected[t], abs=1e-5)


def test_it_has_a_name_and_may_be_closed_twice(reranker: Reranker) -> None:
    assert reranker.name
    reranker.close()
    reranker.close()


@pytest.mark.parametrize("backend", ["http", "llm"])
def test_a_service_that_refuses_is_unavailable(backend: str, embedder: Embedder) -> None:
    with scripted_model() as server:
        server.fallback = lambda _: refusal(401)
        options = RerankerOptions("m", server.url)
        made = build_reranker(
            backend, options, clock=SystemClock(), embedder=SharedEmbedder(embedder)
        )
        assert made is not None
        with pytest.raises(ModelUnavailableError, match="401"):
            made.rerank(QUERY, TEXTS, timeout_s=60)
        made.close()
