"""The inside of a reading process: takes requests on stdin, answers on stdout, until it is told.

Messages are JSON behind their length in four bytes: the parent must not be made to run anything by
what it reads, as pickles would. What a reader raises becomes an answer; what it breaks ends the
process, and the parent starts another.
"""

import contextlib
import importlib
import json
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from memos.errors import DocumentError, DocumentTooLargeError

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]

LENGTH = struct.Struct(">I")
_OPEN_FILES = 128


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What the process may use.

    Args:
        memory: most bytes of address space; kept where the system can.
        idle_s: it ends when no request comes for so long.
    """

    memory: int
    idle_s: int


def main(handler: str, limits: ChildLimits) -> None:
    """Serve requests until stdin ends or nobody asks for long.

    Args:
        handler: `module:function`, called with each request.
        limits: what the process may use.
    """
    _confine(limits)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not end up among the answers.
    sys.stdout = sys.stderr
    module, _, name = handler.partition(":")
    handle: Handler = getattr(importlib.import_module(module), name)
    while True:
        _alarm(limits.idle_s)
        request = receive(requests)
        if not isinstance(request, dict):
            return
        # A parent that died cannot end a hanging read: the alarm does.
        _alarm(int(request["seconds"]) + 5)
        answer = _answer(handle, request)
        send(answers, answer)
        if answer.get("ends"):
            return


def _answer(handle: Handler, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """What to send back; with `ends` the process is not fit for another request."""
    try:
        return {"value": handle(request)}
    except DocumentTooLargeError as error:
        return {"error": error.message, "too_large": True}
    except DocumentError as error:
        return {"error": error.message}
    except MemoryError:
        return {"error": "reading the file needs more memory than is allowed", "ends": True}
    except RecursionError:
        return {"error": "the file is nested too deeply"}
    except BaseException as error:  # noqa: BLE001 - the edge of the process; Rust panics included
        defect = type(error).__name__
        return {"error": "the file is broken: its reader failed", "defect": defect, "ends": True}


def receive(stream: IO[bytes], most: int = 1 << 32) -> object:
    """The next message; None at the end of the stream.

    Raises:
        ValueError: it is longer than `most` bytes, or not JSON.
    """
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    if size > most:
        raise ValueError("message too long")
    body = stream.read(size)
    return json.loads(body) if len(body) == size else None


def send(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write a message."""
    body = json.dumps(message).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def _confine(limits: ChildLimits) -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        # macOS refuses some of them.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _alarm(seconds: int) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)
