"""Where a memory lives and what a caller may touch. A store call without a scope does not type-check."""

from dataclasses import dataclass
from enum import Enum

from memos.errors import NotAllowedError


class CubeKind(str, Enum):
    """What a cube (one memory space) belongs to."""

    USER = "user"
    AGENT = "agent"
    PUBLIC = "public"
    KNOWLEDGEBASE = "knowledgebase"


@dataclass(frozen=True, slots=True)
class Cube:
    """One memory space.

    Args:
        project: project id, taken from the API key.
        kind: whose space it is.
        owner: user id, agent id or knowledge base id; empty for the public cube.
    """

    project: str
    kind: CubeKind
    owner: str = ""

    @property
    def uid(self) -> str:
        """Stable text form, unique over all projects: `project/kind/owner`."""
        return f"{self.project}/{self.kind.value}/{self.owner}"

    @classmethod
    def parse(cls, uid: str) -> "Cube":
        """Read `uid` back. The owner may itself contain slashes; a project id never does."""
        project, kind, owner = uid.split("/", 2)
        return cls(project, CubeKind(kind), owner)


@dataclass(frozen=True, slots=True)
class Scope:
    """The cubes one call may touch, all of one project.

    Raises:
        NotAllowedError: a cube of another project is named.
    """

    project: str
    cubes: tuple[Cube, ...]

    def __post_init__(self) -> None:
        if any(cube.project != self.project for cube in self.cubes):
            raise NotAllowedError("a scope holds cubes of one project only")

    @classmethod
    def of(cls, *cubes: Cube) -> "Scope":
        """Scope over the given cubes (at least one)."""
        return cls(cubes[0].project, cubes)


def knowledge_cube(knowledgebase_id: str) -> Cube:
    """Cube of a knowledge base. It is a tenant of its own, so that no project's scope reaches it.

    Whoever makes a scope of it has looked up the link to the caller's project first
    (docs/adr/0009-a-knowledge-base-is-a-tenant.md).
    """
    return Cube(knowledgebase_id, CubeKind.KNOWLEDGEBASE, knowledgebase_id)
