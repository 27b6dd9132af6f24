"""Bounds the time a whole answer takes, for libraries that speak HTTP themselves.

Their own limit is for the next bytes, and bytes that trickle in would keep a caller for ever.
"""

import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from memos.types.clock import Clock

STREAM_TIMES = 10
"""A stream may take so many times as long as an answer that comes whole."""


def bounded_client(library: ModuleType, clock: Clock, timeout_s: float) -> Any:  # noqa: ANN401 - the library's
    """An HTTP client for the `openai` or `anthropic` library.

    An answer that comes whole is given up `timeout_s` after its first byte, a stream after
    `STREAM_TIMES` times that; the library sees a time-out.

    Args:
        library: the module.
        clock: measures the time.
        timeout_s: longest wait for the next bytes, in seconds.
    """
    bound = _bound(clock, timeout_s)
    return _closing(library)(timeout=timeout_s, event_hooks={"response": [bound]})


def answer_seconds(timeout_s: float, *, stream: bool) -> float:
    """Longest time from the first byte of an answer to its last."""
    return timeout_s * (STREAM_TIMES if stream else 1)


@cache
def _closing(library: ModuleType) -> Any:  # noqa: ANN401 - a class made of the library's
    class ClosingClient(library.DefaultHttpxClient):  # type: ignore[misc, name-defined]
        """Lets its connections go with its last user, as the library's own client does."""

        def __del__(self) -> None:
            if not self.is_closed:
                self.close()

    return ClosingClient


def _bound(clock: Clock, timeout_s: float) -> Callable[[Any], None]:
    def bound(answer: Any) -> None:  # noqa: ANN401 - of httpx, or of the successor a library has
        stream = answer.headers.get("content-type", "").startswith("text/event-stream")
        until = clock.monotonic() + answer_seconds(timeout_s, stream=stream)

        def check() -> None:
            if clock.monotonic() > until:
                raise module.ReadTimeout("the answer takes too long", request=answer.request)

        module = sys.modules[type(answer).__module__.partition(".")[0]]
        answer.stream = _checked_stream(module)(answer.stream, check)

    return bound


@cache
def _checked_stream(module: ModuleType) -> Any:  # noqa: ANN401 - a class made of the module's
    class CheckedStream(module.SyncByteStream):  # type: ignore[misc, name-defined]
        """The bytes of an answer, while a check lets them pass."""

        def __init__(self, inner: Any, check: Callable[[], None]) -> None:  # noqa: ANN401
            self._inner = inner
            self._check = check

        def __iter__(self) -> Iterator[bytes]:
            for part in self._inner:
                self._check()
                yield part

        def close(self) -> None:
            self._inner.close()

    return CheckedStream
