"""A search keeps its deadline when the embedder does not, over HTTP."""

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from tests.conftest import Api, SharedEmbedder

BODY = {"user_id": "u", "query": "Where is the green kayak?"}


class HangingForQuestions(SharedEmbedder):
    """The session's embedder, which answers questions only when told to go on."""

    def __init__(self, inner: Embedder) -> None:
        super().__init__(inner)
        self.go_on = threading.Event()

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        assert not query or self.go_on.wait(30)
        return super().embed(texts, query=query)


@pytest.fixture
def hanging(embedder: Embedder) -> Iterator[HangingForQuestions]:
    made = HangingForQuestions(embedder)
    yield made
    made.go_on.set()


@pytest.fixture
def slow(settings: Settings, hanging: HangingForQuestions) -> Iterator[Api]:
    system = build(settings, embedder=hanging)
    system.start()
    with TestClient(create_app(system)) as http:
        api = Api(system, http)
        said = [{"role": "user", "content": "I keep the green kayak in the garage."}]
        body = {"user_id": "u", "messages": said, "async_mode": False}
        assert api.post("add/message", body)["code"] == 0
        yield api
    system.close()


def test_an_embedder_that_hangs_leaves_the_words(slow: Api, hanging: HangingForQuestions) -> None:
    started = time.monotonic()
    data = slow.post("search/memory", {**BODY, "deadline_ms": 300})["data"]
    assert time.monotonic() - started < 5
    assert data["stages"]["dense"] == "skipped: deadline"
    assert "kayak" in data["memory_detail_list"][0]["memory_value"]
    hanging.go_on.set()
    data = slow.post("search/memory", {**BODY, "deadline_ms": 60_000})["data"]
    assert data["stages"]["dense"] == "done"
