"""A real `memos serve` in a process of its own, on a folder of its own, that may be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

KEY = "mpg-bench-key-0123456789abcdefghijklmnop"
API_PATH = "/api/openmem/v1"
_POLL_S = 0.02
_READY_S = 60.0
_STOP_S = 40.0


class Server:
    """Starts, kills, stops and starts again one server.

    Args:
        folder: holds the data and the log; survives kills.
        lease_s: how long a dead worker keeps its task.
        environment: further settings by environment name.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lease_s: float = 60.0,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.log = folder / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api = self.url + API_PATH
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(("MEMOS_", "MOS_"))}
        self._environment = {
            **inherited,
            "MEMOS_BOOTSTRAP_API_KEY": KEY,
            "MEMOS_TOKENS_PER_MINUTE": "0",
            "MEMOS_LEASE_SECONDS": str(lease_s),
            "MEMOS_LOG_LEVEL": "WARNING",
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the process; it is not ready yet when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "memos", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data-dir", str(self.data_dir)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self._environment,
            )

    def wait_ready(self, timeout_s: float = _READY_S) -> float:
        """Wait until `/health` answers; seconds it took.

        Raises:
            RuntimeError: the process ended, or is not ready in time.
        """
        started = time.perf_counter()
        while time.perf_counter() - started < timeout_s:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"the server ended at its start:\n{self.tail()}")
            if self.healthy():
                return time.perf_counter() - started
            time.sleep(_POLL_S)
        raise RuntimeError(f"the server is not ready after {timeout_s} s:\n{self.tail()}")

    def healthy(self) -> bool:
        """Whether `/health` answers now."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(json.load(answer)["status"] == "healthy")
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def kill(self) -> None:
        """SIGKILL, as a power cut that spares the disk would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, then wait; the exit status (negative: killed by that signal)."""
        return self._end(signal.SIGTERM)

    def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self.kill()

    def rss_bytes(self) -> int:
        """Resident memory of the process."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def cpu_s(self) -> float:
        """Processor seconds the process has used."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def data_bytes(self) -> int:
        """Size of everything in the data folder."""
        return sum(p.stat().st_size for p in self.data_dir.rglob("*") if p.is_file())

    def unfinished(self) -> int:
        """Tasks neither completed nor failed, from `/metrics`."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("memos_tasks_unfinished "):
                    return int(float(line.split()[1]))
        raise RuntimeError("the metrics do not tell the unfinished tasks")

    def wait_idle(self, timeout_s: float) -> float:
        """Wait until no task is unfinished; seconds it took.

        Raises:
            RuntimeError: tasks are left after `timeout_s`.
        """
        started = time.perf_counter()
        while (left := self.unfinished()) > 0:
            if time.perf_counter() - started > timeout_s:
                raise RuntimeError(f"{left} tasks are unfinished after {timeout_s} s")
            time.sleep(0.1)
        return time.perf_counter() - started

    def post(self, path: str, body: object, timeout_s: float = 60.0) -> dict[str, Any]:
        """The answer to a POST below the API's address."""
        request = urllib.request.Request(
            f"{self.api}/{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Token {KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            read: dict[str, Any] = json.load(answer)
            return read

    def tail(self, lines: int = 15) -> str:
        """End of the log."""
        if not self.log.exists():
            return ""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"the server did not stop:\n{self.tail()}") from None


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
