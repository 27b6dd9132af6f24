"""Cuts a document along its structure: by headings, then blocks, then sentences, then words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memos.types.document import Block, BlockKind, Chunk, Document
from memos.types.language import count_tokens

SEPARATOR = "\n\n"
"""What stands between two blocks in a document's text; offsets of chunks count it."""

_LONGEST_HEADER = 400

_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*\s+|[。！？；…]+[”’」』）]*\s*|\n+")
_WORD_END = re.compile(r"\s+|(?<=[，、,;；：:])")


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """How large chunks are.

    Args:
        tokens: aim of one chunk (`count_tokens`): what the encoder reads without loss.
        table_tokens: a table up to this size stays whole.
        overlap: most tokens of the sentence before that a chunk of running text repeats.
    """

    tokens: int = 256
    table_tokens: int = 1024
    overlap: int = 40


@dataclass(frozen=True, slots=True)
class _Placed:
    """A block, or a part of one, with its place in the document's text."""

    block: Block
    start: int
    end: int
    text: str
    tokens: int


class StructureChunker:
    """Cuts documents. Pure: the same document gives the same chunks.

    A chunk never crosses a heading. Blocks are kept whole where they fit; a longer one is cut
    between sentences (rows of a table, lines of a list or code). A part of running text repeats the
    end of the one before; a part of a table repeats its header, which its offsets leave out. A heading goes with what stands below it: into `titles`, and into the text of the
    first chunk; a heading with nothing below it is part of the next chunk.

    Args:
        options: see `ChunkOptions`.
    """

    def __init__(self, options: ChunkOptions | None = None) -> None:
        self._options = options or ChunkOptions()

    def chunk(self, document: Document) -> Sequence[Chunk]:
        """Chunks in reading order; every block's words are in at least one of them."""
        text = SEPARATOR.join(block.text for block in document.blocks)
        return [
            Chunk(
                text=_header(group[0]) + text[group[0].start : group[-1].end],
                titles=titles,
                page=group[0].block.page,
                start=group[0].start,
                end=group[-1].end,
            )
            for titles, group in self._groups(document)
        ]

    def _groups(self, document: Document) -> Iterator[tuple[tuple[str, ...], list[_Placed]]]:
        """Neighbouring blocks that make one chunk, with the headings above them."""
        path: list[tuple[int, str]] = []
        group: list[_Placed] = []
        titles: tuple[str, ...] = ()
        for placed in _placed(document.blocks):
            if placed.block.kind is BlockKind.HEADING:
                if any(p.block.kind is not BlockKind.HEADING for p in group):
                    yield titles, group
                    group = []
                path = [(n, t) for n, t in path if n < placed.block.level]
                path.append((placed.block.level, placed.block.text))
                titles = tuple(t for _, t in path)
            for part in self._parts(placed):
                if group and not self._fits(group, part):
                    yield titles, group
                    group = self._overlap(group[-1], part)
                group.append(part)
        if group:
            yield titles, group

    def _fits(self, group: Sequence[_Placed], part: _Placed) -> bool:
        if all(p.block.kind is BlockKind.HEADING for p in group):
            # A heading is never left alone, unless headings alone fill a chunk.
            return sum(p.tokens for p in group) < self._options.tokens
        repeated = count_tokens(_header(group[0]))
        return repeated + sum(p.tokens for p in group) + part.tokens <= self._options.tokens

    def _overlap(self, last: _Placed, part: _Placed) -> list[_Placed]:
        """The sentence before, repeated, when both belong to one block that was cut."""
        if last.block is not part.block or part.block.kind is not BlockKind.PARAGRAPH:
            return []
        sentence = list(_cut(last, _SENTENCE_END))[-1]
        room = self._options.tokens - part.tokens
        return [sentence] if sentence.tokens <= min(self._options.overlap, room) else []

    def _parts(self, placed: _Placed) -> Iterator[_Placed]:
        """A block whole where it fits, else in parts that do."""
        kind = placed.block.kind
        most = self._options.table_tokens if kind is BlockKind.TABLE else self._options.tokens
        if placed.tokens <= most:
            yield placed
            return
        lines = kind in (BlockKind.TABLE, BlockKind.LIST, BlockKind.CODE)
        for sentence in _cut(placed, re.compile(r"\n+") if lines else _SENTENCE_END):
            if sentence.tokens <= self._options.tokens:
                yield sentence
            else:
                yield from self._words(sentence)

    def _words(self, sentence: _Placed) -> Iterator[_Placed]:
        """A sentence longer than a chunk, between words; a word longer than one, anywhere."""
        size = self._options.tokens
        start, tokens = 0, 0
        for word in _cut(sentence, _WORD_END):
            begin = word.start - sentence.start
            if tokens and tokens + word.tokens > size:
                yield _slice(sentence, start, begin)
                start, tokens = begin, 0
            if word.tokens > size:
                # Every token has at least one character, so this many characters fit.
                for cut in range(begin, word.end - sentence.start, size):
                    yield _slice(sentence, cut, min(cut + size, word.end - sentence.start))
                start, tokens = word.end - sentence.start, 0
                continue
            tokens += word.tokens
        if start < len(sentence.text):
            yield _slice(sentence, start, len(sentence.text))


def _header(placed: _Placed) -> str:
    """What a later part of a table needs before it: the lines with the names of the columns."""
    block = placed.block
    if block.kind is not BlockKind.TABLE or placed.text == block.text:
        return ""
    lines = block.text.split("\n", 2)
    if len(lines) < 3 or placed.text in lines[:2] or len(lines[0]) > _LONGEST_HEADER:
        return ""
    return f"{lines[0]}\n{lines[1]}\n"


def embedding_text(chunk: Chunk, title: str = "") -> str:
    """What of a chunk is embedded: its headings and its words, so that it stands by itself.

    Args:
        chunk: the chunk.
        title: title of the document.
    """
    above = [t for t in dict.fromkeys((title, *chunk.titles)) if t and t not in chunk.text]
    return "\n".join((" > ".join(above), chunk.text)) if above else chunk.text


def _placed(blocks: Sequence[Block]) -> Iterator[_Placed]:
    start = 0
    for block in blocks:
        end = start + len(block.text)
        yield _Placed(block, start, end, block.text, count_tokens(block.text))
        start = end + len(SEPARATOR)


def _cut(placed: _Placed, ends: re.Pattern[str]) -> Iterator[_Placed]:
    """The parts between the ends a pattern finds; each end goes with the part before it."""
    start = 0
    for match in ends.finditer(placed.text):
        if match.end() > start:
            yield _slice(placed, start, match.end())
            start = match.end()
    if start < len(placed.text):
        yield _slice(placed, start, len(placed.text))


def _slice(placed: _Placed, start: int, end: int) -> _Placed:
    """Part of a placed text, blank ends left out."""
    text = placed.text[start:end]
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    first = placed.start + start + lead
    return _Placed(placed.block, first, first + len(text), text, count_tokens(text))
