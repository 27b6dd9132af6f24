"""Write `src/memos/api/_sync/` from `_async/` by taking the asyncio words out.

Run without arguments after changing the asynchronous client; a test checks that the two agree.
"""

import re
import subprocess
import sys
from pathlib import Path

API = Path(__file__).resolve().parents[1] / "src" / "memos" / "api"
SOURCE = API / "_async"
TARGET = API / "_sync"
NOTICE = "# Generated from `_async/{name}` by scripts/generate_sync_client.py; edit that file.\n"
PACKAGE = '"""The SDK for blocking programs, generated from `_async`."""\n'

REPLACEMENTS = (
    (r"import asyncio\n", "import time\n"),
    (r"asyncio\.sleep", "time.sleep"),
    (r"\bAsync(\w*(?:Client|BaseTransport|Iterator|Methods|Transport))\b", r"\1"),
    (r"\bmemos\.api\._async\b", "memos.api._sync"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baread\b", "read"),
    (r"\baiter_bytes\b", "iter_bytes"),
)


def synchronous(name: str, source: str) -> str:
    """The text of a module of the synchronous client, formatted."""
    if name == "__init__.py":
        return PACKAGE
    for pattern, replacement in REPLACEMENTS:
        source = re.sub(pattern, replacement, source)
    if left := re.search(r"\basync\b|\bawait\b|\basyncio\b|Async\w+", source):
        message = f"{name}: {left[0]} is left; add a replacement"
        raise SystemExit(message)
    ruff, place = [sys.executable, "-m", "ruff"], ["--stdin-filename", str(TARGET / name), "-"]
    ours = ["--config", 'lint.isort.known-first-party = ["memos"]']  # also before they exist
    sort = [*ruff, "check", "--select", "I", "--fix", *ours, *place]
    source = _run(sort, NOTICE.format(name=name) + source)
    return _run([*ruff, "format", *place], source)


def modules() -> dict[str, str]:
    """What belongs into the synchronous package, by file name."""
    return {
        path.name: synchronous(path.name, path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.glob("*.py"))
    }


def _run(command: list[str], text: str) -> str:
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, cwd=API
    ).stdout


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    written = modules()
    for stale in {path.name for path in TARGET.glob("*.py")} - written.keys():
        (TARGET / stale).unlink()
    for file_name, text in written.items():
        (TARGET / file_name).write_text(text, encoding="utf-8")
