"""Answers that come in pieces: server-sent events, made on threads, stopped when the client leaves."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import anyio
import anyio.to_thread
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from memos.errors import MemosError
from memos.log import origin_of

logger = logging.getLogger(__name__)

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
"""No proxy in between may keep pieces back."""


def frame(content: Mapping[str, Any]) -> bytes:
    """One event. ASCII only: a raw U+2028 would end the line for some clients."""
    return f"data: {json.dumps(content)}\n\n".encode("ascii")


def error_frame(code: int, message: str) -> bytes:
    """An event for an error after the first piece, in the words both kinds of clients read."""
    return frame({"type": "error", "code": code, "data": message, "content": message})


class Frames:
    """The events of one answer. Made on one thread at a time; `stop` may come from any.

    Args:
        events: makes them; closing it ends the work behind it.
    """

    def __init__(self, events: Iterator[bytes]) -> None:
        self._events = events
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def next(self) -> bytes | None:
        """The next event; None after the last. An error becomes an event too, the last one."""
        with self._lock:
            event = None if self._stopped.is_set() else _next(self._events)
            if self._stopped.is_set():
                _close(self._events)
                return None
            return event

    def stop(self) -> None:
        """End the work: now, or as soon as the event under way is made."""
        self._stopped.set()
        if self._lock.acquire(blocking=False):
            try:
                _close(self._events)
            finally:
                self._lock.release()


class EventStreamResponse(Response):
    """Sends events as they are made. A client that leaves stops the making.

    Args:
        frames: the events.
        limiter: bounds the threads that make events; shared by all answers.
    """

    media_type = "text/event-stream"

    def __init__(self, frames: Frames, limiter: anyio.CapacityLimiter | None = None) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self.frames = frames
        self.limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send until the last event, or until the client is gone."""
        try:
            async with anyio.create_task_group() as group:

                async def watch() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    group.cancel_scope.cancel()

                group.start_soon(watch)
                await self._send(send)
                group.cancel_scope.cancel()
        finally:
            # A thread that waits for the model is not waited for: it closes when it comes back.
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self.frames.stop)

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        while True:
            event = await anyio.to_thread.run_sync(
                self.frames.next, abandon_on_cancel=True, limiter=self.limiter
            )
            body = {"type": "http.response.body", "body": event or b"", "more_body": bool(event)}
            await send(body)
            if event is None:
                return


def _next(events: Iterator[bytes]) -> bytes | None:
    try:
        return next(events, None)
    except MemosError as error:
        logger.info("stream broke off", extra={"code": error.code})
        return error_frame(error.code, error.message)
    except Exception as error:  # noqa: BLE001 - request edge
        logger.error("stream failed", extra={"error": type(error).__name__, "at": origin_of(error)})
        return error_frame(50000, "Something unexpected failed; the server's log has the place.")


def _close(events: Iterator[bytes]) -> None:
    close = getattr(events, "close", None)
    if close is None:
        return
    try:
        close()
    except Exception as error:  # noqa: BLE001 - request edge
        logger.error("stream not closed", extra={"error": type(error).__name__})
