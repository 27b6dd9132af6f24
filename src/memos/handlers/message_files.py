"""Payloads of an add's parts: into the file store, so that no record holds them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from memos.mem_reader.read_multi_modal.part import stored, take_out
from memos.records.base import NewMessage
from memos.records.files import FileStore
from memos.types.message import is_attachment

MOST_BYTES = 100 * 2**20
"""Documented limit of one file."""


def has_attachments(message: NewMessage) -> bool:
    """Whether a message holds more than text."""
    return any(is_attachment(part) for part in message.parts)


class MessageFiles:
    """Stores what comes inside messages.

    Args:
        files: where it goes.
        most_bytes: most bytes of one file.
    """

    def __init__(self, files: FileStore, most_bytes: int = MOST_BYTES) -> None:
        self._files = files
        self._most = most_bytes

    @contextmanager
    def kept(self, messages: Sequence[NewMessage]) -> Iterator[list[NewMessage]]:
        """The messages with digests in place of payloads; accept them before the block ends.

        Until then the file store is held: nobody names the content yet, and it must not be swept.
        """
        if not any(map(has_attachments, messages)):
            yield list(messages)
            return
        with self._files.hold():
            yield [self._message(message) for message in messages]

    def _message(self, message: NewMessage) -> NewMessage:
        parts: list[dict[str, Any]] = []
        digests: list[str] = []
        for part in message.parts:
            if not is_attachment(part):
                parts.append(part)
                continue
            taken = take_out(part, self._most)
            if taken.data is None:
                parts.append(taken.part)
                continue
            digest = self._files.put(taken.data)
            digests.append(digest)
            parts.append(stored(taken.part, digest))
        return replace(message, parts=tuple(parts), digests=tuple(digests))
