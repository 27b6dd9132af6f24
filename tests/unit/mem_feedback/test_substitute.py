"""One value in the place of another."""

import pytest

from memos.mem_feedback.substitute import core, in_shape_of, replaced, substituted, value_of


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("The limit is 800 CNY.", "800 CNY", "600 CNY", "The limit is 600 CNY."),
        ("The limit is ¥800.", "800 CNY", "600 CNY", "The limit is ¥600."),
        ("The limit is 1800 CNY.", "800 CNY", "600 CNY", "The limit is 1800 CNY."),
        ("The limit is 1,800 or 800.50.", "800", "600", "The limit is 1,800 or 800.50."),
        (
            "User 1, User 10 and User 1's dog",
            "User 1",
            "User 2",
            "User 2, User 10 and User 2's dog",
        ),
        ("Will will go.", "Will", "Bill", "Bill will go."),
        ("the capital", "cap", "hat", "the capital"),
        ("张三和张三丰", "张三", "李四", "李四和李四丰"),
        ("限额是800元。", "800元", "600元", "限额是600元。"),
        ("On Tuesday (31 December 2024) at 3", "Tuesday", "Friday", "On Friday at 3"),
        ("周二（2024年12月31日）开会", "周二", "周三", "周三开会"),
        ("5月3日（2025年）", "5月3日", "5月4日", "5月4日（2025年）"),
        ("a\\1b .* x", ".*", "\\1", "a\\1b \\1 x"),
    ],
)
def test_only_whole_values_are_replaced(text: str, old: str, new: str, expected: str) -> None:
    assert substituted(text, old, new) == expected


def test_a_replacement_touches_nothing_but_the_name() -> None:
    assert replaced("User 3 met User 1.", "User 1", "User 2") == "User 3 met User 2."


def test_the_core_of_two_values_is_what_differs() -> None:
    assert core("800 CNY a month", "600 CNY a month") == ("800", "600")
    assert core("to Lisbon", "to Porto") == ("Lisbon", "Porto")
    assert core("apple", "apple pie") == ("apple", "apple pie")


def test_the_value_of_a_topic_ends_with_its_clause() -> None:
    assert value_of("The project code is AB12, as agreed.", "the project code") == "AB12"
    assert value_of("采购限额是800元，含税。", "采购限额") == "800元"
    assert value_of("The project code was changed twice", "my hat") == ""


def test_a_lone_number_takes_the_place_of_a_lone_number() -> None:
    assert in_shape_of("We meet at 3 o'clock.", "it's 5 o'clock") == "We meet at 5 o'clock."
    assert in_shape_of("From 3 to 4.", "5") == "From 3 to 4."
