from collections.abc import Iterator

import numpy as np
import pytest

from memos.embedders.encoding import Constants
from memos.embedders.factory import EmbedderOptions, build_embedder
from memos.embedders.universal_api import EmbeddingEndpoint, UniversalApiEmbedder
from memos.errors import ConfigError, MemosError, ModelReplyError, ModelUnavailableError
from memos.types.clock import SystemClock
from scripted_model import Answer, Request, ScriptedModel, refusal, scripted_model

LONGEST = 6


def vectors(request: Request) -> Answer:
    """Vectors as long as asked for; a question and its answer share a direction."""
    dimension = request.body.get("dimensions", LONGEST)
    rows = []
    for index, text in enumerate(request.body["input"]):
        row = [0.0] * dimension
        row[index % dimension] = 2.0 + len(text) % 3
        rows.append({"object": "embedding", "index": index, "embedding": row})
    return Answer(body={"object": "list", "model": "m", "data": rows})


def data(*rows: list[float]) -> Answer:
    items = [{"object": "embedding", "index": i, "embedding": r} for i, r in enumerate(rows)]
    return Answer(body={"object": "list", "model": "m", "data": items})


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        model.fallback = vectors
        yield model


@pytest.fixture
def remote(server: ScriptedModel) -> Iterator[UniversalApiEmbedder]:
    endpoint = EmbeddingEndpoint("m-1", api_base=server.url, api_key="sk-secret", timeout_s=5)
    embedder = UniversalApiEmbedder(endpoint, Constants(1.0, 0.1))
    yield embedder
    embedder.close()


def test_texts_go_in_batches_of_64_and_blank_ones_stay_here(
    server: ScriptedModel, remote: UniversalApiEmbedder
) -> None:
    result = remote.embed([f"text {i}" for i in range(100)] + [" "])
    assert result.shape == (101, LONGEST)
    assert not result[100].any()
    assert [len(r.body["input"]) for r in server.requests] == [64, 36]
    assert server.requests[0].path == "/v1/embeddings"
    assert server.requests[0].headers["authorization"] == "Bearer sk-secret"
    assert "dimensions" not in server.requests[0].body


def test_an_endpoint_without_a_key_is_sent_none(server: ScriptedModel) -> None:
    embedder = UniversalApiEmbedder(EmbeddingEndpoint("m", api_base=server.url))
    embedder.embed(["a"])
    assert server.requests[0].headers["authorization"] == "Bearer none"
    embedder.close()


def test_the_configured_length_is_asked_for_when_the_model_gives_more(
    server: ScriptedModel,
) -> None:
    embedder = UniversalApiEmbedder(EmbeddingEndpoint("m", api_base=server.url, dimension=4))
    assert embedder.embed(["a"]).shape == (1, 4)
    assert embedder.embed(["b"]).shape == (1, 4)
    assert [r.body.get("dimensions") for r in server.requests] == [None, 4, 4]
    embedder.close()


def test_a_length_the_model_does_not_give_is_a_settings_error(server: ScriptedModel) -> None:
    embedder = UniversalApiEmbedder(EmbeddingEndpoint("m", api_base=server.url, dimension=9))
    with pytest.raises(ConfigError, match="MEMOS_EMBEDDER_DIMENSION"):
        embedder.embed(["a"])
    embedder.close()


def test_a_passing_refusal_is_tried_again(
    server: ScriptedModel, remote: UniversalApiEmbedder
) -> None:
    server.script(refusal(429), refusal(500))
    assert remote.embed(["a"]).shape == (1, LONGEST)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_lasting_refusal_is_unavailable_and_keeps_the_servers_words_out(
    server: ScriptedModel, remote: UniversalApiEmbedder, status: int
) -> None:
    server.fallback = lambda _: refusal(status, "bad key sk-secret")
    with pytest.raises(ModelUnavailableError, match=str(status)) as caught:
        remote.embed(["a"])
    assert "sk-secret" not in caught.value.message


@pytest.mark.parametrize(
    "answer",
    [
        data([1.0, 0.0]),
        data([1.0, 0.0], [1.0, 0.0, 0.0]),
        data([0.0, 0.0], [1.0, 0.0]),
        data([float("nan"), 0.0], [1.0, 0.0]),
        data(),
        Answer(body={"data": [{"index": 0, "embedding": "abc"}] * 2}),
        Answer(body={"data": None}),
        Answer(body={}),
        Answer(body=b'{"data": [{"ind'),
        Answer(body=b"<html>"),
    ],
    ids=["few", "ragged", "zero", "nan", "none", "text", "null", "no data", "cut", "page"],
)
def test_an_unusable_answer_is_a_reply_error(
    server: ScriptedModel, remote: UniversalApiEmbedder, answer: Answer
) -> None:
    server.script(answer)
    with pytest.raises(ModelReplyError):
        remote.embed(["a", "b"])


def test_a_server_that_never_answers_times_out(server: ScriptedModel) -> None:
    endpoint = EmbeddingEndpoint("m", api_base=server.url, timeout_s=0.05, max_retries=0)
    embedder = UniversalApiEmbedder(endpoint)
    server.script(Answer(hang=True))
    with pytest.raises(ModelUnavailableError, match="in time"):
        embedder.embed(["a"])
    embedder.close()


def test_nobody_listening_is_unavailable() -> None:
    with scripted_model() as gone:
        url = gone.url
    embedder = UniversalApiEmbedder(EmbeddingEndpoint("m", api_base=url, max_retries=0))
    with pytest.raises(ModelUnavailableError, match="reached"):
        embedder.embed(["a"])
    embedder.close()


def test_given_constants_and_length_need_no_call(server: ScriptedModel) -> None:
    endpoint = EmbeddingEndpoint("m-1", api_base=server.url, dimension=LONGEST)
    embedder = UniversalApiEmbedder(endpoint, Constants(2.0, 0.3))
    profile = embedder.profile
    assert (profile.name, profile.dim) == (f"m-1@{LONGEST}", LONGEST)
    assert (profile.dense_weight, profile.mean_cosine) == (2.0, 0.3)
    assert not server.requests
    embedder.close()


def test_missing_constants_are_measured_once(server: ScriptedModel) -> None:
    embedder = UniversalApiEmbedder(
        EmbeddingEndpoint("m", api_base=server.url), Constants(mean_cosine=0.3)
    )
    profile = embedder.profile
    assert (profile.dim, profile.mean_cosine) == (LONGEST, 0.3)
    assert 0.3 <= profile.dense_weight <= 10
    asked = len(server.requests)
    assert embedder.profile is profile
    assert len(server.requests) == asked
    embedder.close()


def test_an_endpoint_that_is_down_can_be_measured_later(server: ScriptedModel) -> None:
    embedder = UniversalApiEmbedder(EmbeddingEndpoint("m", api_base=server.url))
    server.script(refusal(401))
    with pytest.raises(ModelUnavailableError):
        _ = embedder.profile
    assert embedder.profile.dim == LONGEST
    embedder.close()


def test_a_long_text_is_cut_before_it_is_sent(
    server: ScriptedModel, remote: UniversalApiEmbedder
) -> None:
    remote.embed(["字" * 10_000, "word " * 2_000])
    sent = server.requests[0].body["input"]
    assert len(sent[0]) == 6000
    assert len(sent[1]) == 10_000


def test_the_factory_builds_an_endpoint_behind_the_queue(server: ScriptedModel) -> None:
    embedder = build_embedder(
        "universal_api",
        SystemClock(),
        model="m",
        api_base=server.url,
        options=EmbedderOptions(dimension=4, dense_weight=1.0, mean_cosine=0.0),
    )
    assert np.linalg.norm(embedder.embed(["a"])[0]) == pytest.approx(1.0)
    assert embedder.profile.dim == 4
    embedder.close()


def test_the_factory_builds_the_bundled_encoder_without_loading_it() -> None:
    embedder = build_embedder("use_multilingual", SystemClock())
    assert embedder.profile.name == "use-multilingual-v3"
    assert embedder._inner._backend is None  # type: ignore[attr-defined]
    embedder.close()


@pytest.mark.parametrize(
    ("backend", "options", "word"),
    [
        ("ollama", None, "MEMOS_EMBEDDER_MODEL"),
        ("universal_api", None, "MEMOS_EMBEDDER_MODEL"),
        ("use_multilingual", EmbedderOptions(dimension=1024), "EMBEDDING_DIMENSION"),
    ],
)
def test_the_factory_refuses_what_cannot_work(
    backend: str, options: EmbedderOptions | None, word: str
) -> None:
    with pytest.raises(MemosError, match=word):
        build_embedder(backend, SystemClock(), options=options)
