"""One queue in front of an encoder: a cache, no text encoded twice at once, and batches by load.

It never waits for company: a batch is what is there. A caller who finds the encoder idle encodes in
its own thread, which saves two thread switches; whatever gathers meanwhile is taken by the worker
thread. Questions go before statements, so that a bulk import does not delay a search by more than
one batch.
"""

import hashlib
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from memos.embedders.base import Embedder, EmbedderProfile
from memos.endpoints.usage import joined, payers, shared_by
from memos.errors import ModelReplyError, ModelUnavailableError
from memos.types.clock import Clock

_LOG = logging.getLogger(__name__)
_ENTRY_OVERHEAD = 320
"""Bytes of a cache entry besides its numbers: key, array header, dictionary slot."""
_DEFAULT_CACHE_BYTES = 32 * 2**20

_Key = tuple[bool, bytes]
_Vector = npt.NDArray[np.float32]


class _Slot:
    """One text on its way through the encoder. Who wants its vector waits for `done`."""

    __slots__ = ("done", "error", "key", "payers", "text", "vector")

    def __init__(self, key: _Key, text: str) -> None:
        self.key = key
        self.text = text
        self.payers = payers()
        self.done = threading.Event()
        self.vector: _Vector | None = None
        self.error: Exception | None = None

    def result(self) -> _Vector:
        self.done.wait()
        if self.vector is None:
            raise self.error or _closed()
        return self.vector


class _Cache:
    """Vectors by key, the least recently used ones dropped when over its size in bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._used = 0
        self._entries: OrderedDict[_Key, _Vector] = OrderedDict()

    def get(self, key: _Key) -> _Vector | None:
        vector = self._entries.get(key)
        if vector is not None:
            self._entries.move_to_end(key)
        return vector

    def put(self, key: _Key, vector: _Vector) -> None:
        cost = vector.nbytes + _ENTRY_OVERHEAD
        if cost > self._size or key in self._entries:
            return
        self._entries[key] = vector
        self._used += cost
        while self._used > self._size:
            _, oldest = self._entries.popitem(last=False)
            self._used -= oldest.nbytes + _ENTRY_OVERHEAD


class BatchingEmbedder:
    """An `Embedder` around another one. Safe to call from any number of threads.

    Args:
        inner: the encoder; one call of it runs at a time.
        clock: for the durations in the log.
        cache_bytes: most memory the vector cache takes; 0 switches it off.
        batch_size: most texts of one inner call, and so the longest a question waits for
            statements.
        queue_size: most texts waiting; a caller over it waits for room.
        admit: called for texts that are not in the cache; raises when they may not be encoded.
    """

    def __init__(
        self,
        inner: Embedder,
        clock: Clock,
        *,
        cache_bytes: int = _DEFAULT_CACHE_BYTES,
        batch_size: int = 16,
        queue_size: int = 1024,
        admit: Callable[[], None] | None = None,
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._cache = _Cache(cache_bytes)
        self._batch_size = batch_size
        self._queue_size = queue_size
        self._admit = admit
        self._lock = threading.Lock()
        self._work = threading.Condition(self._lock)
        self._room = threading.Condition(self._lock)
        self._questions: deque[_Slot] = deque()
        self._statements: deque[_Slot] = deque()
        self._in_flight: dict[_Key, _Slot] = {}
        self._thread: threading.Thread | None = None
        self._busy = False
        self._closed = False

    @property
    def profile(self) -> EmbedderProfile:
        """Profile of the inner encoder."""
        return self._inner.profile

    def embed(self, texts: Sequence[str], *, query: bool = False) -> npt.NDArray[np.float32]:
        """Vectors of texts: float32 (len(texts), dim), rows of unit length (zero for blank text).

        Args:
            texts: any number, any length.
            query: the texts are questions; they go before waiting statements.

        Raises:
            ModelUnavailableError: closed, or as the inner encoder; its other errors pass too, and
                those of `admit`.
        """
        if not texts:
            return np.zeros((0, self.profile.dim), dtype=np.float32)
        keys = [_key(text, query) for text in texts]
        if self._admit is not None and not self._cached(keys):
            self._admit()
        found = [self._look_up(key, text) for key, text in zip(keys, texts, strict=True)]
        if any(isinstance(f, _Slot) for f in found):
            self._encode_if_idle()
        return np.stack([f.result() if isinstance(f, _Slot) else f for f in found])

    def close(self) -> None:
        """Fail who waits, end the thread, close the inner encoder. Calling it again is harmless."""
        with self._lock:
            self._closed = True
            waiting = [*self._questions, *self._statements]
            self._questions.clear()
            self._statements.clear()
            self._finish(waiting, _closed())
            self._work.notify_all()
            self._room.notify_all()
            while self._busy:
                self._room.wait()
            thread = self._thread
        if thread is not None:
            thread.join()
        self._inner.close()

    def _cached(self, keys: Sequence[_Key]) -> bool:
        with self._lock:
            return all(self._cache.get(key) is not None for key in keys)

    def _look_up(self, key: _Key, text: str) -> _Slot | _Vector:
        """The cached vector, or the slot that will hold it; waits while the queue is full."""
        with self._lock:
            while not self._closed:
                vector = self._cache.get(key)
                if vector is not None:
                    return vector
                slot = self._in_flight.get(key)
                if slot is not None:
                    return slot
                if self._waiting() < self._queue_size:
                    return self._enqueue(key, text)
                self._wake()
                self._room.wait()
        raise _closed()

    def _enqueue(self, key: _Key, text: str) -> _Slot:
        slot = _Slot(key, text)
        self._in_flight[key] = slot
        (self._questions if key[0] else self._statements).append(slot)
        return slot

    def _encode_if_idle(self) -> None:
        with self._lock:
            batch = [] if self._busy else self._take()
        if batch:
            self._encode(batch)

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._closed and (self._busy or not self._waiting()):
                    self._work.wait()
                if self._closed:
                    return
                batch = self._take()
            self._encode(batch)

    def _encode(self, batch: list[_Slot]) -> None:
        started = self._clock.monotonic()
        rows: list[_Vector] = []
        error: Exception | None = ModelUnavailableError("the encoder was interrupted")
        try:
            with shared_by(joined([(slot.payers, len(slot.text)) for slot in batch])):
                vectors = self._inner.embed([s.text for s in batch], query=batch[0].key[0])
            # Copies, so that no cached row keeps its whole batch in memory.
            rows = [np.array(vector, dtype=np.float32) for vector in vectors]
            error = None if len(rows) == len(batch) else _miscounted()
        except Exception as failure:  # noqa: BLE001 - task edge: every caller who waits gets it
            error = failure
        finally:
            with self._lock:
                self._settle(batch, rows, error)
        took_ms = round((self._clock.monotonic() - started) * 1000, 3)
        _LOG.debug("texts encoded", extra={"texts": len(batch), "took_ms": took_ms})

    # The methods below are called with the lock held.

    def _waiting(self) -> int:
        return len(self._questions) + len(self._statements)

    def _take(self) -> list[_Slot]:
        """The next batch, questions first and never mixed; whoever takes one must encode it."""
        queue = self._questions or self._statements
        batch = [queue.popleft() for _ in range(min(len(queue), self._batch_size))]
        self._busy = bool(batch)
        self._room.notify_all()
        return batch

    def _settle(self, batch: list[_Slot], rows: list[_Vector], error: Exception | None) -> None:
        if error is None:
            for slot, vector in zip(batch, rows, strict=True):
                slot.vector = vector
                self._cache.put(slot.key, vector)
        self._finish(batch, error)
        self._busy = False
        self._room.notify_all()
        if self._waiting():
            self._wake()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="memos-embedder", daemon=True)
            self._thread.start()
        self._work.notify()

    def _finish(self, slots: Sequence[_Slot], error: Exception | None) -> None:
        for slot in slots:
            slot.error = error
            del self._in_flight[slot.key]
            slot.done.set()


def _key(text: str, query: bool) -> _Key:
    return query, hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _closed() -> ModelUnavailableError:
    return ModelUnavailableError("the encoder is closed")


def _miscounted() -> ModelReplyError:
    return ModelReplyError("the encoder answered with the wrong number of vectors")
