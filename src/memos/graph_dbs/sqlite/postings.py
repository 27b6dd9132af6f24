"""Which rows hold which token: sorted lists, and a small unsorted tail for what came last."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Slots = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint32]
Counts = npt.NDArray[np.uint16]
Places = npt.NDArray[np.intp]
_TAIL_FLOOR = 8192
_TAIL_SHARE = 8


@dataclass(frozen=True, slots=True)
class Entries:
    """Equally long columns: token hash, slot of the row, times the row holds the token."""

    hashes: Hashes
    slots: Slots
    counts: Counts

    @classmethod
    def none(cls) -> "Entries":
        """No entries."""
        return cls(np.empty(0, np.uint32), np.empty(0, np.int32), np.empty(0, np.uint16))

    def __len__(self) -> int:
        return len(self.hashes)

    def joined(self, other: "Entries") -> "Entries":
        """These entries, then the others."""
        return Entries(
            np.concatenate((self.hashes, other.hashes)),
            np.concatenate((self.slots, other.slots)),
            np.concatenate((self.counts, other.counts)),
        )

    def sorted(self) -> "Entries":
        """By hash; entries of one hash keep their order."""
        # One sort of hash and place together is several times faster than a stable argsort.
        keys = self.hashes.astype(np.uint64) << np.uint64(32)
        keys |= np.arange(len(keys), dtype=np.uint64)
        keys.sort()
        order = (keys & np.uint64(0xFFFFFFFF)).astype(np.intp)
        return Entries(self.hashes[order], self.slots[order], self.counts[order])

    def moved(self, slot_of: npt.NDArray[np.int32]) -> "Entries":
        """With slots renumbered by `slot_of`; entries of rows that went (0) are dropped."""
        slots = slot_of[self.slots]
        kept = slots > 0
        return Entries(self.hashes[kept], slots[kept], self.counts[kept])

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.hashes.nbytes + self.slots.nbytes + self.counts.nbytes


@dataclass(frozen=True, slots=True)
class Postings:
    """The keyword index of a snapshot; never changed once made.

    A slot is a row's place in the snapshot plus one.

    Args:
        base: ascending by hash.
        tail: entries of the latest rows, in any order.
    """

    base: Entries
    tail: Entries

    @classmethod
    def of(cls, entries: Entries) -> "Postings":
        """Index over the given entries."""
        return cls(entries.sorted(), Entries.none())

    def appended(self, entries: Entries) -> "Postings":
        """With entries of more rows; the tail is sorted in when it has grown large."""
        tail = self.tail.joined(entries)
        if len(tail) > max(_TAIL_FLOOR, len(self.base) // _TAIL_SHARE):
            return Postings.of(self.base.joined(tail))
        return Postings(self.base, tail)

    def moved(self, slot_of: npt.NDArray[np.int32]) -> "Postings":
        """With slots renumbered by `slot_of`; 0 drops the entry."""
        return Postings(self.base.moved(slot_of), self.tail.moved(slot_of))

    def find(self, token: np.uint32) -> tuple[Slots, npt.NDArray[np.float32]]:
        """Slots that hold a token, and how often."""
        first = int(self.base.hashes.searchsorted(token, "left"))
        last = int(self.base.hashes.searchsorted(token, "right"))
        slots, counts = self.base.slots[first:last], self.base.counts[first:last]
        if len(self.tail):
            late = np.flatnonzero(self.tail.hashes == token)
            slots = np.concatenate((slots, self.tail.slots[late]))
            counts = np.concatenate((counts, self.tail.counts[late]))
        return slots, counts.astype(np.float32)

    def find_each(self, tokens: Hashes) -> tuple[Slots, npt.NDArray[np.float32], Places]:
        """Slots that hold any of several tokens, in no order; a slot once for each token it holds.

        Args:
            tokens: distinct, ascending.

        Returns:
            Slots, how often they hold the token, and the place of that token among those given.
        """
        base = self.base
        first = base.hashes.searchsorted(tokens, "left")
        last = base.hashes.searchsorted(tokens, "right")
        held = np.flatnonzero(first < last)
        spans = [slice(first[n], last[n]) for n in held]
        slots, counts = [base.slots[s] for s in spans], [base.counts[s] for s in spans]
        places = [np.repeat(held, (last - first)[held])]
        if len(self.tail) and len(tokens):
            at = np.minimum(tokens.searchsorted(self.tail.hashes), len(tokens) - 1)
            late = tokens[at] == self.tail.hashes
            slots.append(self.tail.slots[late])
            counts.append(self.tail.counts[late])
            places.append(at[late])
        if not slots:
            return Entries.none().slots, np.empty(0, np.float32), places[0]
        where = np.concatenate(places)
        return np.concatenate(slots), np.concatenate(counts).astype(np.float32), where

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.base.nbytes + self.tail.nbytes
