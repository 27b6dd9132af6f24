"""Base64 as clients send it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.errors import DocumentError
from memos.parsers.inline import decode_inline


@given(st.binary(min_size=1), st.booleans(), st.booleans(), st.booleans())
def test_every_usual_spelling_is_read(data, safe, padded, wrapped):
    text = (base64.urlsafe_b64encode if safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    text = "\n".join(text[n : n + 76] for n in range(0, len(text), 76)) if wrapped else text
    assert decode_inline(text).data == data
    found = decode_inline(f"data:Text/Plain;charset=utf-8;base64,{text}")
    assert (found.data, found.media_type) == (data, "text/plain")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("QUJD!", 40008), ("中文", 40008), ("QUJDRA=", 40009), ("QQ===", 40009), ("A", 40009),
        ("", 40009), ("====", 40009), ("QU=JD", 40009), ("data:text/plain,hello", 40009),
        ("data:text/plain;base64", 40009), ("data:;base64,", 40009),
        ("data:text/plain;base64,QUJD$", 40008), ("https://example.com", 40008),
    ],
)  # fmt: skip
def test_what_is_not_base64_has_the_documented_code(text, code):
    with pytest.raises(DocumentError) as caught:
        decode_inline(text)
    assert caught.value.code == code


def test_the_size_is_known_before_decoding():
    with pytest.raises(DocumentError) as caught:
        decode_inline("A" * 2_000_000, most=2**20)
    assert caught.value.code == 50104
