"""The page docs/api.md: every endpoint, field and error code, from the running application."""

import tempfile
from pathlib import Path
from typing import Any

from memos.api.errors import TABLE
from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.mem_os.bootstrap import build

_INTRODUCTION = """\
# API

The Cloud API lives under `/api/openmem/v1`. Every call carries `Authorization: Token <key>`
(`Bearer` works too); what it can reach follows from the key alone. A running server shows the same
interactively under `/docs`, and as `/openapi.json`.

Every answer is `{"code": 0, "data": .., "message": "ok"}`. A `code` other than 0 says what went
wrong; HTTP stays 200, except 401 for keys and 500 for failures of ours, because the documented
clients show the code only then. `data` of an error is the endpoint's empty shape.

An explicit `null` means the same as leaving a field out, and unknown fields are ignored. A write
with the header `Idempotency-Key` is stored once, however often it is sent; another request under
the same key is refused.
"""


def api_page() -> str:
    """The whole page as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        system = build(Settings(data_dir=Path(folder)))
        document = create_app(system).openapi()
        system.close()
    parts = [_INTRODUCTION]
    schemas = document["components"]["schemas"]
    for path, operations in sorted(document["paths"].items()):
        for method, operation in operations.items():
            parts.append(_endpoint(method, path, operation, schemas))
    parts.append(_errors())
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _endpoint(method: str, path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    lines = [
        f"## {method.upper()} {path}",
        "",
        operation.get("description") or operation["summary"],
    ]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content:
        schema = schemas[content["schema"]["$ref"].rsplit("/", 1)[-1]]
        lines += ["", "| field | type | default | meaning |", "|---|---|---|---|"]
        required = set(schema.get("required", ()))
        for name, field in schema["properties"].items():
            default = "required" if name in required else _default(field)
            meaning = field.get("description", "").replace("|", "\\|").replace("\n", " ")
            lines.append(f"| `{name}` | {_type(field)} | {default} | {meaning} |")
    return "\n".join(lines)


def _default(field: dict[str, Any]) -> str:
    value = field.get("default")
    return "" if value is None else f"`{value}`"


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        kinds = [_type(option) for option in field["anyOf"] if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in field:
        return str(field["$ref"].rsplit("/", 1)[-1])
    if field.get("type") == "array":
        return f"array of {_type(field.get('items', {}))}"
    return str(field.get("type", "any"))


def _errors() -> str:
    lines = ["## Codes", "", "| code | HTTP | meaning | what to do |", "|---|---|---|---|"]
    lines += [
        f"| {code} | {row.status} | {row.meaning} | {row.remedy} |"
        for code, row in sorted(TABLE.items())
    ]
    return "\n".join(lines)
