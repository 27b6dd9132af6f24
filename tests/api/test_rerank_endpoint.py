"""Reranking over the API: the documented shape, sensible scores, the configured judge."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.embedders.base import Embedder
from scripted_model import Answer, ScriptedModel, refusal, scripted_model
from tests.api.test_chat import configured, running
from tests.conftest import Api

HOBBIES = {
    "query": "What are the user's hobbies?",
    "documents": [
        "User is a backend developer in Hangzhou.",
        "User likes playing badminton.",
        "User prefers concise replies.",
        "User prefers Jiangxiang-flavored baijiu.",
        "User is going on a business trip to Beijing next Wednesday.",
    ],
}


def order(api: Api, query: str, *documents: str) -> list[tuple[str, float]]:
    answer = api.post("rerank", {"query": query, "documents": documents})
    assert answer["code"] == 0
    return [(r["document"]["text"], r["relevance_score"]) for r in answer["results"]]


def test_the_documented_keys_stand_at_the_top_and_under_data(api: Api) -> None:
    answer = api.post("rerank", {"model": "memos-reranker-0.6b", **HOBBIES})
    assert (answer["code"], answer["message"]) == (0, "ok")
    for shape in (answer, answer["data"]):
        assert isinstance(shape["id"], str)
        assert shape["id"]
        assert shape["model"] == "embedded"
        assert shape["usage"]["prompt_tokens"] == shape["usage"]["total_tokens"] > 20
        results = shape["results"]
        assert results[0]["document"] == {"text": "User likes playing badminton."}
        assert results[0]["index"] == 1
        scores = [r["relevance_score"] for r in results]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= s <= 1 for s in scores)
        assert sorted(r["index"] for r in results) == [0, 1, 2, 3, 4]
    assert answer["results"] == answer["data"]["results"]


@pytest.mark.parametrize("top_n", [1, 3, "2", 99])
def test_only_the_best_are_returned_when_that_is_asked(api: Api, top_n: int | str) -> None:
    answer = api.post("rerank", {**HOBBIES, "model": None, "top_n": top_n})
    assert len(answer["results"]) == min(int(top_n), 5)
    assert answer["results"][0]["index"] == 1


@pytest.mark.parametrize(
    ("query", "right", "others"),
    [
        (
            "When is the dentist appointment?",
            "The dentist will see me next Tuesday at nine.",
            ["The car is at the garage.", "My cat is called Bean.", "We meet at noon on Friday."],
        ),
        (
            "我什么时候去看牙医？",
            "牙医预约在下周二上午九点。",
            ["用户的猫叫豆豆。", "汽车在修理厂。", "周五中午开会。"],
        ),
        (
            "When is the dentist appointment?",
            "牙医预约在下周二上午九点。",
            ["用户的猫叫豆豆。", "My cat is called Bean.", "我喜欢吃火锅。"],
        ),
        (
            "error E-1042 in the invoice export",
            "The invoice export fails with E-1042 since the update.",
            [
                "The invoice export fails with E-2077 since the update.",
                "My cat is called Bean.",
            ],
        ),
    ],
)
def test_the_answer_is_first_and_scores_tell_relevant_from_unrelated(
    api: Api, query: str, right: str, others: list[str]
) -> None:
    ranked = order(api, query, *others, right)
    assert ranked[0][0] == right
    assert ranked[0][1] > 0.5
    assert ranked[-1][1] < 0.3


def test_equal_texts_keep_their_order_and_blank_ones_are_last(api: Api) -> None:
    answer = api.post("rerank", {"query": "tea", "documents": ["tea", "", "tea"]})
    assert [r["index"] for r in answer["results"]] == [0, 2, 1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"query": None}, 40002),
        ({"query": ""}, 40002),
        ({"query": 5}, 40000),
        ({"documents": None}, 40002),
        ({"documents": []}, 40003),
        ({"documents": "text"}, 40000),
        ({"documents": [1]}, 40000),
        ({"top_n": 0}, 40000),
        ({"top_n": -1}, 40000),
        ({"top_n": "many"}, 40000),
        ({"model": "bge"}, 40000),
        ({"documents": ["word " * 8000]}, 40305),
        ({"documents": ["字" * 4000] * 2}, 40305),
    ],
)
def test_what_cannot_be_used_is_refused(api: Api, change: dict, code: int) -> None:
    answer = api.post("rerank", {**HOBBIES, **change})
    assert (answer["code"], answer["data"]) == (code, {"results": []})
    assert not [u for u in api.system.records.usage() if u.operation == "rerank"]


def test_usage_is_counted(api: Api) -> None:
    api.post("rerank", HOBBIES)
    (row,) = [u for u in api.system.records.usage() if u.operation == "rerank"]
    assert (row.calls, row.tokens > 20) == (1, True)


@pytest.fixture
def judge() -> Iterator[ScriptedModel]:
    with scripted_model() as server:
        yield server


def test_the_configured_reranker_judges_and_its_failure_is_told(
    tmp_path: Path, embedder: Embedder, judge: ScriptedModel
) -> None:
    settings = configured(
        tmp_path, judge.url, reranker_backend="http", reranker_url=judge.url, reranker_model="bge"
    )
    scores = [{"index": n, "relevance_score": n / 10} for n in range(5)]
    with running(settings, embedder) as api:
        judge.script(Answer(body={"results": scores}), Answer(body={"results": scores}))
        answer = api.post("rerank", HOBBIES)
        assert [r["index"] for r in answer["results"]] == [4, 3, 2, 1, 0]
        assert "bge" in answer["model"]
        assert api.post("rerank", {**HOBBIES, "model": answer["model"]})["code"] == 0
        judge.fallback = lambda _: refusal(500)
        assert api.post("rerank", HOBBIES)["code"] == 50002


def test_the_words_judge_alone_while_the_embedder_is_away() -> None:
    from memos.embedders.base import EmbedderProfile
    from memos.errors import ModelUnavailableError
    from memos.reranker.embedded import EmbeddedReranker
    from memos.types.clock import SystemClock

    class Away:
        profile = EmbedderProfile("away", 2, 1.3, 0.07)

        def embed(self, texts: object, *, query: bool = False) -> None:
            raise ModelUnavailableError("away")

    found = EmbeddedReranker(Away(), SystemClock()).rerank(  # type: ignore[arg-type]
        "green tea", ["coffee", "green tea"], timeout_s=5
    )
    assert found[1] > 0.9 > 0.3 > found[0]
