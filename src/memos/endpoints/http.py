"""JSON over HTTP for endpoints without a library of their own: tries, pauses, streams of lines.

Must not: log bodies, or pass on what the server says, which may repeat the key.
"""

import json
import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from memos.endpoints.bounded import answer_seconds
from memos.endpoints.refusal import PASSING, refused, retry_after_s
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.types.clock import Clock

if TYPE_CHECKING:
    import httpx

_LOG = logging.getLogger(__name__)
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
_MISSING = 404
_LONGEST_ASKED_S = 30.0
"""A server that asks for a longer pause is given up for now."""


@dataclass(frozen=True, slots=True)
class HttpEndpoint:
    """Where a model answers.

    Args:
        base: base URL.
        what: the model in a sentence (`the model`, `the embedder`).
        headers: sent along with every request; may hold a key.
        timeout_s: longest wait for a connection and for the next bytes; for an answer that comes
            whole, also from its first byte to its last, for a stream ten times that.
        max_retries: further tries after a passing failure.
        when_missing: what to do when it knows no such model (HTTP 404).
    """

    base: str
    what: str = "the model"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 60.0
    max_retries: int = 2
    when_missing: str = ""

    def __repr__(self) -> str:
        """Text without headers."""
        return f"HttpEndpoint(base={self.base!r})"


class JsonClient:
    """Posts JSON. Safe to use from several threads; connects at the first call.

    Passing failures (408, 409, 425, 429, 5xx, broken connections, time-outs) are tried again after
    growing, jittered pauses, or after the pause the server asks for, up to 30 seconds.

    Args:
        endpoint: where.
        clock: reads `Retry-After` dates, and measures how long an answer takes.
        pause: waits for so many seconds.
    """

    def __init__(
        self, endpoint: HttpEndpoint, clock: Clock, pause: Callable[[float], object] | None = None
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._closing = threading.Event()
        self._pause = pause or self._closing.wait
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None

    def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """The JSON value answered to a body.

        Raises:
            ModelRefusedError: the request itself was refused.
            ModelUnavailableError: not reachable, refused or timed out after the tries.
            ModelReplyError: the answer is no JSON.
        """
        with self._opened(path, body) as answer:
            raw = b"".join(self._parts(answer, stream=False))
        try:
            return json.loads(raw)
        except ValueError as error:
            raise ModelReplyError(f"{self._endpoint.what} answered no JSON") from error

    def lines(self, path: str, body: Mapping[str, Any]) -> Iterator[Any]:
        """The JSON values of an answer that has one a line, as they come. Raises as `post`.

        An answer that breaks off raises after what came; nothing is repeated.
        """
        with self._opened(path, body) as answer:
            rest = b""
            for part in self._parts(answer, stream=True):
                *whole, rest = (rest + part).split(b"\n")
                for line in whole:
                    yield from self._values(line)
            yield from self._values(rest)

    def close(self) -> None:
        """Release connections and end pauses; the next call connects anew."""
        self._closing.set()
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @contextmanager
    def _opened(self, path: str, body: Mapping[str, Any]) -> "Iterator[httpx.Response]":
        """A successful answer whose body is still to be read."""
        answer = self._tried(path, body)
        try:
            yield answer
        finally:
            answer.close()

    def _tried(self, path: str, body: Mapping[str, Any]) -> "httpx.Response":
        tries = self._endpoint.max_retries
        for attempt in range(tries + 1):
            answer, error = self._once(path, body)
            if answer is not None and answer.is_success:
                return answer
            pause = _pause_s(attempt)
            if answer is not None:
                error = self._refusal(answer)
                asked = retry_after_s(answer.headers, self._clock.now_ms())
                answer.close()
                if answer.status_code not in PASSING or (asked or 0) > _LONGEST_ASKED_S:
                    raise error
                pause = asked or pause
            if error is not None and attempt == tries:
                raise error
            _LOG.info("asked again", extra={"path": path, "attempt": attempt + 1})
            self._pause(pause)
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(
        self, path: str, body: Mapping[str, Any]
    ) -> "tuple[httpx.Response | None, ModelUnavailableError | None]":
        import httpx

        what = self._endpoint.what
        client = self._connected()
        try:
            request = client.build_request("POST", self._endpoint.base + path, json=dict(body))
            return client.send(request, stream=True), None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ModelUnavailableError(f"{what}: its address is no web address") from error
        except httpx.TimeoutException as error:
            late = ModelUnavailableError(f"{what} did not answer in time")
            late.__cause__ = error
            return None, late
        except httpx.HTTPError as error:
            away = ModelUnavailableError(f"{what} cannot be reached; check its address")
            away.__cause__ = error
            return None, away

    def _refusal(self, answer: "httpx.Response") -> ModelUnavailableError:
        endpoint = self._endpoint
        if answer.status_code == _MISSING and endpoint.when_missing:
            return ModelUnavailableError(
                f"{endpoint.what} is not there (HTTP 404); {endpoint.when_missing}"
            )
        return refused(endpoint.what, answer.status_code, answer.headers, self._clock.now_ms())

    def _values(self, line: bytes) -> Iterator[Any]:
        """The value of a line; none for a blank one."""
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ModelReplyError(f"{self._endpoint.what} answered no JSON") from error

    def _parts(self, answer: "httpx.Response", *, stream: bool) -> Iterator[bytes]:
        """The bytes of an answer as they come, while there is time."""
        import httpx

        late = f"{self._endpoint.what} did not answer in time"
        until = self._clock.monotonic() + answer_seconds(self._endpoint.timeout_s, stream=stream)
        try:
            for part in answer.iter_bytes():
                # Bytes that trickle in would keep a caller for ever: each resets the wait.
                if self._clock.monotonic() > until:
                    raise ModelUnavailableError(late)
                yield part
        except httpx.TimeoutException as error:
            raise ModelUnavailableError(late) from error
        except httpx.HTTPError as error:
            raise ModelUnavailableError(f"{self._endpoint.what} broke off its answer") from error

    def _connected(self) -> "httpx.Client":
        with self._lock:
            if self._client is None:
                import httpx

                self._closing.clear()
                self._client = httpx.Client(
                    timeout=self._endpoint.timeout_s, headers=dict(self._endpoint.headers)
                )
            return self._client


def _pause_s(attempt: int) -> float:
    return min(_FIRST_PAUSE_S * 2.0**attempt, _LONGEST_PAUSE_S) * random.uniform(0.75, 1.0)
