"""Body of `POST add/feedback`."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo

from memos.api.openmem_models.fields import (
    Flag,
    IdentifierList,
    MetadataObject,
    OptionalIdentifier,
    Text,
    identifier,
)
from memos.api.openmem_models.request import SubjectRequest
from memos.errors import InvalidInputError
from memos.types.message import DEFAULT_CONVERSATION


def _time_text(value: object, info: ValidationInfo) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value.strip() or None
    raise InvalidInputError(f"{info.field_name} must be a string.", field=info.field_name)


class AddFeedbackRequest(SubjectRequest):
    """Body of `POST add/feedback`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "memos_user_123",
                    "conversation_id": "memos_feedback_conv",
                    "feedback_content": "The purchase limit for office software is 600 CNY, "
                    "not 800 CNY.",
                }
            ]
        }
    )

    conversation_id: Annotated[str, BeforeValidator(identifier)] = Field(
        DEFAULT_CONVERSATION,
        min_length=1,
        max_length=100,
        description="Conversation the feedback belongs to, at most 100 characters.",
        examples=["memos_feedback_conv"],
    )
    feedback_content: Text = Field(
        description="What the user says about an answer or a memory, at most 4k tokens.",
        examples=["The purchase limit for office software is 600 CNY, not 800 CNY."],
    )
    feedback_time: Annotated[str | None, BeforeValidator(_time_text)] = Field(
        None,
        description="When it was said, in the forms of chat_time. Absent: the time of the request.",
        examples=["2025-12-12 10:00:00"],
    )
    retrieved_memory_ids: IdentifierList = Field(
        None, description="Memories the feedback is about, as search/memory returned them."
    )
    app_id: OptionalIdentifier = Field(
        None, description="Application it comes from, at most 100 characters."
    )
    info: MetadataObject = Field(
        None, description="Your own metadata for memories it adds, at most 64 KB."
    )
    allow_public: Flag = Field(
        False, description="Also write what it adds to the project's public memory."
    )
    allow_knowledgebase_ids: IdentifierList = Field(
        None, description="Also write what it adds to these knowledge bases."
    )
    async_mode: Flag = Field(
        True, description="Answer when the work is quick; false waits for the work in any case."
    )
