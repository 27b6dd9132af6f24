"""Fill the buckets of a recall: rank by score, keep what passes the filter, read the items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from memos.errors import InvalidInputError
from memos.graph_dbs.base import Bucket, RecallHit, RecallQuery
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.graph_dbs.sqlite.filter import compile_filter
from memos.graph_dbs.sqlite.rows import SELECTED, cube_of, id_list, item_of, row_range
from memos.graph_dbs.sqlite.score import Parts, resting_on, score
from memos.graph_dbs.sqlite.snapshot import KIND_CODE, STATUS_CODE, Snapshot
from memos.graph_dbs.tokenize import query_hashes
from memos.types.memory import MemoryItem
from memos.types.scope import Cube

_BATCHES = (64, 256)
"""A filter is tried on so many of the best nodes at a time before it is run over all of them."""


@dataclass(frozen=True, slots=True)
class _Scored:
    cube: Cube
    snapshot: Snapshot
    parts: Parts


@dataclass(frozen=True, slots=True)
class _Pool:
    """Nodes a bucket may return, from all cubes; equally long columns."""

    score: npt.NDArray[np.float32]
    id_prefix: npt.NDArray[np.uint64]
    row_id: npt.NDArray[np.int64]
    owner: npt.NDArray[np.intp]
    place: npt.NDArray[np.intp]

    def only(self, chosen: npt.NDArray[Any] | slice) -> "_Pool":
        return _Pool(*(getattr(self, name)[chosen] for name in _Pool.__slots__))

    def best(self, limit: int) -> "_Pool":
        """The best `limit`, best first, and those that may tie with the last of them."""
        pool = self
        if limit < len(self.score):
            cut = len(self.score) - limit
            pool = self.only(np.flatnonzero(self.score >= np.partition(self.score, cut)[cut]))
        return pool.only(np.lexsort((pool.id_prefix, -pool.score))).first(limit)

    def first(self, limit: int) -> "_Pool":
        """Of a ranked pool the first `limit`, and those that may tie with the last of them."""
        return self.only(slice(self.end(limit)))

    def end(self, limit: int) -> int:
        """How many `first` takes."""
        end = min(limit, len(self.score))
        while 0 < end < len(self.score) and (
            self.score[end] == self.score[end - 1]
            and self.id_prefix[end] == self.id_prefix[end - 1]
        ):
            end += 1
        return end


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
        wanted = {int(row) for pool in chosen for row in pool.row_id}
        items = read_items(
            self._connection, wanted, {s.snapshot.cube: s.cube for s in self._scored}
        )
        return [
            self._hits(pool, items)[: max(bucket.limit, 0)]
            for pool, bucket in zip(chosen, self._query.buckets, strict=True)
        ]

    def _choose(self, bucket: Bucket) -> _Pool:
        pool = self._pool(bucket)
        if bucket.limit <= 0:
            return pool.only(np.empty(0, np.intp))
        if bucket.where is None:
            return pool.best(bucket.limit)
        passed = self._walk(pool, bucket)
        return passed if passed is not None else self._filtered(pool, bucket).best(bucket.limit)

    def _pool(self, bucket: Bucket) -> _Pool:
        kinds = _lookup(len(KIND_CODE), [KIND_CODE[kind] for kind in bucket.kinds])
        statuses = _lookup(len(STATUS_CODE), [STATUS_CODE[status] for status in bucket.statuses])
        columns: list[tuple[npt.NDArray[Any], ...]] = []
        for owner, scored in enumerate(self._scored):
            nodes, total = scored.snapshot.nodes, scored.parts.total
            place = np.flatnonzero(kinds[nodes.kind] & statuses[nodes.status] & (total > -np.inf))
            columns.append(
                (
                    total[place],
                    nodes.id_prefix[place],
                    nodes.row_ids[place],
                    np.full(len(place), owner),
                    place,
                )
            )
        return _Pool(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def _walk(self, pool: _Pool, bucket: Bucket) -> _Pool | None:
        """Down the ranking until enough pass; None when too few of the best do."""
        ranked = pool.best(sum(_BATCHES))
        sql, values = compile_filter(bucket.where)
        passing: set[int] = set()
        start = 0
        for size in _BATCHES:
            end = ranked.end(start + size)
            passing |= self._passing(ranked.row_id[start:end], sql, values)
            start = end
            if len(passing) >= bucket.limit or start >= len(pool.score):
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
        return pool.only(np.isin(pool.row_id, np.array(allowed, np.int64)))

    def _hits(self, pool: _Pool, items: Mapping[int, MemoryItem]) -> list[RecallHit]:
        hits = [
            self._hit(self._scored[owner], int(place), items[int(row)])
            for row, owner, place in zip(pool.row_id, pool.owner, pool.place, strict=True)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.item.id))

    def _hit(self, scored: _Scored, place: int, item: MemoryItem) -> RecallHit:
        parts = scored.parts
        row = resting_on(scored.snapshot, parts, place)
        return RecallHit(
            item=item,
            score=float(parts.total[place]),
            lexical=float(parts.lexical[row]),
            dense=float(parts.dense[row]),
            own=float(parts.own[place]),
            time=float(parts.time[row]),
            speaker=float(parts.speaker[row]),
        )


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
        dim = snapshot.vectors.shape[1]
        if query.vector is not None and dim and query.vector.shape != (dim,):
            raise InvalidInputError("the question's vector has not the length of the store's")
        yield _Scored(cube, snapshot, score(snapshot, query, tokens))


def _lookup(size: int, codes: list[int]) -> npt.NDArray[np.bool_]:
    table = np.zeros(size, np.bool_)
    table[codes] = True
    return table
