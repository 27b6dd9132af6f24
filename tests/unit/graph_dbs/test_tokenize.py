"""The words a text is found by."""

import zlib
from concurrent.futures import ThreadPoolExecutor

import hypothesis.strategies as st
import pytest
from hypothesis import given

from memos.graph_dbs.tokenize import hashes, query_hashes, tokenize, tokenize_query


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cats were RUNNING!", ["cat", "run"]),
        ("She went to the dentist's office", ["go", "dentist", "offic"]),
        ("don't can’t rock'n'roll", ["dont", "cant", "rocknrol"]),
        ("ＰＡＲＩＳ ﬁne 2023-05-07", ["pari", "fine", "2023", "05", "07"]),
        ("Café Straße naïve", ["café", "strass", "naïve"]),
        ("Привет мир", ["привет", "мир"]),
        ("snake_case", ["snake", "case"]),
        ("我喜欢 tea", ["喜", "欢", "我喜", "喜欢", "tea"]),
        ("", []),
        ("what is it?", []),
    ],
)
def test_a_text_becomes_these_tokens(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


def test_a_question_is_cut_at_function_characters() -> None:
    assert tokenize_query("小明的工作是什么") == ["小", "明", "小明", "工", "作", "工作"]
    assert "明的" in tokenize("小明的工作")


def test_hashes_are_distinct_ascending_and_counted() -> None:
    found, counts = hashes("tea tea cake")
    assert sorted(found) == list(found)
    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == {
        zlib.crc32(b"tea"): 2,
        zlib.crc32(b"cake"): 1,
    }


@given(st.text())
def test_every_token_of_a_question_without_chinese_is_one_of_the_text(text: str) -> None:
    if not any("\u3400" <= c <= "\u9fff" or "\uf900" <= c <= "\ufaff" for c in text):
        assert tokenize(text) == tokenize_query(text)
    assert set(query_hashes(text)[0].tolist()) <= set(hashes(text)[0].tolist()) | {
        zlib.crc32(c.encode()) for c in tokenize_query(text) if len(c) == 1
    }


def test_threads_share_no_stemmer() -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(tokenize, ["running children walked quickly"] * 200))
    assert all(result == results[0] for result in results)
