"""How the SDK treats an answer: may the call be sent again, what does the body hold, which error.

No I/O here; both clients use it.
"""

import random
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from memos.api._client_core import Answer, Call
from memos.errors import (
    AuthenticationError,
    ConflictError,
    EmptyFieldError,
    InvalidInputError,
    InvalidThresholdError,
    MemosError,
    MissingFieldError,
    NotAllowedError,
    NotFoundError,
    QuotaExceededError,
    TooLongError,
    TooManyTokensError,
    UnavailableError,
)

MAX_PAUSE_S = 10.0

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_FINE = frozenset({None, 0, 200})
_CUT_OFF = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


def may_repeat(call: Call[Any], outcome: httpx.Response | httpx.TransportError) -> bool:
    """Whether sending a failed call again is safe.

    It is when the request never left or was turned away (429, 503), and when the connection broke
    before an answer came and the call is a read or repeatable. A timeout of an answer is not
    repeated: the server is at work on it.
    """
    if isinstance(outcome, httpx.Response):
        return outcome.status_code in {429, 503}
    if isinstance(outcome, _NEVER_SENT):
        return True
    return isinstance(outcome, _CUT_OFF) and (call.reads or call.repeatable)


def pause_s(attempt: int, outcome: httpx.Response | httpx.TransportError, base_s: float) -> float:
    """Seconds to wait before attempt `attempt + 1`: what Retry-After asks, else growing."""
    asked = outcome.headers.get("Retry-After", "") if isinstance(outcome, httpx.Response) else ""
    if asked.isascii() and asked.isdigit():
        return min(float(asked), MAX_PAUSE_S)
    return float(min(base_s * 2**attempt * random.uniform(0.5, 1.0), MAX_PAUSE_S))


def unreachable(error: httpx.TransportError, base_url: str) -> UnavailableError:
    """A transport failure as our own error; raise it `from` the failure."""
    if isinstance(error, httpx.TimeoutException):
        return UnavailableError("The MemOS server did not answer in time; try again later.")
    try:
        place = f" at {httpx.URL(base_url).copy_with(userinfo=b'')}"
    except httpx.InvalidURL:
        place = ""
    return UnavailableError(
        f"The MemOS server{place} cannot be reached; check base_url, and that it is running "
        "(`memos serve` starts one)."
    )


def read_answer(call: Call[Answer], response: httpx.Response, *, raise_on_error: bool) -> Answer:
    """Read a complete answer.

    Raises:
        MemosError: HTTP status 400 or more, an answer that is not of the documented shape, or,
            with `raise_on_error`, a `code` that is not 0.
    """
    body = _json(response)
    if response.status_code >= 400 or (raise_on_error and _code(body) not in _FINE):
        raise error_of(response.status_code, body)
    if not isinstance(body, dict):
        raise MemosError("The MemOS server's answer is not a JSON object; check base_url.")
    if not issubclass(call.answer, BaseModel):
        return body  # type: ignore[return-value]  # Call[dict] is the only other kind
    try:
        return call.answer.model_validate(body)
    except ValidationError as error:
        raise MemosError("The MemOS server's answer is not of the documented shape.") from error


def is_event_stream(response: httpx.Response) -> bool:
    """Whether an answer whose body is not read yet is a stream of events."""
    kind = response.headers.get("Content-Type", "")
    return response.status_code < 400 and kind.lower().startswith("text/event-stream")


def not_a_stream() -> MemosError:
    """The error for an answer that is fine, but not the stream asked for."""
    return MemosError("The MemOS server answered without a stream; call chat with stream=False.")


def error_of(status: int, body: object) -> MemosError:
    """The error an answer stands for: by its code, else by its HTTP status."""
    code = _code(body)
    sentence = body.get("message") if isinstance(body, dict) else None
    message = sentence if isinstance(sentence, str) and sentence else f"HTTP status {status}"
    if code in _FINE or code == status:
        kind = _KIND_OF_STATUS.get(status, InvalidInputError if status < 500 else MemosError)
        return kind(message)
    return _kind_of(code or 0)(message, code=code)


def _kind_of(code: int) -> type[MemosError]:
    if code in _KIND_OF_CODE:
        return _KIND_OF_CODE[code]
    families = {400: InvalidInputError, 401: AuthenticationError, 403: QuotaExceededError}
    return families.get(code // 100, MemosError)


_KIND_OF_STATUS: dict[int, type[MemosError]] = {
    401: AuthenticationError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    429: QuotaExceededError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}
_KIND_OF_CODE: dict[int, type[MemosError]] = {
    40001: NotFoundError,
    40002: MissingFieldError,
    40003: EmptyFieldError,
    40010: TooLongError,
    40011: TooLongError,
    40012: InvalidThresholdError,
    40103: NotAllowedError,
    40305: TooManyTokensError,
    40306: NotAllowedError,
    40307: NotFoundError,
    40308: NotFoundError,
    50004: UnavailableError,
    50005: UnavailableError,
    50103: InvalidInputError,
    50104: InvalidInputError,
    50105: InvalidInputError,
    50107: InvalidInputError,
    50120: NotFoundError,
    50123: NotAllowedError,
    50131: NotFoundError,
}


def _code(body: object) -> int | None:
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit():
        return int(code)
    return code if isinstance(code, int) else None


def _json(response: httpx.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return None


class EventLines:
    """Takes the bytes of an event stream, gives the text after `data:` line by line.

    Only line feeds end a line: a model's answer may hold characters that `str.splitlines` would
    cut at.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Data of the lines that `chunk` completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [text for line in lines if (text := _event_data(line)) is not None]

    def finish(self) -> list[str]:
        """Data of a last line that was not ended."""
        return self.feed(b"\n")


def _event_data(line: bytes) -> str | None:
    if not line.startswith(b"data:"):
        return None
    return line[5:].rstrip(b"\r").decode("utf-8", "replace").lstrip()
