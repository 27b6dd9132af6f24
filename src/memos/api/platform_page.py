"""The API described for platforms that import tools: OpenAPI 3.0, with the server's address.

The server's own document is OpenAPI 3.1, which Coze and others do not read yet. What 3.1 says with
JSON Schema's newer words is put in the older ones; nothing else changes.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

PATH = "/openapi-3.0.json"
_VERSION = "3.0.3"
Json = dict[str, Any]


def add_platform_page(app: FastAPI, prefix: str, public_url: str | None) -> None:
    """Serve the document under `/openapi-3.0.json`.

    Args:
        app: the application.
        prefix: paths under it are described.
        public_url: address to name; None for the one a request came to.
    """

    @app.get(PATH, include_in_schema=False)
    async def document(request: Request) -> JSONResponse:
        address = public_url or str(request.base_url)
        return JSONResponse(for_platforms(app.openapi(), prefix, address))


def for_platforms(document: Mapping[str, Any], prefix: str, address: str) -> Json:
    """The document of a server in OpenAPI 3.0.

    Args:
        document: OpenAPI 3.1, as FastAPI makes it.
        prefix: paths under it are kept, the others left out.
        address: where the server is reached.
    """
    paths = {
        path: operations
        for path, operations in document["paths"].items()
        if path.startswith(f"{prefix}/")
    }
    parts = urlsplit(address)
    older: Json = _older({**document, "paths": paths})
    return {
        **older,
        "openapi": _VERSION,
        "servers": [{"url": f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"}],
    }


def _older(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A node in the words of OpenAPI 3.0."""
    if isinstance(node, list):
        return [_older(one) for one in node]
    if not isinstance(node, dict):
        return node
    told = {key: _older(value) for key, value in node.items()}
    if isinstance(told.get("anyOf"), list):
        told = _nullable(told)
    if "const" in told and not isinstance(told["const"], dict):
        told["enum"] = [told.pop("const")]
    if isinstance(told.get("examples"), list) and told["examples"]:
        told["example"] = told.pop("examples")[0]
    return told


def _nullable(schema: Json) -> Json:
    """`anyOf` with null as `nullable`; with one choice left, that choice itself."""
    choices = [one for one in schema["anyOf"] if one != {"type": "null"}]
    if len(choices) == len(schema["anyOf"]):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(choices) != 1:
        return {**rest, "anyOf": choices, "nullable": True}
    # A reference may not have neighbours in 3.0.
    only = {"allOf": choices} if "$ref" in choices[0] else choices[0]
    return {**only, **rest, "nullable": True}
