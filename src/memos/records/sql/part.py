"""What the parts of the records store share."""

import json
from collections.abc import Callable

from memos.records.sql.database import Database
from memos.types.clock import Clock, IdSource


class Part:
    """Base of the parts that together are the store: one database, one clock, one source of ids."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._subscribers: tuple[Callable[[], None], ...] = ()


def dump(value: object) -> str:
    """JSON text that keeps every script readable, so that a scan for erased text is honest."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
