"""Laws of the chunker: nothing of a document is lost, offsets are right, chunks are small."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from memos.chunkers.structure import SEPARATOR, ChunkOptions, StructureChunker
from memos.types.document import Block, BlockKind, Document
from memos.types.language import count_tokens

ENGLISH = st.lists(
    st.sampled_from(
        ["tea", "costs", "four", "euros.", "Mei", "said", "so,", "twice;", "not", "3.5!", "why?"]
    )
)
CHINESE = st.text("茶叶的价格是四元。小梅说过，两次；为什么？\n", max_size=60)
WILD = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80)
TEXT = st.one_of(ENGLISH.map(" ".join), CHINESE, WILD, st.just("x" * 300)).map(str.strip)
KINDS = st.sampled_from([k for k in BlockKind if k is not BlockKind.TABLE])


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    cell = st.sampled_from(["city", "上海", "140 euros", "", "with \\| bar"])
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=60))
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return Block(BlockKind.TABLE, "\n".join(lines))


@st.composite
def plain_blocks(draw):
    kind = draw(KINDS)
    text = " ".join(draw(st.lists(TEXT, min_size=1, max_size=12))).strip()
    level = draw(st.integers(1, 6)) if kind is BlockKind.HEADING else 0
    return Block(kind, text, level, draw(st.one_of(st.none(), st.integers(1, 9))))


BLOCKS = st.lists(
    st.one_of(plain_blocks(), tables()).filter(lambda b: any(c.isalnum() for c in b.text)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(BLOCKS, st.sampled_from([ChunkOptions(), ChunkOptions(32, 64, 8), ChunkOptions(1, 1, 0)]))
def test_every_character_is_in_a_chunk_and_offsets_are_right(blocks, options):
    document = Document(tuple(blocks))
    text = SEPARATOR.join(block.text for block in blocks)
    chunks = StructureChunker(options).chunk(document)
    covered = bytearray(len(text))
    for chunk in chunks:
        # A part of a table repeats the header in front; the rest is the document's own text.
        assert chunk.text.endswith(text[chunk.start : chunk.end])
        assert chunk.text.strip()
        covered[chunk.start : chunk.end] = b"\x01" * (chunk.end - chunk.start)
    left = "".join(c for c, seen in zip(text, covered, strict=True) if not seen)
    assert not left.strip()
    assert [c.start for c in chunks] == sorted(c.start for c in chunks)


@settings(max_examples=100, deadline=None)
@given(BLOCKS)
def test_chunks_are_within_the_limit_but_for_whole_tables_and_headings(blocks):
    options = ChunkOptions(64, 256, 10)
    for chunk in StructureChunker(options).chunk(Document(tuple(blocks))):
        if "| --- |" in chunk.text:
            # A whole table, its heading, or header lines in front of one row.
            assert count_tokens(chunk.text) <= 256 + 64 + 64
        else:
            # A heading may come before a block that fills a chunk alone.
            assert count_tokens(chunk.text) <= 2 * 64


@settings(max_examples=100, deadline=None)
@given(BLOCKS)
def test_titles_are_the_headings_above_and_chunks_repeat_exactly(blocks):
    document = Document(tuple(blocks))
    chunks = StructureChunker().chunk(document)
    headings = {b.text for b in blocks if b.kind is BlockKind.HEADING}
    assert all(title in headings for c in chunks for title in c.titles)
    assert chunks == StructureChunker().chunk(document)
    assert all(re.search(r"\S", c.text) for c in chunks)
