"""Who is calling: reads the Authorization header. Scope comes from here, never from a body."""

from memos.errors import AuthenticationError
from memos.handlers.caller import Caller
from memos.records.base import ProjectRecords

_SCHEMES = {"token", "bearer"}


def authenticate(header: str | None, records: ProjectRecords) -> Caller:
    """The caller behind an Authorization header.

    Both `Token <key>` and `Bearer <key>` are accepted.

    Raises:
        AuthenticationError: nothing sent (40100), no prefix (40130), or no live key (40132).
    """
    if not header or not header.strip():
        raise AuthenticationError(
            "an API key is required: send the header `Authorization: Token <key>`", code=40100
        )
    scheme, _, secret = header.strip().partition(" ")
    if scheme.lower() not in _SCHEMES or not secret.strip():
        raise AuthenticationError(
            "the Authorization header must have the form `Token <key>`", code=40130
        )
    key = records.authenticate(secret.strip())
    if key is None:
        raise AuthenticationError(
            "the API key is unknown, revoked or expired; `memos keys create` makes one"
        )
    return Caller(project=key.project_id, key=key.id)
