"""What every method of the client stands on: the connection, repetition, streams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from typing_extensions import Self

from memos.api import _client_core as core
from memos.api._client_answer import (
    EventLines,
    is_event_stream,
    may_repeat,
    not_a_stream,
    pause_s,
    read_answer,
    unreachable,
)
from memos.api._client_core import Answer, Call
from memos.api.openmem_models import ChatResponse
from memos.types.clock import IdSource, RandomIds


class AsyncTransport:
    """Where requests go, when they are sent again, and how answers are read.

    The arguments are those of the client.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        is_global: str | bool = "false",  # noqa: ARG002 - accepted, see above
        *,
        timeout_s: float = 30.0,
        max_attempts: int = 3,
        backoff_s: float = 0.2,
        raise_on_error: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        ids: IdSource | None = None,
        extra_headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> None:
        self._connection = core.resolve(api_key, base_url, extra_headers, extra_body)
        self._max_attempts = max(max_attempts, 1)
        self._backoff_s = backoff_s
        self._raise_on_error = raise_on_error
        self._ids = ids or RandomIds()
        self._http = httpx.AsyncClient(timeout=timeout_s, transport=transport)

    @property
    def base_url(self) -> str:
        """Address of the API, without a slash at its end."""
        return self._connection.base_url

    @property
    def api_key(self) -> str:
        """The key that is sent."""
        return self._connection.api_key

    @property
    def headers(self) -> dict[str, str]:
        """Headers of every request."""
        return dict(self._connection.headers)

    async def aclose(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _send(self, call: Call[Answer]) -> Answer:
        response = await self._exchange(call)
        return read_answer(call, response, raise_on_error=self._raise_on_error)

    async def _stream(self, call: Call[ChatResponse]) -> AsyncIterator[str]:
        response = await self._exchange(call, stream=True)
        if is_event_stream(response):
            return self._events(response)
        await response.aread()
        read_answer(call, response, raise_on_error=True)
        raise not_a_stream()

    async def _events(self, response: httpx.Response) -> AsyncIterator[str]:
        lines = EventLines()
        try:
            async for chunk in response.aiter_bytes():
                for text in lines.feed(chunk):
                    yield text
            for text in lines.finish():
                yield text
        except httpx.TransportError as error:
            raise unreachable(error, self.base_url) from error
        finally:
            await response.aclose()

    async def _exchange(self, call: Call[Any], *, stream: bool = False) -> httpx.Response:
        """Send a call, again where that is safe, and return the answer to its last sending."""
        key = self._ids.new_id()
        attempt = 0
        while True:
            attempt += 1
            outcome = await self._attempt(call, key, stream=stream)
            if attempt < self._max_attempts and may_repeat(call, outcome):
                if isinstance(outcome, httpx.Response):
                    await outcome.aclose()
                await asyncio.sleep(pause_s(attempt, outcome, self._backoff_s))
            elif isinstance(outcome, httpx.Response):
                return outcome
            else:
                raise unreachable(outcome, self.base_url) from outcome

    async def _attempt(
        self, call: Call[Any], key: str, *, stream: bool
    ) -> httpx.Response | httpx.TransportError:
        with core.open_files(call.files) as files:
            arguments = core.request_arguments(call, self._connection, key, files)
            try:
                return await self._http.send(self._http.build_request(**arguments), stream=stream)
            except httpx.TransportError as error:
                return error
