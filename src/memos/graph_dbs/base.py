"""Port of the memory graph store. Every call takes a scope; nothing outside it is seen or touched."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from memos.types.filters import Group
from memos.types.history import Change, Version
from memos.types.lease import Lease
from memos.types.lifecycle import Transition
from memos.types.memory import LIVE, Edge, MemoryItem, MemoryKind, MemoryStatus
from memos.types.scope import Cube, Scope

Vector = npt.NDArray[np.float32]
"""float32 (dim,), unit length."""


@dataclass(frozen=True, slots=True)
class NodeWrite:
    """A node to insert or replace (same id = replace).

    Args:
        item: the node.
        words: text whose words find the node; empty leaves it out of the keyword index.
        vector: unit vector of the store's current embedder, or None.
        keep: leave the words and vector of the stored node as they are, whatever is given here;
            a node that is not stored is then left out.
        alone: the node is found by its own words from now on: it loses its DERIVED_FROM edges.
        change: why it is written, for its history. With the reason `ERASED` a part of it is
            taken out for good: its former versions go, and no byte of them is left.
    """

    item: MemoryItem
    words: str = ""
    vector: Vector | None = None
    keep: bool = False
    alone: bool = False
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state of many nodes.

    Args:
        expected: the state they are in; one that is in another by then is left alone.
        status: the state they get.
        at: when, ms UTC.
        change: why, for their history.
    """

    expected: MemoryStatus
    status: MemoryStatus
    at: int
    change: Change


@dataclass(frozen=True, slots=True)
class TimeTarget:
    """A span of time a question asks about, ms UTC, both ends included, with a weight in 0..1."""

    start: int
    end: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """One ranked list asked for.

    Args:
        kinds: kinds that may be returned.
        limit: at most this many hits.
        where: filter on the returned nodes, exact (applied before the limit).
        statuses: states that may be returned.
        reach: the filter is tried on at most so many of the best nodes; None tries all, which for a
            filter that reads texts takes long in a large cube.
    """

    kinds: frozenset[MemoryKind]
    limit: int
    where: Group | None = None
    statuses: frozenset[MemoryStatus] = LIVE
    reach: int | None = None


@dataclass(frozen=True, slots=True)
class RecallWeights:
    """Constants of the score; see docs/retrieval.md for where each number comes from.

    Args:
        dense: weight of the smoothed cosine (lambda of the embedder).
        mean_cosine: cosine of unrelated texts for the embedder (mu0), subtracted first.
        own: weight of a memory's own cosine beside that of its evidence.
        time: weight of the time cue.
        speaker: weight of the first-named speaker, or of each of several named together.
        only_speaker: extra weight when exactly one speaker is named.
        question: penalty of a row that is itself a question.
        kin: what a member of a class counts where the class is asked for, 1 being the word itself.
        time_after_days: decay of the time cue after the span.
        time_before_days: decay before it.
    """

    dense: float = 1.3
    mean_cosine: float = 0.07
    own: float = 0.3
    time: float = 0.40
    speaker: float = 0.12
    only_speaker: float = 0.12
    question: float = 0.10
    kin: float = 0.5
    time_after_days: float = 7.0
    time_before_days: float = 3.5


@dataclass(frozen=True, slots=True)
class Kin:
    """Tokens that count as another one, less (see `RecallWeights.kin`), the commoner the less.

    Args:
        token: a token of the question (`tokenize_query`).
        members: tokens that stand for it, distinct, without itself.
    """

    token: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecallQuery:
    """What to look for. All buckets are filled from one pass over the rows.

    Args:
        words: text for the keyword leg; empty switches it off.
        vector: unit vector for the dense leg; None switches it off.
        buckets: the ranked lists wanted.
        weights: constants of the score.
        times: spans the question asks about.
        speakers: speakers named in the question, in order; the first is asked about.
        together: all of them are asked about alike.
        kin: what counts as tokens of `words`; one entry a token at most.
    """

    words: str
    vector: Vector | None
    buckets: tuple[Bucket, ...]
    weights: RecallWeights = field(default_factory=RecallWeights)
    times: tuple[TimeTarget, ...] = ()
    speakers: tuple[str, ...] = ()
    together: bool = False
    kin: tuple[Kin, ...] = ()


class RecallHit(NamedTuple):
    """A node with the parts of its score.

    Args:
        item: the node.
        score: sum of all parts, absolute (not normalised by the query's other hits).
        lexical: windowed coverage BM25, 0..1, the most any of its evidence reaches.
        dense: smoothed cosine minus the mean cosine, the most any of its evidence reaches. (The
            score itself rests on one piece of evidence, the best by the sum.)
        own: cosine of its own vector minus the mean cosine; 0 without a vector.
        time: time cue, 0..1.
        speaker: sum of the speaker cues before weighting.
    """

    item: MemoryItem
    score: float
    lexical: float
    dense: float
    own: float
    time: float
    speaker: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What a query plan needs to know of a scope.

    Args:
        speakers: distinct speaker names (roles such as "user" left out).
        years: calendar years (UTC) in which rows lie, ascending.
        rows: number of rows that can be recalled or lend their words.
    """

    speakers: tuple[str, ...]
    years: tuple[int, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a listing and the size of the whole."""

    items: tuple[MemoryItem, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a node was handed out, and when last (ms UTC)."""

    count: int
    last: int


@dataclass(frozen=True, slots=True)
class Census:
    """How many nodes of each sort a scope holds: memories, their former versions, segments."""

    memories: int
    versions: int
    segments: int


class GraphReader(Protocol):
    """Reading half of the port."""

    def get(self, scope: Scope, ids: Sequence[str]) -> list[MemoryItem]:
        """Nodes with these ids in the scope, in the order asked; unknown ids are left out."""
        ...

    def find(
        self,
        scope: Scope,
        kinds: frozenset[MemoryKind],
        where: Group | None = None,
        *,
        limit: int = 100,
        offset: int = 0,
    ) -> Page:
        """Nodes of these kinds that pass the filter, newest first (updated_at, then id)."""
        ...

    def recall(self, scope: Scope, query: RecallQuery) -> list[list[RecallHit]]:
        """Best nodes per bucket, best first; ties in id order. Exact: no approximate index.

        Rows are the segments, and the nodes that are DERIVED_FROM none, as far as they have words
        or a vector. A row's score is

            lexical + dense_weight * smoothed cosine + cues        (retrieval.md 2.3 to 2.6)

        with windows over the neighbouring rows of the same conversation, ordered by event time
        and ordinal; keyword statistics are those of each cube. A node that is DERIVED_FROM segments
        is no row (its words count nothing while it has them): it takes the best score of its
        segments plus `own` times its own cosine. A node without segments is scored by its own row.
        Nodes with neither are not found; any other is ranked, however low its score.

        Raises:
            InvalidInputError: the vector's length is not that of the store's embedder.
        """
        ...

    def profile(self, scope: Scope) -> Profile:
        """Speakers, years and size of the scope."""
        ...

    def edges(self, scope: Scope, ids: Sequence[str]) -> list[Edge]:
        """Edges that start or end at one of the nodes."""
        ...

    def locate(self, project: str, ids: Sequence[str]) -> dict[str, Cube]:
        """The cube of each of these nodes that lies in the project; others are left out."""
        ...

    def cubes(self, project: str) -> list[Cube]:
        """Every cube of a project that holds or held nodes."""
        ...

    def versions(self, scope: Scope, ids: Sequence[str]) -> dict[str, list[Version]]:
        """Every version of these nodes, oldest first, the present one last.

        A version ends when kind, status, texts, speaker, confidence or event time of a node are
        written anew; sources, tags and metadata alone make none. Segments have no history.
        """
        ...


class GraphWriter(Protocol):
    """Writing half of the port. Each call is one durable, all-or-nothing transaction.

    What a thread writes while it is `working_under` a lease that a later one has fenced off is
    refused with LeaseLostError.
    """

    def fence(self, lease: Lease) -> None:
        """Refuse what is written under earlier leases of a task from now on."""
        ...

    def put(self, scope: Scope, nodes: Sequence[NodeWrite], edges: Sequence[Edge] = ()) -> None:
        """Insert or replace nodes and add edges. Returns when the change is on disk and searchable.

        Raises:
            NotAllowedError: a node's cube is outside the scope, or its id is taken by another cube.
            NotFoundError: an edge names a node that is not in the scope.
            ConflictError: a vector is given before an embedder was adopted.
            InvalidInputError: a vector has not the embedder's length, an edge joins two cubes, or
                metadata is not JSON.
            StoreUnavailableError: the disk is full or the file cannot be written.
        """
        ...

    def move(self, scope: Scope, ends: Mapping[str, int | None], move: Move) -> int:
        """Give nodes another state, and nothing else; the number that moved.

        Each leaves a version and a row of the trail, as when it is put. Nothing that was written
        to a node meanwhile is lost.

        Args:
            scope: where they are; other ids are left out, and so are segments.
            ends: for each node the `event_until` it gets; None leaves what it has.
            move: the change.
        """
        ...

    def delete(self, scope: Scope, ids: Sequence[str]) -> int:
        """Remove nodes with their history, edges, words and vectors; the number that existed.

        When it returns, no byte of their text is left in the store's files.

        Raises:
            StoreUnavailableError: the store cannot be written, or a long reader keeps the files
                from being cleared (the nodes are gone then; the next deletion clears the files).
        """
        ...

    def delete_cubes(self, scope: Scope) -> int:
        """Remove every node of the scope's cubes, and the cubes; the number of nodes. As `delete`."""
        ...


class LifeRecords(Protocol):
    """What was handed out how often, and every change of state."""

    def trail(self, scope: Scope, ids: Sequence[str]) -> list[Transition]:
        """Changes of state of these memories, oldest first."""
        ...

    def census(self, scope: Scope) -> Census:
        """How many nodes of each sort the scope holds."""
        ...

    def uses(self, scope: Scope, ids: Sequence[str]) -> dict[str, Uses]:
        """How often these nodes were handed out; those never used are left out."""
        ...

    def note_uses(self, scope: Scope, counts: Mapping[str, int], at: int) -> list[str]:
        """Count that nodes were handed out; ids of those that never were before.

        Unknown ids are left out.
        """
        ...


class GraphKeeper(Protocol):
    """Care of the store as a whole (maintenance and administration only)."""

    def export_cube(self, cube: Cube) -> Iterator[Mapping[str, Any]]:
        """The cube as JSON-ready records: a header, nodes with vectors and their past, edges."""
        ...

    def import_cube(self, cube: Cube, records: Iterator[Mapping[str, Any]]) -> int:
        """Load what `export_cube` wrote into a cube; number of nodes. Existing ids are replaced."""
        ...

    def backup(self, target: Path) -> None:
        """Write a consistent copy to a new file while the store is in use."""
        ...

    def embedder_name(self) -> str | None:
        """Name of the embedder that made the vectors now in use; None in an empty store."""
        ...

    def adopt_embedder(self, name: str, dim: int) -> None:
        """Record the embedder of an empty store. Raises ConflictError when vectors exist already."""
        ...

    def stale_vectors(self, name: str, limit: int) -> list[tuple[Cube, str, str]]:
        """Nodes without a shadow vector of embedder `name`: (cube, id, words), at most `limit`.

        Only nodes that have words or a vector. `words` is empty for a segment, which keeps no text:
        take it from the message it was made of.
        """
        ...

    def put_shadow_vectors(self, name: str, vectors: Mapping[str, Vector]) -> None:
        """Store vectors of a new embedder beside the old ones, by node id."""
        ...

    def switch_embedder(self, name: str, dim: int) -> None:
        """Make the shadow vectors the ones in use, in one transaction. Old vectors go."""
        ...

    def close(self) -> None:
        """Finish pending writes and release the files."""
        ...


class GraphStore(GraphReader, GraphWriter, LifeRecords, GraphKeeper, Protocol):
    """The whole port; use cases take the half they need."""
