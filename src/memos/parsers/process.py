"""Reading files in processes of their own: a file can take one down, and nothing else."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from memos.errors import DocumentError, DocumentTooLargeError
from memos.parsers.base import PageReader, ParseLimits
from memos.parsers.child import receive, send
from memos.parsers.scanned import ScannedPages
from memos.types.document import Block, BlockKind, Document

logger = logging.getLogger(__name__)

_START = (
    "import json, sys; paths, handler, memory, idle = json.loads(sys.argv[1]);"
    "sys.path[:] = paths;"
    "from memos.parsers.child import ChildLimits, main; main(handler, ChildLimits(memory, idle))"
)
_LONGEST_ANSWER = 512 * 2**20
_IDLE_MARGIN_S = 5.0


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """How reading processes behave.

    Args:
        processes: most of them at a time; further callers wait.
        memory: most bytes of address space of one.
        idle_s: one ends when it is not used for so long.
    """

    processes: int = 2
    memory: int = 2 * 2**30
    idle_s: int = 60


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    used_at: float = field(default_factory=time.monotonic)


class ReadingProcesses:
    """A few processes that answer requests, started when needed, used again, replaced when dead.

    Args:
        handler: `module:function` that runs inside them.
        options: see `ProcessOptions`.
    """

    def __init__(self, handler: str, options: ProcessOptions | None = None) -> None:
        self._handler = handler
        self._options = options or ProcessOptions()
        self._slots = threading.BoundedSemaphore(self._options.processes)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []

    def ask(self, request: Mapping[str, Any], seconds: float) -> object:
        """Answer of the handler to a request.

        Raises:
            DocumentError: the handler raised it, died, or took longer than `seconds`.
        """
        with self._slots:
            child = self._take()
            answer = self._exchange(child, {**request, "seconds": seconds}, seconds)
        if "error" in answer:
            defect = answer.get("defect")
            if defect:
                logger.warning("a reader of files failed", extra={"error": str(defect)[:80]})
            kind = DocumentTooLargeError if answer.get("too_large") else DocumentError
            raise kind(str(answer["error"]))
        return answer.get("value")

    def close(self) -> None:
        """End the idle processes; one that is reading ends when its caller has the answer."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            _end(child.process)

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                rested = time.monotonic() - child.used_at
                if rested < self._options.idle_s - _IDLE_MARGIN_S and child.process.poll() is None:
                    return child
                _end(child.process)
        return _Child(self._spawn())

    def _put_back(self, child: _Child, *, ends: bool) -> None:
        if ends:
            _end(child.process)
            return
        child.used_at = time.monotonic()
        with self._lock:
            self._idle.append(child)

    def _spawn(self) -> subprocess.Popen[bytes]:
        options = self._options
        argument = json.dumps([sys.path, self._handler, options.memory, options.idle_s])
        # No secrets of the server's environment, no import from a writable folder.
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-I", "-X", "utf8", "-c", _START, argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            cwd=tempfile.gettempdir(),
        )

    def _exchange(
        self, child: _Child, request: Mapping[str, Any], seconds: float
    ) -> Mapping[str, Any]:
        process = child.process
        late = threading.Event()

        def expire() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        timer.start()
        try:
            answer = _talk(process, request)
        finally:
            timer.cancel()
        if isinstance(answer, dict) and not late.is_set():
            self._put_back(child, ends=bool(answer.get("ends")))
            return answer
        _end(process)
        if late.is_set():
            return {"error": f"reading the file took longer than {seconds:g} seconds"}
        logger.warning("a reading process died", extra={"returncode": process.returncode})
        return {"error": "reading the file needs too much memory, or the file is broken"}


def _talk(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> object:
    if process.stdin is None or process.stdout is None:
        return None
    try:
        send(process.stdin, request)
        return receive(process.stdout, _LONGEST_ANSWER)
    except (OSError, ValueError):
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                # What was left to be written to a dead process.
                continue


class ProcessParser:
    """The parser of documents that runs in processes of its own. Close it when done.

    Args:
        pages: reads the pages of PDFs that are pictures; it is the caller's to close.
        options: see `ProcessOptions`.
    """

    def __init__(self, pages: PageReader, options: ProcessOptions | None = None) -> None:
        self._scanned = ScannedPages(pages)
        self._processes = ReadingProcesses("memos.parsers.process:read_request", options)

    def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
        """The file as a document.

        Raises:
            DocumentError: see `memos.parsers.base.Parser`.
        """
        request = {"path": str(path.resolve()), "name": name, "limits": asdict(limits)}
        document = _document(self._processes.ask(request, limits.seconds))
        return self._scanned.complete(document, path)

    def close(self) -> None:
        """End the processes."""
        self._processes.close()


def read_request(request: Mapping[str, Any]) -> dict[str, Any]:
    """What a process does for `ProcessParser.parse`."""
    from memos.parsers.read import read_document

    limits = ParseLimits(**request["limits"])
    return asdict(read_document(Path(request["path"]), request["name"], limits))


def _document(value: object) -> Document:
    """The document of an answer, checked: the process may be in a hostile file's hands."""
    try:
        read = _Answer.model_validate(value)
    except ValidationError as error:
        raise DocumentError("the file is broken: its reader failed") from error
    blocks = tuple(each.block() for each in read.blocks)
    return Document(blocks, read.title, read.pages, tuple(read.scanned))


class BlockAnswer(BaseModel):
    """A block as a process answers it."""

    kind: BlockKind
    text: str
    level: int
    page: int | None

    def block(self) -> Block:
        """The block."""
        return Block(self.kind, self.text, self.level, self.page)


class _Answer(BaseModel):
    blocks: list[BlockAnswer]
    title: str
    pages: int | None
    scanned: list[int]
