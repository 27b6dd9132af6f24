import threading
from collections.abc import Iterator

import pytest

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.reranker.http import HttpReranker, RerankEndpoint, address
from memos.types.clock import SystemClock
from scripted_model import Answer, Request, ScriptedModel, refusal, scripted_model

TEXTS = ["a", "bb", "ccc"]


def results(*pairs: tuple[object, object], key: str = "relevance_score") -> Answer:
    return Answer(body={"results": [{"index": i, key: s} for i, s in pairs]})


GOOD = results((2, 0.9), (0, 0.1), (1, 0.5))


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        model.fallback = lambda _: GOOD
        yield model


@pytest.fixture
def remote(server: ScriptedModel) -> Iterator[HttpReranker]:
    reranker = HttpReranker(RerankEndpoint(server.url, "m-1", "sk-secret"), SystemClock())
    yield reranker
    reranker.close()


def rerank(reranker: HttpReranker, timeout_s: float = 30) -> list[float]:
    return reranker.rerank("q", TEXTS, timeout_s=timeout_s)


def test_the_common_form_is_asked_and_scores_come_in_the_order_of_the_texts(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    assert rerank(remote) == [0.1, 0.5, 0.9]
    request = server.requests[0]
    assert request.path == "/v1/rerank"
    assert request.headers["authorization"] == "Bearer sk-secret"
    assert request.body == {"model": "m-1", "query": "q", "documents": TEXTS, "top_n": 3}


def test_a_pause_the_service_asks_for_is_made_when_there_is_time(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    server.script(Answer(status=429, body={}, headers={"retry-after-ms": "20"}), GOOD)
    assert rerank(remote) == [0.1, 0.5, 0.9]
    server.script(Answer(status=429, body={}, headers={"retry-after": "60"}))
    with pytest.raises(ModelUnavailableError, match="429") as caught:
        rerank(remote, timeout_s=5)
    assert caught.value.retry_after_s == 60
    assert len(server.requests) == 3


def test_without_key_or_model_none_is_sent(server: ScriptedModel) -> None:
    reranker = HttpReranker(RerankEndpoint(server.url), SystemClock())
    rerank(reranker)
    reranker.close()
    assert "authorization" not in server.requests[0].headers
    assert "model" not in server.requests[0].body


def test_a_server_of_the_other_form_is_asked_with_texts_from_then_on(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    def answer(request: Request) -> Answer:
        if "texts" not in request.body:
            return refusal(422)
        return Answer(body=[{"index": 1, "score": 0.7}, {"index": 0, "score": 0.2},
                            {"index": 2, "score": 0.0}])  # fmt: skip

    server.fallback = answer
    assert rerank(remote) == rerank(remote) == [0.2, 0.7, 0.0]
    assert ["texts" in r.body for r in server.requests] == [False, True, True]


def test_a_refusal_of_both_forms_is_the_first_ones(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    server.script(refusal(400), refusal(500))
    with pytest.raises(ModelUnavailableError, match="400"):
        rerank(remote)
    assert rerank(remote) == [0.1, 0.5, 0.9]


@pytest.mark.parametrize("answer", [
    results((0, 0.1), (1, 0.5), (2, 0.9), key="score"),
    Answer(body={"data": [{"index": 2, "relevance_score": 0.9}, {"index": 0, "score": 0.1},
                          {"index": 1, "score": 0.5}]}),
    Answer(body={"data": {"results": [{"index": n, "score": s} for n, s in
                                      enumerate([0.1, 0.5, 0.9])]}}),
], ids=["score", "data", "data.results"])  # fmt: skip
def test_other_wrappings_are_read(
    server: ScriptedModel, remote: HttpReranker, answer: Answer
) -> None:
    server.script(answer)
    assert rerank(remote) == [0.1, 0.5, 0.9]


def test_logits_are_squashed_and_stay_logits_for_this_service(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    server.script(results((0, -4.0), (1, 0.0), (2, 3.0)), results((0, 0.0), (1, 0.0), (2, 0.9)))
    assert rerank(remote) == pytest.approx([0.018, 0.5, 0.953], abs=0.001)
    assert rerank(remote) == pytest.approx([0.5, 0.5, 0.711], abs=0.001)


def test_no_texts_ask_nothing(server: ScriptedModel, remote: HttpReranker) -> None:
    assert remote.rerank("q", [], timeout_s=30) == []
    assert server.requests == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_refusal_is_tried_again(
    server: ScriptedModel, remote: HttpReranker, status: int
) -> None:
    server.script(refusal(status))
    assert rerank(remote) == [0.1, 0.5, 0.9]
    assert len(server.requests) == 2


def test_nothing_is_tried_again_when_the_time_would_not_do(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    reranker = HttpReranker(RerankEndpoint(server.url), FastClock())
    server.script(refusal(503))
    with pytest.raises(ModelUnavailableError, match="503"):
        rerank(reranker)
    reranker.close()
    assert len(server.requests) == 1


class FastClock(SystemClock):
    """Every look at it is a minute later."""

    def __init__(self) -> None:
        self.minutes = 0

    def monotonic(self) -> float:
        self.minutes += 1
        return self.minutes * 60.0


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_a_lasting_refusal_is_unavailable_and_keeps_the_servers_words_out(
    server: ScriptedModel, remote: HttpReranker, status: int
) -> None:
    server.fallback = lambda _: refusal(status, "bad key sk-secret")
    with pytest.raises(ModelUnavailableError, match=str(status)) as caught:
        rerank(remote)
    assert "sk-secret" not in caught.value.message


def test_a_server_that_never_answers_is_left_at_the_timeout(
    server: ScriptedModel, remote: HttpReranker
) -> None:
    server.script(Answer(hang=True))
    with pytest.raises(ModelUnavailableError, match="in time"):
        rerank(remote, timeout_s=0.05)
    assert rerank(remote) == [0.1, 0.5, 0.9]


def test_an_address_where_nobody_listens_is_unavailable(server: ScriptedModel) -> None:
    reranker = HttpReranker(RerankEndpoint("http://127.0.0.1:9/v1"), SystemClock())
    with pytest.raises(ModelUnavailableError, match="address"):
        rerank(reranker, timeout_s=0.2)
    reranker.close()


@pytest.mark.parametrize("url", ["localhost:80/rerank", "ftp://h/rerank", "http://h:port/rerank"])
def test_an_address_that_is_none_says_so(url: str) -> None:
    reranker = HttpReranker(RerankEndpoint(url), SystemClock())
    with pytest.raises(ModelUnavailableError, match="web address"):
        rerank(reranker)
    reranker.close()


@pytest.mark.parametrize("answer", [
    results((0, 0.1), (1, 0.5)),
    results((0, 0.1), (0, 0.1), (1, 0.5), (2, 0.5)),
    results((0, 0.1), (1, 0.5), (3, 0.5)),
    results((0, 0.1), (1, 0.5), (-1, 0.5)),
    results((0, 0.1), (1, 0.5), (2, None)),
    results((0, 0.1), (1, 0.5), (2, True)),
    results((0, 0.1), (1, 0.5), ("2", 0.5)),
    Answer(body=b'{"results": [{"index":0,"score":1},{"index":1,"score":NaN},{"index":2,"score":1}]}'),
    Answer(body={"results": "no"}),
    Answer(body={"results": [1, 2, 3]}),
    Answer(body={}),
    Answer(body=b"<html>"),
    Answer(body=b"\xff\xfe{"),
], ids=["few", "twice", "unknown", "negative", "null", "true", "text", "nan", "no list",
        "numbers", "empty", "page", "bytes"])  # fmt: skip
def test_an_unusable_answer_is_a_reply_error(
    server: ScriptedModel, remote: HttpReranker, answer: Answer
) -> None:
    server.script(answer)
    with pytest.raises(ModelReplyError):
        rerank(remote)


def test_closing_breaks_off_a_call_under_way(server: ScriptedModel, remote: HttpReranker) -> None:
    asked = threading.Event()

    def hang(_: Request) -> Answer:
        asked.set()
        return Answer(hang=True)

    server.fallback = hang
    caught: list[Exception] = []

    def call() -> None:
        try:
            rerank(remote)
        except ModelUnavailableError as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert asked.wait(10)
    remote.close()
    thread.join(10)
    assert [type(error) for error in caught] == [ModelUnavailableError]


@pytest.mark.parametrize(("given", "asked"), [
    ("http://h:1", "http://h:1/rerank"),
    ("http://h:1/", "http://h:1/rerank"),
    ("https://h/v1", "https://h/v1/rerank"),
    ("https://h/api/v2/", "https://h/api/v2/rerank"),
    ("https://h/v1/rerank", "https://h/v1/rerank"),
    ("https://h/custom", "https://h/custom"),
])  # fmt: skip
def test_the_path_is_completed(given: str, asked: str) -> None:
    assert address(given) == asked


def test_the_key_is_not_in_the_text_of_an_endpoint() -> None:
    assert "sk-secret" not in repr(RerankEndpoint("http://h", "m", "sk-secret"))
