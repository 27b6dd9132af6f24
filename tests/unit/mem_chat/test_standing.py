"""Which stated preferences hold for every answer."""

import pytest

from memos.mem_chat.standing import is_standing, standing
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind


def item(value: str, kind: MemoryKind = MemoryKind.EXPLICIT_PREFERENCE) -> MemoryItem:
    return MemoryItem(id=value, cube=Cube("p", CubeKind.USER, "u"), kind=kind, value=value)


@pytest.mark.parametrize(
    "value",
    [
        "The user asks the assistant to keep replies short, not too wordy.",
        "The user asks the assistant to call the user Captain from now on.",
        "The user prefers answers in bullet points.",
        "When the user asks for a summary, the user prefers three bullet points first.",
        "The user dislikes emojis.",
        "用户要求助手以后回答简短一点，用表格。",
        "用户要求助手叫用户老王。",
        "用户喜欢简洁的回复。",
    ],
)
def test_a_wish_about_answers_stands(value: str) -> None:
    assert is_standing(item(value))
    assert not is_standing(item(value, MemoryKind.IMPLICIT_PREFERENCE))


@pytest.mark.parametrize(
    "value",
    [
        "The user likes badminton.",
        "The user does not eat peanuts.",
        "The user prefers window seats on long flights.",
        "The user loves wooden tables.",
        "用户喜欢打羽毛球。",
        "用户不吃花生。",
    ],
)
def test_a_taste_does_not(value: str) -> None:
    assert not is_standing(item(value))


def test_the_first_ones_are_kept_up_to_the_limit() -> None:
    items = [item(f"The user asks the assistant to do {n}.") for n in range(4)]
    assert standing([item("The user likes tea."), *items], 2) == items[:2]
    assert standing(items, 0) == standing(items, -1) == []
