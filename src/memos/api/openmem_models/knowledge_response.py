"""Answers about knowledge bases and of chat, built by the server and read by the SDK."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from memos.api.openmem_models.response import (
    Data,
    Envelope,
    Item,
    NonNullText,
    null_as_list,
    null_as_object,
)


class FileDetail(Item):
    """A file of a knowledge base: `sizeMB` (a number) when added, `size` (a string) when read."""

    id: str | None = None
    type: str | None = None
    name: str | None = None
    status: str | None = None


class KnowledgebaseData(Data):
    """`data` of create/knowledgebase."""

    id: NonNullText = ""


class FileListData(Data):
    """`data` of get/knowledgebase-file."""

    file_detail_list: Annotated[list[FileDetail], BeforeValidator(null_as_list)] = Field(
        default_factory=list
    )
    total: int | None = 0
    page: int | None = None
    page_size: int | None = None


class ChatData(Data):
    """`data` of chat.

    `reasoning` is what the model thought, if it shows it; `memory_ids` are the memories it was
    shown; `task_id` is the work of remembering both turns.
    """

    response: NonNullText = ""
    reasoning: str | None = None
    memory_ids: Annotated[list[str], BeforeValidator(null_as_list)] = Field(default_factory=list)
    task_id: str | None = None


class KnowledgebaseResponse(Envelope):
    """Answer of create/knowledgebase."""

    data: Annotated[KnowledgebaseData, BeforeValidator(null_as_object)] = Field(
        default_factory=KnowledgebaseData
    )

    @property
    def knowledgebase_id(self) -> str:
        """Id of the new knowledge base; empty on errors."""
        return self.data.id


class AddFilesResponse(Envelope):
    """Answer of add/knowledgebase-file."""

    data: Annotated[list[FileDetail], BeforeValidator(null_as_list)] = Field(default_factory=list)

    @property
    def files(self) -> list[FileDetail]:
        """The files taken, in the order sent."""
        return self.data


class FileListResponse(Envelope):
    """Answer of get/knowledgebase-file."""

    data: Annotated[FileListData, BeforeValidator(null_as_object)] = Field(
        default_factory=FileListData
    )

    @property
    def files(self) -> list[FileDetail]:
        """The files of this page."""
        return self.data.file_detail_list


class ChatResponse(Envelope):
    """Answer of chat."""

    data: Annotated[ChatData, BeforeValidator(null_as_object)] = Field(default_factory=ChatData)

    @property
    def response(self) -> str:
        """What the model said."""
        return self.data.response
