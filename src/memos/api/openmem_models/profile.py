"""Requests and answers about profiles: named fields of a user or an agent."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from memos.api.openmem_models.fields import (
    AgentId,
    Identifier,
    JsonObject,
    TextList,
    UserId,
    WireModel,
    filled_list,
)
from memos.api.openmem_models.response import Data, ProfileDetail, null_as_list
from memos.errors import InvalidInputError, MissingFieldError


class ProfileSubject(WireModel):
    """Whose profile: exactly one of user_id and agent_id, and the template it follows."""

    profile_template_id: Identifier = Field(
        description="The template the profile follows, a name of your own.", examples=["tpl1"]
    )
    user_id: UserId = None
    agent_id: AgentId = None

    @model_validator(mode="after")
    def _one_subject(self) -> "ProfileSubject":
        if self.user_id is None and self.agent_id is None:
            raise MissingFieldError("user_id or agent_id must be given.", field="user_id")
        if self.user_id is not None and self.agent_id is not None:
            raise InvalidInputError("pass only one of user_id and agent_id.", field="agent_id")
        return self


class BindProfileTemplateRequest(WireModel):
    """Body of `POST bind/profile_template`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"bind_list": [{"profile_template_id": "tpl1", "user_id": "ida"}]}]
        }
    )

    bind_list: Annotated[list[ProfileSubject], BeforeValidator(filled_list)] = Field(
        min_length=1, max_length=100, description="Who gets a profile after which template."
    )


class EditProfileRequest(ProfileSubject):
    """Body of `POST edit/profile`."""

    metadata: JsonObject = Field(
        None,
        description="Fields to set, grouped by nesting; the others stay.",
        examples=[{"basic": {"city": "Hangzhou"}}],
    )
    remove_fields: TextList = Field(
        None,
        description="Fields to take out, parts of the name joined by dots.",
        examples=[["basic.job"]],
    )

    @model_validator(mode="after")
    def _changes_something(self) -> "EditProfileRequest":
        if not self.metadata and not self.remove_fields:
            raise MissingFieldError(
                "metadata or remove_fields must be given and not be empty.", field="metadata"
            )
        return self


class DeleteProfileRequest(ProfileSubject):
    """Body of `POST delete/profile`."""


class ProfileListData(Data):
    """`data` of bind/profile_template and edit/profile."""

    success: bool = False
    profile_detail_list: Annotated[list[ProfileDetail], BeforeValidator(null_as_list)] = Field(
        default_factory=list
    )
