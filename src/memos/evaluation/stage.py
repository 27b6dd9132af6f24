"""Changes to one stage of the ranking at a time, to see what it is worth.

A change maps the query the retriever hands to the store to another one, so that everything before
and after it stays the product's own. Stages the query does not show (the windows, say) are compared
by running two versions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from memos.errors import InvalidInputError
from memos.graph_dbs.base import (
    GraphReader,
    Page,
    Profile,
    RecallHit,
    RecallQuery,
    RecallWeights,
)
from memos.types.filters import Group
from memos.types.history import Version
from memos.types.memory import Edge, MemoryItem, MemoryKind
from memos.types.scope import Cube, Scope

Change = Callable[[RecallQuery], RecallQuery]


def weight(name: str, value: float) -> Change:
    """Set a field of `RecallWeights`.

    Raises:
        InvalidInputError: there is no such field.
    """
    known = [field.name for field in fields(RecallWeights)]
    if name not in known:
        raise InvalidInputError(f"there is no weight {name!r}; known are {', '.join(known)}")

    def change(query: RecallQuery) -> RecallQuery:
        return replace(query, weights=replace(query.weights, **{name: value}))

    return change


STAGES: Mapping[str, Change] = {
    "lexical": lambda query: replace(query, words=""),
    "dense": lambda query: replace(query, vector=None),
    "own": weight("own", 0.0),
    "times": lambda query: replace(query, times=()),
    "speakers": lambda query: replace(query, speakers=()),
    "question": weight("question", 0.0),
    "kin": lambda query: replace(query, kin=()),
}
"""What `--ablate` can switch off. A further stage is a further line."""


def changes(ablate: Sequence[str] = (), weights: Mapping[str, float] | None = None) -> list[Change]:
    """The changes of stages switched off and weights set.

    Raises:
        InvalidInputError: a stage or a weight is unknown.
    """
    for name in ablate:
        if name not in STAGES:
            raise InvalidInputError(f"no stage {name!r}; known are {', '.join(STAGES)}")
    set_weights = [weight(name, value) for name, value in (weights or {}).items()]
    return [*set_weights, *(STAGES[name] for name in ablate)]


@dataclass(frozen=True, slots=True)
class ChangedGraph:
    """A store read through changes of its queries. Without changes it is the store."""

    inner: GraphReader
    changes: Sequence[Change] = ()

    def recall(self, scope: Scope, query: RecallQuery) -> list[list[RecallHit]]:
        """As the store, for the changed query."""
        for change in self.changes:
            query = change(query)
        return self.inner.recall(scope, query)

    def profile(self, scope: Scope) -> Profile:
        """As the store."""
        return self.inner.profile(scope)

    def get(self, scope: Scope, ids: Sequence[str]) -> list[MemoryItem]:
        """As the store."""
        return self.inner.get(scope, ids)

    def find(
        self,
        scope: Scope,
        kinds: frozenset[MemoryKind],
        where: Group | None = None,
        *,
        limit: int = 100,
        offset: int = 0,
    ) -> Page:
        """As the store."""
        return self.inner.find(scope, kinds, where, limit=limit, offset=offset)

    def edges(self, scope: Scope, ids: Sequence[str]) -> list[Edge]:
        """As the store."""
        return self.inner.edges(scope, ids)

    def versions(self, scope: Scope, ids: Sequence[str]) -> dict[str, list[Version]]:
        """As the store has it."""
        return self.inner.versions(scope, ids)

    def locate(self, project: str, ids: Sequence[str]) -> dict[str, Cube]:
        """As the store."""
        return self.inner.locate(project, ids)

    def cubes(self, project: str) -> list[Cube]:
        """As the store."""
        return self.inner.cubes(project)
