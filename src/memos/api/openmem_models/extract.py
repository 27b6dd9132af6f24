"""Extraction, reranking and suggestions: what is asked."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from memos.api.openmem_models.chat import OptionalText
from memos.api.openmem_models.fields import (
    Text,
    WireModel,
    filled_list,
    name_of,
    positive_number,
    text_list,
)
from memos.api.openmem_models.request import SubjectRequest
from memos.errors import EmptyFieldError, InvalidInputError, MissingFieldError

__all__ = ["ExtractMemoryRequest", "GetSuggestionsRequest", "RerankRequest"]

_TYPES = ("memory", "preference")
_ROLES = ("user", "assistant", "system")


def _role(value: object) -> object:
    if value not in _ROLES:
        raise InvalidInputError(
            "role of a message must be user, assistant or system.", field="messages"
        )
    return value


def _content(value: object) -> object:
    if not isinstance(value, str):
        raise InvalidInputError(
            "content of a message must be a string; only text is extracted from.",
            field="messages",
        )
    if not value.strip():
        raise MissingFieldError("content of a message must not be empty.", field="messages")
    return value


def _types(value: object, info: ValidationInfo) -> list[str]:
    items = text_list(value, info)
    if not items:
        raise EmptyFieldError(
            "extraction_types must not be empty; leave it out for both.", field=info.field_name
        )
    if not set(items) <= set(_TYPES):
        raise InvalidInputError(
            "extraction_types may hold memory and preference.", field=info.field_name
        )
    return list(dict.fromkeys(items))


def _documents(value: object, info: ValidationInfo) -> list[str]:
    items = text_list(value, info)
    if not items:
        raise EmptyFieldError("documents must not be empty.", field=info.field_name)
    return items


def _said_last(value: object, info: ValidationInfo) -> list[object]:
    """A text of the user, or messages; those that are not text by user or assistant are skipped."""
    if isinstance(value, str):
        return [{"role": "user", "content": value}] if value.strip() else []
    if not isinstance(value, list):
        raise InvalidInputError(
            f"{name_of(info)} must be a string or an array of messages.", field=info.field_name
        )
    return [m for m in value if isinstance(m, dict) and _is_talk(m.get("role"), m.get("content"))]


def _is_talk(role: object, content: object) -> bool:
    return role in ("user", "assistant") and isinstance(content, str) and bool(content.strip())


def _language(value: object, info: ValidationInfo) -> str | None:
    """`zh` or `en`, in whatever case and with whatever region; others follow the memories."""
    if not isinstance(value, str):
        raise InvalidInputError(f"{name_of(info)} must be a string.", field=info.field_name)
    short = value.strip().lower().replace("_", "-").partition("-")[0]
    return {"zh": "zh", "en": "en", "chinese": "zh", "english": "en"}.get(short)


class ExtractMessage(WireModel):
    """One message to read."""

    role: Annotated[Literal["user", "assistant", "system"], BeforeValidator(_role)] = Field(
        description="Who is speaking."
    )
    content: Annotated[str, BeforeValidator(_content)] = Field(
        min_length=1, description="Text of the message."
    )


class ExtractMemoryRequest(WireModel):
    """Body of `POST extract/memory`."""

    messages: Annotated[list[ExtractMessage], BeforeValidator(filled_list)] = Field(
        min_length=1, description="What was said, oldest first; at most 8k tokens in total."
    )
    extraction_types: Annotated[
        list[Literal["memory", "preference"]] | None, BeforeValidator(_types)
    ] = Field(None, description="Kinds to read: memory, preference. Absent: both.")


class RerankRequest(WireModel):
    """Body of `POST rerank`."""

    query: Text = Field(description="The question.", examples=["What are the user's hobbies?"])
    documents: Annotated[list[str], BeforeValidator(_documents)] = Field(
        min_length=1,
        description="Texts to order; with the query at most 8k tokens.",
        examples=[["User likes playing badminton.", "User prefers concise replies."]],
    )
    model: OptionalText = Field(
        None, description="memos-reranker-0.6b or memos-reranker-4b; both mean the configured one."
    )
    top_n: Annotated[int | None, BeforeValidator(positive_number)] = Field(
        None, description="How many of the best to return. Absent: all."
    )


class GetSuggestionsRequest(SubjectRequest):
    """Body of `POST get/suggestions`."""

    language: Annotated[
        str | None,
        BeforeValidator(_language),
        Field(
            description="zh or en. Absent: the language of the talk, else of the memories.",
            examples=["zh"],
        ),
    ] = None
    message: Annotated[
        list[ExtractMessage],
        BeforeValidator(_said_last),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "null"}]}),
    ] = Field(
        [],
        description="What was said last: a text of the user, or messages. Absent: recent memories "
        "are the basis.",
    )

    @property
    def talk(self) -> tuple[tuple[str, str], ...]:
        """The latest turns as `(role, text)`."""
        return tuple((m.role, m.content) for m in self.message)
