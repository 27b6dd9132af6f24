"""Connections of a fetch: to an address that was checked, and not beyond a point in time."""

import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any

import httpcore

from memos.errors import DocumentError
from memos.parsers.address import AddressPolicy, is_odd_number

Resolve = Callable[[str, int], Sequence[str]]
"""Addresses of a host; raises OSError when there is none."""


def resolve(host: str, port: int) -> list[str]:
    """Addresses of a host as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a host once, checks every address, and connects to one of those.

    What is checked is what is connected to, so that a name that resolves differently the next time
    (DNS rebinding) gains nothing.

    Args:
        policy: what may be reached.
        resolver: addresses of a host.
        remaining_s: seconds left for the whole fetch.
    """

    def __init__(
        self, policy: AddressPolicy, resolver: Resolve, remaining_s: Callable[[], float]
    ) -> None:
        self._policy = policy
        self._resolve = resolver
        self._remaining_s = remaining_s
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        *_: object,
        **__: object,
    ) -> httpcore.NetworkStream:
        """Connect to a checked address of the host.

        Raises:
            DocumentError: the host may not be reached.
            httpcore.ConnectError: it cannot be resolved or reached now.
        """
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port):
            try:
                stream = self._system.connect_tcp(
                    address,
                    port,
                    timeout=_least(timeout, self._remaining_s()),
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _TimedStream(stream, self._remaining_s)
        raise failure

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        if is_odd_number(host):
            raise DocumentError("the URL names its host by an unusual form of an address")
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the host is not known") from error
        if self._policy.allows_name(host):
            return found
        # One bad address condemns the name: which of them is taken must not be left to chance.
        if not all(self._policy.allows(address) for address in found):
            raise DocumentError("the URL leads to an address that is not public")
        return found


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends before the fetch's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, remaining_s: Callable[[], float]) -> None:
        self._stream = stream
        self._remaining_s = remaining_s

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _least(timeout, self._remaining_s()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _least(timeout, self._remaining_s()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        remaining = _least(timeout, self._remaining_s())
        secure = self._stream.start_tls(ssl_context, server_hostname, remaining)
        return _TimedStream(secure, self._remaining_s)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the base class has it
        return self._stream.get_extra_info(info)


def _least(timeout: float | None, remaining: float) -> float:
    if remaining <= 0:
        raise httpcore.ReadTimeout("the time for the fetch is over")
    return remaining if timeout is None else min(timeout, remaining)
