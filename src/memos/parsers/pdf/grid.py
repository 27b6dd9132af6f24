"""Tables of a PDF: neighbouring lines whose pieces stand in common columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from memos.parsers.pdf.line import Line, Piece

_FEWEST_ROWS = 2
_ROW_PITCH = 4.0
"""Rows stand at most so many font sizes apart, foot to foot."""
_MOST_WORDS = 14
"""Cells are short: two columns of running text beside each other are no table."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Cells of a table, row by row, and the page it begins on."""

    cells: list[list[str]]
    page: int


def read_table(lines: Sequence[Line], start: int) -> tuple[Rows, int] | None:
    """The table that begins at a line, and one past its last line; None when there is none."""
    first = lines[start]
    if len(first.pieces) < 2:
        return None
    columns = [(piece.left, piece.right) for piece in first.pieces]
    rows: list[list[str]] = [[piece.text for piece in first.pieces]]
    end = start + 1
    full = 1
    while end < len(lines):
        line, last = lines[end], lines[end - 1]
        places = _places(line, columns) if _follows(last, line) else None
        if places is None or (len(line.pieces) < 2 and not _fills_cell(line, places, end, lines)):
            break
        full += len(line.pieces) > 1
        _add(rows, line, places, continues=_continues(last, line, places))
        for place, piece in zip(places, line.pieces, strict=True):
            left, right = columns[place]
            columns[place] = (min(left, piece.left), max(right, piece.right))
        end += 1
    if full < _FEWEST_ROWS or _is_prose(rows):
        return None
    return Rows(rows, first.page), end


def _follows(last: Line, line: Line) -> bool:
    if line.page != last.page:
        return False
    fall = last.bottom - line.bottom
    return 0 < fall <= _ROW_PITCH * max(last.size, line.size, 1.0)


def _places(line: Line, columns: Sequence[tuple[float, float]]) -> list[int] | None:
    """The column of each piece; None when a piece stands in none, or two in one."""
    places: list[int] = []
    for piece in line.pieces:
        place = _place(piece, columns, line.size)
        if place is None or place in places:
            return None
        places.append(place)
    return places


def _place(piece: Piece, columns: Sequence[tuple[float, float]], size: float) -> int | None:
    touched = [
        n for n, (left, right) in enumerate(columns) if piece.left < right and piece.right > left
    ]
    if len(touched) == 1:
        return touched[0]
    if touched:
        return None
    near = [n for n, (left, right) in enumerate(columns) if _distance(piece, left, right) < size]
    return near[0] if len(near) == 1 else None


def _distance(piece: Piece, left: float, right: float) -> float:
    return min(abs(piece.left - left), abs(piece.right - right))


def _continues(last: Line, line: Line, places: Sequence[int]) -> bool:
    """Whether a line carries on cells of the row above: close below it, without its first cell."""
    fall = last.bottom - line.bottom
    return fall <= 1.35 * max(line.size, 1.0) and 0 not in places


def _fills_cell(line: Line, places: Sequence[int], index: int, lines: Sequence[Line]) -> bool:
    """Whether a line with one piece is part of the table: a wrapped cell, or a row between rows."""
    if _continues(lines[index - 1], line, places):
        return True
    following = lines[index + 1] if index + 1 < len(lines) else None
    return following is not None and len(following.pieces) > 1 and _follows(line, following)


def _add(rows: list[list[str]], line: Line, places: Sequence[int], *, continues: bool) -> None:
    if not continues:
        rows.append([""] * len(rows[0]))
    row = rows[-1]
    for place, piece in zip(places, line.pieces, strict=True):
        row[place] = f"{row[place]} {piece.text}".strip()


def _is_prose(rows: Sequence[Sequence[str]]) -> bool:
    cells = [cell for row in rows for cell in row if cell]
    long = sum(len(cell.split()) > _MOST_WORDS or len(cell) > 12 * _MOST_WORDS for cell in cells)
    return long * 2 > len(cells)
