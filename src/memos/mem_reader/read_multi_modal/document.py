"""From a document to statements: its chunks."""

from pathlib import Path, PurePosixPath

from memos.chunkers.base import Chunker
from memos.chunkers.structure import embedding_text
from memos.mem_reader.read_multi_modal.finding import Finding, PartStatus, Statement
from memos.parsers.base import ParseLimits, Parser
from memos.types.document import Document
from memos.types.memory import MemoryKind

FILE_TAGS = ("mode:fine", "multimodal:file")
_LONGEST_KEY = 200


class DocumentTeller:
    """Tells what a document says, passage by passage.

    Args:
        parser: reads it.
        chunker: cuts it.
        limits: what it may ask for.
    """

    def __init__(self, parser: Parser, chunker: Chunker, limits: ParseLimits) -> None:
        self._parser = parser
        self._chunker = chunker
        self._limits = limits

    def tell(self, path: Path, name: str) -> Finding:
        """Every passage of a document as a statement.

        Args:
            path: its bytes.
            name: its name, with the ending that tells the format.

        Raises:
            DocumentError: it cannot be read.
        """
        document = self._parser.parse(path, name, self._limits)
        title = document.title or PurePosixPath(name).stem
        statements = []
        for chunk in self._chunker.chunk(document):
            above = " > ".join(t for t in dict.fromkeys((title, *chunk.titles)) if t)
            statements.append(
                Statement(
                    kind=MemoryKind.DOCUMENT,
                    value=chunk.text,
                    words=embedding_text(chunk, title),
                    key=above if len(above) <= _LONGEST_KEY else "…" + above[-_LONGEST_KEY:],
                    tags=FILE_TAGS,
                    start=chunk.start,
                    end=chunk.end,
                    page=chunk.page,
                )
            )
        return Finding(
            PartStatus.READ, _unread(document), statements=tuple(statements), pages=document.pages
        )


def _unread(document: Document) -> str:
    """What is left out of a document that was read; empty when nothing is."""
    count = len(document.scanned)
    if not count:
        return ""
    return f"{count} of its {document.pages} pages are pictures whose text was not read"
