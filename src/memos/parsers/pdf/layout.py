"""Which lines of a PDF make a paragraph, a heading, a list, a table."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from memos.parsers import block
from memos.parsers.pdf.grid import read_table
from memos.parsers.pdf.line import HYPHENS, Line
from memos.types.document import Block, BlockKind
from memos.types.language import CJK

_LARGER = 1.12
"""A heading is drawn at least so much larger than the body, or bold."""
_HEADING_CHARACTERS = 120
_BOLD_CHARACTERS = 80
_PITCH = 1.7
"""Lines of one paragraph stand at most so many font sizes apart, foot to foot."""
_SHORT = 0.85
_MARK = re.compile(
    r"([•●▪■◦‣·\uf0b7\uf0a7*–-]|\d{1,3}[.)、]|[(（][\da-z]{1,2}[)）]|[a-z][.)])\s+(?=\S)"
)
_BULLET = re.compile(r"[•●▪■◦‣·\uf0b7\uf0a7*–-]\s+")
_WORDLESS_BULLETS = re.compile(r"[•●▪■◦‣\x7f\uf0b7\uf0a7]$")
_NUMBERED = re.compile(
    r"(\d+(\.\d+)*|[A-Z]|[IVX]+)[.)]?\s|第.{1,4}[章节条]|[一二三四五六七八九十]+、"
)
_CLOSED = re.compile(r"[.!?。！？:：;；]['\"”’)）]*$")
_NOT_HEADING = re.compile(r"[,，;；.。]$")
_WIDE = re.compile(f"[{CJK}\u3000-\u303f\uff00-\uffef]")


class Layout:
    """The lines of a whole document, in reading order."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = [_marked(line) for line in lines]
        sizes: Counter[float] = Counter()
        for line in self._lines:
            sizes[line.size] += len(line.text)
        self._body = sizes.most_common(1)[0][0] if sizes else 0.0
        larger = {
            line.size for line in self._lines if line.size >= self._body * _LARGER and _short(line)
        }
        self._levels = {size: n for n, size in enumerate(sorted(larger, reverse=True), 1)}

    def blocks(self) -> Iterator[Block | None]:
        """Blocks in reading order."""
        index = 0
        while index < len(self._lines):
            found = read_table(self._lines, index)
            if found is not None:
                rows, index = found
                yield block.table(rows.cells, rows.page)
                continue
            end = self._end(index)
            yield self._block(self._lines[index:end])
            index = end

    def _end(self, start: int) -> int:
        """One past the last line of the block that begins at a line."""
        level = self._level(self._lines[start])
        end = start + 1
        while end < len(self._lines) and self._joins(start, end, level):
            if read_table(self._lines, end) is not None:
                break
            end += 1
        return end

    def _joins(self, start: int, end: int, level: int) -> bool:
        """Whether a line belongs to the block of the lines from `start` to before it."""
        first, last, following = self._lines[start], self._lines[end - 1], self._lines[end]
        if self._level(following) != level or following.size != last.size:
            return False
        if level:
            return _is_one_heading(last, following)
        is_item = bool(_MARK.match(following.text))
        in_list = bool(_MARK.match(first.text))
        if is_item:
            return in_list and _within_reach(last, following)
        if in_list and following.left < first.left - last.size / 2:
            return False
        if following.page != last.page:
            return not _CLOSED.search(last.text)
        if not _near(last, following):
            return _next_column(last, following) and not _CLOSED.search(last.text)
        return not _ends_paragraph(self._lines[start:end], following)

    def _level(self, line: Line) -> int:
        """Level of a heading line; 0 for any other."""
        if not any(c.isalpha() for c in line.text) or len(line.pieces) > 2:
            return 0
        level = self._levels.get(line.size, 0)
        if level and _short(line):
            return level
        bold = line.is_bold and len(line.text) <= _BOLD_CHARACTERS
        if bold and line.size >= self._body and not _NOT_HEADING.search(line.text):
            return len(self._levels) + 1
        return 0

    def _block(self, lines: Sequence[Line]) -> Block:
        page, level = lines[0].page, self._level(lines[0])
        if level:
            return block.heading(joined(lines), level, page)
        if _MARK.match(lines[0].text):
            return Block(BlockKind.LIST, "\n".join(_items(lines)), page=page)
        return block.paragraph(joined(lines), page)


def joined(lines: Sequence[Line]) -> str:
    """Lines as running text: hyphens at line ends undone, no space between Chinese characters."""
    text = ""
    for line in lines:
        piece = line.text
        if text and text[-1] in HYPHENS:
            text = text[:-1] + piece
        elif text and not (_WIDE.match(text[-1]) and _WIDE.match(piece[:1])):
            text += " " + piece
        else:
            text += piece
    return text.translate({ord(mark): None for mark in HYPHENS}).strip()


def _items(lines: Sequence[Line]) -> Iterator[str]:
    item: list[Line] = []
    for line in lines:
        if item and _MARK.match(line.text):
            yield _BULLET.sub("- ", joined(item), count=1)
            item = []
        item.append(line)
    yield _BULLET.sub("- ", joined(item), count=1)


def _marked(line: Line) -> Line:
    """The line, a bullet that stands apart from its item joined to it."""
    pieces = line.pieces
    first = pieces[0].text
    if len(pieces) < 2 or not (_WORDLESS_BULLETS.match(first) or _MARK.fullmatch(first + " x"[:1])):
        return line
    mark = "•" if _WORDLESS_BULLETS.match(first) else first
    joint = replace(pieces[1], text=f"{mark} {pieces[1].text}", left=pieces[0].left)
    return replace(line, pieces=(joint, *pieces[2:]))


def _short(line: Line) -> bool:
    return len(line.text) <= _HEADING_CHARACTERS


def _near(last: Line, following: Line) -> bool:
    """Whether a line stands directly below another."""
    fall = last.bottom - following.bottom
    return 0 < fall <= _PITCH * max(last.size, following.size, 1.0) and following.left <= last.right


def _is_one_heading(last: Line, following: Line) -> bool:
    """Whether two heading lines are one: below each other, both flush or both centred."""
    if following.page != last.page or not _near(last, following):
        return False
    if _NUMBERED.match(following.text):
        return False
    centres = (last.left + last.right) / 2, (following.left + following.right) / 2
    return abs(last.left - following.left) < last.size or abs(centres[0] - centres[1]) < last.size


def _within_reach(last: Line, following: Line) -> bool:
    fall = last.bottom - following.bottom
    return following.page != last.page or 0 < fall <= 2 * _PITCH * max(last.size, 1.0)


def _next_column(last: Line, following: Line) -> bool:
    return following.bottom > last.top and following.left > last.right


def _ends_paragraph(lines: Sequence[Line], following: Line) -> bool:
    """Whether the last line closes its paragraph: short, with an end mark; or the next is indented."""
    last = lines[-1]
    width = max(line.right for line in lines) - min(line.left for line in lines)
    reach = max(width, following.right - following.left)
    short = last.right - last.left < reach * _SHORT
    if short and _CLOSED.search(last.text):
        return True
    indent = following.left - last.left
    return (
        len(lines) > 1 and last.size <= indent <= 4 * last.size and bool(_CLOSED.search(last.text))
    )
