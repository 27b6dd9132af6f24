"""Stops loops: a caller that sends the same content again and again, as broken agents do."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable

from memos.errors import QuotaExceededError
from memos.types.clock import Clock

_WINDOW_S = 600.0
_MOST_KEPT = 20_000
_FEEDBACK_SHARE = 5
"""Feedback changes what is remembered, so its loops are stopped after fewer rounds."""


class LoopBreaker:
    """Counts equal contents within ten minutes. Safe to use from several threads.

    Args:
        clock: time.
        most: equal adds of one subject that are let through in ten minutes; a fifth of that for
            feedback, at least three; 0 switches it off.
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._seen: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def add(self, subject: str, conversation: str | None, texts: Iterable[str]) -> None:
        """Note an add.

        Args:
            subject: uid of whose it is.
            conversation: where it was said.
            texts: role and text of every message.

        Raises:
            QuotaExceededError: 40300, it looks like a loop.
        """
        self._note(("add", subject, conversation or "", *texts), self._most)

    def feedback(self, subject: str, content: str) -> None:
        """Note a feedback. Raises as `add`."""
        most = max(3, self._most // _FEEDBACK_SHARE) if self._most else 0
        self._note(("feedback", subject, content), most)

    def _note(self, parts: tuple[str, ...], most: int) -> None:
        if not most:
            return
        whole = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        key = hashlib.sha256(whole).digest()
        now = self._clock.monotonic()
        with self._lock:
            count, until = self._seen.pop(key, (0, 0.0))
            if now >= until:
                count, until = 0, now + _WINDOW_S
            self._seen[key] = (count + 1, until)
            if len(self._seen) > _MOST_KEPT:
                self._seen.popitem(last=False)
        if count >= most:
            raise QuotaExceededError(
                f"the same {parts[0]} came more than {most} times within ten minutes, which looks"
                " like a loop; mend the caller, or wait (MEMOS_LOOP_REPEATS sets the number)",
                code=40300,
            )
