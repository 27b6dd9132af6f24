"""Who is calling, and which cube a subject named in a request is."""

from dataclasses import dataclass

from memos.errors import MissingFieldError
from memos.types.scope import Cube, CubeKind


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. Everything it can reach follows from its project.

    Args:
        project: project id of its API key.
        key: id of the key, for the audit trail.
    """

    project: str
    key: str

    def subject(self, user_id: str | None, agent_id: str | None = None) -> Cube:
        """Cube of the user, or of the agent when only an agent is named.

        Raises:
            MissingFieldError: neither is given.
        """
        if user_id:
            return Cube(self.project, CubeKind.USER, user_id)
        if agent_id:
            return Cube(self.project, CubeKind.AGENT, agent_id)
        raise MissingFieldError("user_id is required and must not be empty", field="user_id")

    @property
    def public(self) -> Cube:
        """The project's public cube."""
        return Cube(self.project, CubeKind.PUBLIC)
