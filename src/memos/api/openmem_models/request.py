"""Requests of the Cloud API, as sent by clients and checked by the server.

Read one with `parse_request`, which turns every defect into an error of `memos.errors`.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from memos.api.openmem_models.fields import (
    AgentId,
    ContextFormat,
    FilterObject,
    Flag,
    Identifier,
    IdentifierList,
    LabelList,
    MessageLimit,
    MetadataObject,
    Milliseconds,
    OptionalIdentifier,
    PageNumber,
    PageSize,
    ResultLimit,
    SearchMode,
    Text,
    TokenBudget,
    UserId,
    WireModel,
    filled_list,
    identifier,
)
from memos.api.openmem_models.recall_fields import RecallFields
from memos.api.openmem_models.truth_request import ExpiringFields, ViewpointFields
from memos.errors import InvalidFilterError, InvalidInputError, MissingFieldError
from memos.types.message import DEFAULT_CONVERSATION, ROLES

TOOLS_PART = "tools"


def _role(value: object) -> object:
    if value not in ROLES:
        raise InvalidInputError(
            "role of a message must be user, assistant, system or tool.", field="messages"
        )
    return value


def _call_type(value: object) -> object:
    if value != "function":
        raise InvalidInputError("type of a tool call must be function.", field="messages")
    return value


def _arguments(value: object) -> object:
    try:
        if not isinstance(value, str):
            raise ValueError
        json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            "arguments of a tool call must be a string that holds JSON.", field="messages"
        ) from error
    return value


def _content(value: object) -> object:
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise InvalidInputError(
            "content of a message must be a string or an array of parts.", field="messages"
        )
    return [_part(part) for part in value]


def _part(part: object) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, dict) or not isinstance(part.get("type"), str):
        raise InvalidInputError(
            "each part of a message's content must be an object with a type.", field="messages"
        )
    if part["type"] == "text" and not isinstance(part.get("text"), str):
        raise InvalidInputError("a part of type text must have a text string.", field="messages")
    return part


def _time_text(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value.strip() or None
    raise InvalidInputError("chat_time of a message must be a string.", field="messages")


def _tool_list(value: object) -> object:
    """Descriptions of tools; anything that is no list of objects is ignored."""
    return [t for t in value if isinstance(t, dict)] if isinstance(value, list) else None


ToolList = Annotated[
    list[dict[str, Any]] | None,
    BeforeValidator(_tool_list),
    Field(
        description="Tools the assistant may call, as given to the model; they become tool memories.",
    ),
]


def tools_part(tools: list[dict[str, Any]] | None) -> tuple[dict[str, Any], ...]:
    """Tools as a part of a message; no part for none."""
    return ({"type": TOOLS_PART, "tools": tools},) if tools else ()


class ToolFunction(WireModel):
    """The function of a tool call."""

    name: str = Field(min_length=1, description="Name of the tool.", examples=["get_weather"])
    arguments: Annotated[str, BeforeValidator(_arguments)] = Field(
        description="Arguments of the call, a string that holds JSON.",
        examples=['{"location": "Beijing"}'],
    )


class ToolCall(WireModel):
    """A call of a tool by the assistant."""

    id: str = Field(min_length=1, description="Identifier of the call.", examples=["call_123"])
    type: Annotated[Literal["function"], BeforeValidator(_call_type)] = Field(
        description="Only function is supported."
    )
    function: ToolFunction


class ChatMessage(WireModel):
    """One message of a conversation."""

    role: Annotated[
        Literal["user", "assistant", "system", "tool"],
        BeforeValidator(_role),
        Field(description="Who is speaking."),
    ]
    content: Annotated[
        str | list[dict[str, Any]] | None,
        BeforeValidator(_content),
        Field(
            description="Text, or an array of parts such as "
            '{"type": "text", "text": ".."}. May be left out beside tool_calls.',
            examples=["I have booked a summer trip to Guangzhou."],
        ),
    ] = None
    chat_time: Annotated[
        str | None,
        BeforeValidator(_time_text),
        Field(
            description="When it was said: a timestamp, milliseconds since the epoch, or Chinese "
            "text. Absent: the time of the request.",
            examples=["2025-09-12 08:00:00"],
        ),
    ] = None
    name: str | None = Field(None, description="Name of the speaker.")
    tool_call_id: str | None = Field(None, description="The call a tool message answers.")
    tool_calls: list[ToolCall] | None = Field(
        None, description="Calls the assistant makes; role assistant only."
    )
    tools: ToolList = None

    @model_validator(mode="after")
    def _says_something(self) -> "ChatMessage":
        empty_allowed = self.role == "tool" and self.content is not None
        if not self.content and not self.tool_calls and not empty_allowed:
            raise MissingFieldError("content of a message must not be empty.", field="messages")
        return self

    @property
    def text(self) -> str:
        """The readable text: the content, or its text parts joined by newlines."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part["text"] for part in self.content or () if part["type"] == "text")

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """The content parts when the content was an array, and the tools the message describes."""
        parts = tuple(self.content) if isinstance(self.content, list) else ()
        return (*parts, *tools_part(self.tools))

    @property
    def calls(self) -> tuple[dict[str, Any], ...]:
        """The tool calls as JSON objects."""
        return tuple(call.model_dump() for call in self.tool_calls or ())


class SubjectRequest(WireModel):
    """A request about a user's memories, or about an agent's own when only agent_id is given."""

    user_id: UserId = None
    agent_id: AgentId = None

    @model_validator(mode="after")
    def _has_subject(self) -> "SubjectRequest":
        if self.user_id is None and self.agent_id is None:
            raise MissingFieldError("user_id must be given and not be empty.", field="user_id")
        return self


class AddMessageRequest(ExpiringFields, SubjectRequest):
    """Body of `POST add/message`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "memos_user_123",
                    "conversation_id": "0610",
                    "messages": [
                        {"role": "user", "content": "I like spicy food."},
                        {"role": "assistant", "content": "Noted."},
                    ],
                }
            ]
        }
    )

    conversation_id: Annotated[str, BeforeValidator(identifier)] = Field(
        DEFAULT_CONVERSATION,
        min_length=1,
        max_length=100,
        description="Unique identifier of the conversation, at most 100 characters.",
        examples=["0610"],
    )
    messages: Annotated[list[ChatMessage], BeforeValidator(filled_list)] = Field(
        min_length=1, description="What was said, oldest first; at most 40k tokens in total."
    )
    tools: ToolList = None
    app_id: OptionalIdentifier = Field(
        None, description="Application the messages come from, at most 100 characters."
    )
    tags: LabelList = Field(
        None,
        description="Labels put on the memories, at most 500 of at most 200 characters.",
        examples=[["fitness planning"]],
    )
    info: MetadataObject = Field(
        None,
        description="Your own metadata, at most 64 KB; its keys can be filtered on.",
        examples=[{"scene": "flight"}],
    )
    allow_public: Flag = Field(
        False, description="Also write the memories to the project's public memory."
    )
    allow_knowledgebase_ids: IdentifierList = Field(
        None, description="Also write the memories to these knowledge bases."
    )
    async_mode: Flag = Field(
        True, description="Answer at once and work in the background; false waits for the work."
    )


class SearchMemoryRequest(RecallFields, ViewpointFields, SubjectRequest):
    """Body of `POST search/memory`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "memos_user_123",
                    "query": "Which hotel did I choose?",
                    "conversation_id": "0928",
                }
            ]
        }
    )

    query: Text = Field(
        description="What to look for, at most 4k tokens.", examples=["Which hotel did I choose?"]
    )
    conversation_id: OptionalIdentifier = Field(
        None, description="Conversation whose memories come first.", examples=["0928"]
    )
    include_tool_memory: Flag = Field(False, description="Also return tool memories.")
    tool_memory_limit_number: ResultLimit = Field(
        6, description="Most tool memories to return; brought into 0..25."
    )
    include_skill: Flag = Field(False, description="Also return skills.")
    skill_limit_number: ResultLimit = Field(
        6, description="Most skills to return; brought into 0..25."
    )
    explain: Flag = Field(
        False, description="Also say, per result, how its score came about (key explain)."
    )
    context_format: ContextFormat = Field(
        None,
        description='"prompt" also returns the results as one text block for a prompt (key '
        "context); other values change nothing.",
        examples=["prompt"],
    )
    max_tokens: TokenBudget = Field(
        None, description="Most tokens of the text block; the least relevant go first."
    )
    deadline_ms: Milliseconds = Field(
        None,
        description="Milliseconds within which to answer. Optional stages that would not be done "
        "by then are left out, and the answer says so (key stages).",
    )
    mode: SearchMode = Field(
        "fast",
        description='"fine" also asks the configured language model for further queries; without '
        "one, and with any other value, the search is a fast one.",
        examples=["fine"],
    )


class ExplainMemoryRequest(SearchMemoryRequest):
    """Body of `POST explain/memory`: a search, and the memory to look for in it."""

    memory_id: Identifier = Field(description="The memory whose place is asked for.")


class GetMemoryRequest(ViewpointFields, SubjectRequest):
    """Body of `POST get/memory`."""

    filter: FilterObject = None
    page: PageNumber = Field(
        1, description="Number of the page, from 1. The name current is accepted too."
    )
    size: PageSize = Field(10, description="Entries per kind on a page; brought into 1..50.")
    include_preference: Flag = Field(True, description="Also return preferences.")
    include_tool_memory: Flag = Field(True, description="Also return tool memories.")
    include_skill: Flag = Field(
        False, description="Also return the skills drawn from the user's conversations."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_current(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("page") is None and "current" in data:
            return {**data, "page": data["current"]}
        return data


_WIDER = ("conversation_id", "knowledgebase_id", "knowledgebase_ids", "app_id", "file_ids")


class DeleteMemoryRequest(WireModel):
    """Body of `POST delete/memory`: exactly one of memory_ids, user_id, agent_id and filter."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"memory_ids": ["6b23b583-f4c4-4a8f-b345-58d0c48fea04"]},
                {"user_id": "memos_user_123"},
            ]
        }
    )

    also_read = ("user_ids",)

    memory_ids: IdentifierList = Field(
        None, description="Ids of the memories to delete, as returned by search and get."
    )
    user_id: OptionalIdentifier = Field(None, description="Delete everything of this user.")
    agent_id: OptionalIdentifier = Field(None, description="Delete everything of this agent.")
    filter: FilterObject = Field(
        None, description="Delete the memories that meet these conditions."
    )
    memory_type: str | None = Field(
        None, description="With user_id, agent_id or filter: delete this kind only."
    )

    @model_validator(mode="before")
    @classmethod
    def _read_user_ids(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        if not data.get("memory_ids") and not data.get("user_id"):
            data = {**data, "user_id": _only_user(data.get("user_ids"))}
        if not data.get("memory_ids") and any(data.get(name) for name in _WIDER):
            raise InvalidInputError(
                "memories cannot be deleted by conversation, knowledge base, application or file; "
                "pass only memory_ids or only user_id.",
            )
        return data

    @model_validator(mode="after")
    def _one_condition(self) -> "DeleteMemoryRequest":
        given = [
            name for name in ("memory_ids", "user_id", "agent_id", "filter") if getattr(self, name)
        ]
        if not given:
            raise MissingFieldError(
                "memory_ids or user_id must be given and not be empty.", field="memory_ids"
            )
        if len(given) > 1:
            raise InvalidInputError("pass only one of memory_ids, user_id, agent_id and filter.")
        if self.filter and not self.filter.keys() <= {"and", "or", "user"}:
            # Read as conditions on users' memories, these would select more than they say.
            raise InvalidFilterError(
                "filter deletes users' memories; it must have and, or or user at its root.",
                field="filter",
            )
        return self


def _only_user(user_ids: object) -> object:
    """The one user of the older user_ids form. Several at once are refused, not guessed at."""
    if not user_ids:
        return None
    if not isinstance(user_ids, list) or len(user_ids) != 1:
        raise InvalidInputError("pass one user_id to delete a user's memories.", field="user_ids")
    return user_ids[0]


class GetMessageRequest(WireModel):
    """Body of `POST get/message`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user_id": "memos_user_123",
                    "conversation_id": "0928",
                    "message_limit_number": 6,
                }
            ]
        }
    )

    user_id: Identifier = Field(description="User of the conversation, at most 100 characters.")
    conversation_id: Identifier = Field(
        description="The conversation to read, at most 100 characters."
    )
    message_limit_number: MessageLimit = Field(
        6, description="Most messages to return, the newest ones; brought into 0..50."
    )


class GetStatusRequest(WireModel):
    """Body of `POST get/status`."""

    task_id: Text = Field(description="Task id that add/message or add/feedback answered with.")
