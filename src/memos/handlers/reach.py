"""What a caller can reach besides its own project: the knowledge bases linked to it.

The one place that makes scopes of knowledge bases out of ids of a request.
"""

from collections.abc import Sequence

from memos.errors import NotFoundError
from memos.graph_dbs.base import GraphReader
from memos.handlers.caller import Caller
from memos.records.knowledge import KnowledgeBaseRecords
from memos.types.scope import Cube, knowledge_cube

ALL = "all"
NOT_LINKED = 50123
UNKNOWN = 50120


class Reach:
    """Resolves ids within what a caller may see.

    Args:
        records: the links.
        graph: where memories lie.
    """

    def __init__(self, records: KnowledgeBaseRecords, graph: GraphReader) -> None:
        self._records = records
        self._graph = graph

    def linked(self, caller: Caller) -> list[Cube]:
        """Cubes of every knowledge base linked to the caller's project."""
        return _linked(self._records, caller)

    def named(self, caller: Caller, ids: Sequence[str], field: str) -> list[Cube]:
        """Cubes of the knowledge bases with these ids; "all" means every linked one.

        Raises:
            NotFoundError: one is not linked to the caller's project, or does not exist (50123).
        """
        return named_bases(self._records, caller, ids, field)

    def one(self, caller: Caller, knowledgebase_id: str) -> Cube:
        """The cube of one knowledge base.

        Raises:
            NotFoundError: it does not exist (50120), or is not linked to the project (50123).
        """
        if self._records.knowledgebase(knowledgebase_id) is None:
            raise NotFoundError(
                "there is no knowledge base of this id; take it from the answer of "
                "create/knowledgebase",
                code=UNKNOWN,
                field="knowledgebase_id",
            )
        return self.named(caller, [knowledgebase_id], "knowledgebase_id")[0]

    def locate(self, caller: Caller, memory_ids: Sequence[str]) -> dict[str, Cube]:
        """The cube of each of these memories that the caller can reach; others are left out."""
        found = self._graph.locate(caller.project, memory_ids)
        missing = [each for each in memory_ids if each not in found]
        if not missing:
            return found
        for cube in self.linked(caller):
            found.update(self._graph.locate(cube.project, missing))
        return found


def named_bases(
    records: KnowledgeBaseRecords, caller: Caller, ids: Sequence[str], field: str
) -> list[Cube]:
    """As `Reach.named`, for use cases that need nothing else of it."""
    if not ids:
        return []
    linked = _linked(records, caller)
    if ALL in ids:
        return linked
    known = {cube.owner for cube in linked}
    if any(each not in known for each in ids):
        raise NotFoundError(
            f"a knowledge base named in {field} is not linked to this project",
            code=NOT_LINKED,
            field=field,
        )
    return [knowledge_cube(each) for each in dict.fromkeys(ids)]


def _linked(records: KnowledgeBaseRecords, caller: Caller) -> list[Cube]:
    return [knowledge_cube(base.id) for base in records.knowledgebases(caller.project)]
