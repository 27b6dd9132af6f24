"""The `memos` command as a user runs it: a process with a clean environment."""

import atexit
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from memos.api.client import MemOSClient

MEMOS = str(Path(sys.executable).with_name("memos"))
START_S = 60
_FOREIGN = ("MEMOS_", "MOS_", "OPENAI_", "MEMRADER_", "CHAT_MODEL", "NEO4J_", "CLAUDE", "CODEX_")


@cache
def empty_home() -> str:
    """A home folder with nothing in it, for the whole run."""
    folder = tempfile.mkdtemp(prefix="memos-home-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment(**extra: str) -> dict[str, str]:
    """This process's environment without anything that configures MemOS, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    fixed = {"OPENBLAS_NUM_THREADS": "1", "COLUMNS": "200", "TERM": "dumb", "HOME": empty_home()}
    return {**kept, **fixed, **extra}


def memos(*arguments: object, stdin: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [MEMOS, *map(str, arguments)],
        input=stdin,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class RunningServer:
    """A server process that accepts requests."""

    process: subprocess.Popen[str]
    data_dir: Path
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return re.search(r"ready at (\S+)", self.banner)[1]

    @property
    def base_url(self) -> str:
        return f"{self.url}/api/openmem/v1"

    @property
    def banner(self) -> str:
        return "\n".join(self.lines)

    @property
    def first_key(self) -> str | None:
        shown = re.search(r"shown this once: (\S+)", self.banner)
        return shown[1] if shown else None

    def client(self, key: str | None = None) -> MemOSClient:
        return MemOSClient(key or self.first_key, self.base_url, raise_on_error=True)

    def stop(self) -> int:
        """Ask it to end, as a service manager would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def serve(data_dir: Path, *options: str, **extra: str) -> Iterator[RunningServer]:
    """A server on a free port, until the end of the context."""
    command = [MEMOS, "serve", "--port", "0", "--data-dir", str(data_dir), *options]
    process = subprocess.Popen(
        command,
        env=environment(PYTHONUNBUFFERED="1", **extra),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    server = RunningServer(process, data_dir)
    reader = _Reader(process)
    try:
        reader.wait_until_ready(server.lines)
        yield server
    finally:
        if (code := process.poll()) not in {None, 0}:
            sys.stderr.write(f"the server ended by itself with {code}\n")
        process.kill()
        process.wait(30)
        reader.close()


class _Reader:
    """Reads what a server prints, all the time, so that its pipe never fills up."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._stream = process.stdout
        self._arrived: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_until_ready(self, lines: list[str]) -> None:
        """Collect the banner up to its last line."""
        while not lines or not lines[-1].startswith("Press Ctrl-C"):
            line = self._arrived.get(timeout=START_S)
            assert line is not None, f"the server ended: {lines}"
            lines.append(line)

    def close(self) -> None:
        """Read what is left of a process that ended."""
        self._thread.join(30)
        self._stream.close()

    def _read(self) -> None:
        for line in self._stream:
            sys.stderr.write(line)
            self._arrived.put(line.rstrip("\n"))
        self._arrived.put(None)
