"""A parsed document: blocks in reading order, and the chunks that are cut from them."""

from dataclasses import dataclass, field
from enum import Enum


class BlockKind(str, Enum):
    """What a block of a document is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    CODE = "code"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a document.

    Args:
        kind: what it is.
        text: its text; a table is Markdown with its header row.
        level: depth of a heading, from 1; 0 otherwise.
        page: page it begins on, from 1; None where the format has no pages.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document.

    Args:
        blocks: its blocks in reading order; none of them blank.
        title: title from its metadata or first heading; empty when it has none.
        pages: number of pages; None where the format has none.
        scanned: numbers of the pages that are pictures whose text was not read.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    pages: int | None = None
    scanned: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document that becomes one memory.

    Args:
        text: its words, whole blocks where they fit.
        titles: headings above it, outermost first.
        page: page it begins on, from 1; None where the format has no pages.
        start: offset of its first character in the document's text (blocks joined by a blank line).
        end: one past its last character.
    """

    text: str
    titles: tuple[str, ...] = field(default=())
    page: int | None = None
    start: int = 0
    end: int = 0
