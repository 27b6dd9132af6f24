"""Port of a document parser."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from memos.types.document import Document


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What a file may ask of a parser.

    Args:
        pages: most pages.
        expanded_bytes: most bytes of a container once unpacked.
        characters: most characters of text.
        seconds: longest time for one file.
    """

    pages: int = 500
    expanded_bytes: int = 512 * 2**20
    characters: int = 20_000_000
    seconds: float = 300.0


class Parser(Protocol):
    """Reads files of some formats. Safe to call from several threads at once."""

    def parse(self, path: Path, name: str, limits: ParseLimits) -> Document:
        """The file as a document.

        Args:
            path: the file on this machine.
            name: its name as uploaded; the ending tells the format, the content confirms it.
            limits: what it may ask for.

        Raises:
            DocumentError: it is encrypted, broken, empty, too large, or of a format that is not
                read; the message says which and is fit to be shown.
        """
        ...
