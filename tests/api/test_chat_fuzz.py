"""Whatever is sent to the endpoints that answer with models, the answer is an envelope or a stream."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.embedders.base import Embedder
from scripted_model import reply, scripted_model
from tests.api.test_chat import BASE, configured, running
from tests.api.test_openapi_fuzz import HEADERS, JUNK, SETTINGS, paths, replaced
from tests.conftest import Api

VALID: dict[str, dict[str, Any]] = {
    "chat": {
        "user_id": "u",
        "conversation_id": "c",
        "query": "What do I like?",
        "filter": {"and": [{"tags": {"contains": "a"}}]},
        "relativity": 0.2,
        "temperature": 0.5,
        "top_p": 1,
        "max_tokens": 9,
        "model_name": "answerer",
        "system_prompt": "Be brief. {memories}",
        "stream": False,
        "tags": ["a"],
        "info": {"scene": "x"},
        "add_message_on_answer": True,
    },
    "extract/memory": {
        "messages": [{"role": "user", "content": "I like tea."}],
        "extraction_types": ["memory", "preference"],
    },
    "rerank": {"query": "tea", "documents": ["green tea", "red car"], "top_n": 1, "model": None},
    "get/suggestions": {
        "user_id": "u",
        "language": "zh",
        "message": [{"role": "user", "content": "I like tea."}],
    },
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Api]:
    with scripted_model() as model:
        model.fallback = lambda _: reply("scripted")
        settings = configured(tmp_path_factory.mktemp("fuzz"), model.url)
        with running(settings, embedder) as api:
            yield api


def post(api: Api, endpoint: str, content: bytes) -> None:
    api.settle()
    answer = api.http.post(BASE + endpoint, content=content, headers=HEADERS)
    assert answer.status_code in {200, 400, 424}
    # A model that answers a stream with plain JSON is a failure of the model, code 50002.
    allowed = {50002} if answer.status_code == 424 else set()
    body = answer.json()
    assert body["code"] == 0 or 40000 <= body["code"] < 50000 or body["code"] in {50123, *allowed}
    assert (body["code"] == 0) == (body["message"] == "ok")
    assert isinstance(body["data"], dict)


@pytest.mark.parametrize("endpoint", VALID)
def test_a_good_request_with_one_bad_place_is_answered_in_the_envelope(
    served: Api, endpoint: str
) -> None:
    places = list(paths(VALID[endpoint]))

    @SETTINGS
    @given(st.sampled_from(places), JUNK)
    def probe(place: tuple[Any, ...], junk: Any) -> None:
        post(served, endpoint, json.dumps(replaced(VALID[endpoint], place, junk)).encode())

    probe()


@pytest.mark.parametrize("endpoint", VALID)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"stream": true}',
        b'{"stream": "true", "query": "\\ud800"}',
    ],
    ids=range(6),
)
def test_hostile_bytes_are_refused_politely(served: Api, endpoint: str, content: bytes) -> None:
    post(served, endpoint, content)
