"""Nodes with their exact scores, best first, out of what several lists ask for at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from memos.graph_dbs.sqlite.choice import Choice
from memos.graph_dbs.sqlite.score import Scores
from memos.types.scope import Cube

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float32]
_NONE = slice(0)


@dataclass(frozen=True, slots=True)
class Scored:
    """A cube and its scores."""

    cube: Cube
    scores: Scores


@dataclass(frozen=True, slots=True)
class Ranked:
    """Nodes of all cubes.

    Args:
        parts: float32 (6, n), see `Scores.exact`.
        id_prefix: uint64 (n,), orders equal scores.
        row_id: int64 (n,).
    """

    parts: Floats
    id_prefix: npt.NDArray[np.uint64]
    row_id: npt.NDArray[np.int64]

    @classmethod
    def of(cls, scores: Scores, places: Ints) -> "Ranked":
        """Nodes of a snapshot, in the order of their places."""
        nodes = scores.snapshot.nodes
        return cls(scores.exact(places), nodes.id_prefix[places], nodes.row_ids[places])

    @classmethod
    def joined(cls, found: Sequence["Ranked"]) -> "Ranked":
        """All of them; at least one."""
        if len(found) == 1:
            return found[0]
        return cls(
            np.concatenate([one.parts for one in found], axis=1),
            np.concatenate([one.id_prefix for one in found]),
            np.concatenate([one.row_id for one in found]),
        )

    @property
    def score(self) -> Floats:
        """The sum of the parts."""
        score: Floats = self.parts[0]
        return score

    def only(self, chosen: npt.NDArray[Any] | slice) -> "Ranked":
        """Those chosen by a mask, places or a slice."""
        return Ranked(self.parts[:, chosen], self.id_prefix[chosen], self.row_id[chosen])

    def best(self, limit: int) -> "Ranked":
        """The first `limit`, best first, and those that may tie with the last of them."""
        return self.only(np.lexsort((self.id_prefix, -self.score))).first(limit)

    def first(self, limit: int) -> "Ranked":
        """The first `limit`, and those that may tie with the last of them."""
        return self.only(slice(self.end(limit)))

    def end(self, limit: int) -> int:
        """How many `first` takes."""
        end = min(max(limit, 0), len(self.row_id))
        while 0 < end < len(self.row_id) and (
            self.score[end] == self.score[end - 1]
            and self.id_prefix[end] == self.id_prefix[end - 1]
        ):
            end += 1
        return end


@dataclass(frozen=True, slots=True)
class Pool:
    """Nodes a list may hold, for each cube."""

    choices: tuple[Choice, ...]

    def __len__(self) -> int:
        return sum(len(choice) for choice in self.choices)

    def among(self, scored: Sequence[Scored], row_ids: Collection[int]) -> "Pool":
        """Those with one of the row ids."""
        return Pool(
            tuple(
                choice.among(one.scores.snapshot.places(row_ids)) if row_ids else choice.only(_NONE)
                for one, choice in zip(scored, self.choices, strict=True)
            )
        )


def best_of(scored: Sequence[Scored], asked: Sequence[tuple[Pool, int]]) -> list[Ranked]:
    """The best nodes of each pool, as many as asked for, as `Ranked.best`.

    What may be among the best of any is scored in one go: pools that share nodes or neighbours
    read them once.
    """
    found: list[list[Ranked]] = [[] for _ in asked]
    for number, one in enumerate(scored):
        able = one.scores.estimates.best([(pool.choices[number], limit) for pool, limit in asked])
        together = able[0] if len(able) == 1 else np.unique(np.concatenate(able))
        ranked = Ranked.of(one.scores, together)
        for ranks, places in zip(found, able, strict=True):
            ranks.append(ranked.only(np.searchsorted(together, places)))
    return [
        Ranked.joined(ranks).best(limit) for ranks, (_, limit) in zip(found, asked, strict=True)
    ]
