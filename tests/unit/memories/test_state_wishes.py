"""Wishes that take the place of each other, and statements that are none."""

import pytest

from memos.memories.textual.tree_text_memory.organize.state import claims


@pytest.mark.parametrize(
    ("value", "family", "wish", "ended"),
    [
        ("The user prefers window seats.", "seat", "window", False),
        ("用户现在更喜欢靠过道的座位。", "seat", "aisle", False),
        ("The user likes dark mode.", "colour mode", "dark", False),
        ("The user no longer likes dark mode.", "colour mode", "dark", True),
        ("The user asks the assistant to answer in French.", "answer language", "french", False),
        ("用户要求助手以后请用中文回答。", "answer language", "chinese", False),
        ("The user prefers detailed explanations.", "answer length", "long", False),
        ("用户要求助手以后回答详细一点。", "answer length", "long", False),
    ],
)
def test_a_wish_is_a_state_of_its_family(value: str, family: str, wish: str, ended: bool) -> None:
    found = [(c.attribute, c.object, c.ended) for c in claims(value)]
    assert found == [(f"wish:{family}", wish, ended)]


@pytest.mark.parametrize(
    "value",
    [
        "The user wants to write a book in English.",
        "用户喜欢用英文写日记。",
        "The user bought a dark mode lamp.",
        "The user asked for a short walk.",
        "The user sat in a window seat.",
    ],
)
def test_what_only_sounds_like_one_claims_none(value: str) -> None:
    assert not any(claim.attribute.startswith("wish:") for claim in claims(value))


def test_more_tastes_than_wishes_are_kept() -> None:
    found = {claim.attribute for claim in claims("The user likes dark mode and sushi.")}
    assert {"wish:colour mode", "taste:sushi"} <= found
