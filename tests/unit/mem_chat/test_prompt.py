"""The turns of a conversation as a model takes them, and instructions with memories in them."""

from datetime import timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos.llms.base import Turn
from memos.mem_chat.prompt import history_turns, joined, system_text
from memos.types.message import Message

NOON = 1_765_368_000_000  # 10 December 2025, 12:00 UTC


def messages(*said: tuple[str, str]) -> list[Message]:
    return [
        Message(str(n), role, text, n, NOON, NOON, NOON, "c") for n, (role, text) in enumerate(said)
    ]


def text(custom: str | None, memories: str, query: str = "hello") -> str:
    return system_text(custom, memories, query=query, now_ms=NOON, zone=timezone.utc)


def test_the_built_in_instructions_tell_time_and_memories_in_the_querys_language() -> None:
    english, chinese = text(None, "<facts>\n</facts>"), text(None, "", "你好吗")
    assert "2025-12-10 12:00, Wednesday" in english
    assert "<facts>\n</facts>" in english
    assert "你是某个人的助手" in chinese
    assert "（无）" in chinese
    for shown in (english, chinese):
        assert "{now}" not in shown
        assert "{memories}" not in shown


@pytest.mark.parametrize("memories", ["{now}", "{memories}", "a {memories} b {now}"])
def test_placeholders_inside_memories_stay_as_they_are(memories: str) -> None:
    assert memories in text(None, memories)
    assert text("A {memories}.", memories).endswith(f"{memories}.")


def test_only_what_user_and_assistant_said_goes_along() -> None:
    said = messages(
        ("system", "s"), ("user", "a"), ("tool", "t"), ("assistant", "b"), ("user", " ")
    )
    assert history_turns(said) == [Turn("user", "a"), Turn("assistant", "b")]


def test_what_was_erased_is_told_as_erased_and_nothing_else_of_it() -> None:
    said = messages(("user", "I live in \u2588\u2588\u2588\u2588."), ("user", "\u2588\u2588"))
    assert history_turns(said) == [Turn("user", "I live in [...].")]


def test_the_last_turns_that_fit_go_along() -> None:
    said = messages(
        ("user", "old " * 50), ("assistant", "mid"), ("user", "new"), ("assistant", "end")
    )
    assert history_turns(said, max_tokens=10) == [Turn("user", "new"), Turn("assistant", "end")]
    assert history_turns(said, max_tokens=0) == []


@given(st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), st.text(min_size=1))))
def test_turns_alternate_begin_with_the_user_and_lose_nothing_after_that(turns: list[Turn]) -> None:
    made = joined(turns)
    assert [t.role for t in made] == [("user", "assistant")[n % 2] for n in range(len(made))]
    start = next((n for n, t in enumerate(turns) if t.role == "user"), len(turns))
    assert "\n\n".join(t.content for t in made) == "\n\n".join(t.content for t in turns[start:])
