"""Requests that are sent again under the same Idempotency-Key are held to what came first."""

from typing import Any

from memos.errors import InvalidInputError
from memos.records.base import Task

_MARK = "request"


def marked(payload: dict[str, Any], mark: str | None) -> dict[str, Any]:
    """A task's payload that remembers what the request asked for."""
    return payload if mark is None else {**payload, _MARK: mark}


def require_same(first: Task | None, mark: str | None) -> None:
    """See that a request asks for what the first one under its key did.

    Args:
        first: the task of the first request, when there is one.
        mark: what this request asks for.

    Raises:
        InvalidInputError: it asks for something else, which would be lost without a word.
    """
    if first is not None and mark is not None and first.payload.get(_MARK, mark) != mark:
        raise InvalidInputError(
            "this Idempotency-Key came with another request before; give each request its own",
            field="Idempotency-Key",
        )
