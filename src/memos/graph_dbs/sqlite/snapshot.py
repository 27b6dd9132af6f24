"""One cube as immutable arrays in memory: everything a score needs, nothing a reader could read.

A snapshot is derived from the file and thrown away at will. Holds no text but speaker names,
conversation ids and the items last recalled.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.sqlite.choice import Choice, entries_of
from memos.graph_dbs.sqlite.items import Items
from memos.graph_dbs.sqlite.leaning import Leaning
from memos.graph_dbs.sqlite.postings import Entries, Postings
from memos.graph_dbs.sqlite.vectors import Vectors
from memos.graph_dbs.sqlite.windows import (
    Order,
    Windows,
    build_windows,
    extend_windows,
    saturations,
    windowed_lengths,
)
from memos.types.memory import MemoryKind, MemoryStatus

STATE_CODE = {
    (kind, status): code for code, (kind, status) in enumerate(product(MemoryKind, MemoryStatus))
}
"""One number for a node's kind and status together."""

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
_MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Nodes:
    """Columns of nodes, all (n,); a node is a row when its own words and vector are scored.

    Args:
        row_ids: int64.
        id_prefix: uint64, first eight bytes of the id, ordering equal scores.
        state: uint8, `STATE_CODE` of its kind and status.
        is_row: bool.
        conversation: int32, index into the names; -1 for none.
        when: int64, event time or else record time, ms.
        ordinal: int64.
        speaker: int32, index into the names.
        question: bool.
        has_vector: bool.
        length: float32, number of tokens; 0 unless a row.
    """

    row_ids: npt.NDArray[np.int64]
    id_prefix: npt.NDArray[np.uint64]
    state: npt.NDArray[np.uint8]
    is_row: npt.NDArray[np.bool_]
    conversation: npt.NDArray[np.int32]
    when: npt.NDArray[np.int64]
    ordinal: npt.NDArray[np.int64]
    speaker: npt.NDArray[np.int32]
    question: npt.NDArray[np.bool_]
    has_vector: npt.NDArray[np.bool_]
    length: Floats

    def __len__(self) -> int:
        return len(self.row_ids)

    def joined(self, other: "Nodes") -> "Nodes":
        """These nodes, then the others."""
        return Nodes(
            *(np.concatenate((getattr(self, n), getattr(other, n))) for n in Nodes.__slots__)
        )

    def kept(self, mask: npt.NDArray[np.bool_]) -> "Nodes":
        """The nodes under the mask."""
        return Nodes(*(getattr(self, name)[mask] for name in Nodes.__slots__))

    def order(self, rows: Ints) -> Order:
        """What decides places in the conversations, of the nodes at these places."""
        return Order(
            self.conversation[rows], self.when[rows], self.ordinal[rows], self.row_ids[rows]
        )

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return sum(int(getattr(self, name).nbytes) for name in Nodes.__slots__)


@dataclass(frozen=True, slots=True)
class Names:
    """Texts behind codes; position = code."""

    speakers: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pairs (node, segment it is derived from), ascending.

    Args:
        node: intp (p,), places.
        segment: intp (p,), slots of rows; 0 for a segment that is none.
        derived: intp (d,), the distinct nodes.
        starts: intp (d,), first pair of each.
    """

    node: Ints
    segment: Ints
    derived: Ints
    starts: Ints

    @classmethod
    def of(cls, node: Ints, segment: Ints) -> "Evidence":
        """Pairs in any order."""
        before = node[:-1] * (segment.max(initial=0) + 1) + segment[:-1]
        after = node[1:] * (segment.max(initial=0) + 1) + segment[1:]
        if (before > after).any():
            order = np.lexsort((segment, node))
            node, segment = node[order], segment[order]
        starts = np.flatnonzero(np.append(True, node[1:] != node[:-1])[: len(node)])
        return cls(node, segment, node[starts], starts)

    def joined(self, node: Ints, segment: Ints) -> "Evidence":
        """With more pairs."""
        if not len(node):
            return self
        return Evidence.of(
            np.concatenate((self.node, node)), np.concatenate((self.segment, segment))
        )

    def moved(self, place_of: Ints, slot_of: Ints) -> "Evidence":
        """With places and slots renumbered; pairs of a node that went (-1) are dropped."""
        node, segment = place_of[self.node], slot_of[self.segment]
        kept = node >= 0
        return Evidence.of(node[kept], segment[kept])

    @property
    def last(self) -> Ints:
        """The last segment of each distinct node; 0 when none of its segments is a row."""
        ends = np.append(self.starts[1:], len(self.node)) - 1
        last: Ints = self.segment[ends[: len(self.starts)]]
        return last

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return 2 * (self.node.nbytes + self.starts.nbytes)


@dataclass(frozen=True, slots=True)
class Told:
    """What rows tell of themselves.

    Args:
        speakers: names of who spoke.
        years: calendar years (UTC).
    """

    speakers: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()

    @classmethod
    def by(cls, nodes: Nodes, names: Names) -> "Told":
        """By the rows among the nodes."""
        if not nodes.is_row.any():
            return cls()
        years = nodes.when[nodes.is_row].astype("datetime64[ms]").astype("datetime64[Y]")
        spoken = np.bincount(nodes.speaker[nodes.is_row])
        return cls(
            frozenset(names.speakers[code] for code in np.flatnonzero(spoken)),
            frozenset(int(year) + 1970 for year in np.unique(years.astype(int))),
        )

    def joined(self, other: "Told") -> "Told":
        """Both."""
        return Told(self.speakers | other.speakers, self.years | other.years)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One cube at one revision. Rows are numbered among themselves; a slot is a row's number plus one.

    Args:
        cube: number of the cube.
        rev: revision it shows.
        nodes: columns, (n,).
        names: speaker names and conversation ids.
        vectors: of all nodes.
        postings: keyword index of the rows.
        windows: neighbours of the rows.
        evidence: which nodes rest on which segments.
        leaning: how the vectors of those nodes lie to a segment's, one entry per `evidence.derived`.
        told: speakers and years of the rows.
        rows: intp (r,), places of the rows.
        number: int32 (n,), a row's number; of any other node that of the row before it.
        question: bool (r,), the row asks something.
        saturation: float32 (r + 1,), see `saturations`; one entry a slot.
        entry: intp (n,), where a node's estimate stands: derived nodes in their order, then rows,
            then one for all that are neither.
        ascending: the row ids of the nodes ascend, as they do until a node is written anew.
        items: those last recalled.
    """

    cube: int
    rev: int
    nodes: Nodes
    names: Names
    vectors: Vectors
    postings: Postings
    windows: Windows
    evidence: Evidence
    leaning: Leaning
    told: Told
    rows: Ints
    number: npt.NDArray[np.int32]
    question: npt.NDArray[np.bool_]
    saturation: Floats
    entry: Ints
    ascending: bool
    items: Items = field(default_factory=Items, compare=False)
    _chosen: dict[bytes, Choice] = field(init=False, default_factory=dict, compare=False)

    @property
    def dim(self) -> int:
        """Length of the vectors; 0 without any."""
        return int(self.vectors.exact.view(0).shape[1])

    def choice(self, wanted: bytes) -> Choice:
        """The nodes with a wanted state; one byte a state code, 0 or 1."""
        found = self._chosen.get(wanted)
        if found is None:
            places = np.flatnonzero(np.frombuffer(wanted, np.bool_)[self.nodes.state])
            found = Choice(places, self.entry[places])
            if len(self._chosen) < _MOST_CHOICES:
                self._chosen[wanted] = found
        return found

    def places(self, row_ids: Collection[int]) -> Ints:
        """Places of some of the nodes, ascending; unknown ones are left out."""
        wanted, known = np.fromiter(row_ids, np.int64, len(row_ids)), self.nodes.row_ids
        if not self.ascending or not len(known):
            return np.flatnonzero(np.isin(known, wanted))
        wanted.sort()
        at = known.searchsorted(wanted).clip(max=len(known) - 1)
        places: Ints = at[known[at] == wanted]
        return places

    @property
    def nbytes(self) -> int:
        """Memory held, with room for the items that will be remembered."""
        arrays = (self.rows, self.number, self.question, self.saturation, self.entry)
        parts = (self.nodes, self.vectors, self.postings, self.windows, self.evidence, self.leaning)
        held = sum(array.nbytes for array in arrays) + sum(part.nbytes for part in parts)
        return held + Items.room(len(self.nodes))


@dataclass(frozen=True, slots=True)
class Addition:
    """Nodes read from the file, to be added behind a snapshot's own.

    Args:
        nodes: columns; conversation and speaker are codes of `names`.
        names: the snapshot's names, with new ones behind.
        vectors: float16 (n, dim); of a whole cube, with spare rows behind.
        entries: postings of the rows among them; slots count from 1 for the first added row.
        evidence: (source row id, segment row id) pairs of the added nodes.
    """

    nodes: Nodes
    names: Names
    vectors: Halves
    entries: Entries
    evidence: list[tuple[int, int]]


def fresh(cube: int, rev: int, addition: Addition) -> Snapshot:
    """Snapshot of a whole cube."""
    nodes = addition.nodes
    rows = np.flatnonzero(nodes.is_row)
    return _assembled(
        cube,
        rev,
        (
            nodes,
            addition.names,
            Vectors.of(addition.vectors, nodes.is_row),
            Leaning.none(len(nodes)),
        ),
        (
            Postings.of(addition.entries),
            build_windows(nodes.order(rows)),
            Evidence.of(*_placed(addition.evidence, nodes)),
            Told.by(nodes, addition.names),
        ),
    )


def without(old: Snapshot, gone: npt.NDArray[np.bool_]) -> Snapshot:
    """The snapshot with the masked nodes taken out; nothing of them stays in its arrays."""
    kept = ~gone
    nodes, names = _renamed(old.nodes.kept(kept), old.names)
    slot_of = np.zeros(len(old.rows) + 1, np.intp)
    slot_of[1:] = _renumbered(kept[old.rows]) + 1
    return _assembled(
        old.cube,
        old.rev,
        (
            nodes,
            names,
            old.vectors.kept(kept, old.nodes.is_row),
            _leaning(old).at(np.flatnonzero(kept)).moved(slot_of),
        ),
        (
            old.postings.moved(slot_of.astype(np.int32)),
            build_windows(nodes.order(np.flatnonzero(nodes.is_row))),
            old.evidence.moved(_renumbered(kept), slot_of),
            Told.by(nodes, names),
        ),
    )


def extended(old: Snapshot, addition: Addition) -> Snapshot:
    """The snapshot with more nodes behind its own."""
    more = addition.nodes
    nodes = old.nodes.joined(more)
    rows = np.flatnonzero(nodes.is_row)
    entries = addition.entries
    entries = replace(entries, slots=entries.slots + np.int32(len(old.rows)))
    vectors = old.vectors.appended(old.nodes.is_row, addition.vectors, more.is_row)
    return _assembled(
        old.cube,
        old.rev,
        (nodes, addition.names, vectors, _leaning(old, len(nodes))),
        (
            old.postings.appended(entries),
            extend_windows(old.windows, nodes.order(rows), len(old.rows)),
            old.evidence.joined(*_placed(addition.evidence, nodes)),
            old.told.joined(Told.by(more, addition.names)),
        ),
    )


def restated(old: Snapshot, states: dict[int, int]) -> Snapshot:
    """The snapshot with other kinds and statuses: row id -> state code."""
    state = old.nodes.state.copy()
    for place in np.flatnonzero(np.isin(old.nodes.row_ids, np.fromiter(states, np.int64))):
        state[place] = states[int(old.nodes.row_ids[place])]
    return replace(old, nodes=replace(old.nodes, state=state))


def _leaning(old: Snapshot, count: int | None = None) -> Leaning:
    """What is known of all nodes, and of as many new ones as make `count`."""
    return old.leaning.spread(old.evidence.derived, count or len(old.nodes))


def _assembled(
    cube: int,
    rev: int,
    stored: tuple[Nodes, Names, Vectors, Leaning],
    indexes: tuple[Postings, Windows, Evidence, Told],
) -> Snapshot:
    nodes, names, vectors, leaning = stored
    postings, windows, evidence, told = indexes
    rows = np.flatnonzero(nodes.is_row)
    question = nodes.question[rows]
    return Snapshot(
        cube=cube,
        rev=rev,
        nodes=nodes,
        names=names,
        vectors=vectors,
        postings=postings,
        windows=windows,
        evidence=evidence,
        leaning=leaning.at(evidence.derived).measured(
            vectors.exact.view(len(nodes)), evidence.derived, rows, evidence.last
        ),
        told=told,
        rows=rows,
        number=np.cumsum(nodes.is_row, dtype=np.int32) - np.int32(1),
        question=question,
        saturation=saturations(windowed_lengths(windows, nodes.length[rows])),
        entry=entries_of(len(nodes), evidence.derived, rows),
        ascending=bool((nodes.row_ids[1:] > nodes.row_ids[:-1]).all()),
    )


def _renumbered(kept: npt.NDArray[np.bool_]) -> Ints:
    """New numbers of what is kept, -1 for the rest."""
    return np.where(kept, np.cumsum(kept) - 1, -1)


def _placed(pairs: list[tuple[int, int]], nodes: Nodes) -> tuple[Ints, Ints]:
    """Places and slots of pairs of row ids; pairs with an unknown end are left out."""
    named = np.array(pairs, np.int64).reshape(-1, 2)
    if not len(named) or not len(nodes):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    order = np.argsort(nodes.row_ids, kind="stable")
    at = np.searchsorted(nodes.row_ids, named, sorter=order).clip(max=len(order) - 1)
    places = order[at]
    places = places[(nodes.row_ids[places] == named).all(axis=1)]
    segments = places[:, 1]
    slots = np.where(nodes.is_row[segments], np.cumsum(nodes.is_row)[segments], 0)
    return places[:, 0], slots


def _renamed(nodes: Nodes, names: Names) -> tuple[Nodes, Names]:
    """Drop names no node uses."""
    speakers, speaker = np.unique(nodes.speaker, return_inverse=True)
    used = np.unique(nodes.conversation[nodes.conversation >= 0])
    code = np.full(len(names.conversations) + 1, -1, np.int32)
    code[used] = np.arange(len(used), dtype=np.int32)
    return (
        replace(nodes, speaker=speaker.astype(np.int32), conversation=code[nodes.conversation]),
        Names(
            tuple(names.speakers[i] for i in speakers),
            tuple(names.conversations[i] for i in used),
        ),
    )
