"""The synchronous client is generated, never edited, and light to import."""

import runpy
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_synchronous_client_is_what_the_generator_writes() -> None:
    generator = runpy.run_path(str(ROOT / "scripts" / "generate_sync_client.py"))
    files = generator["TARGET"].glob("*.py")
    there = {path.name: path.read_text(encoding="utf-8") for path in files}
    assert there == generator["modules"](), "run scripts/generate_sync_client.py"


def test_importing_the_sdk_loads_no_server_and_no_model() -> None:
    code = "import sys, memos.api.client; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "httpx" in loaded
    heavy = {"fastapi", "starlette", "sqlalchemy", "numpy", "openai", "apsw", "uvicorn", "typer"}
    assert heavy.isdisjoint(loaded)
    assert not [name for name in loaded if name.startswith(("memos.handlers", "memos.mem_os"))]
