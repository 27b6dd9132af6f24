"""How a document is cut."""

import itertools

from memos.chunkers.structure import ChunkOptions, StructureChunker, embedding_text
from memos.types.document import Block, BlockKind, Chunk, Document
from memos.types.language import count_tokens


def heading(text, level=1):
    return Block(BlockKind.HEADING, text, level)


def paragraph(text, page=None):
    return Block(BlockKind.PARAGRAPH, text, page=page)


def cut(*blocks, options=None):
    return StructureChunker(options).chunk(Document(blocks))


def test_a_chunk_carries_the_headings_above_it():
    chunks = cut(
        heading("Policy"),
        heading("Hotels", 2),
        paragraph("At most 140 euros.", 3),
        heading("Trains", 2),
        paragraph("Second class.", 4),
    )
    assert [(c.titles, c.page) for c in chunks] == [
        (("Policy", "Hotels"), None),
        (("Policy", "Trains"), None),
    ]
    assert "At most 140 euros." in chunks[0].text
    assert "Hotels" in chunks[0].text


def test_small_blocks_of_one_section_share_a_chunk():
    assert len(cut(heading("A"), paragraph("One."), paragraph("Two."), paragraph("Three."))) == 1


def test_long_text_is_cut_between_sentences_and_overlaps():
    sentences = [f"Sentence number {n} says that tea costs {n} euros." for n in range(60)]
    chunks = cut(paragraph(" ".join(sentences)), options=ChunkOptions(100, 400, 20))
    assert len(chunks) > 5
    assert all(c.text.startswith("Sentence number") and c.text.endswith(".") for c in chunks)
    assert all(a.end > b.start for a, b in itertools.pairwise(chunks))
    assert all(count_tokens(c.text) <= 100 for c in chunks)


def test_chinese_is_cut_between_sentences():
    text = "".join(f"第{n}条规定差旅费的限额为{n}元。" for n in range(80))
    chunks = cut(paragraph(text), options=ChunkOptions(60, 60, 15))
    assert len(chunks) > 10
    assert all(c.text.startswith("第") and c.text.endswith("。") for c in chunks)


def test_a_table_stays_whole_up_to_its_own_limit():
    rows = "\n".join(f"| city {n} | {n} euros |" for n in range(60))
    table = Block(BlockKind.TABLE, f"| City | Limit |\n| --- | --- |\n{rows}")
    assert count_tokens(table.text) > 256
    (chunk,) = cut(heading("Limits"), table)
    assert table.text in chunk.text


def test_parts_of_a_large_table_repeat_its_header():
    rows = "\n".join(f"| city {n} | {n} euros |" for n in range(500))
    chunks = cut(Block(BlockKind.TABLE, f"| City | Limit |\n| --- | --- |\n{rows}"))
    assert len(chunks) > 5
    assert all(c.text.startswith("| City | Limit |\n| --- | --- |\n| city") for c in chunks)
    assert all(count_tokens(c.text) <= 256 for c in chunks)


def test_a_word_longer_than_a_chunk_is_cut_anywhere():
    chunks = cut(paragraph("x" * 5000), options=ChunkOptions(64, 64, 0))
    assert "".join(c.text for c in chunks) == "x" * 5000


def test_a_heading_without_text_goes_with_what_follows():
    chunks = cut(heading("Part"), heading("Chapter", 2), paragraph("Words."))
    assert [c.text for c in chunks] == ["Part\n\nChapter\n\nWords."]


def test_the_embedded_text_says_where_the_chunk_stands():
    chunk = Chunk("At most 140 euros.", titles=("Policy", "Hotels"))
    assert embedding_text(chunk, "Travel") == "Travel > Policy > Hotels\nAt most 140 euros."
    assert embedding_text(Chunk("Policy\n\nWords", titles=("Policy",))) == "Policy\n\nWords"
