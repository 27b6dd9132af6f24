"""The rough form, segments, windows and speakers."""

import pytest

from memos.mem_reader.fast import (
    is_named,
    render_window,
    segments,
    speaker_of,
    split_windows,
    spoken_text,
    window_key,
)
from memos.types.chat_time import parse_chat_time
from memos.types.language import count_tokens
from tests.unit.mem_reader.turns import turn, turns

DECEMBER = parse_chat_time("2025-12-10T09:44:35Z", default_ms=0)


def test_a_window_is_rendered_in_the_documented_form() -> None:
    messages = [
        turn("I've booked a trip to Guangzhou.", said=DECEMBER),
        turn("Okay.", "assistant", said=DECEMBER),
    ]
    assert render_window(messages) == (
        "user: [09:44 AM on 10 December, 2025 UTC]: I've booked a trip to Guangzhou.\n"
        "assistant: [09:44 AM on 10 December, 2025 UTC]: Okay.\n"
    )
    assert window_key(messages) == (
        "user: [09:44 AM on 10 December, 2025 UTC]: I've booked a trip to Guangzhou."
    )


def test_chinese_keeps_its_text() -> None:
    assert render_window([turn("我想暑假出去玩", said=DECEMBER)]).endswith(": 我想暑假出去玩\n")


def test_an_empty_window_renders_to_nothing() -> None:
    assert (render_window([]), window_key([])) == ("", "")


def test_a_normal_message_is_one_segment() -> None:
    message = turn("  I like tea. I hate coffee.\n\nBye. ")
    ((start, end),) = segments(message)
    assert message.text[start:end] == "I like tea. I hate coffee.\n\nBye."


def test_a_blank_message_has_no_segment() -> None:
    assert segments(turn(" \n ")) == []


@pytest.mark.parametrize(
    "text",
    [
        "A sentence about many things that I did. " * 200,
        "一个关于很多事情的句子，我做过的。" * 200,
        "word " * 2000,
        "x" * 9000,
        "\n\n".join(["A paragraph of some words."] * 300),
    ],
)
def test_long_text_is_cut_into_segments_that_lose_nothing(text: str) -> None:
    message = turn(text)
    spans = segments(message)
    assert len(spans) > 1
    assert all(count_tokens(text[start:end]) <= 256 for start, end in spans)
    kept = "".join(text[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_segments_end_at_sentences() -> None:
    message = turn("Here is one sentence of eight words. " * 100)
    assert all(message.text[end - 1] == "." for _, end in segments(message))


def test_windows_hold_every_message_once_with_overlap_as_context() -> None:
    messages = turns(*[("user", "ten words " * 5)] * 7)
    size = count_tokens(messages[0].text)
    windows = split_windows(messages, max_tokens=3 * size, overlap=2)
    assert [len(new) for _, new in windows] == [3, 3, 1]
    assert [m for _, new in windows for m in new] == list(messages)
    assert [m.id for m in windows[1][0]] == ["m1", "m2"]
    assert windows[0][0] == ()


def test_a_message_longer_than_a_window_is_a_window_of_its_own() -> None:
    messages = turns(("user", "short"), ("user", "long " * 500), ("user", "short"))
    assert [len(new) for _, new in split_windows(messages, 50, 1)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("Caroline: I went home.", "Caroline", "I went home."),
        ("Mary Ann Lee: hello", "Mary Ann Lee", "hello"),
        ("Dr. Smith: take this", "Dr. Smith", "take this"),
        ("小王：我升职了", "小王", "我升职了"),
        ("张三: 你好", "张三", "你好"),
    ],
)
def test_a_leading_name_is_the_speaker(text: str, name: str, said: str) -> None:
    message = turn(text)
    assert speaker_of(message) == name
    spoken, offset = spoken_text(message)
    assert spoken == said
    assert message.text[offset:] == said


@pytest.mark.parametrize(
    "text",
    [
        "Note: the meeting is at three.",
        "Favorite movie genres: sci-fi, action",
        "Preferred chat style: warm",
        "https://example.org",
        "Http://example.org",
        "At 10:30 we met.",
        "Monday: gym",
        "Python: how do I sort?",
        "注意：明天开会",
        "我的名字：王芳",
        "姓名：王芳",
        "I want this: a dog",
        "one: two",
        "",
    ],
)
def test_a_label_is_no_speaker(text: str) -> None:
    message = turn(text)
    assert speaker_of(message) == "user"
    assert not is_named(message)
    assert spoken_text(message) == (text, 0)


def test_the_given_name_wins_over_the_text() -> None:
    message = turn("Bob: he said so", name="Alice")
    assert speaker_of(message) == "Alice"
    assert spoken_text(message) == ("Bob: he said so", 0)
    assert spoken_text(turn("Alice: hello", name="Alice")) == ("hello", 7)
