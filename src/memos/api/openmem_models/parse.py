"""Reading a request body: every defect becomes one error of `memos.errors`."""

import math
import re
from typing import Any, TypeVar

from pydantic import ValidationError

from memos.api.openmem_models.fields import WireModel
from memos.errors import InvalidInputError, InvalidThresholdError, MissingFieldError

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
        _check_storable(name, body.get(name))
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise _translated(error) from None


def _check_storable(field: str, value: object) -> None:
    """Refuse what JSON parsers let through and stores do not: NUL, lone surrogates, NaN, depth."""
    todo = [(value, 0)]
    while todo:
        item, depth = todo.pop()
        if isinstance(item, str):
            if _UNSTORABLE.search(item):
                raise InvalidInputError(
                    f"{field} must not hold NUL characters or lone surrogates.", field=field
                )
        elif isinstance(item, float):
            if not math.isfinite(item):
                kind = InvalidThresholdError if field == "relativity" else InvalidInputError
                raise kind(f"{field} must not hold NaN or infinite numbers.", field=field)
        elif isinstance(item, dict | list):
            if depth == MAX_DEPTH:
                raise InvalidInputError(f"{field} is nested too deeply.", field=field)
            children = [*item.keys(), *item.values()] if isinstance(item, dict) else item
            todo.extend((child, depth + 1) for child in children)


def _translated(error: ValidationError) -> InvalidInputError:
    """The first defect as our own error."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else None
    path = _path(first["loc"])
    kind = first["type"]
    if kind == "missing" and "tool_calls" not in first["loc"]:
        return MissingFieldError(f"{path} is required and must not be empty.", field=field)
    if kind == "missing":
        return InvalidInputError(f"{path} is required in a tool call.", field=field)
    if kind in _NAMED:
        return InvalidInputError(f"{path} must be {_NAMED[kind]}.", field=field)
    return InvalidInputError(f"{path} is not of the documented form.", field=field)


def _path(location: tuple[Any, ...]) -> str:
    """`messages[0].tool_calls[1].type` for a place inside the body."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "The request body"
