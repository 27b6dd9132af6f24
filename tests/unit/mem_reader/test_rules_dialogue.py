"""What two people say to each other, and sentences of one turn that say different things."""

import pytest

from memos.types.memory import MemoryKind
from tests.unit.mem_reader.turns import read, turn, turns, values


def told(text: str) -> list[str]:
    """Values of what Mia says to Jon."""
    return [
        draft.value
        for draft in read(turn("Hm.", name="Jon"), turn(text, "assistant", name="Mia", at=1))
    ]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Since we last spoke, I joined a choir.",
         "Since Mia and Jon last spoke, Mia joined a choir."),
        ("Been ages since we talked!", "It has been ages since Mia and Jon talked."),
        ("Been to Rome twice.", "Mia has been to Rome twice."),
        ("Jon, your new garden looks like a jungle.",
         "Mia said: Jon's new garden looks like a jungle."),
        ("I saw your sister at the market, Jon.", "Mia saw Jon's sister at the market."),
        ("You and I should paint the fence together.",
         "Jon and Mia should paint the fence together."),
        ("We both know the baker, Jon.", "Mia and Jon both know the baker."),
        ("My kids and I cooked soup, we ate it together.",
         "Mia and their kids cooked soup, Mia and others ate it together."),
        ("I am glad that you two are moving to the coast.",
         'Mia said: "I am glad that you two are moving to the coast."'),
    ],
)  # fmt: skip
def test_who_is_spoken_to_is_named_once_and_we_means_who_it_means(said: str, value: str) -> None:
    assert told(said) == [value]


def test_calling_out_news_is_no_news() -> None:
    assert told("Jon, you won't believe it!") == []


@pytest.mark.parametrize(
    ("said", "apart"),
    [
        ("I moved to Shanghai. My sister Anna is a vet.",
         ["The user moved to Shanghai.", "The user's sister Anna is a vet."]),
        ("My dog is called Rex. My cat is Tom.",
         ["The user's dog is called Rex.", "The user's cat is Tom."]),
        ("I work at Acme. It is near the harbour.",
         ["The user works at Acme. It is near the harbour."]),
    ],
)  # fmt: skip
def test_sentences_that_hold_on_their_own_are_memories_of_their_own(
    said: str, apart: list[str]
) -> None:
    assert values(said) == apart


@pytest.mark.parametrize(
    ("offer", "answer", "value"),
    [
        ("Would you like some restaurant tips?", "Yes please, but nothing spicy.",
         'The user wants nothing spicy (asked "Would you like some restaurant tips?").'),
        ("需要我推荐几家餐厅吗？", "好的，但不要太辣。",
         "用户不要太辣（被问到“需要我推荐几家餐厅吗？”）。"),
    ],
)  # fmt: skip
def test_an_offer_taken_with_a_reserve_is_a_preference(offer: str, answer: str, value: str) -> None:
    drafts = read(*turns(("assistant", offer), ("user", answer)))
    found = [d for d in drafts if d.speaker == "user"]
    assert [(d.kind, d.value) for d in found] == [(MemoryKind.EXPLICIT_PREFERENCE, value)]
