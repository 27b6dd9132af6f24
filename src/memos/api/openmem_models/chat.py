"""Chat and suggestions: what is asked."""

import math
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo

from memos.api.openmem_models.fields import (
    Flag,
    Identifier,
    IdentifierList,
    LabelList,
    MetadataObject,
    OptionalIdentifier,
    Text,
    name_of,
    positive_number,
)
from memos.api.openmem_models.recall_fields import RecallFields
from memos.errors import InvalidInputError

_NUMBER = re.compile(r"[0-9]{1,18}(\.[0-9]{0,30})?|\.[0-9]{1,30}")
_HIGHEST = {"temperature": 2, "top_p": 1}


def bounded_number(value: object, info: ValidationInfo) -> float:
    """A number from 0 to what the field allows, or such a number as a string."""
    name = name_of(info)
    highest = _HIGHEST[name]
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    number = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else value
    # Compared before it is made a float, which the largest integers cannot be.
    if not 0 <= number <= highest:
        raise InvalidInputError(f"{name} must be a number from 0 to {highest}.", field=name)
    return float(number)


def optional_text(value: object, info: ValidationInfo) -> str | None:
    """A string; a blank one is the same as absent."""
    if not isinstance(value, str):
        raise InvalidInputError(f"{name_of(info)} must be a string.", field=info.field_name)
    return value if value.strip() else None


OptionalText = Annotated[str | None, BeforeValidator(optional_text)]


class ChatRequest(RecallFields):
    """Body of `POST chat`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "memos_user_123",
                    "conversation_id": "0928",
                    "query": "Recommend a hotel brand I have not stayed at.",
                }
            ]
        }
    )

    user_id: Identifier = Field(
        description="Unique identifier of the user, at most 100 characters.",
        examples=["memos_user_123"],
    )
    conversation_id: Identifier = Field(
        description="Unique identifier of the conversation, at most 100 characters. Its earlier "
        "turns go along with the query.",
        examples=["0928"],
    )
    query: Text = Field(
        description="What the user says; with system_prompt at most 8k tokens.",
        examples=["Recommend a hotel brand I have not stayed at."],
    )
    model_name: OptionalText = Field(
        None, description="One of the configured chat models. Absent: the default one."
    )
    system_prompt: OptionalText = Field(
        None,
        description="Your own instructions. The memories replace {memories} in it, or follow it. "
        "Absent: the built-in ones.",
        examples=["You are a travel agent. What you know: {memories}"],
    )
    stream: Flag = Field(False, description="Answer piece by piece, as server-sent events.")
    max_tokens: Annotated[int, BeforeValidator(positive_number)] = Field(
        8192, description="Longest answer, in the model's tokens.", ge=1
    )
    temperature: Annotated[float, BeforeValidator(bounded_number)] = Field(
        0.7, description="Randomness of the answer, from 0 to 2.", ge=0, le=2
    )
    top_p: Annotated[float, BeforeValidator(bounded_number)] = Field(
        0.95, description="Share of the likeliest words to choose from, from 0 to 1.", ge=0, le=1
    )
    add_message_on_answer: Flag = Field(
        True, description="Remember what the user and the model said."
    )
    async_mode: Flag = Field(
        True, description="Make memories of it in the background; false waits for them."
    )
    app_id: OptionalIdentifier = Field(
        None, description="Application the turns come from, at most 100 characters."
    )
    agent_id: OptionalIdentifier = Field(
        None, description="Agent the turns are told to, at most 100 characters."
    )
    tags: LabelList = Field(
        None, description="Labels put on the memories, at most 500 of at most 200 characters."
    )
    info: MetadataObject = Field(
        None, description="Your own metadata, at most 64 KB; its keys can be filtered on."
    )
    allow_public: Flag = Field(
        False, description="Also write the memories to the project's public memory."
    )
    allow_knowledgebase_ids: IdentifierList = Field(
        None, description="Also write the memories to these knowledge bases."
    )

    def as_search(self) -> dict[str, Any]:
        """The fields that a search has too, as a body of one."""
        names = {"user_id", "conversation_id", *RecallFields.model_fields}
        shared = self.model_dump(include=names)
        return {**shared, "query": self.query, "include_tool_memory": False, "include_skill": False}
