"""Reading a request body: every defect becomes one error of `memos.errors`."""

import math
import re
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from memos.api.openmem_models.fields import WireModel
from memos.errors import (
    InvalidFilterError,
    InvalidInputError,
    InvalidThresholdError,
    MissingFieldError,
)

Request = TypeVar("Request", bound=WireModel)

MAX_DEPTH = 64
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NAMED = {
    "string_type": "a string",
    "dict_type": "an object",
    "list_type": "an array",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "int_type": "an integer",
    "bool_type": "true or false",
}
_ABSENT = frozenset({"missing", "string_too_short"})
_TOO_LONG = {"string_too_long": "characters", "too_long": "entries"}


def parse_request(model: type[Request], body: object) -> Request:
    """Check a decoded JSON body against a request model.

    Args:
        model: a request of `memos.api.openmem_models`.
        body: what the JSON of the request decoded to.

    Raises:
        MissingFieldError: a required field is absent, null or empty (40002).
        TooLongError: user_id (40010) or conversation_id (40011) is longer than 100 characters.
        InvalidThresholdError: relativity is not in 0..1 (40012).
        InvalidFilterError: filter is not an object (40000).
        InvalidInputError: anything else of the wrong type or form (40000).

    No message repeats anything that was sent.
    """
    if not isinstance(body, dict):
        raise InvalidInputError("The request body must be a JSON object.")
    for name in (*model.model_fields, *model.also_read):
        check_storable(name, body.get(name))
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _translated(error) from None


def check_storable(field: str, value: object, *, depth: int = MAX_DEPTH) -> None:
    """Refuse what JSON parsers let through and stores do not take.

    Args:
        field: name of the request field, for the error.
        value: its decoded JSON.
        depth: most levels of arrays and objects inside each other.

    Raises:
        InvalidThresholdError: a NaN or infinite `relativity`.
        InvalidFilterError, InvalidInputError: NUL characters, lone surrogates, other numbers that
            are not finite, or too many levels.
    """
    todo = [(value, 0)]
    while todo:
        item, level = todo.pop()
        if isinstance(item, str):
            if _UNSTORABLE.search(item):
                _refuse(field, "must not hold NUL characters or lone surrogates.")
        elif isinstance(item, float):
            if not math.isfinite(item):
                _refuse(field, "must not hold NaN or infinite numbers.")
        elif isinstance(item, dict | list):
            if level == depth:
                _refuse(field, "is nested too deeply.")
            children = [*item.keys(), *item.values()] if isinstance(item, dict) else item
            todo.extend((child, level + 1) for child in children)


def _refuse(field: str, rest: str) -> NoReturn:
    kinds = {"relativity": InvalidThresholdError, "filter": InvalidFilterError}
    raise kinds.get(field, InvalidInputError)(f"{field} {rest}", field=field)


def _translated(error: ValidationError) -> InvalidInputError:
    """The first defect as our own error."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else None
    path = _path(first["loc"])
    kind = first["type"]
    if kind in _ABSENT:
        if "tool_calls" in first["loc"]:
            return InvalidInputError(f"{path} is required in a tool call.", field=field)
        return MissingFieldError(f"{path} is required and must not be empty.", field=field)
    if kind in _NAMED:
        return InvalidInputError(f"{path} must be {_NAMED[kind]}.", field=field)
    if kind in _TOO_LONG:
        most = first["ctx"]["max_length"]
        return InvalidInputError(f"{path} must have at most {most} {_TOO_LONG[kind]}.", field=field)
    return InvalidInputError(f"{path} is not of the documented form.", field=field)


def _path(location: tuple[Any, ...]) -> str:
    """`messages[0].tool_calls[1].type` for a place inside the body."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "The request body"
