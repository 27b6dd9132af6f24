"""A system whose messages a scripted model reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from tests.api.timeline import Teller
from tests.conftest import KEY, Api, ManualClock
from tests.scripted_model import ScriptedModel, refusal, scripted_model


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as server:
        server.fallback = lambda _: refusal(404)
        yield server


@pytest.fixture
def read_by_model(model: ScriptedModel, embedder: Embedder, tmp_path: Path) -> Iterator[Api]:
    settings = Settings(
        data_dir=tmp_path / "data",
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        llm_model="scripted",
        llm_api_base=model.url,
        llm_max_retries=0,
    )
    system = build(settings, embedder=embedder)
    system.start()
    with TestClient(create_app(system)) as http:
        yield Api(system, http)
    system.close()


@pytest.fixture
def teller(settings: Settings, embedder: Embedder) -> Iterator[Teller]:
    """A fresh system in January 2025, whose clock moves only when told to."""
    clock = ManualClock()
    system = build(settings, embedder=embedder, clock=clock)
    system.start()
    with TestClient(create_app(system), raise_server_exceptions=False) as http:
        yield Teller(Api(system, http), clock).at("2025-01-10")
    system.close()
