"""Fill the buckets of a recall: rank by score, keep what passes the filter, read the items."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product

import apsw
import numpy as np

from memos.errors import InvalidInputError
from memos.graph_dbs.base import Bucket, RecallHit, RecallQuery
from memos.graph_dbs.sqlite.connection import SqlValue
from memos.graph_dbs.sqlite.filter import compile_filter, needed_tags
from memos.graph_dbs.sqlite.lexical import AskedWords
from memos.graph_dbs.sqlite.ranked import Pool, Ranked, Scored, best_of
from memos.graph_dbs.sqlite.rows import cube_of, id_list, row_range
from memos.graph_dbs.sqlite.score import Scores
from memos.graph_dbs.sqlite.snapshot import STATE_CODE, Snapshot
from memos.types.memory import MemoryItem, MemoryKind, MemoryStatus
from memos.types.scope import Cube

_BATCHES = (64, 256)
"""A filter is tried on so many of the best nodes at a time before it is run over all of them."""

_FEW = 1000
"""Of so many nodes with a tag that a filter asks for, each is tried."""


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
        if not self._query.buckets:
            return []
        pools, buckets = zip(*(self._narrowed(b) for b in self._query.buckets), strict=True)
        best = best_of(self._scored, list(zip(pools, map(_looked_at, buckets), strict=True)))
        chosen = [
            ranked if bucket.where is None else self._passed(ranked, pool, bucket)
            for ranked, pool, bucket in zip(best, pools, buckets, strict=True)
        ]
        items = self._items({row for ranked in chosen for row in ranked.row_id.tolist()})
        return [
            self._hits(ranked, items)[: max(bucket.limit, 0)]
            for ranked, bucket in zip(chosen, buckets, strict=True)
        ]

    def _pool(self, bucket: Bucket) -> Pool:
        wanted = _states(bucket.kinds, bucket.statuses)
        return Pool(tuple(one.scores.snapshot.choice(wanted) for one in self._scored))

    def _narrowed(self, bucket: Bucket) -> tuple[Pool, Bucket]:
        """The nodes a bucket may hold; of few tagged ones those that pass, and no filter then."""
        pool, tags = self._pool(bucket), needed_tags(bucket.where)
        rows = None if tags is None else self._tagged(tags)
        if rows is None:
            return pool, bucket
        sql, values = compile_filter(bucket.where)
        passing = self._passing(rows, sql, values) if rows else set()
        return pool.among(self._scored, passing), replace(bucket, where=None)

    def _tagged(self, tags: frozenset[str]) -> list[int] | None:
        """Rows with one of the tags; None when they are many."""
        rows: list[int] = []
        for one in self._scored:
            found = self._connection.execute(
                "select id from item_tag where cube=?"  # noqa: S608 - marks only
                f" and tag in ({','.join('?' * len(tags))}) limit ?",
                [one.scores.snapshot.cube, *tags, _FEW + 1],
            )
            rows += [row for (row,) in found]
        return rows if len(rows) <= _FEW else None

    def _passed(self, best: Ranked, pool: Pool, bucket: Bucket) -> Ranked:
        """The best nodes of the pool that pass the filter, given the best of all."""
        if not len(best.row_id):
            return best
        found = self._walk(best, bucket)
        if found is not None:
            return found
        return best_of(self._scored, [(self._filtered(pool, bucket), bucket.limit)])[0]

    def _walk(self, ranked: Ranked, bucket: Bucket) -> Ranked | None:
        """Down the ranking until enough pass; None when too few of the best do and all count."""
        sql, values = compile_filter(bucket.where)
        passing: set[int] = set()
        sizes = _BATCHES if bucket.reach is None else (bucket.reach,)
        last = bucket.reach is not None or len(ranked.row_id) < sum(sizes)
        start = 0
        for size in sizes:
            end = ranked.end(start + size)
            passing |= self._passing(ranked.row_id[start:end].tolist(), sql, values)
            start = end
            if len(passing) >= bucket.limit or (last and start == len(ranked.row_id)):
                break
        else:
            if not last:
                return None
        passed = ranked.only(np.isin(ranked.row_id, np.array(list(passing), np.int64)))
        return passed.first(bucket.limit)

    def _passing(self, rows: list[int], sql: str, values: list[SqlValue]) -> set[int]:
        found = self._connection.execute(
            "select item.id from json_each(?) as wanted cross join item on item.id = wanted.value"  # noqa: S608 - compiled conditions hold no values
            f" where {sql}",
            [id_list(rows), *values],
        )
        return {int(row) for (row,) in found}

    def _filtered(self, pool: Pool, bucket: Bucket) -> Pool:
        sql, values = compile_filter(bucket.where)
        kinds = [kind.value for kind in bucket.kinds]
        allowed: list[int] = []
        for scored in self._scored:
            first, end = row_range(scored.scores.snapshot.cube)
            found = self._connection.execute(
                "select item.id from item where item.id >= ? and item.id < ?"  # noqa: S608 - compiled conditions hold no values
                f" and item.kind in ({','.join('?' * len(kinds))}) and {sql}",
                [first, end, *kinds, *values],
            )
            allowed += [row for (row,) in found]
        return pool.among(self._scored, allowed)

    def _items(self, wanted: set[int]) -> dict[int, MemoryItem]:
        items: dict[int, MemoryItem] = {}
        for one in self._scored:
            snapshot = one.scores.snapshot
            rows = {row for row in wanted if cube_of(row) == snapshot.cube}
            items |= snapshot.items.read(self._connection, one.cube, rows)
        return items

    def _hits(self, ranked: Ranked, items: Mapping[int, MemoryItem]) -> list[RecallHit]:
        columns = (ranked.row_id.tolist(), *ranked.parts.tolist())
        hits = [RecallHit(items[row], *parts) for row, *parts in zip(*columns, strict=True)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.item.id))


def _score_all(snapshots: Sequence[tuple[Cube, Snapshot]], query: RecallQuery) -> Iterator[Scored]:
    words = AskedWords.of(query)
    for cube, snapshot in snapshots:
        dim = snapshot.dim
        if query.vector is not None and dim and query.vector.shape != (dim,):
            raise InvalidInputError("the question's vector has not the length of the store's")
        yield Scored(cube, Scores(snapshot, query, words))


@lru_cache(maxsize=256)
def _states(kinds: frozenset[MemoryKind], statuses: frozenset[MemoryStatus]) -> bytes:
    """The states a bucket may hold, as `Snapshot.choice` wants them."""
    wanted = np.zeros(len(STATE_CODE), np.bool_)
    wanted[[STATE_CODE[state] for state in product(kinds, statuses)]] = True
    return wanted.tobytes()


def _looked_at(bucket: Bucket) -> int:
    """How many of the best nodes are scored before a filter is tried on them."""
    if bucket.where is None or bucket.limit <= 0:
        return bucket.limit
    return sum(_BATCHES) if bucket.reach is None else bucket.reach
