"""Answers of the Cloud API as the strictest of the known clients read them.

Nothing is coerced: what a typed client in another language would refuse, these models refuse.
Times of memories are numbers, times of messages are strings, documented keys are present.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

State = Literal["running", "completed", "failed"]


class Strict(BaseModel):
    """No coercion; keys beyond the named ones are fine."""

    model_config = ConfigDict(strict=True, extra="allow")


class Done(Strict):
    success: bool
    task_id: str
    status: State


class Status(Strict):
    task_id: str
    status: State


class Removed(Strict):
    success: bool


class Memory(Strict):
    id: str
    memory_key: str
    memory_value: str
    memory_type: str
    create_time: int
    update_time: int
    conversation_id: str | None
    status: str
    confidence: float
    tags: list[str]
    relativity: float | None
    sources: list[dict[str, Any]]


class Preference(Strict):
    id: str
    preference: str
    preference_type: Literal["explicit_preference", "implicit_preference"]
    reasoning: str
    create_time: int
    update_time: int
    status: str
    relativity: float | None


class Tool(Strict):
    id: str
    tool_type: str
    tool_value: str
    tool_used_status: list[dict[str, Any]]
    create_time: int
    update_time: int
    status: str


class Skill(Strict):
    id: str
    skill_value: dict[str, Any]
    skill_url: str | None
    skill_type: str | None
    create_time: int
    update_time: int
    status: str


class Found(Strict):
    memory_detail_list: list[Memory]
    preference_detail_list: list[Preference]
    tool_memory_detail_list: list[Tool]
    skill_detail_list: list[Skill]
    preference_note: str


class Listed(Found):
    total: int
    size: int
    current: int
    pages: int


class Said(Strict):
    id: str
    role: str
    content: str
    create_time: str
    update_time: str


class Conversation(Strict):
    message_detail_list: list[Said]


class OriginMetadata(Strict):
    memory_type: str
    status: str
    key: str
    tags: list[str]
    sources: list[dict[str, Any]]


class Origin(Strict):
    id: str
    memory: str
    metadata: OriginMetadata


class ExtractedMemory(Strict):
    memory_key: str
    memory_value: str
    memory_type: str
    tags: list[str]


class ExtractedPreference(Strict):
    preference: str
    reasoning: str
    preference_type: Literal["explicit_preference", "implicit_preference"]


class Extracted(Strict):
    """A list of a kind that was not asked for is absent."""

    memory_detail_list: list[ExtractedMemory] = []
    preference_detail_list: list[ExtractedPreference] = []


class RankedText(Strict):
    text: str


class Ranked(Strict):
    index: int
    document: RankedText
    relevance_score: float


class Tokens(Strict):
    prompt_tokens: int
    total_tokens: int


class Ranking(Strict):
    id: str
    model: str
    usage: Tokens
    results: list[Ranked]


class Answered(Strict):
    response: str


class MadeKnowledgebase(Strict):
    id: str


class TakenFile(Strict):
    id: str
    type: Literal["document", "skill"]
    name: str
    sizeMB: float  # noqa: N815 - the documented name
    status: State


class ListedFile(Strict):
    id: str
    type: Literal["document", "skill"]
    name: str
    size: str
    status: State


class Files(Strict):
    file_detail_list: list[ListedFile]
    total: int | None = None
    page: int | None = None
    page_size: int | None = None


class Envelope(Strict):
    code: int
    message: str
    data: Any


DATA: dict[str, Any] = {
    "add/message": Done,
    "add/feedback": Done,
    "get/status": Status,
    "search/memory": Found,
    "get/memory": Listed,
    "get/message": Conversation,
    "delete/memory": Removed,
    "extract/memory": Extracted,
    "rerank": Ranking,
    "chat": Answered,
    "create/knowledgebase": MadeKnowledgebase,
    "add/knowledgebase-file": list[TakenFile],
    "get/knowledgebase-file": Files,
    "delete/knowledgebase": Removed,
    "delete/knowledgebase-file": Removed,
    "get/memory/{id}": Origin,
    "ping": dict,
    "update/memory": dict,
    "bind/profile_template": dict,
    "edit/profile": dict,
    "delete/profile": dict,
}
"""Type of `data` by endpoint."""
