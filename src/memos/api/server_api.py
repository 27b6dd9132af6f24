"""Application factory: the HTTP server over a built system."""

import re
from typing import Any

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memos import __version__
from memos.api import openmem_models
from memos.api.docs_page import add_docs_page
from memos.api.gateway import Gateway, failure
from memos.api.metrics import CONTENT_TYPE, Metrics, ModelMetrics
from memos.api.openmem_models import Envelope
from memos.api.platform_page import add_platform_page
from memos.api.routers.openmem import PREFIX, build_router
from memos.api.routers.skill import add_skill_routes
from memos.mem_os.bootstrap import System

_SLASHES = re.compile("/{2,}")
_DESCRIPTION = "Long-term memory for LLM applications and agents, self-hosted."


def create_app(system: System) -> FastAPI:
    """The HTTP application over a system. Starting and closing the system stays with the caller.

    Besides the Cloud API it serves `/health` (200 as soon as requests are answered), `/metrics`
    (Prometheus) and, unless switched off, `/docs` and `/openapi.json`.
    """
    settings = system.settings
    metrics = Metrics(
        system.clock,
        system.records.unfinished,
        ModelMetrics(system.spending.counters, system.spending.guards),
    )
    gateway = Gateway(
        system.records,
        metrics,
        threads=settings.request_threads,
        slow_threads=4 * settings.request_threads,
    )

    app = FastAPI(
        title="MemOS",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.docs_enabled else None,
    )
    app.include_router(build_router(system, gateway))
    _add_service_routes(app, metrics)
    add_skill_routes(app, system.knowledge.skill_files)
    if settings.docs_enabled:
        add_docs_page(app)
        add_platform_page(app, PREFIX, settings.public_url)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(HeadAsGet)
    app.add_middleware(PathCleaner)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign] # FastAPI's documented hook
    return app


def _add_service_routes(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/health", tags=["service"], summary="Whether the server answers")
    async def health() -> dict[str, str]:
        return {"status": "healthy", "service": "memos", "version": __version__}

    @app.get("/metrics", tags=["service"], summary="Counters for Prometheus")
    async def render_metrics() -> Response:
        content = await anyio.to_thread.run_sync(metrics.render)
        return Response(content, media_type=CONTENT_TYPE)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    """Unknown addresses and methods, in the envelope clients know."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    path = request.url.path.removeprefix(PREFIX)
    message = (
        f"there is no endpoint at this address; the API lives under {PREFIX}"
        if status == 404
        else "this method is not allowed at this address"
    )
    answer = failure(path, 40000, status, message)
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


class PathCleaner:
    """Takes doubled slashes out of paths: some clients join base address and path blindly."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a clean path."""
        if scope["type"] == "http" and "//" in scope["path"]:
            path = _SLASHES.sub("/", scope["path"])
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD as GET, without the body: probes and load balancers ask that way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as a GET, and the answer back without its body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            body = {"body": b""} if message["type"] == "http.response.body" else {}
            await send({**message, **body})

        await self._app({**scope, "method": "GET"}, receive, send_head)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document plus the request models, which it does not see, and the key scheme."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    models = [
        getattr(openmem_models, name) for name in openmem_models.__all__ if name.endswith("Request")
    ]
    _, definitions = models_json_schema(
        [(model, "validation") for model in [*models, Envelope]],
        ref_template="#/components/schemas/{model}",
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(definitions["$defs"])
    components["securitySchemes"] = {
        "ApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`; `Bearer <key>` is accepted too.",
        }
    }
    for path, operations in document["paths"].items():
        if path.startswith(PREFIX):
            for operation in operations.values():
                operation["security"] = [{"ApiKey": []}]
    app.openapi_schema = document
    return document
