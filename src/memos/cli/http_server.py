"""Runs the API under uvicorn: in the foreground for `memos serve`, on a thread for the demo.

Imported inside the commands only; it loads the web framework.
"""

import errno
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from memos.errors import ConfigError, UnavailableError

API_PATH = "/api/openmem/v1"
_GRACE_S = 10
_START_S = 30.0
_BACKLOG = 1024
SWITCH_S = 0.0005
"""A thread that computes gives way after so long, not after Python's 5 ms: a request that waits for a
deadline is back in time though others compute (docs/reranking.md)."""


class _Server(uvicorn.Server):
    """Tells when it accepts requests."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def listen(host: str, port: int) -> socket.socket:
    """Take an address to serve on; port 0 takes a free one.

    Raises:
        UnavailableError: the port is in use.
        ConfigError: the address cannot be used.
    """
    try:
        kind, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(
            f"the host {host} is not known; use an address of this machine"
        ) from error
    # With the protocol named, asyncio switches Nagle's algorithm off for what it accepts; without
    # it every answer in two packets waits 40 ms for the client's acknowledgement.
    listener = socket.socket(kind, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UnavailableError(
                f"port {port} on {host} is in use; stop what uses it or choose another with --port"
            ) from error
        raise ConfigError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener


def url_of(listener: socket.socket) -> str:
    """Address of the server for a client on this machine, without a path."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: FastAPI, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    # uvicorn raises the signal again after its own shutdown, which would end the process before
    # the stores are closed: by then it only reaches `note`.
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    # What is loaded now stays; looking through it again and again would hold every request up.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)
    try:
        if not received:
            _Server(_config(app), on_ready).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def on_thread(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    """Serve from a thread for as long as the context lasts.

    Raises:
        UnavailableError: it did not start.
    """
    ready = threading.Event()
    server = _Server(_config(app), ready.set)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="memos-http", daemon=True
    )
    thread.start()
    try:
        if not ready.wait(_START_S):
            raise UnavailableError("the server did not start")
        yield
    finally:
        server.should_exit = True
        thread.join(_GRACE_S)


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
