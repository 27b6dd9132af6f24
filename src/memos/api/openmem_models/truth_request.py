"""Requests about what was true, what was known, and how a memory came to be as it is."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from memos.api.openmem_models.fields import Identifier, WireModel, name_of, text_list
from memos.errors import InvalidInputError
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
