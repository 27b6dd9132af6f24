"""Remembers for a while which memories were handed out, to tell an echo from news."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from memos.graph_dbs.base import GraphStore, Uses
from memos.types.clock import Clock
from memos.types.memory import MemoryItem
from memos.types.scope import Cube, Scope

_MOST_SUBJECTS = 1000
_MOST_RECENT = 64


class ReturnedMemories:
    """The last memories handed out by this process, by subject, and how often any was.

    At most 64 ids of a subject, and a thousand subjects, are held; no text.

    Args:
        graph: where uses are counted.
        clock: when something was handed out.
    """

    def __init__(self, graph: GraphStore, clock: Clock) -> None:
        self._graph = graph
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: OrderedDict[Cube, OrderedDict[str, int]] = OrderedDict()

    def note(self, items: Sequence[MemoryItem]) -> None:
        """These were handed out just now. Returns at once and raises nothing."""
        now = self._clock.now_ms()
        with self._lock:
            for cube, of_cube in groupby(items, key=attrgetter("cube")):
                recent = self._recent.pop(cube, None) or OrderedDict()
                for item in of_cube:
                    recent[item.id] = now
                    recent.move_to_end(item.id)
                while len(recent) > _MOST_RECENT:
                    recent.popitem(last=False)
                self._recent[cube] = recent
            while len(self._recent) > _MOST_SUBJECTS:
                self._recent.popitem(last=False)

    def recent(self, cube: Cube, since_ms: int) -> list[str]:
        """Memories of a cube handed out by this process since then."""
        with self._lock:
            return [i for i, at in self._recent.get(cube, {}).items() if at >= since_ms]

    def uses(self, cube: Cube, ids: Sequence[str]) -> Mapping[str, Uses]:
        """How often memories were handed out by any process and when last, as far as written."""
        return self._graph.uses(Scope.of(cube), ids) if ids else {}
