"""Items of nodes, read from the file or remembered from a recall before."""

import threading
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace

import apsw

from memos.graph_dbs.sqlite.rows import SELECTED, cube_of, id_list, item_of
from memos.types.memory import MemoryItem
from memos.types.scope import Cube

_MOST = 1000
_SIZE = 2048
"""Bytes an item takes, about."""
_LONGEST = 4000
"""Characters; a longer item is read each time, so that what is remembered stays a few MiB."""


class Items:
    """Items of one cube as they are at one revision; those last wanted are remembered.

    Every write to an item is in the cube's log, so its successor for a later revision is the same
    without the rows that changed.
    """

    def __init__(self, known: dict[int, MemoryItem] | None = None) -> None:
        self._known = known or {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    def read(
        self, connection: apsw.Connection, cube: Cube, rows: set[int]
    ) -> dict[int, MemoryItem]:
        """Items by row id.

        Args:
            connection: inside a transaction that sees this revision.
            cube: the cube of all rows.
            rows: row ids.
        """
        with self._lock:
            found = {row: self._known.pop(row) for row in rows if row in self._known}
            self._known.update(found)  # the last used stand last
        missing = rows.difference(found)
        if missing:
            fresh = read_items(connection, missing, {cube_of(next(iter(missing))): cube})
            self._keep(fresh)
            found.update(fresh)
        return {row: _lent(item) for row, item in found.items()}

    @staticmethod
    def room(count: int) -> int:
        """Bytes that the items remembered of `count` may take, about."""
        return _SIZE * min(count, _MOST)

    def without(self, rows: Iterable[int]) -> "Items":
        """The items of a later revision, in which these rows changed."""
        with self._lock:
            known = dict(self._known)
        for row in rows:
            known.pop(row, None)
        return Items(known)

    def _keep(self, fresh: dict[int, MemoryItem]) -> None:
        with self._lock:
            self._known.update({row: item for row, item in fresh.items() if _is_short(item)})
            over = len(self._known) - _MOST
            for row in list(self._known)[: max(over, 0)]:
                del self._known[row]


def read_items(
    connection: apsw.Connection, rows: set[int], cubes: Mapping[int, Cube]
) -> dict[int, MemoryItem]:
    """Items by row id, from the file."""
    found = connection.execute(
        f"select item.id, {SELECTED} from json_each(?) as wanted"  # noqa: S608 - column names only
        " cross join item on item.id = wanted.value",
        (id_list(rows),),
    )
    return {int(row[0]): item_of(cubes[cube_of(row[0])], row[1:]) for row in found}


def _is_short(item: MemoryItem) -> bool:
    return len(item.value) + len(item.background) + len(item.reasoning) <= _LONGEST


def _lent(item: MemoryItem) -> MemoryItem:
    """An item that its reader may do with as it likes: metadata is the one part that can change."""
    return replace(item, info=deepcopy(item.info)) if item.info else item
