"""A local HTTP server that answers by path what the test put there. Standard library only."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """One answer. `pieces` are sent one by one until the client goes away."""

    data: bytes = b""
    media_type: str | None = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] | None = None


class FileServer:
    """`files` maps a path to what is served there; `seen` are the requests: (path, headers)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: dict[str, Served] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, served: Served) -> str:
        """Serve something; its URL."""
        self.files[path] = served
        return self.url + path


@contextmanager
def file_server() -> Iterator[FileServer]:
    """A running server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            served = server.files.get(self.path, Served(b"no", status=404))
            self.send_response(served.status)
            if served.media_type is not None:
                self.send_header("Content-Type", served.media_type)
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            if served.pieces is None and "Content-Length" not in served.headers:
                self.send_header("Content-Length", str(len(served.data)))
            self.end_headers()
            self.close_connection = True
            try:
                for piece in served.pieces() if served.pieces else (served.data,):
                    self.wfile.write(piece)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = FileServer(http.server_address[1])
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
