"""Field types of the Cloud API requests: what is accepted, what it becomes, what it is refused with.

Validators raise the project's own errors; pydantic lets those through untouched. No message
repeats a value that was sent.
"""

import json
import re
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from memos.errors import (
    EmptyFieldError,
    InvalidFilterError,
    InvalidInputError,
    InvalidThresholdError,
    MissingFieldError,
    TooLongError,
)

MAX_IDENTIFIER_CHARS = 100
MAX_RESULTS = 25
MAX_PAGE_SIZE = 50
MAX_MESSAGES = 50
MAX_LABELS = 500
MAX_LABEL_CHARS = 200
MAX_METADATA_CHARS = 64 * 1024
ALL_KNOWLEDGEBASES = "all"

_LENGTH_CODES = {"user_id": 40010, "conversation_id": 40011}
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")


class WireModel(BaseModel):
    """An object of a request: explicit null is the same as absent, unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", defer_build=True, frozen=True)

    also_read: ClassVar[tuple[str, ...]] = ()
    """Names of the body that are read besides the fields: older spellings."""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: object) -> object:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


def name_of(info: ValidationInfo) -> str:
    """Name of the field being checked, for messages."""
    return info.field_name or "the field"


def required_text(value: object, info: ValidationInfo) -> str:
    """A string that holds more than white space."""
    name = name_of(info)
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} must be a string.", field=name)
    if not value.strip():
        raise MissingFieldError(f"{name} must not be empty.", field=name)
    return value


def identifier(value: object, info: ValidationInfo) -> str:
    """A non-empty string of at most 100 characters."""
    name, text = name_of(info), required_text(value, info)
    if len(text) > MAX_IDENTIFIER_CHARS:
        message = f"{name} must not be longer than {MAX_IDENTIFIER_CHARS} characters."
        if name in _LENGTH_CODES:
            raise TooLongError(message, code=_LENGTH_CODES[name], field=name)
        raise InvalidInputError(message, field=name)
    return text


def optional_identifier(value: object, info: ValidationInfo) -> str | None:
    """As `identifier`, the empty string being the same as absent."""
    if isinstance(value, str) and not value.strip():
        return None
    return identifier(value, info)


def flag(value: object, info: ValidationInfo) -> bool:
    """A JSON boolean, or the words true and false as a string."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise InvalidInputError(f"{name_of(info)} must be true or false.", field=info.field_name)


def whole_number(value: object, info: ValidationInfo) -> int:
    """A JSON integer, a float without fraction, or a string of digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    raise InvalidInputError(f"{name_of(info)} must be an integer.", field=info.field_name)


def result_limit(value: object, info: ValidationInfo) -> int:
    """A number of results, brought into 0..25 (0 asks for none)."""
    return min(max(whole_number(value, info), 0), MAX_RESULTS)


def message_limit(value: object, info: ValidationInfo) -> int:
    """A number of messages, brought into 0..50 (0 asks for none)."""
    return min(max(whole_number(value, info), 0), MAX_MESSAGES)


def page_size(value: object, info: ValidationInfo) -> int:
    """Entries of a page, brought into 1..50."""
    return min(max(whole_number(value, info), 1), MAX_PAGE_SIZE)


def page_number(value: object, info: ValidationInfo) -> int:
    """Number of a page, counted from 1, at most a billion."""
    return min(max(whole_number(value, info), 1), 1_000_000_000)


def threshold(value: object, info: ValidationInfo) -> float:
    """A number in 0..1, or such a number as a string."""
    name = name_of(info)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInputError(f"{name} must be a number from 0 to 1.", field=name)
    if not 0 <= value <= 1:  # also refuses NaN, which compares false
        raise InvalidThresholdError(f"{name} must be a number from 0 to 1.", field=name)
    return float(value)


def positive_number(value: object, info: ValidationInfo) -> int:
    """A whole number of at least 1, at most a billion."""
    number = whole_number(value, info)
    if number < 1:
        raise InvalidInputError(f"{name_of(info)} must be at least 1.", field=info.field_name)
    return min(number, 1_000_000_000)


def context_format(value: object, info: ValidationInfo) -> str:
    """A word; the ones that mean nothing here are let through (older clients send "memory")."""
    if not isinstance(value, str):
        raise InvalidInputError(f"{name_of(info)} must be a string.", field=info.field_name)
    return value


def search_mode(value: object) -> str:
    """Exactly "fine", else "fast": other clients send words and numbers of their own."""
    return "fine" if value == "fine" else "fast"


def text_list(value: object, info: ValidationInfo) -> list[str]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidInputError(
            f"{name_of(info)} must be an array of strings.", field=info.field_name
        )
    return value


def label_list(value: object, info: ValidationInfo) -> list[str]:
    """A list of at most 500 strings of at most 200 characters."""
    items = text_list(value, info)
    if len(items) > MAX_LABELS or any(len(item) > MAX_LABEL_CHARS for item in items):
        raise InvalidInputError(
            f"{name_of(info)} must have at most {MAX_LABELS} entries of at most "
            f"{MAX_LABEL_CHARS} characters.",
            field=info.field_name,
        )
    return items


def identifier_list(value: object, info: ValidationInfo) -> list[str]:
    """A list of non-empty strings, each once, in the order given."""
    items = text_list(value, info)
    if not all(item.strip() for item in items):
        raise MissingFieldError(
            f"{name_of(info)} must not hold empty strings.", field=info.field_name
        )
    return list(dict.fromkeys(items))


def knowledgebase_list(value: object, info: ValidationInfo) -> list[str]:
    """Knowledge base ids; the word "all", alone or in the list, becomes exactly ["all"]."""
    if value == ALL_KNOWLEDGEBASES:
        return [ALL_KNOWLEDGEBASES]
    items = identifier_list(value, info)
    return [ALL_KNOWLEDGEBASES] if ALL_KNOWLEDGEBASES in items else items


def json_object(value: object, info: ValidationInfo) -> dict[str, Any]:
    """A JSON object."""
    if not isinstance(value, dict):
        raise InvalidInputError(f"{name_of(info)} must be an object.", field=info.field_name)
    return value


def metadata_object(value: object, info: ValidationInfo) -> dict[str, Any]:
    """A JSON object of at most 65536 characters: every memory carries it along."""
    metadata = json_object(value, info)
    if len(json.dumps(metadata, ensure_ascii=False)) > MAX_METADATA_CHARS:
        raise InvalidInputError(
            f"{name_of(info)} must have at most {MAX_METADATA_CHARS} characters as JSON.",
            field=info.field_name,
        )
    return metadata


def filter_object(value: object, info: ValidationInfo) -> dict[str, Any] | None:
    """A JSON object holding a memory filter; one without anything is the same as absent."""
    if not isinstance(value, dict):
        raise InvalidFilterError(
            "filter must be an object with and / or, or with user, public and knowledgebase.",
            field=info.field_name,
        )
    return {key: part for key, part in value.items() if part is not None} or None


def filled_list(value: object, info: ValidationInfo) -> list[Any]:
    """A list with at least one element (an empty one counts as missing, code 40002)."""
    name = name_of(info)
    if not isinstance(value, list):
        raise InvalidInputError(f"{name} must be an array.", field=name)
    if not value:
        raise EmptyFieldError(f"{name} must not be empty.", code=40002, field=name)
    return value


FILTER_EXAMPLE = {
    "and": [
        {"tags": {"contains": "reading"}},
        {"create_time": {"gte": "2025-01-01"}},
        {"scene": "chat"},
    ]
}

Text = Annotated[str, BeforeValidator(required_text), Field(min_length=1)]
Identifier = Annotated[
    str, BeforeValidator(identifier), Field(min_length=1, max_length=MAX_IDENTIFIER_CHARS)
]
OptionalIdentifier = Annotated[
    Annotated[str, Field(max_length=MAX_IDENTIFIER_CHARS)] | None,
    BeforeValidator(optional_identifier),
]
UserId = Annotated[
    OptionalIdentifier,
    Field(
        description="Unique identifier of the user, at most 100 characters. Required unless "
        "agent_id is given.",
        examples=["memos_user_123"],
    ),
]
AgentId = Annotated[
    OptionalIdentifier,
    Field(
        description="Unique identifier of the agent, at most 100 characters. Without user_id the "
        "agent's own memories are meant.",
        examples=["health_assistant"],
    ),
]
Flag = Annotated[bool, BeforeValidator(flag)]
ResultLimit = Annotated[int, BeforeValidator(result_limit)]
MessageLimit = Annotated[int, BeforeValidator(message_limit)]
PageSize = Annotated[int, BeforeValidator(page_size)]
PageNumber = Annotated[int, BeforeValidator(page_number)]
Threshold = Annotated[float | None, BeforeValidator(threshold)]
TokenBudget = Annotated[int | None, BeforeValidator(positive_number)]
Milliseconds = Annotated[int | None, BeforeValidator(positive_number)]
ContextFormat = Annotated[str | None, BeforeValidator(context_format)]
SearchMode = Annotated[str, BeforeValidator(search_mode)]
TextList = Annotated[list[str] | None, BeforeValidator(text_list)]
LabelList = Annotated[list[str] | None, BeforeValidator(label_list)]
IdentifierList = Annotated[list[str] | None, BeforeValidator(identifier_list)]
KnowledgebaseIds = Annotated[
    list[str] | None,
    BeforeValidator(knowledgebase_list),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "minLength": 1}},
                {"type": "string", "const": ALL_KNOWLEDGEBASES},
                {"type": "null"},
            ]
        }
    ),
    Field(
        description='Knowledge bases to use, or "all" for every one linked to the project. '
        "Absent: none.",
        examples=[["kb_xxx"], "all"],
    ),
]
JsonObject = Annotated[dict[str, Any] | None, BeforeValidator(json_object)]
MetadataObject = Annotated[dict[str, Any] | None, BeforeValidator(metadata_object)]
FilterObject = Annotated[
    dict[str, Any] | None,
    BeforeValidator(filter_object),
    Field(
        description="Conditions memories must meet before they are ranked: and / or at the root, "
        "or one such group for each of user, public and knowledgebase.",
        examples=[FILTER_EXAMPLE],
    ),
]
