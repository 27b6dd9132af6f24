"""What every encoder must do, bare and behind the batching queue."""

import hashlib
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from memos.embedders.base import Embedder
from memos.embedders.batching import BatchingEmbedder
from memos.embedders.universal_api import EmbeddingEndpoint, UniversalApiEmbedder
from memos.embedders.use_multilingual import UseMultilingualEmbedder
from memos.types.clock import SystemClock
from scripted_model import Answer, Request, ScriptedModel, scripted_model

TEXTS = [
    "I love strawberries.",
    "我住在上海。",
    "",
    "A quite different matter",
    "\ud83d lone",
    " \n",
]
DIMENSION = 24


def words_as_vector(text: str) -> list[float]:
    """A vector that depends on the text only; not of unit length on purpose."""
    digest = hashlib.sha256(text.encode()).digest()
    return [byte / 16 for byte in digest[:DIMENSION]]


def embeddings(request: Request) -> Answer:
    data = [
        {"object": "embedding", "index": i, "embedding": words_as_vector(text)}
        for i, text in enumerate(request.body["input"])
    ]
    body = {"object": "list", "model": "m", "data": data[::-1], "usage": {}}
    return Answer(body=body)


@pytest.fixture(scope="module")
def bundled() -> Iterator[Embedder]:
    embedder = UseMultilingualEmbedder()
    yield embedder
    embedder.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        model.fallback = embeddings
        yield model


@pytest.fixture(params=["use_multilingual", "universal_api"])
def bare(
    request: pytest.FixtureRequest, bundled: Embedder, server: ScriptedModel
) -> Iterator[Embedder]:
    if request.param == "use_multilingual":
        yield bundled
        return
    endpoint = EmbeddingEndpoint("m", api_base=server.url, dimension=DIMENSION)
    remote = UniversalApiEmbedder(endpoint, dense_weight=1.0, mean_cosine=0.1)
    yield remote
    remote.close()


@pytest.fixture(params=["bare", "batched"])
def embedder(request: pytest.FixtureRequest, bare: Embedder) -> Iterator[Embedder]:
    if request.param == "bare":
        yield bare
        return
    batching = BatchingEmbedder(bare, SystemClock())
    yield batching
    batching.close()


def test_vectors_have_the_profiles_size_and_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.profile.dim)
    assert vectors.dtype == np.float32
    expected = [1.0 if text.strip() else 0.0 for text in TEXTS]
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(expected, abs=1e-5)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.profile.dim)


def test_the_same_text_gives_the_same_vector_every_time(embedder: Embedder) -> None:
    assert np.array_equal(embedder.embed(TEXTS[:1]), embedder.embed(TEXTS[:1]))


def test_a_batch_equals_its_texts_one_by_one_and_keeps_their_order(embedder: Embedder) -> None:
    many = [f"{text} {i}" for i in range(30) for text in TEXTS]
    batch = embedder.embed(many)
    assert np.allclose(batch, np.concatenate([embedder.embed([t]) for t in many]), atol=1e-5)


def test_repeated_texts_in_one_call_give_equal_rows(embedder: Embedder) -> None:
    a, b, c = embedder.embed(["same", "other", "same"])
    assert np.allclose(a, c, atol=1e-6)
    assert not np.allclose(a, b, atol=0.01)


def test_a_very_long_text_is_embedded(embedder: Embedder) -> None:
    vectors = embedder.embed(["strawberry jam. " * 5000, "草莓酱。" * 5000])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)


def test_questions_are_encoded_too(embedder: Embedder) -> None:
    assert embedder.embed(["Where do I live?"], query=True).shape == (1, embedder.profile.dim)


def test_rows_belong_to_the_caller(embedder: Embedder) -> None:
    before = embedder.embed(["mine"])
    kept = before.copy()
    before += 1.0
    assert np.array_equal(embedder.embed(["mine"]), kept)


def test_eight_threads_get_the_vectors_of_their_own_texts(embedder: Embedder) -> None:
    texts = [[f"thread {t} says {i}" for i in range(12)] for t in range(8)]
    expected = [embedder.embed(mine) for mine in texts]
    got: dict[int, list[np.ndarray]] = {t: [] for t in range(8)}

    def run(t: int) -> None:
        got[t] = [embedder.embed([text], query=False)[0] for text in texts[t]]

    threads = [threading.Thread(target=run, args=(t,)) for t in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for t in range(8):
        assert np.allclose(np.stack(got[t]), expected[t], atol=1e-5)
