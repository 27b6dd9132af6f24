"""What runs inside a reading process when a test wants it to misbehave."""

import ctypes
import os
import sys
import time
from pathlib import Path


def handle(request):
    """Do what the request says."""
    return globals()[f"do_{request['do']}"](request)


def do_pid(_):
    return os.getpid()


def do_hang(_):
    while True:
        time.sleep(60)


def do_spin(_):
    while True:
        pass


def do_eat(_):
    return len([bytes(2**24) for _ in range(1000)])


def do_crash(_):
    ctypes.string_at(0)


def do_exit(_):
    os._exit(3)


def do_print(_):
    sys.stdout.write("noise")
    sys.stdout.flush()
    return "quiet"


def do_write(request):
    Path(request["path"]).write_bytes(b"x" * 10)
    return "written"


def do_environment(_):
    return sorted(os.environ)


def do_raise(_):
    raise KeyError("a detail of the file")


def do_nan(_):
    return {"kind": "nonsense"}
