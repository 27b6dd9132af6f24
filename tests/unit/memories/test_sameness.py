"""What counts as said already, and what never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.memories.textual.tree_text_memory.organize.sameness import Better, says_the_same

FIRST, SECOND = Better.FIRST, Better.SECOND


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("The user lives in Lisbon.", "The user's home is in Lisbon.", FIRST),
        ("The user lives in Lisbon.", "The user lives in Lisbon, near the river.", SECOND),
        ("The user lives in Lisbon, near the river.", "The user lives in Lisbon.", FIRST),
        ("The user loves hiking.", "The user really loves hiking a lot!", FIRST),
        ("The user has a dog named Max.", "The user's dog is called Max.", FIRST),
        ("The user has two cats.", "The user has 2 cats.", FIRST),
        ("In 2020 the user moved to Porto.", "The user moved to Porto in 2020.", FIRST),
        ("The user works at Acme.", "The user is working for Acme.", FIRST),
        ("The user doesn't eat meat.", "The user does not eat meat.", FIRST),
        ("用户喜欢喝茶。", "用户很喜欢喝茶！", FIRST),
        ("用户住在上海。", "用户家在上海。", FIRST),
        ("用户在谷歌工作。", "用户在谷歌上班。", FIRST),
        ("用户有三只猫。", "用户有3只猫。", FIRST),
    ],
)
def test_the_same_said_otherwise_is_the_same(first: str, second: str, kept: Better) -> None:
    assert says_the_same(first, second) is kept


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The user likes tea.", "The user no longer likes tea."),
        ("The user likes tea.", "The user does not like tea."),
        ("The user likes tea.", "The user likes green tea."),
        ("The user likes tea.", "The user likes tea in winter."),
        ("The user has 3 cats.", "The user has 4 cats."),
        ("The user has three cats.", "The user has four cats."),
        ("The team meets on Monday.", "The team meets on Tuesday."),
        ("Anna likes Bob.", "Bob likes Anna."),
        ("Cats chase dogs.", "Dogs chase cats."),
        ("Anna is a doctor.", "Anna has a doctor."),
        ("The user met his sister.", "The user met her sister."),
        ("The user moved from Lisbon to Porto.", "The user moved from Porto to Lisbon."),
        ("The user lives in Lisbon.", "The user lived in Lisbon."),
        ("The user lives in Lisbon.", "The user lives in Lisbon until May."),
        ("The user lives in Lisbon.", "The user lives in Porto."),
        ("The user will visit Rome.", "The user visited Rome."),
        ("The red kayak hangs in the shed.", "The green kayak hangs in the shed."),
        ("用户喜欢喝茶。", "用户不喜欢喝茶了。"),
        ("用户有三只猫。", "用户有四只猫。"),
        ("每周一开会。", "每周二开会。"),
        ("用户住在上海。", "用户想住在上海。"),
        ("小明打了小红。", "小红打了小明。"),
        ("The user likes tea.", "用户喜欢喝茶。"),
    ],
)
def test_what_differs_in_a_word_that_matters_is_never_the_same(first: str, second: str) -> None:
    assert says_the_same(first, second) is None
    assert says_the_same(second, first) is None


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_can_be_compared_and_order_does_not_decide(first: str, second: str) -> None:
    forth, back = says_the_same(first, second), says_the_same(second, first)
    assert (forth is None) == (back is None)


@given(
    st.integers(0, 9999),
    st.integers(0, 9999),
    st.sampled_from(["The user paid {} euros.", "用户付了{}元。"]),
)
def test_figures_are_never_merged(first: int, second: int, form: str) -> None:
    same = says_the_same(form.format(first), form.format(second)) is not None
    assert same is (first == second)
