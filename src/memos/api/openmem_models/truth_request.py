"""Requests about what was true, what was known, and how a memory came to be as it is."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from memos.api.openmem_models.fields import (
    Identifier,
    WireModel,
    name_of,
    positive_number,
    required_text,
    text_list,
)
from memos.errors import InvalidInputError, MissingFieldError
from memos.types.lifecycle import check_settable
from memos.types.memory import MemoryStatus

STATUSES = tuple(status.value for status in MemoryStatus)
ALL_STATUSES = "all"


def _moment(value: object, info: ValidationInfo) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value.strip() or None
    raise InvalidInputError(f"{name_of(info)} must be a time.", field=info.field_name)


def _statuses(value: object, info: ValidationInfo) -> list[str]:
    given = [value] if isinstance(value, str) else value
    names = [name.strip().lower() for name in text_list(given, info)]
    if ALL_STATUSES in names:
        return list(STATUSES)
    if not set(names) <= set(STATUSES):
        raise InvalidInputError(
            f"{name_of(info)} may hold {', '.join(STATUSES)} or {ALL_STATUSES}.",
            field=info.field_name,
        )
    return list(dict.fromkeys(names))


def _optional_text(value: object, info: ValidationInfo) -> str | None:
    if isinstance(value, str) and not value.strip():
        return None
    return required_text(value, info)


def _new_status(value: object, info: ValidationInfo) -> str | None:
    if isinstance(value, str) and not value.strip():
        return None
    name = required_text(value, info).strip().lower()
    check_settable(name)
    return name


OptionalText = Annotated[str | None, BeforeValidator(_optional_text)]
NewStatus = Annotated[str | None, BeforeValidator(_new_status)]
Instant = Annotated[str | None, BeforeValidator(_moment)]
Statuses = Annotated[list[str] | None, BeforeValidator(_statuses)]


class ViewpointFields(WireModel):
    """From where in time memories are looked at, and in which states."""

    as_of: Instant = Field(
        None,
        description="What was true then: a time as in filter; a whole day means its end. What "
        "began later is left out, what was superseded later still held.",
        examples=["2025-03-01"],
    )
    known_at: Instant = Field(
        None,
        description="What was known then: memories, texts and states as they were recorded at "
        "that time.",
        examples=["2025-06-01 12:00:00"],
    )
    status: Statuses = Field(
        None,
        description="States a memory may be in, one or several; absent: what holds (activated, "
        'frozen). "all" stands for every one. The name statuses is accepted too.',
        examples=[["activated", "archived"]],
    )

    @model_validator(mode="before")
    @classmethod
    def _read_statuses(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("status") is None and "statuses" in data:
            return {**data, "status": data["statuses"]}
        return data


class MemoryHistoryRequest(WireModel):
    """Body of `POST get/memory/history`."""

    memory_id: Identifier = Field(description="Any version of the memory.")


class ExpiringFields(WireModel):
    """When what is added stops to hold."""

    expires_at: Instant = Field(
        None,
        description="When the memories of this add expire: a time as in filter; a whole day means "
        "its end. Absent: never.",
        examples=["2026-12-31"],
    )


class UpdateMemoryRequest(WireModel):
    """Body of `POST update/memory`: what is absent stays as it is."""

    memory_id: Identifier = Field(description="The memory to change.")
    content: OptionalText = Field(
        None, description="New text, at most 4k tokens; the former one stays in history."
    )
    title: OptionalText = Field(None, description="New title (memory_key), at most 200 characters.")
    status: NewStatus = Field(
        None,
        description="New state: activated (also releases a frozen memory), archived, expired or "
        "frozen.",
    )

    @model_validator(mode="after")
    def _changes_something(self) -> "UpdateMemoryRequest":
        if self.content is None and self.title is None and self.status is None:
            raise MissingFieldError(
                "content, title or status must be given and not be empty.", field="content"
            )
        return self


class RestoreMemoryRequest(WireModel):
    """Body of `POST restore/memory`."""

    memory_id: Identifier = Field(description="The memory to bring back.")
    version: Annotated[int | None, BeforeValidator(positive_number)] = Field(
        None, description="Number of the version whose text to take; absent: the last one."
    )
