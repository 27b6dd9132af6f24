"""Which statements set a limit, and which questions they bear on."""

import pytest

from memos.memories.textual.constraint import is_constraint, is_touched
from memos.memories.textual.topic import topics_of


@pytest.mark.parametrize(
    "value",
    [
        "The user is allergic to peanuts.",
        "The user has a severe shellfish allergy.",
        "The user is vegetarian.",
        "The user can't eat gluten.",
        "The user does not eat pork.",
        "The user takes warfarin every morning.",
        "The user is diabetic.",
        "The user is pregnant.",
        "The user's son is allergic to eggs.",
        "用户对花生过敏。",
        "用户是素食者。",
        "用户不能吃辣。",
        "用户有糖尿病，每天要吃二甲双胍。",
        "用户怀孕了。",
        "医生不让用户喝酒。",
    ],
)
def test_a_limit_is_recognised(value: str) -> None:
    assert is_constraint(value)


@pytest.mark.parametrize(
    "value",
    [
        "The user is no longer allergic to peanuts.",
        "The user isn't pregnant any more.",
        "The user stopped taking warfarin.",
        "The user has no allergies.",
        "The user likes peanuts.",
        "The user doesn't eat breakfast.",
        "The user takes the bus.",
        "用户不再对花生过敏。",
        "用户喜欢吃辣。",
        "用户不吃早饭。",
    ],
)
def test_what_sets_none_or_lifts_one_is_not(value: str) -> None:
    assert not is_constraint(value)


@pytest.mark.parametrize(
    "question",
    [
        "What should I cook tonight?",
        "Recommend a restaurant in Rome",
        "Which painkiller can I take?",
        "Plan my trip to Japan",
        "今晚吃什么好？",
        "帮我规划去日本的行程",
        "头疼可以吃什么药？",
    ],
)
def test_questions_about_food_health_and_travel_are_touched(question: str) -> None:
    assert is_touched(question)


@pytest.mark.parametrize(
    "question", ["Where do I work?", "When is my sister's exam?", "我的电脑是什么型号？"]
)
def test_other_questions_are_not(question: str) -> None:
    assert not is_touched(question)


def test_what_belongs_together_shares_a_topic() -> None:
    for text in (
        "The user is going to look at tiles this weekend.",
        "confirm plumbing and electrical work with the contractor",
        "next week's furniture delivery time",
        "用户这周末要去看瓷砖。",
        "跟工长确认水电",
    ):
        assert "renovation" in topics_of(text), text
    assert "renovation" not in topics_of(
        "The user wants to be reminded to view houses on Saturday."
    )
