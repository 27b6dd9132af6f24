"""What is a secret and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.types.secret import MASK, find_secrets, masked, masked_json


@pytest.mark.parametrize(
    ("text", "kind", "secret"),
    [
        ("My password is hunter2.", "password", "hunter2"),
        ("the password for my router is Tr0ub4dor&3, ok?", "password", "Tr0ub4dor&3"),
        ("WiFi password: sunshine99", "password", "sunshine99"),
        ("The pin is 4321.", "password", "4321"),
        ("api_key=abcd1234efgh", "password", "abcd1234efgh"),
        ("https://bob:s3cret@host/x", "password", "s3cret"),
        ("我的密码是abc123，别忘了", "password", "abc123"),
        ("口令：open-sesame1", "password", "open-sesame1"),
        ("pay with 4111-1111-1111-1111", "card number", "4111-1111-1111-1111"),
        ("amex 378282246310005", "card number", "378282246310005"),
        ("AKIAIOSFODNN7EXAMPLE", "key", "AKIAIOSFODNN7EXAMPLE"),
        ("use ghp_" + "a1B2" * 9, "key", "ghp_" + "a1B2" * 9),
        ("sk-proj-abcdEFGH1234567890xyz", "key", "sk-proj-abcdEFGH1234567890xyz"),
        ("身份证号是11010519491231002X", "identity number", "11010519491231002X"),
        ("SSN 123-45-6789", "identity number", "123-45-6789"),
        ("my passport number is E12345678", "identity number", "E12345678"),
    ],
)
def test_a_secret_is_found_where_it_stands(text: str, kind: str, secret: str) -> None:
    found = find_secrets(text)
    assert [(s.kind, text[s.start : s.end]) for s in found] == [(kind, secret)]
    assert masked(text) == text.replace(secret, MASK * len(secret))


@pytest.mark.parametrize(
    "text",
    [
        "My password is strong and long.",
        "Her pin is on the table.",
        "I lost my token yesterday.",
        "The password was easy to guess.",
        "My locker code is violet seven.",
        "我的储物柜密码是紫罗兰七号。",
        "my order number is 1234567890123",
        "my phone is 13800138000",
        "2025-12-10 09:44:00",
        "The rent is 1200 euros for 3 rooms in 10115 Berlin.",
        "订单号是202512100944001234",
    ],
)
def test_what_only_looks_like_one_is_left(text: str) -> None:
    assert masked(text) == text


def test_a_private_key_is_masked_whole_even_when_it_is_cut_off() -> None:
    for text in (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIB\nabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nMIIB\nabc",
    ):
        assert "MIIB" not in masked(text)


def test_texts_inside_json_are_masked_and_pictures_are_not_searched() -> None:
    picture = "data:image/png;base64,sk-proj-abcdEFGH1234567890xyz"
    value = [{"text": "pin: 4321", "n": 3}, {"url": picture}]
    assert masked_json(value) == [{"text": "pin: " + MASK * 4, "n": 3}, {"url": picture}]


@given(st.text(max_size=300))
def test_masking_keeps_the_length_and_is_done_once(text: str) -> None:
    once = masked(text)
    assert len(once) == len(text)
    assert masked(once) == once
