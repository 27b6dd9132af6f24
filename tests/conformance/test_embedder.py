"""What every encoder must do, bare and behind the batching queue."""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from memos.configs.embedder import EmbedderConfigFactory
from memos.embedders.base import Embedder
from memos.embedders.batching import BatchingEmbedder
from memos.embedders.encoding import Constants
from memos.embedders.factory import bare_embedder
from memos.embedders.local import LibraryEmbedder, LocalEncoder
from memos.embedders.use_multilingual import UseMultilingualEmbedder
from memos.errors import ConfigError
from memos.types.clock import SystemClock
from scripted_model import Answer, Request, ScriptedModel, scripted_model
from tests.tiny_encoder import write_encoder
from tests.tiny_models import write_fastembed, write_sentence_transformer

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


def of_words(texts: Sequence[str], *, query: bool) -> np.ndarray:
    """An encoder as a library's loader gives it."""
    return np.asarray([words_as_vector(text) for text in texts])


def embeddings(request: Request) -> Answer:
    """Vectors in OpenAI's form or in Ollama's, by the path asked."""
    if request.path == "/api/embed":
        rows = [words_as_vector(text) for text in request.body["input"]]
        return Answer(body={"model": "m", "embeddings": rows, "prompt_eval_count": 5})
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


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_encoder(tmp_path_factory.mktemp("encoder"), ["strawberry", "same", "other"])


@pytest.fixture(
    params=["use_multilingual", "universal_api", "ollama", "onnx", "library",
            "sentence_transformer", "fastembed"]
)  # fmt: skip
def bare(
    request: pytest.FixtureRequest, bundled: Embedder, server: ScriptedModel
) -> Iterator[Embedder]:
    if request.param == "use_multilingual":
        yield bundled
        return
    if request.param == "library":
        encoder = LocalEncoder("folder/tiny")
        yield LibraryEmbedder("library", encoder, lambda _: of_words, Constants(1.0, 0.1))
        return
    config: dict[str, object] = {"dense_weight": 1.0, "mean_cosine": 0.1}
    if request.param in {"universal_api", "ollama"}:
        config |= {"model_name_or_path": "m", "base_url": server.url, "embedding_dims": DIMENSION}
    elif request.param == "onnx":
        config |= {"model_name_or_path": str(request.getfixturevalue("encoder_folder"))}
    else:
        config |= request.getfixturevalue(f"{request.param}_files")
    chosen = EmbedderConfigFactory(backend=request.param, config=config)
    made = bare_embedder(chosen, SystemClock())
    yield made
    made.close()


@pytest.fixture(scope="module")
def sentence_transformer_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    pytest.importorskip("sentence_transformers", reason="needs torch, which CI does without")
    folder = tmp_path_factory.mktemp("sentence") / "tiny"
    return {"model_name_or_path": str(write_sentence_transformer(folder)), "device": "auto"}


@pytest.fixture(scope="module")
def fastembed_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    pytest.importorskip("fastembed", reason="its dependencies exclude newer ones of ours")
    folder = tmp_path_factory.mktemp("fastembed") / "tiny"
    return write_fastembed(folder)


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


def test_a_device_that_is_not_there_is_told(
    sentence_transformer_files: dict[str, str],
) -> None:
    config = {"dense_weight": 1.0, "mean_cosine": 0.1} | sentence_transformer_files
    chosen = EmbedderConfigFactory(
        backend="sentence_transformer", config=config | {"device": "cuda:7"}
    )
    made = bare_embedder(chosen, SystemClock())
    with pytest.raises(ConfigError, match="cuda:7"):
        made.embed(["anything"])
