"""Fixtures shared by every kind of test: one loaded embedder, a manual clock, a fresh system."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import itertools
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import hypothesis
import numpy as np
import numpy.typing as npt
import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder, EmbedderProfile
from memos.embedders.factory import build_embedder
from memos.mem_os.bootstrap import System, build
from memos.types.clock import SystemClock

# A busy machine is no defect of the code: examples may take as long as they take.
hypothesis.settings.register_profile("memos", deadline=None)
hypothesis.settings.load_profile("memos")

KEY = "mpg-test-key-0123456789abcdef"
START_MS = 1_765_359_840_000  # 10 December 2025, 09:44 UTC


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.ms = now_ms

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def advance(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


class CountedIds:
    """Ids in a fixed order."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        return str(uuid.UUID(int=next(self._numbers)))


class SharedEmbedder:
    """The session's embedder; closing it is left to the session."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner

    @property
    def profile(self) -> EmbedderProfile:
        return self._inner.profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        return self._inner.embed(texts, query=query)

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def embedder() -> Iterator[Embedder]:
    """The bundled encoder, loaded once."""
    inner = build_embedder("use_multilingual", SystemClock())
    inner.embed(["warm up"])
    yield SharedEmbedder(inner)
    inner.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings over a fresh folder: a known key, no rate limit, no worker running by itself."""
    return Settings(
        data_dir=tmp_path / "data",
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
    )


@pytest.fixture
def system(settings: Settings, embedder: Embedder) -> Iterator[System]:
    """A started system."""
    built = build(settings, embedder=embedder)
    built.start()
    yield built
    built.close()


class Api:
    """The Cloud API of a system, called in process."""

    def __init__(self, system: System, http: TestClient, key: str = KEY) -> None:
        self.system = system
        self.http = http
        self.key = key

    def request(self, method: str, path: str, **options: object) -> httpx.Response:
        """One request to the application, with the key unless headers are given."""
        options.setdefault("headers", {"Authorization": f"Token {self.key}"})
        return self.http.request(method, path, **options)  # type: ignore[arg-type]

    def post(self, path: str, body: object, **options: object) -> dict:
        """The answer to a POST below the Cloud API's address."""
        return self.request("POST", f"/api/openmem/v1/{path}", json=body, **options).json()

    def get(self, path: str, **options: object) -> dict:
        """The answer to a GET below the Cloud API's address."""
        return self.request("GET", f"/api/openmem/v1/{path}", **options).json()

    def with_key(self, key: str) -> "Api":
        """The same application under another key."""
        return Api(self.system, self.http, key)

    def settle(self) -> None:
        """Wait until all queued work is done."""
        while self.system.records.unfinished():
            self.system.worker.drain()


@pytest.fixture
def api(system: System) -> Iterator[Api]:
    """The API of a fresh, started system."""
    with TestClient(create_app(system), raise_server_exceptions=False) as http:
        yield Api(system, http)
