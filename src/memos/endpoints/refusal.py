"""What an endpoint's failure means, in our errors. The endpoint's own words are never passed on.

They may repeat the key or the prompt.
"""

import sys
from collections.abc import Mapping
from datetime import timezone
from email.utils import parsedate_to_datetime
from types import ModuleType

from memos.errors import ModelRefusedError, ModelReplyError, ModelUnavailableError

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""HTTP statuses after which the same request may succeed."""
_THIS_REQUEST = frozenset({400, 405, 406, 411, 413, 414, 415, 416, 422})
_LONGEST_ASKED_S = 3600.0


def refused(
    what: str, status: int, headers: Mapping[str, str] | None = None, now_ms: int | None = None
) -> ModelUnavailableError:
    """The error of an HTTP status.

    Args:
        what: the model in a sentence (`the model`, `the embedder`, `the reranker`).
        status: the HTTP status.
        headers: of the answer; `Retry-After` is read.
        now_ms: the time, ms UTC, to read a `Retry-After` that is a date; None ignores dates.
    """
    if status in _THIS_REQUEST:
        return ModelRefusedError(f"{what} refused the request (HTTP {status})")
    asked = retry_after_s(headers or {}, now_ms) if status in {429, 503, 529} else None
    return ModelUnavailableError(_reason(what, status), retry_after_s=asked)


def retry_after_s(headers: Mapping[str, str], now_ms: int | None = None) -> float | None:
    """Seconds an endpoint asked to wait, at most an hour; None when it did not say."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if not text:
            continue
        try:
            seconds = float(text) / unit
        except ValueError:
            seconds = _until(text, now_ms)
        if seconds > 0:
            return min(seconds, _LONGEST_ASKED_S)
    return None


def translated(what: str, error: Exception, library: ModuleType) -> Exception:
    """Our error for one of the `openai` or `anthropic` library, which name theirs alike.

    Args:
        what: as `refused`.
        error: one of `caught`.
        library: the module.
    """
    late = tuple(module.TimeoutException for module in _below())
    if isinstance(error, (library.APITimeoutError, *late)):
        return ModelUnavailableError(f"{what} did not answer in time")
    if isinstance(error, library.APIConnectionError):
        return ModelUnavailableError(f"{what} cannot be reached; check its address")
    if isinstance(error, library.APIStatusError):
        return refused(what, error.status_code, error.response.headers)
    if isinstance(error, library.APIResponseValidationError | ValueError | TypeError):
        return ModelReplyError(f"{what} answered something that is not of the protocol")
    return ModelUnavailableError(f"{what} broke off its answer")


def caught(library: ModuleType) -> tuple[type[Exception], ...]:
    """What a call of the `openai` or `anthropic` library may raise for what a server does.

    Their own errors, ValueError for JSON that breaks off, TypeError for JSON of another form, and
    what the HTTP library below them (whichever it is) raises when a stream breaks.
    """
    base = getattr(library, "OpenAIError", None) or library.AnthropicError
    below = [error for module in _below() for error in (module.HTTPError, module.StreamError)]
    return (base, *below, ValueError, TypeError)


def _below() -> list[ModuleType]:
    """The HTTP libraries that are in use."""
    return [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]


def _until(text: str, now_ms: int | None) -> float:
    if now_ms is None:
        return 0.0
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.timestamp() - now_ms / 1000


def _reason(what: str, status: int) -> str:
    if status in {401, 403}:
        return f"{what} refused the key (HTTP {status})"
    if status == 404:
        return f"{what}: no such model or address (HTTP 404)"
    if status == 429:
        return f"{what} is over its rate limit (HTTP 429)"
    if status in PASSING:
        return f"{what} failed (HTTP {status})"
    return f"{what} refused the request (HTTP {status})"
