"""States that are told ahead of their day, and memories that state more than one thing."""

import pytest

from tests.api.timeline import Teller


@pytest.fixture
def teller(teller: Teller) -> Teller:
    """A fresh system in 2025."""
    return teller.at("2025-03-10")


@pytest.mark.parametrize(
    ("held", "planned", "question", "old", "new"),
    [
        ("I live in Berlin.", "I'm moving to Oslo in May.", "Where do I live?", "Berlin", "Oslo"),
        (
            "I work at Farfetch.",
            "I start at Revolut on May 5 as a staff engineer.",
            "Who is my employer?",
            "Farfetch",
            "Revolut",
        ),
        ("我在阿里工作。", "我五月去腾讯上班。", "我在哪里工作？", "阿里", "腾讯"),
        ("我住在北京。", "我五月要搬到上海。", "我住在哪里？", "北京", "上海"),
    ],
)
def test_a_plan_with_a_date_takes_effect_when_its_day_comes(
    teller: Teller, held: str, planned: str, question: str, old: str, new: str
) -> None:
    teller.tell(held)
    teller.at("2025-04-01").tell(planned)
    assert any(old in text for text in teller.at("2025-04-02").ask(question))
    assert new in teller.at("2025-06-01").ask(question)[0]
    assert old in teller.ask(question, as_of="2025-04-15")[0]


def test_a_plan_without_a_date_changes_nothing(teller: Teller) -> None:
    teller.tell("I live in Berlin.")
    teller.at("2025-04-01").tell("I want to move to Oslo some day.")
    assert "Berlin" in teller.at("2025-09-01").ask("Where do I live?")[0]


def test_half_of_a_memory_may_hold_no_more(teller: Teller) -> None:
    teller.tell("I just moved to Lisbon from Berlin for a new job at Farfetch as an engineer.")
    teller.at("2025-06-01").tell("I joined Revolut last week.")
    assert "Revolut" in teller.ask("Who is my employer?")[0]
    assert "Lisbon" in teller.ask("Where do I live?")[0]
    assert "Farfetch" in teller.ask("Where did I work before?")[0]
    teller.at("2025-08-01").tell("I moved to Porto.")
    assert "Porto" in teller.ask("Where do I live?")[0]
    assert "Farfetch" in teller.ask("Where did I work before?")[0]


def test_half_of_a_memory_may_hold_no_more_in_chinese(teller: Teller) -> None:
    teller.tell("我上个月从北京搬到了杭州，在阿里做产品经理。")
    teller.at("2025-06-01").tell("我跳槽去了字节。")
    now = teller.ask("我现在在哪里工作？")
    assert "字节" in now[0]
    assert "阿里" in teller.ask("我以前在哪工作？")[0]
    assert "杭州" in teller.ask("我住在哪里？")[0]
