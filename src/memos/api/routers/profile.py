"""Routes of profiles."""

from fastapi import APIRouter

from memos.api.gateway import Call, Gateway
from memos.api.openmem_models import (
    BindProfileTemplateRequest,
    DeleteData,
    DeleteProfileRequest,
    EditProfileRequest,
    ProfileDetail,
    ProfileListData,
)
from memos.handlers.profile import Profile, ProfileEdit, Profiles
from memos.types.scope import Cube, CubeKind


def add_profile_routes(router: APIRouter, gateway: Gateway, profiles: Profiles) -> None:
    """Add the routes to the Cloud API."""
    routes = ProfileRoutes(profiles)
    gateway.post(router, "bind/profile_template", BindProfileTemplateRequest, routes.bind)
    gateway.post(router, "edit/profile", EditProfileRequest, routes.edit, slow=True)
    gateway.post(router, "delete/profile", DeleteProfileRequest, routes.delete, slow=True)


class ProfileRoutes:
    """What each endpoint does with a checked request. Runs on worker threads."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def bind(self, call: Call, body: BindProfileTemplateRequest) -> ProfileListData:
        """Give users or agents profiles after a template. Profiles that are there stay."""
        subjects = [
            (entry.profile_template_id, call.caller.subject(entry.user_id, entry.agent_id))
            for entry in body.bind_list
        ]
        bound = self._profiles.bind(subjects)
        details = [
            profile_detail(profile, cube)
            for profile, (_, cube) in zip(bound, subjects, strict=True)
        ]
        return ProfileListData(success=True, profile_detail_list=details)

    def edit(self, call: Call, body: EditProfileRequest) -> ProfileListData:
        """Set and remove fields of a profile. Its fields are memories: searches find them."""
        cube = call.caller.subject(body.user_id, body.agent_id)
        edit = ProfileEdit(
            body.profile_template_id, body.metadata or {}, tuple(body.remove_fields or ())
        )
        profile = self._profiles.edit(call.caller, cube, edit)
        return ProfileListData(success=True, profile_detail_list=[profile_detail(profile, cube)])

    def delete(self, call: Call, body: DeleteProfileRequest) -> DeleteData:
        """Erase a profile with all its fields. No byte of them is left behind."""
        cube = call.caller.subject(body.user_id, body.agent_id)
        self._profiles.delete(cube, body.profile_template_id)
        return DeleteData(success=True)


def profile_detail(profile: Profile, cube: Cube) -> ProfileDetail:
    """One entry of `profile_detail_list`."""
    return ProfileDetail(
        profile_template_id=profile.template_id,
        user_id=cube.owner if cube.kind is CubeKind.USER else None,
        agent_id=cube.owner if cube.kind is CubeKind.AGENT else None,
        metadata=profile.fields,
        create_time=profile.created_at,
        update_time=profile.updated_at,
    )
