"""What the records tests share: a clock that tests turn, ids that count, short ways to add."""

import itertools
import threading

from memos.records.base import NewMessage, NewTask
from memos.records.sql import SqlRecords, open_records
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind

START_MS = 1_800_000_000_000


class ManualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.ms = START_MS

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def advance(self, seconds: float) -> None:
        self.ms += round(seconds * 1000)


class CountingIds:
    """Ids in the order they are made; safe between threads."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def new_id(self) -> str:
        with self._lock:
            return f"id-{next(self._numbers):08d}"


class Store:
    """A place where records are kept; each `open` is as a process of its own would see it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = ManualClock()
        self.ids = CountingIds()
        self._opened: list[SqlRecords] = []

    def open(self) -> SqlRecords:
        records = open_records(self.url, self.clock, self.ids)
        self._opened.append(records)
        return records

    def close(self) -> None:
        for records in self._opened:
            records.close()


def user(project_id: str, name: str = "ann") -> Cube:
    return Cube(project_id, CubeKind.USER, name)


def said(id_: str, text: str = "I like tea.", role: str = "user") -> NewMessage:
    return NewMessage(id=id_, role=role, text=text, chat_time=START_MS)


def add(
    records: SqlRecords, cube: Cube, task_id: str, *texts: str, conversation: str = "talk"
) -> list[Message]:
    """Accept texts as messages `<task>-0`, `<task>-1`, ..."""
    new = [said(f"{task_id}-{n}", text) for n, text in enumerate(texts)]
    return records.accept(cube, conversation, new, NewTask(task_id, "add", {"mode": "fast"}))
