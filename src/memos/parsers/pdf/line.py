"""Lines of a page as drawn: pieces of text, apart where a wide gap parts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

_GAP = 1.0
"""Widest gap inside a piece, in font sizes. Justified words stand up to about 0.8 apart."""
HYPHENS = "\ufffe\x02\u00ad"
"""How PDFium marks a hyphen that parts a word at the end of a line."""


class Glyph(NamedTuple):
    """One character of a page; a tuple, because a book has millions. Coordinates are points from the lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    is_bold: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Text without a wide gap in it."""

    text: str
    left: float
    right: float


@dataclass(frozen=True)
class Line:
    """One line of text.

    Args:
        pieces: from left to right; never empty.
        bottom, top: vertical extent.
        size: font size of most of its characters.
        is_bold: all its characters are bold.
        page: page number from 1.
    """

    pieces: tuple[Piece, ...]
    bottom: float
    top: float
    size: float
    is_bold: bool
    page: int

    @cached_property
    def text(self) -> str:
        """Its words, pieces parted by a space."""
        return " ".join(piece.text for piece in self.pieces)

    @property
    def left(self) -> float:
        """Left end."""
        return self.pieces[0].left

    @property
    def right(self) -> float:
        """Right end."""
        return self.pieces[-1].right


@dataclass(frozen=True, slots=True)
class Rule:
    """A vertical stroke: it parts cells of a table."""

    x: float
    bottom: float
    top: float


def line_of(glyphs: Sequence[Glyph], page: int, rules: Sequence[Rule] = ()) -> Line | None:
    """The line some characters make, in reading order; None when they are blank."""
    inked = [g for g in glyphs if not g.text.isspace()]
    if not inked:
        return None
    middle = (inked[0].bottom + inked[0].top) / 2
    strokes = [rule.x for rule in rules if rule.bottom < middle < rule.top]
    pieces: list[Piece] = []
    run: list[Glyph] = []
    last: Glyph | None = None
    spaced = False
    for glyph in glyphs:
        if glyph.text.isspace():
            spaced = True
        else:
            # PDFium puts a space into every gap.
            if last is not None and (spaced or strokes) and _parts(last, glyph, strokes):
                pieces.append(_piece(run))
                run = []
            last, spaced = glyph, False
        run.append(glyph)
    pieces.append(_piece(run))
    sizes = [round(g.size * 2) / 2 for g in inked]
    return Line(
        pieces=tuple(pieces),
        bottom=min(g.bottom for g in inked),
        top=max(g.top for g in inked),
        size=max(set(sizes), key=sizes.count),
        is_bold=all(g.is_bold for g in inked),
        page=page,
    )


def _parts(last: Glyph, glyph: Glyph, strokes: Sequence[float]) -> bool:
    """Whether a wide gap or a stroke stands between two characters."""
    if glyph.left - last.right > _GAP * max(glyph.size, 1.0):
        return True
    middle = (last.left + last.right) / 2, (glyph.left + glyph.right) / 2
    return any(middle[0] < x < middle[1] for x in strokes)


def _piece(run: list[Glyph]) -> Piece:
    inked = [g for g in run if not g.text.isspace()]
    text = " ".join("".join(g.text for g in run).split())
    return Piece(text, inked[0].left, inked[-1].right)
