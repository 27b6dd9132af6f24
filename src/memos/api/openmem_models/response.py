"""Answers of the Cloud API, built by the server and read by the SDK.

Every documented key is a field with a default, so a server that fills in what it knows always
sends all of them. Reading is lenient: a null list is an empty one, unknown keys of an item are
kept, unknown keys of an envelope are dropped. Times of memories are ms since the epoch, UTC.
"""

import json
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)


def _json_text(value: object) -> object:
    """An object as its JSON text: clients print the field as a string."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def null_as_list(value: object) -> object:
    """Null as the empty list."""
    return [] if value is None else value


def _time_text(value: object) -> object:
    return value if value is None else str(value)


def _text(value: object) -> object:
    return "" if value is None else value


def null_as_object(value: object) -> object:
    """Null as the empty object."""
    return {} if value is None else value


def _status_object(value: object) -> object:
    """Older servers answer a task's status as a list of one."""
    return value[0] if isinstance(value, list) and value else null_as_object(value)


Time = int | str | None
TimeText = Annotated[str | None, BeforeValidator(_time_text)]
NonNullText = Annotated[str, BeforeValidator(_text)]
Tags = Annotated[list[str], BeforeValidator(null_as_list)]


class Item(BaseModel):
    """Something in a list of an answer. Keys the models do not name are kept as attributes."""

    model_config = ConfigDict(extra="allow", defer_build=True)


class Data(BaseModel):
    """The `data` of an answer, or the answer itself."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


class Result(Item):
    """A result: `owner` is user, agent, public or knowledgebase; `explain` tells of its score."""

    owner: str | None = None
    explain: Any = None


class SourceDetail(Item):
    """Where a memory was taken from: a message, or with type "file" a passage of a file.

    A passage has `file_id`, `file_name`, `page` (from 1, or null) and `start` and `end`, offsets
    into the text of the file.
    """

    type: str | None = "chat"
    role: str | None = None
    chat_time: Time = None
    message_id: str | None = None
    content: Any = None
    lang: str | None = None


Sources = Annotated[list[SourceDetail], BeforeValidator(null_as_list)]


class MemoryDetail(Result):
    """A fact. `relativity` is null where nothing was searched for."""

    id: str | None = None
    memory_key: str | None = None
    memory_value: str | None = None
    memory_type: str | None = None
    memory_time: Time = Field(None, description="When it was true, when that is known.")
    create_time: Time = None
    conversation_id: str | None = None
    status: str | None = None
    confidence: float | None = None
    tags: Tags = []
    update_time: Time = None
    relativity: float | None = None
    sources: Sources = []
    info: dict[str, Any] | None = None


class PreferenceDetail(Result):
    """A preference, stated (explicit) or inferred (implicit)."""

    id: str | None = None
    preference: str | None = None
    preference_type: str | None = None
    reasoning: str | None = None
    create_time: Time = None
    conversation_id: str | None = None
    status: str | None = None
    update_time: Time = None
    relativity: float | None = None
    sources: Sources = []
    info: dict[str, Any] | None = None


class ToolMemoryDetail(Result):
    """A tool's description (ToolSchemaMemory) or what came of using it (ToolTrajectoryMemory)."""

    id: str | None = None
    tool_type: str | None = None
    tool_value: Annotated[str | None, BeforeValidator(_json_text)] = None
    tool_used_status: Annotated[list[dict[str, Any]], BeforeValidator(null_as_list)] = []
    create_time: Time = None
    conversation_id: str | None = None
    status: str | None = None
    update_time: Time = None
    relativity: float | None = None
    experience: str | None = None
    sources: Sources = []
    info: dict[str, Any] | None = None


class SkillDetail(Result):
    """A reusable procedure."""

    id: str | None = None
    skill_value: dict[str, Any] | str | None = None
    skill_url: str | None = None
    skill_type: str | None = None
    create_time: Time = None
    conversation_id: str | None = None
    status: str | None = None
    confidence: float | None = None
    tags: Tags = []
    update_time: Time = None
    relativity: float | None = None
    sources: Sources = []
    info: dict[str, Any] | None = None


class ProfileDetail(Item):
    """A profile: its fields, nested by their names. Times are ms since the epoch, UTC."""

    profile_template_id: str | None = None
    user_id: str | None = None
    agent_id: str | None = None
    metadata: dict[str, Any] = {}
    create_time: Time = None
    update_time: Time = None


class MessageDetail(Item):
    """A stored message. Times are `YYYY-MM-DD HH:MM:SS`."""

    id: str | None = None
    role: str | None = None
    content: Any = None
    create_time: TimeText = None
    update_time: TimeText = None


class AddData(Data):
    """`data` of add/message and add/feedback. Status is running, completed or failed."""

    success: bool = False
    task_id: NonNullText = ""
    status: NonNullText = ""


class FeedbackData(AddData):
    """`data` of add/feedback; `record` tells what changed, by ids, once the work is done."""

    record: dict[str, Any] | None = None


class PartDetail(Item):
    """What became of one part of an add that is not text.

    `message` and `part` count from 0 in the request; `status` is read, failed or not_read, and
    `reason` says why; `memories` is how many memories it gave, `pages` the pages of a document.
    """

    message: int = 0
    part: int = 0
    type: str = ""
    status: str = ""
    reason: str = ""
    memories: int = 0
    pages: int | None = None


class StatusData(Data):
    """`data` of get/status. Status is running, completed or failed.

    `parts` reports the documents, pictures and sound of an add once they are worked on.
    """

    task_id: NonNullText = ""
    status: NonNullText = ""
    parts: Annotated[list[PartDetail], BeforeValidator(null_as_list)] = []

    @model_serializer(mode="wrap")
    def _without_empty_parts(self, form: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """As documented for an add of text: without `parts`."""
        made: dict[str, Any] = form(self)
        return made if self.parts else {k: v for k, v in made.items() if k != "parts"}


class SearchData(Data):
    """`data` of search/memory; lists that were not asked for are empty."""

    memory_detail_list: Annotated[list[MemoryDetail], BeforeValidator(null_as_list)] = []
    preference_detail_list: Annotated[list[PreferenceDetail], BeforeValidator(null_as_list)] = []
    tool_memory_detail_list: Annotated[list[ToolMemoryDetail], BeforeValidator(null_as_list)] = []
    skill_detail_list: Annotated[list[SkillDetail], BeforeValidator(null_as_list)] = []
    preference_note: NonNullText = ""


class FoundData(SearchData):
    """`data` of search/memory with what only a search has.

    `answerable` is the probability, 0..1, that memory holds an answer at all; `context` is the
    text block of `context_format: "prompt"`; `stages` says what optional stages did.
    """

    answerable: float | None = None
    context: str | None = None
    stages: dict[str, Any] | None = None


class GetMemoryData(SearchData):
    """`data` of get/memory. `total` is the largest count of any kind, `pages` is made from it."""

    total: int | None = 0
    size: int | None = 0
    current: int | None = 0
    pages: int | None = 0
    profile_detail_list: Annotated[list[ProfileDetail], BeforeValidator(null_as_list)] = []


class GetMessageData(Data):
    """`data` of get/message, oldest first."""

    message_detail_list: Annotated[list[MessageDetail], BeforeValidator(null_as_list)] = []


class DeleteData(Data):
    """`data` of the delete endpoints."""

    success: bool = False
    receipt: dict[str, int] | None = Field(
        None, description="What was removed, by counts, where something was."
    )


class MemoryMetadata(Item):
    """The nested description that the command line's `origin` reads."""

    memory_type: str | None = None
    status: str | None = None
    key: str | None = None
    tags: Tags = []
    created_at: Time = None
    updated_at: Time = None
    background: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    info: dict[str, Any] | None = None
    sources: Sources = []


class MemoryById(Item):
    """`data` of `GET get/memory/{id}`: the flat and the nested form in one object."""

    id: str | None = None
    memory_id: str | None = None
    memory: str | None = None
    memory_key: str | None = None
    memory_value: str | None = None
    memory_type: str | None = None
    status: str | None = None
    tags: Tags = []
    confidence: float | None = None
    conversation_id: str | None = None
    create_time: Time = None
    update_time: Time = None
    sources: Sources = []
    info: dict[str, Any] | None = None
    metadata: MemoryMetadata = Field(default_factory=MemoryMetadata)


class Envelope(Data):
    """What surrounds every answer: `code` 0 and `message` "ok", or an error's code and sentence."""

    code: int = 0
    message: NonNullText = "ok"


class AddResponse(Envelope):
    """Answer of add/message and add/feedback."""

    data: Annotated[AddData, BeforeValidator(null_as_object)] = Field(default_factory=AddData)

    @property
    def success(self) -> bool:
        """Whether the messages were taken."""
        return self.data.success

    @property
    def task_id(self) -> str:
        """Id of the work, for get_task_status."""
        return self.data.task_id

    @property
    def status(self) -> str:
        """running, completed or failed."""
        return self.data.status


class StatusResponse(Envelope):
    """Answer of get/status."""

    data: Annotated[StatusData, BeforeValidator(_status_object)] = Field(default_factory=StatusData)

    @property
    def task_id(self) -> str:
        """Id that was asked for."""
        return self.data.task_id

    @property
    def status(self) -> str:
        """running, completed or failed."""
        return self.data.status

    @property
    def messages(self) -> list[StatusData]:
        """The data as a list of one, as older code reads it."""
        return [self.data]


class MemoriesResponse(Envelope):
    """Answers that hold memories by kind."""

    data: Annotated[SearchData, BeforeValidator(null_as_object)] = Field(default_factory=SearchData)

    @property
    def memories(self) -> list[MemoryDetail]:
        """The facts."""
        return self.data.memory_detail_list

    @property
    def preferences(self) -> list[PreferenceDetail]:
        """The preferences."""
        return self.data.preference_detail_list

    @property
    def tool_memories(self) -> list[ToolMemoryDetail]:
        """The tool memories."""
        return self.data.tool_memory_detail_list

    @property
    def skills(self) -> list[SkillDetail]:
        """The skills."""
        return self.data.skill_detail_list


class SearchResponse(MemoriesResponse):
    """Answer of search/memory."""

    data: Annotated[FoundData, BeforeValidator(null_as_object)] = Field(default_factory=FoundData)

    @property
    def context(self) -> str | None:
        """The text block for a prompt, when it was asked for."""
        return self.data.context

    @property
    def answerable(self) -> float | None:
        """Probability, 0..1, that memory holds an answer at all."""
        return self.data.answerable

    @property
    def stages(self) -> dict[str, Any]:
        """What the optional stages did."""
        return self.data.stages or {}


class GetMemoryResponse(MemoriesResponse):
    """Answer of get/memory."""

    data: Annotated[GetMemoryData, BeforeValidator(null_as_object)] = Field(
        default_factory=GetMemoryData
    )

    @property
    def profiles(self) -> list[ProfileDetail]:
        """The profiles of the user or agent."""
        return self.data.profile_detail_list


class GetMessageResponse(Envelope):
    """Answer of get/message."""

    data: Annotated[GetMessageData, BeforeValidator(null_as_object)] = Field(
        default_factory=GetMessageData
    )

    @property
    def messages(self) -> list[MessageDetail]:
        """The messages, oldest first."""
        return self.data.message_detail_list


class DeleteResponse(Envelope):
    """Answer of the delete endpoints."""

    data: Annotated[DeleteData, BeforeValidator(null_as_object)] = Field(default_factory=DeleteData)

    @property
    def success(self) -> bool:
        """Whether it was deleted."""
        return self.data.success


class MemoryByIdResponse(Envelope):
    """Answer of `GET get/memory/{id}`; data is null on errors."""

    data: MemoryById | None = None


def empty_data(endpoint: str, *, task_id: str = "") -> dict[str, Any] | list[Any] | None:
    """The empty `data` that goes with an error, of the shape clients can read.

    Args:
        endpoint: path below the base address, such as `add/message`; slashes around it are fine.
        task_id: the task an error of get/status is about.

    Returns:
        A fresh JSON value; None for endpoints whose answers no client reads by shape.
    """
    name = endpoint.strip("/")
    if name == "get/status":
        return StatusData(task_id=task_id, status="failed").model_dump()
    make = _EMPTY.get(name)
    return make() if make else None


def _failed_add() -> dict[str, Any]:
    return AddData(status="failed").model_dump()


_EMPTY: dict[str, Any] = {
    "add/message": _failed_add,
    "add/feedback": _failed_add,
    "search/memory": lambda: FoundData().model_dump(),
    "get/memory": lambda: GetMemoryData().model_dump(),
    "extract/memory": lambda: {
        "success": False,
        "memory_detail_list": [],
        "preference_detail_list": [],
    },
    "rerank": lambda: {"results": []},
    "get/suggestions": lambda: {"query": []},
    "get/message": lambda: GetMessageData().model_dump(),
    "delete/memory": lambda: DeleteData().model_dump(),
    "delete/knowledgebase": lambda: DeleteData().model_dump(),
    "delete/knowledgebase-file": lambda: DeleteData().model_dump(),
    "get/knowledgebase-file": lambda: {"file_detail_list": []},
    "add/knowledgebase-file": list,
    "create/knowledgebase": lambda: {"id": ""},
    "get/memory/history": lambda: {"memory_id": "", "versions": []},
    "update/memory": lambda: {"success": False},
    "bind/profile_template": lambda: {"success": False, "profile_detail_list": []},
    "edit/profile": lambda: {"success": False, "profile_detail_list": []},
    "delete/profile": lambda: DeleteData().model_dump(),
    "restore/memory": lambda: {"success": False},
    "chat": lambda: {"response": ""},
}
