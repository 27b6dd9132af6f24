"""Lets adds of a subject run side by side, and an erasure run alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SubjectGate:
    """A shared/exclusive lock per subject, within this process.

    Writers that add hold it shared while they write; an erasure holds it alone, so nothing that was
    read before the erasure is written after it. Waiting erasures go first.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._shared: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._exclusive: set[str] = set()

    @contextmanager
    def shared(self, subject: str) -> Iterator[None]:
        """Hold a subject together with other adds."""
        with self._changed:
            self._changed.wait_for(
                lambda: subject not in self._exclusive and subject not in self._waiting
            )
            self._shared[subject] = self._shared.get(subject, 0) + 1
        try:
            yield
        finally:
            with self._changed:
                self._lower(self._shared, subject)
                self._changed.notify_all()

    @contextmanager
    def exclusive(self, subject: str) -> Iterator[None]:
        """Hold a subject alone. Not reentrant."""
        with self._changed:
            self._waiting[subject] = self._waiting.get(subject, 0) + 1
            self._changed.wait_for(
                lambda: subject not in self._exclusive and subject not in self._shared
            )
            self._lower(self._waiting, subject)
            self._exclusive.add(subject)
        try:
            yield
        finally:
            with self._changed:
                self._exclusive.discard(subject)
                self._changed.notify_all()

    @staticmethod
    def _lower(counts: dict[str, int], subject: str) -> None:
        counts[subject] -= 1
        if not counts[subject]:
            del counts[subject]
