"""Importing memos does no work: threads, sockets, files and the environment are left alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PROBE = r'''
import importlib, json, logging, os, pkgutil, sys, threading

found, watching = [], True
ROOT = os.path.realpath(sys.argv[1])

def ours():
    """Module of ours whose top level is running, else None: what libraries do is theirs."""
    frame = sys._getframe(2)
    inner = None
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        file = frame.f_code.co_filename
        if inner is None and not file.startswith("<frozen"):
            inner = name
        if name.startswith("memos") and frame.f_code.co_name == "<module>":
            return name if inner.startswith("memos") else None
        frame = frame.f_back
    return None

def hook(event, args):
    if not watching:
        return
    if event == "open":
        path, mode, flags = args
        writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
        if not isinstance(path, int) and (flags or 0) & writes and "__pycache__" not in str(path):
            found.append([event, str(path)])
    elif event in {"sqlite3.connect", "subprocess.Popen", "os.system", "os.mkdir", "os.remove"}:
        if "__pycache__" not in str(args):
            found.append([event, str(args)])
    elif event in {"socket.connect", "socket.bind", "socket.getaddrinfo"}:
        found.append([event, str(args)])
    elif event in {"os.putenv", "os.unsetenv"}:
        found.append([event, str(args)])

def start(self):
    """Python reports the start of a thread as an event only from 3.12 on."""
    if watching:
        found.append(["thread", self.name])
    original(self)

original, threading.Thread.start = threading.Thread.start, start

class Environment(type(os.environ)):
    """Notes who reads it while a module of ours is being imported."""
    def __getitem__(self, key):
        name = ours()
        if name is not None and not name.startswith("memos.configs"):
            found.append(["environment read", name + ": " + str(key)])
        return super().__getitem__(key)

os.environ.__class__ = Environment
names = ["memos"] + [m.name for m in pkgutil.walk_packages([ROOT + "/memos"], "memos.")
                     if m.name != "memos.__main__" and ".migrations." not in m.name
                     # An adapter imports its framework, and what that does is not ours to mend.
                     and not m.name.startswith("memos.integrations.")]
root = logging.getLogger()
before = (root.level, list(root.handlers), list(root.filters))
sys.addaudithook(hook)
failed = {}
for name in names:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = repr(error)
watching = False
if (root.level, list(root.handlers), list(root.filters)) != before:
    found.append(["root logger", str(root.handlers)])
print(json.dumps({"modules": len(names), "found": found, "failed": failed}))
'''


def probe(source: Path) -> dict:
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(source)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=source,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_importing_every_module_does_no_work() -> None:
    result = probe(SOURCE)
    assert result["failed"] == {}
    assert result["found"] == []
    assert result["modules"] > 80


@pytest.mark.parametrize(
    "line",
    [
        "import threading; threading.Thread(target=str).start()",
        "import os; os.environ.get('HOME')",
        "import os; os.getenv('HOME')",
        "import os; os.environ['MEMOS_X'] = '1'",
        "open('left_behind.txt', 'w').close()",
        "import socket; socket.socket().bind(('127.0.0.1', 0))",
        "import sqlite3; sqlite3.connect(':memory:')",
        "import logging; logging.basicConfig()",
    ],
)
def test_the_probe_sees_work_at_import(tmp_path: Path, line: str) -> None:
    package = tmp_path / "memos"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "busy.py").write_text(line + "\n")
    assert probe(tmp_path)["found"]
