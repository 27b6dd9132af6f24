"""Fill the buckets of a recall: rank by score, keep what passes the filter, read the items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from memos.errors import InvalidInputError
from memos.graph_dbs.base import Bucket, RecallHit, RecallQuery
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.graph_dbs.sqlite.filter import compile_filter
from memos.graph_dbs.sqlite.rows import SELECTED, cube_of, id_list, item_of, row_range
from memos.graph_dbs.sqlite.score import Parts, Scores
from memos.graph_dbs.sqlite.snapshot import STATE_CODE, Snapshot
from memos.graph_dbs.tokenize import query_hashes
from memos.types.memory import MemoryItem
from memos.types.scope import Cube

_BATCHES = (64, 256)
"""A filter is tried on so many of the best nodes at a time before it is run over all of them."""


@dataclass(frozen=True, slots=True)
class _Scored:
    cube: Cube
    snapshot: Snapshot
    scores: Scores


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Nodes of all cubes, best first; equally long columns, the last five as in `RecallHit`."""

    score: npt.NDArray[np.float32]
    id_prefix: npt.NDArray[np.uint64]
    row_id: npt.NDArray[np.int64]
    lexical: npt.NDArray[np.float32]
    dense: npt.NDArray[np.float32]
    own: npt.NDArray[np.float32]
    time: npt.NDArray[np.float32]
    speaker: npt.NDArray[np.float32]

    @classmethod
    def of(cls, snapshot: Snapshot, places: npt.NDArray[np.intp], parts: Parts) -> "_Ranked":
        """Nodes of a snapshot with their exact scores, in their order."""
        nodes = snapshot.nodes
        cues = (parts.lexical, parts.dense, parts.own, parts.time, parts.speaker)
        return cls(parts.total, nodes.id_prefix[places], nodes.row_ids[places], *cues)

    def only(self, chosen: npt.NDArray[Any] | slice) -> "_Ranked":
        return _Ranked(*(getattr(self, name)[chosen] for name in _Ranked.__slots__))

    def first(self, limit: int) -> "_Ranked":
        """The first `limit`, and those that may tie with the last of them."""
        return self.only(slice(self.end(limit)))

    def end(self, limit: int) -> int:
        """How many `first` takes."""
        end = min(max(limit, 0), len(self.score))
        while 0 < end < len(self.score) and (
            self.score[end] == self.score[end - 1]
            and self.id_prefix[end] == self.id_prefix[end - 1]
        ):
            end += 1
        return end


class _Pool:
    """Nodes a bucket may return: for each cube their places."""

    def __init__(self, scored: Sequence[_Scored], places: Sequence[npt.NDArray[np.intp]]) -> None:
        self._scored = scored
        self._places = places

    def __len__(self) -> int:
        return sum(len(places) for places in self._places)

    def best(self, limit: int) -> _Ranked:
        """The best `limit`, best first, and those that may tie with the last of them."""
        found = []
        for scored, places in zip(self._scored, self._places, strict=True):
            able = scored.scores.best(places, limit)
            ranked = _Ranked.of(scored.snapshot, able, scored.scores.exact(able))
            found.append(ranked.only(_at_least_nth(ranked.score, limit)))
        columns = ([getattr(one, name) for one in found] for name in _Ranked.__slots__)
        joined = _Ranked(*(np.concatenate(column) for column in columns))
        return joined.only(np.lexsort((joined.id_prefix, -joined.score))).first(limit)

    def among(self, row_ids: npt.NDArray[np.int64]) -> "_Pool":
        """Those with one of the row ids."""
        kept = [
            places[np.isin(scored.snapshot.nodes.row_ids[places], row_ids)]
            for scored, places in zip(self._scored, self._places, strict=True)
        ]
        return _Pool(self._scored, kept)


class Recall:
    """One recall over the snapshots of a scope, inside one read transaction.

    Args:
        connection: inside the transaction the snapshots were taken in.
        snapshots: cubes and their snapshots.
        query: what to look for.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        snapshots: Sequence[tuple[Cube, Snapshot]],
        query: RecallQuery,
    ) -> None:
        self._connection = connection
        self._query = query
        self._scored = list(_score_all(snapshots, query))

    def run(self) -> list[list[RecallHit]]:
        """Hits per bucket, best first."""
        chosen = [self._choose(bucket) for bucket in self._query.buckets]
        wanted = {int(row) for ranked in chosen for row in ranked.row_id}
        items = read_items(
            self._connection, wanted, {s.snapshot.cube: s.cube for s in self._scored}
        )
        return [
            self._hits(ranked, items)[: max(bucket.limit, 0)]
            for ranked, bucket in zip(chosen, self._query.buckets, strict=True)
        ]

    def _choose(self, bucket: Bucket) -> _Ranked:
        pool = self._pool(bucket)
        if bucket.where is None or not len(pool) or bucket.limit <= 0:
            return pool.best(bucket.limit)
        passed = self._walk(pool, bucket)
        return passed if passed is not None else self._filtered(pool, bucket).best(bucket.limit)

    def _pool(self, bucket: Bucket) -> _Pool:
        wanted = np.zeros(len(STATE_CODE), np.bool_)
        wanted[[STATE_CODE[state] for state in product(bucket.kinds, bucket.statuses)]] = True
        return _Pool(self._scored, [scored.snapshot.places(wanted) for scored in self._scored])

    def _walk(self, pool: _Pool, bucket: Bucket) -> _Ranked | None:
        """Down the ranking until enough pass; None when too few of the best do."""
        ranked = pool.best(sum(_BATCHES))
        sql, values = compile_filter(bucket.where)
        passing: set[int] = set()
        all_ranked = len(ranked.score) < sum(_BATCHES)
        start = 0
        for size in _BATCHES:
            end = ranked.end(start + size)
            passing |= self._passing(ranked.row_id[start:end], sql, values)
            start = end
            if len(passing) >= bucket.limit or (all_ranked and start == len(ranked.score)):
                passed = ranked.only(np.isin(ranked.row_id, np.array(list(passing), np.int64)))
                return passed.first(bucket.limit)
        return None

    def _passing(self, rows: npt.NDArray[np.int64], sql: str, values: list[SqlValue]) -> set[int]:
        found = self._connection.execute(
            "select item.id from json_each(?) as wanted cross join item on item.id = wanted.value"  # noqa: S608 - compiled conditions hold no values
            f" where {sql}",
            [id_list(rows.tolist()), *values],
        )
        return {int(row) for (row,) in found}

    def _filtered(self, pool: _Pool, bucket: Bucket) -> _Pool:
        sql, values = compile_filter(bucket.where)
        kinds = [kind.value for kind in bucket.kinds]
        allowed: list[int] = []
        for scored in self._scored:
            first, end = row_range(scored.snapshot.cube)
            found = self._connection.execute(
                "select item.id from item where item.id >= ? and item.id < ?"  # noqa: S608 - compiled conditions hold no values
                f" and item.kind in ({','.join('?' * len(kinds))}) and {sql}",
                [first, end, *kinds, *values],
            )
            allowed += [row for (row,) in found]
        return pool.among(np.array(allowed, np.int64))

    def _hits(self, ranked: _Ranked, items: Mapping[int, MemoryItem]) -> list[RecallHit]:
        columns = [getattr(ranked, name).tolist() for name in _Ranked.__slots__]
        hits = [
            RecallHit(items[row_id], score, *cues)
            for score, _, row_id, *cues in zip(*columns, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.item.id))


def read_items(
    connection: apsw.Connection, rows: set[int], cubes: Mapping[int, Cube]
) -> dict[int, MemoryItem]:
    """Items by row id."""
    found = connection.execute(
        f"select item.id, {SELECTED} from json_each(?) as wanted"  # noqa: S608 - column names only
        " cross join item on item.id = wanted.value",
        (id_list(rows),),
    )
    return {int(row[0]): item_of(cubes[cube_of(row[0])], row[1:]) for row in found}


def _score_all(snapshots: Sequence[tuple[Cube, Snapshot]], query: RecallQuery) -> Iterator[_Scored]:
    tokens = query_hashes(query.words)
    for cube, snapshot in snapshots:
        dim = snapshot.dim
        if query.vector is not None and dim and query.vector.shape != (dim,):
            raise InvalidInputError("the question's vector has not the length of the store's")
        yield _Scored(cube, snapshot, Scores(snapshot, query, tokens))


def _at_least_nth(score: npt.NDArray[np.float32], limit: int) -> npt.NDArray[np.bool_]:
    """Mask of the best `limit` and their equals."""
    if not 0 < limit < len(score):
        return np.full(len(score), limit > 0)
    cut = len(score) - limit
    reached: npt.NDArray[np.bool_] = score >= np.partition(score, cut)[cut]
    return reached
