"""One cube as immutable arrays in memory: everything a score needs, nothing a reader could read.

A snapshot is derived from the file and thrown away at will. Holds no text but speaker names and
conversation ids.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.sqlite.postings import Entries, Postings
from memos.graph_dbs.sqlite.windows import (
    Order,
    Windows,
    build_windows,
    extend_windows,
    windowed_lengths,
)
from memos.types.memory import MemoryKind, MemoryStatus

STATE_CODE = {
    (kind, status): code for code, (kind, status) in enumerate(product(MemoryKind, MemoryStatus))
}
"""One number for a node's kind and status together."""

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]


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

    def order(self) -> Order:
        """What decides the rows' places in their conversations."""
        return Order(
            np.where(self.is_row, self.conversation, np.int32(-1)),
            self.when,
            self.ordinal,
            self.row_ids,
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


class VectorBuffer:
    """float32 rows with room to grow, shared by successive snapshots of a cube.

    A snapshot sees the rows that were there when it was made; later ones are written behind them.
    """

    def __init__(self, vectors: Floats) -> None:
        self._rows = vectors
        self._used = len(vectors)

    def view(self, count: int) -> Floats:
        """The first rows."""
        return self._rows[:count]

    def appended(self, count: int, more: Floats) -> "VectorBuffer":
        """A buffer with `more` behind the first `count` rows: this one when they are its last."""
        end = count + len(more)
        if count == self._used and end <= len(self._rows):
            self._rows[count:end] = more
            self._used = end
            return self
        grown = np.empty((end + max(64, end // 4), more.shape[1]), np.float32)
        grown[:count] = self._rows[:count]
        grown[count:end] = more
        fresh = VectorBuffer(grown)
        fresh._used = end
        return fresh

    @property
    def nbytes(self) -> int:
        """Memory held, spare room too."""
        return self._rows.nbytes


@dataclass(frozen=True, slots=True)
class Evidence:
    """Pairs (node, segment it is derived from) by place, ascending.

    Args:
        node, segment: intp (p,) each.
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

    def moved(self, place_of: Ints) -> "Evidence":
        """With places renumbered; pairs with an end that went (-1) are dropped."""
        node, segment = place_of[self.node], place_of[self.segment]
        kept = (node >= 0) & (segment >= 0)
        return Evidence.of(node[kept], segment[kept])

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return 2 * (self.node.nbytes + self.starts.nbytes)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One cube at one revision.

    Args:
        cube: number of the cube.
        rev: revision it shows.
        nodes: columns, (n,).
        names: speaker names and conversation ids.
        buffer: vectors; rows of zeros where there is none.
        postings: keyword index of the rows.
        windows: neighbours of the rows.
        evidence: which nodes rest on which segments.
        after_question: bool (n,), the row before asks something.
        window_length: float32 (n,), tokens of the keyword window.
        mean_window_length: mean over the rows.
    """

    cube: int
    rev: int
    nodes: Nodes
    names: Names
    buffer: VectorBuffer
    postings: Postings
    windows: Windows
    evidence: Evidence
    after_question: npt.NDArray[np.bool_]
    window_length: Floats
    mean_window_length: float
    rows: int

    @property
    def vectors(self) -> Floats:
        """float32 (n, dim)."""
        return self.buffer.view(len(self.nodes))

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return (
            self.nodes.nbytes
            + self.buffer.nbytes
            + self.postings.nbytes
            + self.windows.nbytes
            + self.evidence.nbytes
            + self.window_length.nbytes
        )


@dataclass(frozen=True, slots=True)
class Addition:
    """Nodes read from the file, to be added behind a snapshot's own.

    Args:
        nodes: columns; conversation and speaker are codes of `names`.
        names: the snapshot's names, with new ones behind.
        vectors: float32 (n, dim).
        entries: postings of the rows among them; slots count from 1 for the first added node.
        evidence: (source row id, segment row id) pairs of the added nodes.
    """

    nodes: Nodes
    names: Names
    vectors: Floats
    entries: Entries
    evidence: list[tuple[int, int]]


def fresh(cube: int, rev: int, addition: Addition) -> Snapshot:
    """Snapshot of a whole cube."""
    nodes = addition.nodes
    node, segment = _placed(addition.evidence, nodes)
    return _assembled(
        cube,
        rev,
        (nodes, addition.names, VectorBuffer(addition.vectors)),
        (
            Postings.of(addition.entries),
            build_windows(nodes.order()),
            Evidence.of(node, segment),
        ),
    )


def without(old: Snapshot, gone: npt.NDArray[np.bool_]) -> Snapshot:
    """The snapshot with the masked nodes taken out; nothing of them stays in its arrays."""
    kept = ~gone
    place_of = np.where(kept, np.cumsum(kept) - 1, -1)
    slot_of = np.zeros(len(kept) + 1, np.int32)
    slot_of[1:] = place_of + 1
    nodes, names = _renamed(old.nodes.kept(kept), old.names)
    return _assembled(
        old.cube,
        old.rev,
        (nodes, names, VectorBuffer(old.vectors[kept])),
        (
            old.postings.moved(slot_of),
            build_windows(nodes.order()),
            old.evidence.moved(place_of),
        ),
    )


def extended(old: Snapshot, addition: Addition) -> Snapshot:
    """The snapshot with more nodes behind its own."""
    first = len(old.nodes)
    nodes = old.nodes.joined(addition.nodes)
    node, segment = _placed(addition.evidence, nodes)
    entries = addition.entries
    entries = replace(entries, slots=entries.slots + np.int32(first))
    return _assembled(
        old.cube,
        old.rev,
        (nodes, addition.names, old.buffer.appended(first, addition.vectors)),
        (
            old.postings.appended(entries),
            extend_windows(old.windows, nodes.order(), first),
            old.evidence.joined(node, segment),
        ),
    )


def restated(old: Snapshot, states: dict[int, int]) -> Snapshot:
    """The snapshot with other kinds and statuses: row id -> state code."""
    state = old.nodes.state.copy()
    for place in np.flatnonzero(np.isin(old.nodes.row_ids, np.fromiter(states, np.int64))):
        state[place] = states[int(old.nodes.row_ids[place])]
    return replace(old, nodes=replace(old.nodes, state=state))


def _assembled(
    cube: int,
    rev: int,
    stored: tuple[Nodes, Names, VectorBuffer],
    indexes: tuple[Postings, Windows, Evidence],
) -> Snapshot:
    nodes, names, buffer = stored
    postings, windows, evidence = indexes
    window_length = windowed_lengths(windows, nodes.length)
    rows = int(np.count_nonzero(nodes.is_row))
    return Snapshot(
        cube=cube,
        rev=rev,
        nodes=nodes,
        names=names,
        buffer=buffer,
        postings=postings,
        windows=windows,
        evidence=evidence,
        after_question=np.append(False, nodes.question)[windows.previous[1:]],
        window_length=window_length,
        mean_window_length=float(window_length[nodes.is_row].mean()) if rows else 0.0,
        rows=rows,
    )


def _placed(pairs: list[tuple[int, int]], nodes: Nodes) -> tuple[Ints, Ints]:
    """Places of pairs of row ids; pairs with an unknown end are left out."""
    named = np.array(pairs, np.int64).reshape(-1, 2)
    if not len(named) or not len(nodes):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    order = np.argsort(nodes.row_ids, kind="stable")
    at = np.searchsorted(nodes.row_ids, named, sorter=order).clip(max=len(order) - 1)
    places = order[at]
    known = (nodes.row_ids[places] == named).all(axis=1)
    return places[known, 0], places[known, 1]


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
