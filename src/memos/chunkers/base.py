"""Port of a chunker."""

from collections.abc import Sequence
from typing import Protocol

from memos.types.document import Chunk, Document


class Chunker(Protocol):
    """Cuts documents. Pure: the same document gives the same chunks."""

    def chunk(self, document: Document) -> Sequence[Chunk]:
        """Chunks in reading order; every block's words are in at least one of them."""
        ...
