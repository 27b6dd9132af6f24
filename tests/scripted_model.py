"""An OpenAI-compatible server that answers what the test put on its list. Standard library only."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """One HTTP answer.

    Args:
        status: HTTP status.
        body: JSON value, or raw bytes.
        pieces: when given, sent as server-sent events: a text as a chunk of content, anything
            else as it is.
        hang: never answer (until the server closes): the client must time out.
        break_off: close the connection after the pieces, without the end mark.
        chunks: when given, sent as they are, one by one, for protocols of another form.
        media_type: of chunks.
    """

    status: int = 200
    body: Any = None
    pieces: Sequence[Any] | None = None
    hang: bool = False
    break_off: bool = False
    chunks: Iterable[str] | None = None
    media_type: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)


def reply(text: str | None, **message: Any) -> Answer:
    """A chat completion of this text."""
    return Answer(
        body={
            "id": "chat-1",
            "object": "chat.completion",
            "created": 0,
            "model": "scripted",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text, **message},
                }
            ],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
        }
    )


def refusal(status: int, message: str = "no") -> Answer:
    """An error as OpenAI words it; a retried one is to be retried at once."""
    body = {"error": {"message": message, "type": "invalid_request_error", "code": None}}
    return Answer(status=status, body=body, headers={"retry-after-ms": "1"})


def stream(*pieces: Any, break_off: bool = False) -> Answer:
    """A streamed chat completion of these pieces."""
    return Answer(pieces=pieces, break_off=break_off)


@dataclass
class Request:
    """One request as the server got it."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ScriptedModel:
    """Server state: what to answer and what was asked.

    Answers are taken from the list in order; when it is empty, `fallback` answers, given the
    request. `url` is the base URL to configure.
    """

    def __init__(self) -> None:
        self.answers: deque[Answer] = deque()
        self.requests: list[Request] = []
        self.fallback: Callable[[Request], Answer] = lambda _: reply("scripted")
        self.closing = threading.Event()
        self.url = ""

    def script(self, *answers: Answer) -> None:
        """Append answers."""
        self.answers.extend(answers)

    def next(self, request: Request) -> Answer:
        """Note a request and choose its answer."""
        self.requests.append(request)
        return self.answers.popleft() if self.answers else self.fallback(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that time out or leave early are part of the tests."""


@contextmanager
def scripted_model(port: int = 0) -> Iterator[ScriptedModel]:
    """A running server on this port of this machine; 0 takes a free one."""
    model = ScriptedModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            _send(self, model, model.next(Request(self.path, headers, body)))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        model.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _send(handler: BaseHTTPRequestHandler, model: ScriptedModel, answer: Answer) -> None:
    if answer.hang:
        model.closing.wait()
        handler.close_connection = True
        return
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if answer.chunks is not None:
        _send_chunks(handler, answer)
        return
    if answer.pieces is None:
        data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
        return
    handler.send_header("content-type", "text/event-stream")
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    for piece in answer.pieces:
        event = _delta(piece) if isinstance(piece, str) else piece
        _chunk(handler, f"data: {json.dumps(event)}\n\n")
    if answer.break_off:
        handler.close_connection = True
        return
    _chunk(handler, "data: [DONE]\n\n")
    handler.wfile.write(b"0\r\n\r\n")


def _send_chunks(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    handler.send_header("content-type", answer.media_type)
    handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    for chunk in answer.chunks or ():
        _chunk(handler, chunk)
    if answer.break_off:
        handler.close_connection = True
        return
    handler.wfile.write(b"0\r\n\r\n")


def _chunk(handler: BaseHTTPRequestHandler, text: str) -> None:
    data = text.encode()
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    handler.wfile.flush()


def _delta(piece: str) -> dict[str, Any]:
    return {
        "id": "chat-1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}],
    }
