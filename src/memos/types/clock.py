"""Time and identity as things that are handed in, so that tests own them."""

import time
import uuid
from typing import Protocol


class Clock(Protocol):
    """Source of the current time."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...


class IdSource(Protocol):
    """Source of new identifiers."""

    def new_id(self) -> str:
        """A fresh UUID text."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        return time.monotonic()


class RandomIds:
    """Random UUIDs (version 4)."""

    def new_id(self) -> str:
        """A fresh UUID text."""
        return str(uuid.UUID(bytes=uuid.uuid4().bytes))  # noqa: TID251 - the one place ids are made


def derived_id(*parts: object) -> str:
    """UUID that is the same for the same parts, so that repeating a task rewrites, never doubles."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts)))


_NAMESPACE = uuid.UUID("6f1d4a0e-7f0b-4c39-9a51-2f6f0c1b8e57")
