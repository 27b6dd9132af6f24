"""The question of a message that says other things, too."""

import pytest

from memos.memories.textual.tree_text_memory.retrieve.asked import asked_alone


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Which city did I move to? I sold my car.", ("Which city did I move to?",)),
        ("I sold my car. Which city did I move to?", ("Which city did I move to?",)),
        ("我把车卖了。我搬到哪个城市了？", ("我搬到哪个城市了？",)),
        (
            "Hi! What do I drink? And what do I eat? Thanks.",
            ("What do I drink? And what do I eat?",),
        ),
        ("Which city did I move to?", ()),
        ("Where do I live? Where do I work?", ()),
        ("I sold my car.", ()),
        ("I sold my car. Really?", ()),
        ("?? I sold my car.", ()),
        ("", ()),
        ("Which city did I move to? " + "I sold my car. " * 100, ()),
    ],
)
def test_the_questions_are_told_from_the_rest(text: str, asked: tuple[str, ...]) -> None:
    assert asked_alone(text) == asked
