"""What every endpoint shares: authentication, body reading, worker threads, envelopes, metrics."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic_core import to_json
from starlette.requests import ClientDisconnect

from memos.api.auth import authenticate
from memos.api.errors import status_of, streaming_status_of, unexpected
from memos.api.event_stream import EventStreamResponse, Frames
from memos.api.metrics import Metrics
from memos.api.openmem_models import empty_data, parse_request
from memos.api.openmem_models.fields import WireModel
from memos.api.upload import Body, broken_off, declared_size, receive
from memos.errors import InvalidInputError, MemosError, StoreUnavailableError
from memos.handlers.caller import Caller
from memos.log import origin_of
from memos.records.base import ProjectRecords

logger = logging.getLogger(__name__)

Read = TypeVar("Read", bound=WireModel)
_MAX_BODY_BYTES = 64 * 2**20
_LARGE_BODIES = {"add/message": 140 * 2**20}
"""A file of 100 MB in Base64, and what is said with it."""
_SMALL_BODY = 2**20
_MAX_KEY_CHARS = 200
_MODEL_THREADS = 64
"""They wait for models most of the time."""


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated call: who, and what stands beside the body."""

    caller: Caller
    path: Mapping[str, str] = field(default_factory=dict)
    idempotency_key: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    """Address of the server as the caller reached it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """How an endpoint takes large bodies.

    Args:
        folder: where a body lies while it is worked on.
        limit: most bytes of one.
        model: request model of a JSON body, for the documentation.
        also_content: what else may be sent, by media type.
        parameters: of the query.
    """

    folder: Path
    limit: int
    model: type[WireModel]
    also_content: Mapping[str, Any] = field(default_factory=dict)
    parameters: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Extended:
    """An answer's data with keys that stand beside it in the envelope, or with an error.

    Args:
        data: as of any answer.
        extras: further keys of the envelope.
        error: what went wrong although there is data; its code and message are answered.
    """

    data: Any
    extras: Mapping[str, Any] = field(default_factory=dict)
    error: MemosError | None = None


class Lane(Enum):
    """The threads a request is worked on by; each kind of waiting has its own."""

    QUICK = "quick"
    SLOW = "slow"
    MODEL = "model"


class Gateway:
    """Wraps plain functions into endpoints of the documented envelope.

    Args:
        records: knows the API keys.
        metrics: counts what passes.
        threads: requests worked on at once; the event loop itself never blocks.
        slow_threads: the same for requests that may wait for others (synchronous adds, erasures).
            Requests that wait for language models have threads of their own.
    """

    def __init__(
        self, records: ProjectRecords, metrics: Metrics, *, threads: int, slow_threads: int
    ) -> None:
        self._records = records
        self._metrics = metrics
        self._threads = {
            Lane.QUICK: threads,
            Lane.SLOW: slow_threads,
            Lane.MODEL: _MODEL_THREADS,
        }
        self._limiters: dict[Lane, anyio.CapacityLimiter] = {}

    def post(
        self,
        router: APIRouter,
        path: str,
        model: type[Read],
        action: Callable[[Call, Read], Any],
        *,
        slow: bool = False,
        to_model: bool = False,
    ) -> None:
        """Add a POST endpoint whose body is checked against a request model.

        Args:
            router: where to add it.
            path: below the router's prefix.
            model: form of the body.
            action: works on a checked body; answers with the `data`, or `Extended`, or `Frames`.
            slow: it may wait for other requests.
            to_model: it waits for language models and may answer with `Frames`. When a stream was
                asked for (`stream` true), refusals come with an HTTP status over 399: clients of
                streams see nothing of a refusal that comes with 200.
        """
        lane = Lane.MODEL if to_model else Lane.SLOW if slow else Lane.QUICK

        async def endpoint(request: Request) -> Response:
            if _may_be_large(request):
                call = await self._known_call(request)
                if isinstance(call, MemosError):
                    return self._refused(path, call)
            raw = await _read(request, _LARGE_BODIES.get(path, _MAX_BODY_BYTES))

            def work() -> Any:  # noqa: ANN401 - the endpoint's own data model
                call = self._call(request)
                return action(call, parse_request(model, _decode(raw)))

            streams = to_model and _asks_for_stream(raw)
            refused = streaming_status_of if streams else status_of
            return await self._answer(path, work, lane=lane, refused=refused)

        reference = {"$ref": f"#/components/schemas/{model.__name__}"}
        router.add_api_route(
            f"/{path}",
            endpoint,
            methods=["POST"],
            name=path.replace("/", "_"),
            operation_id=path.replace("/", "_").replace("-", "_"),
            summary=path,
            description=action.__doc__ or "",
            responses=_RESPONSES,
            openapi_extra={
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": reference}},
                }
            },
        )

    def upload(
        self, router: APIRouter, path: str, upload: Upload, action: Callable[[Call, Body], Any]
    ) -> None:
        """Add a POST endpoint that reads its body itself. The caller is known before it is read."""

        async def endpoint(request: Request) -> Response:
            call = await self._known_call(request)
            if isinstance(call, MemosError):
                return self._refused(path, call)
            with await receive(request, upload.folder, upload.limit) as body:
                return await self._answer(path, lambda: action(call, body), lane=Lane.SLOW)

        schema = {"schema": {"$ref": f"#/components/schemas/{upload.model.__name__}"}}
        content = {"application/json": schema, **upload.also_content}
        router.add_api_route(
            f"/{path}",
            endpoint,
            methods=["POST"],
            name=path.replace("/", "_"),
            operation_id=path.replace("/", "_").replace("-", "_"),
            summary=path,
            description=action.__doc__ or "",
            responses=_RESPONSES,
            openapi_extra={
                "parameters": [*upload.parameters],
                "requestBody": {"required": True, "content": content},
            },
        )

    def get(
        self,
        router: APIRouter,
        path: str,
        action: Callable[[Call], Any],
        *,
        documented: bool = True,
    ) -> None:
        """Add a GET endpoint."""
        parameters = [part[1:-1] for part in path.split("/") if part.startswith("{")]

        async def endpoint(request: Request) -> Response:
            return await self._answer(path, lambda: action(self._call(request)))

        router.add_api_route(
            f"/{path}",
            endpoint,
            methods=["GET"],
            name=path,
            operation_id=path.replace("/", "_").replace("{", "").replace("}", ""),
            summary=path,
            description=action.__doc__ or "",
            include_in_schema=documented,
            responses=_RESPONSES,
            openapi_extra={
                "parameters": [
                    {"name": p, "in": "path", "required": True, "schema": {"type": "string"}}
                    for p in parameters
                ]
            },
        )

    def _call(self, request: Request) -> Call:
        caller = authenticate(request.headers.get("authorization"), self._records)
        key = request.headers.get("idempotency-key")
        if key is not None and not 0 < len(key) <= _MAX_KEY_CHARS:
            raise InvalidInputError(
                f"Idempotency-Key must have 1 to {_MAX_KEY_CHARS} characters",
                field="Idempotency-Key",
            )
        return Call(
            caller,
            dict(request.path_params),
            key,
            dict(request.query_params),
            str(request.base_url),
        )

    async def _known_call(self, request: Request) -> Call | MemosError:
        """Who calls, before the body is read; or why nobody does."""
        limiter = self._limiter(Lane.QUICK)
        try:
            return await anyio.to_thread.run_sync(self._call, request, limiter=limiter)
        except MemosError as error:
            return error

    def _refused(self, path: str, error: MemosError) -> Response:
        with self._metrics.timed(path) as outcome:
            outcome.code = error.code
            _note(path, error)
            return failure(path, error.code, status_of(error), error.message)

    async def _answer(
        self,
        path: str,
        work: Callable[[], Any],
        *,
        lane: Lane = Lane.QUICK,
        refused: Callable[[MemosError], int] = status_of,
    ) -> Response:
        with self._metrics.timed(path) as outcome:
            try:
                limiter = self._limiter(lane)
                made, outcome.code = await anyio.to_thread.run_sync(
                    lambda: _rendered(work()), limiter=limiter
                )
                return EventStreamResponse(made, limiter) if isinstance(made, Frames) else made
            except MemosError as error:
                outcome.code = error.code
                _note(path, error)
                return failure(path, error.code, refused(error), error.message)
            except Exception as error:  # noqa: BLE001 - request edge
                code, status, message = unexpected()
                outcome.code = code
                logger.error(  # not logger.exception: a foreign error may quote what was sent
                    "request failed",
                    extra={"path": path, "error": type(error).__name__, "at": origin_of(error)},
                )
                return failure(path, code, status, message)

    def _limiter(self, lane: Lane) -> anyio.CapacityLimiter:
        """Made on first use, because a limiter belongs to a running event loop."""
        if lane not in self._limiters:
            self._limiters[lane] = anyio.CapacityLimiter(self._threads[lane])
        return self._limiters[lane]


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Done when `code` is 0; else `code` and `message` say what went wrong.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}},
    },
    401: {
        "description": "The API key is missing, malformed, unknown, revoked or expired.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Envelope"}}},
    },
}


def _rendered(data: object) -> tuple[Response | Frames, int]:
    """The answer of a call and its code; made beside the event loop, as long lists take a while."""
    if isinstance(data, Frames):
        return data, 0
    whole = data if isinstance(data, Extended) else Extended(data)
    code, message = (whole.error.code, whole.error.message) if whole.error else (0, "ok")
    body = {**whole.extras, "code": code, "data": whole.data, "message": message}
    content = to_json(body, inf_nan_mode="null")
    return Response(content, media_type="application/json"), code


def _note(path: str, error: MemosError) -> None:
    """Log a refusal; what is out of order on our side louder, with its reason."""
    if isinstance(error, StoreUnavailableError):
        extra = {"path": path, "code": error.code, "reason": error.message}
        logger.warning("a store is not available", extra=extra)
    else:
        logger.info("request refused", extra={"path": path, "code": error.code})


def failure(path: str, code: int, status: int, message: str) -> JSONResponse:
    """The envelope of an error, with the endpoint's empty data."""
    content = {"code": code, "data": empty_data(path), "message": message}
    headers = {"WWW-Authenticate": "Token, Bearer"} if status == 401 else None
    return JSONResponse(content, status_code=status, headers=headers)


def _may_be_large(request: Request) -> bool:
    """Whether a body is worth knowing its sender first: strangers fill no memory."""
    return declared_size(request) > _SMALL_BODY or "content-length" not in request.headers


async def _read(request: Request, most: int) -> bytes | MemosError:
    """The body, or the error to answer with once the caller is known."""
    too_large = InvalidInputError(
        f"the request body is larger than {most // 2**20} MB; split it", code=40305
    )
    if declared_size(request) > most:
        return too_large
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                return too_large
            chunks.append(chunk)
    except ClientDisconnect:
        return broken_off()
    return b"".join(chunks)


def _decode(raw: bytes | MemosError) -> object:
    if isinstance(raw, MemosError):
        raise raw
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            "the request body must be JSON; send Content-Type: application/json"
        ) from error


def _asks_for_stream(raw: bytes | MemosError) -> bool:
    try:
        body = _decode(raw)
    except MemosError:
        return False
    return isinstance(body, dict) and str(body.get("stream")).strip().lower() == "true"
