"""Projects and keys: the default one at first start, and their administration."""

from dataclasses import dataclass

from memos.errors import InvalidInputError, NotFoundError
from memos.graph_dbs.base import GraphStore
from memos.mem_scheduler.ingest import ORIGIN
from memos.records.base import ApiKey, Project, Records
from memos.records.files import FileStore
from memos.types.filters import Condition, Operator, all_of
from memos.types.memory import ALL_KINDS, MemoryKind
from memos.types.scope import Scope, knowledge_cube

DEFAULT_PROJECT = "default"
_EVERYTHING = 10**9
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key and its secret, which is shown this once."""

    key: ApiKey
    secret: str


class Projects:
    """Administration of projects and keys, for the command line and the first start.

    Args:
        records: where they are kept.
        graph: erased together with a project.
        bootstrap_secret: secret of the default key, or None to have one made.
        files: uploaded files, swept when a project is deleted.
    """

    def __init__(
        self,
        records: Records,
        graph: GraphStore,
        bootstrap_secret: str | None,
        *,
        files: FileStore | None = None,
    ) -> None:
        self._files = files
        self._records = records
        self._graph = graph
        self._bootstrap_secret = bootstrap_secret

    def ensure_default(self) -> NewKey | None:
        """Make the default project and key in an empty store; None when there was nothing to make.

        With a bootstrap secret, a store that does not know it yet gets it as a key of the
        default project.
        """
        projects = self._records.projects()
        project = projects[0] if projects else self._records.create_project(DEFAULT_PROJECT)
        secret = self._bootstrap_secret
        if secret and self._records.authenticate(secret) is None:
            return NewKey(*self._records.create_key(project.id, "bootstrap", secret=secret))
        if secret or projects:
            return None
        return NewKey(*self._records.create_key(project.id, "default"))

    def create(self, name: str) -> Project:
        """Make a project.

        Raises:
            InvalidInputError: the name cannot be shown or typed.
            ConflictError: it is taken.
        """
        name = name.strip()
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise InvalidInputError(
                f"a project's name has 1 to {_LONGEST_NAME} printable characters", field="name"
            )
        return self._records.create_project(name)

    def create_key(self, project: str, name: str) -> NewKey:
        """Make a key for a project named by id or name."""
        return NewKey(*self._records.create_key(self.find(project).id, name))

    def find(self, project: str) -> Project:
        """A project by id or name.

        Raises:
            NotFoundError: there is none.
        """
        for candidate in self._records.projects():
            if project in {candidate.id, candidate.name}:
                return candidate
        raise NotFoundError(f"no project {project!r}; `memos projects list` shows them")

    def delete(self, project: str) -> dict[str, int]:
        """Erase a project: every memory, message, task and key; counts by kind.

        Knowledge bases that no other project has go with it; from the others goes what was told
        to them in this project.
        """
        found = self.find(project)
        bases = self._erase_bases(found.id)
        cubes = tuple(self._graph.cubes(found.id))
        nodes = self._graph.delete_cubes(Scope(found.id, cubes)) if cubes else 0
        rows = self._records.delete_project(found.id)
        if self._files is not None:
            self._files.sweep(self._records.referred)
        return {"memory_nodes": nodes + bases, **rows}

    def link(self, knowledgebase_id: str, project: str) -> None:
        """Let a project use a knowledge base. Raises NotFoundError."""
        self._records.link_knowledgebase(knowledgebase_id, self.find(project).id)

    def _erase_bases(self, project_id: str) -> int:
        nodes = 0
        kinds = ALL_KINDS | {MemoryKind.SEGMENT}
        told = all_of(Condition(None, Operator.LIKE, f"{project_id}/", info_key=ORIGIN))
        for base in self._records.knowledgebases():
            scope = Scope.of(knowledge_cube(base.id))
            if self._records.linked_projects(base.id) == [project_id]:
                nodes += self._graph.delete_cubes(scope)
                self._records.erase_knowledgebase(base.id)
                continue
            copies = self._graph.find(scope, kinds, told, limit=_EVERYTHING).items
            if copies:
                nodes += self._graph.delete(scope, [item.id for item in copies])
        return nodes
