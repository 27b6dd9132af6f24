"""SDK clients over the application in process, as the frameworks' adapters use them."""

import httpx
import pytest

from memos.api.client import AsyncMemOSClient, MemOSClient
from tests.conftest import KEY, Api

BASE = "http://testserver/api/openmem/v1"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def client(api: Api) -> MemOSClient:
    def forward(request: httpx.Request) -> httpx.Response:
        url, headers = str(request.url), dict(request.headers)
        answer = api.request(request.method, url, content=request.content, headers=headers)
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    return MemOSClient(KEY, BASE, raise_on_error=True, transport=httpx.MockTransport(forward))


@pytest.fixture
def async_client(api: Api) -> AsyncMemOSClient:
    transport = httpx.ASGITransport(api.http.app)
    return AsyncMemOSClient(KEY, BASE, raise_on_error=True, transport=transport)


@pytest.fixture
def told(api: Api, client: MemOSClient) -> None:
    """Mei said where she lives, and what she prefers."""
    client.add_message(
        [{"role": "user", "content": "I moved to Lisbon in February. I prefer tea to coffee."}],
        "mei",
        "before",
    )
    api.system.worker.drain()
