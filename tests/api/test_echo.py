"""Text that only echoes what a search just handed out creates nothing."""

from typing import Any

import pytest

from tests.conftest import Api


def add(api: Api, *said: tuple[str, str]) -> None:
    messages = [{"role": role, "content": text} for role, text in said]
    body = {"user_id": "u", "conversation_id": "c", "messages": messages, "async_mode": False}
    assert api.post("add/message", body)["data"]["status"] == "completed"


def held(api: Api) -> list[dict[str, Any]]:
    data = api.post("get/memory", {"user_id": "u", "size": 50})["data"]
    return [*data["memory_detail_list"], *data["preference_detail_list"]]


def ask(api: Api, query: str) -> None:
    assert api.post("search/memory", {"user_id": "u", "query": query})["code"] == 0


CASES = [
    (
        ["I live in Lisbon.", "My dog is called Max and he is 3 years old."],
        "Where do I live and what is my dog called?",
        "You live in Lisbon, and your dog Max is 3 years old.",
        "You live in Lisbon, and your dog Max is 4 years old.",
    ),
    (
        ["我住在杭州。", "我的狗叫旺财，今年3岁。"],
        "我住在哪里？我的狗叫什么？",
        "您住在杭州，您的狗叫旺财，今年3岁。",
        "您住在杭州，您的狗叫旺财，今年4岁。",
    ),
]


@pytest.mark.parametrize(("told", "query", "echo", "news"), CASES)
def test_an_answer_that_repeats_memory_is_no_memory(
    api: Api, told: list[str], query: str, echo: str, news: str
) -> None:
    for text in told:
        add(api, ("user", text))
    before = held(api)
    ask(api, query)
    for text in told:
        ask(api, text)
    add(api, ("user", query), ("assistant", echo))
    assert held(api) == before
    add(api, ("user", query), ("assistant", news))
    assert len(held(api)) == len(before) + 1


def test_the_text_of_a_memory_that_comes_back_in_a_prompt_is_no_memory(api: Api) -> None:
    add(api, ("user", "I live in Lisbon."))
    before = held(api)
    ask(api, "Where do I live?")
    add(api, ("user", "The user lives in Lisbon."))
    assert held(api) == before


def test_a_person_who_changes_what_was_handed_out_is_heard(api: Api) -> None:
    add(api, ("user", "I live in Lisbon."))
    ask(api, "Where do I live?")
    add(api, ("user", "I no longer live in Lisbon."))
    assert any("no longer" in m.get("memory_value", "") for m in held(api))


def test_a_denial_by_the_assistant_is_no_echo(api: Api) -> None:
    add(api, ("user", "I live in Lisbon near the old harbour."))
    ask(api, "Where do I live?")
    add(api, ("user", "Hm?"), ("assistant", "You do not live in Lisbon near the old harbour."))
    assert len(held(api)) == 2
