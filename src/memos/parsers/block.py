"""Small makers of blocks, shared by the readers of all formats."""

import re
from collections.abc import Iterable, Sequence

from memos.errors import DocumentError, DocumentTooLargeError
from memos.types.document import Block, BlockKind, Document

_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
MAX_LEVEL = 6
_MOST_CELLS = 5_000_000


def paragraph(text: str, page: int | None = None) -> Block:
    """A paragraph."""
    return Block(BlockKind.PARAGRAPH, text.strip(), page=page)


def heading(text: str, level: int, page: int | None = None) -> Block:
    """A heading, on one line."""
    return Block(BlockKind.HEADING, " ".join(text.split()), min(max(level, 1), MAX_LEVEL), page)


def table(rows: Iterable[Sequence[str]], page: int | None = None) -> Block | None:
    """A table as Markdown, its first row as header; None when it has no words.

    Cells are put on one line each, bars in them escaped, rows filled up to the same width.

    Raises:
        DocumentError: it has millions of cells.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    if not cells:
        return None
    width = max(len(row) for row in cells)
    if width * len(cells) > _MOST_CELLS:
        raise DocumentTooLargeError("the file holds a table too large to be read")
    lines = ["| " + " | ".join(row + [""] * (width - len(row))) + " |" for row in cells]
    lines.insert(1, "|" + " --- |" * width)
    return Block(BlockKind.TABLE, "\n".join(lines), page=page)


def document(
    blocks: Iterable[Block | None],
    title: str = "",
    pages: int | None = None,
    scanned: Sequence[int] = (),
) -> Document:
    """A document of the blocks that hold words.

    Args:
        blocks: blocks in reading order; None and blank ones are left out.
        title: title of its metadata; its first heading when empty.
        pages: number of pages, where there are any.
        scanned: pages that are pictures whose text was not read.

    Raises:
        DocumentError: no block holds a word, and no page is a picture that may hold some.
    """
    kept = tuple(b for b in blocks if b is not None and any(c.isalnum() for c in b.text))
    if not kept and not scanned:
        raise DocumentError("the file holds no text")
    title = " ".join(title.split())
    if not title:
        first = next((b for b in kept if b.kind is BlockKind.HEADING), None)
        title = first.text if first else ""
    return Document(kept, title, pages, tuple(scanned))


def _cell(text: str) -> str:
    flat = " ".join(part for line in text.splitlines() if (part := _SPACES.sub(" ", line).strip()))
    return flat.replace("|", "\\|")
