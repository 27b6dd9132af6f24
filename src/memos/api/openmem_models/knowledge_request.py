"""Requests about knowledge bases and their files."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from memos.api.openmem_models.fields import (
    IdentifierList,
    PageNumber,
    Text,
    WireModel,
    identifier_list,
    name_of,
    whole_number,
)
from memos.errors import EmptyFieldError, InvalidInputError

MAX_FILES_PAGE = 100
_MAX_NAME = 200
_MAX_DESCRIPTION = 4000


def _short(most: int) -> BeforeValidator:
    def check(value: object, info: ValidationInfo) -> object:
        if isinstance(value, str) and len(value) > most:
            raise InvalidInputError(
                f"{name_of(info)} must not be longer than {most} characters.",
                field=info.field_name,
            )
        return value

    return BeforeValidator(check)


def _kind(value: object) -> object:
    if value not in ("document", "skill"):
        raise InvalidInputError("type must be document or skill.", code=40006, field="type")
    return value


def _files(value: object, info: ValidationInfo) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidInputError("file must be an array of objects.", field=info.field_name)
    if not value:
        raise EmptyFieldError("file must hold at least one file.", field=info.field_name)
    return value


def _ids(value: object, info: ValidationInfo) -> list[str]:
    ids = identifier_list(value, info)
    if not ids:
        raise EmptyFieldError("file_ids must hold at least one id.", field=info.field_name)
    return ids


def _page_size(value: object, info: ValidationInfo) -> int:
    return min(max(whole_number(value, info), 1), MAX_FILES_PAGE)


FileKind = Annotated[
    str,
    BeforeValidator(_kind),
    Field(
        description="document for knowledge, skill for a skill (.md or .zip).",
        json_schema_extra={"enum": ["document", "skill"]},
    ),
]
BaseId = Annotated[
    Text, Field(description="Id of the knowledge base.", examples=["base540fb25-ddf1"])
]


class CreateKnowledgebaseRequest(WireModel):
    """Body of `POST create/knowledgebase`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"knowledgebase_name": "Financial Reimbursement Knowledge Base"}]
        }
    )

    knowledgebase_name: Annotated[Text, _short(_MAX_NAME)] = Field(
        description="Name, at most 200 characters.", max_length=_MAX_NAME
    )
    knowledgebase_description: Annotated[str, _short(_MAX_DESCRIPTION)] = Field(
        "", description="What it holds, at most 4000 characters.", max_length=_MAX_DESCRIPTION
    )


class DeleteKnowledgebaseRequest(WireModel):
    """Body of `POST delete/knowledgebase`."""

    knowledgebase_id: BaseId


class UploadedFile(WireModel):
    """A file of an upload."""

    name: str | None = Field(None, description="Name of the file; its ending tells the format.")
    file_name: str | None = Field(None, description="Older name of name.")
    mime_type: str | None = Field(None, description="Media type, when no ending tells the format.")
    type: FileKind = "document"
    content: Text = Field(
        description="An http or https address, Base64, or a data URL.",
        examples=["data:text/plain;base64,VGhlIGxpbWl0IGlzIDgwMCB5dWFuLg=="],
    )


class AddKnowledgebaseFileRequest(WireModel):
    """Body of `POST add/knowledgebase-file`; a form with files is taken as well."""

    knowledgebase_id: BaseId
    file: Annotated[list[UploadedFile], BeforeValidator(_files)] = Field(
        min_length=1,
        description="At most 20 files of at most 100 MB each, 300 MB together.",
    )


class GetKnowledgebaseFileRequest(WireModel):
    """Body of `POST get/knowledgebase-file`: file_ids, or knowledgebase_id with paging."""

    file_ids: IdentifierList = Field(None, description="Read these files.")
    knowledgebase_id: str | None = Field(None, description="List the files of this one.")
    type: FileKind | None = Field(None, description="Only files of this type.")
    page: PageNumber | None = Field(None, description="Number of the page, from 1.")
    page_size: Annotated[int | None, BeforeValidator(_page_size)] = Field(
        None, description="Files on a page, 10 when absent; brought into 1..100."
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {k: v for k, v in data.items() if not (k == "file_ids" and v == []) and v != ""}

    @model_validator(mode="after")
    def _one_mode(self) -> "GetKnowledgebaseFileRequest":
        if (self.file_ids is None) == (self.knowledgebase_id is None):
            raise InvalidInputError("pass either file_ids or knowledgebase_id.", field="file_ids")
        listing = (self.type, self.page, self.page_size)
        if self.file_ids is not None and any(value is not None for value in listing):
            raise InvalidInputError(
                "type, page and page_size go with knowledgebase_id only.", field="page"
            )
        return self


class DeleteKnowledgebaseFileRequest(WireModel):
    """Body of `POST delete/knowledgebase-file`."""

    file_ids: Annotated[list[str], BeforeValidator(_ids)] = Field(
        min_length=1, description="Files to erase, with what was made of them."
    )
    knowledgebase_id: str | None = Field(
        None, description="Where they are; when given, files elsewhere are refused."
    )
