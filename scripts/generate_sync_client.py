"""Write `src/memos/api/client.py` from `_async_client.py` by taking the asyncio words out.

Run without arguments after changing the asynchronous client; a test checks that the two agree.
"""

import re
import subprocess
import sys
from pathlib import Path

API = Path(__file__).resolve().parents[1] / "src" / "memos" / "api"
SOURCE = API / "_async_client.py"
TARGET = API / "client.py"

HEADER = '''"""The MemOS SDK: `MemOSClient`, and `AsyncMemOSClient` for asyncio programs.

Generated from `_async_client.py` by scripts/generate_sync_client.py; edit that file, not this one.
"""'''

REPLACEMENTS = (
    (r"import asyncio\n", "import time\n"),
    (r"asyncio\.to_thread\(([\w.]+), ", r"\1("),
    (r"asyncio\.sleep", "time.sleep"),
    (r"\bAsyncMemOSClient\b", "MemOSClient"),
    (r"\bAsyncClient\b", "Client"),
    (r"\bAsyncBaseTransport\b", "BaseTransport"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baread\b", "read"),
    (r"\baiter_bytes\b", "iter_bytes"),
    (
        r"from memos\.api import _client_core as core\n",
        "from memos.api import _client_core as core\n"
        "from memos.api._async_client import AsyncMemOSClient\n",
    ),
    (
        r"\nJson = dict",
        '\n__all__ = ["AsyncMemOSClient", "MemOSClient"]\n\nJson = dict',
    ),
    (r'"""The SDK for asyncio programs\..*?"""', HEADER),
)


def synchronous(source: str) -> str:
    """The text of the synchronous client, formatted."""
    for pattern, replacement in REPLACEMENTS:
        source, count = re.subn(pattern, replacement, source, flags=re.DOTALL)
        if not count:
            message = f"nothing to replace for {pattern}"
            raise SystemExit(message)
    ruff = [sys.executable, "-m", "ruff"]
    checked = _run(
        [*ruff, "check", "--select", "I", "--fix", "--stdin-filename", str(TARGET), "-"], source
    )
    return _run([*ruff, "format", "--stdin-filename", str(TARGET), "-"], checked)


def _run(command: list[str], text: str) -> str:
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, cwd=API
    ).stdout


if __name__ == "__main__":
    TARGET.write_text(synchronous(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
