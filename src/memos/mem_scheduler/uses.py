"""Counts which memories are handed out, behind the answers that hand them out."""

import logging
import threading
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from memos.errors import MemosError
from memos.graph_dbs.base import LifeRecords
from memos.types.clock import Clock
from memos.types.memory import MemoryItem
from memos.types.scope import Cube, Scope

logger = logging.getLogger(__name__)

_FLUSH_S = 5.0


class UseNotes:
    """A buffer of uses, written every few seconds. What a crash loses is counts, nothing else.

    Args:
        graph: where they are counted.
        clock: when they were handed out.
    """

    def __init__(self, graph: LifeRecords, clock: Clock) -> None:
        self._graph = graph
        self._clock = clock
        self._counts: dict[Cube, Counter[str]] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, items: Sequence[MemoryItem]) -> None:
        """Remember that these were handed out; costs no answer a disk."""
        with self._lock:
            for cube, of_cube in groupby(items, key=attrgetter("cube")):
                counts = self._counts.setdefault(cube, Counter())
                for item in of_cube:
                    counts[item.id] += 1

    def flush(self) -> None:
        """Write what is remembered.

        Raises:
            StoreUnavailableError: it cannot be written; it is remembered still.
        """
        with self._lock:
            counts, self._counts = self._counts, {}
        left = dict(counts)
        try:
            for cube, found in counts.items():
                self._graph.note_uses(Scope.of(cube), found, self._clock.now_ms())
                del left[cube]
        finally:
            with self._lock:
                for cube, found in left.items():
                    self._counts.setdefault(cube, Counter()).update(found)

    def start(self) -> None:
        """Write by itself from now on."""
        self._thread = threading.Thread(target=self._loop, name="memos-uses", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left and stop."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._try()

    def _loop(self) -> None:
        while not self._stopped.wait(_FLUSH_S):
            self._try()

    def _try(self) -> None:
        try:
            self.flush()
        except MemosError as error:
            logger.warning("uses not written", extra={"code": error.code})
