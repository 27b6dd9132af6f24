"""The same thing told again: one memory, all its sources, the better text."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Api


def add(api: Api, text: str, *, user: str = "u", wait: bool = True, **fields: Any) -> str:
    body = {"user_id": user, "messages": [{"role": "user", "content": text}], **fields}
    answer = api.post("add/message", {**body, "async_mode": not wait})
    assert answer["code"] == 0, answer
    return answer["data"]["task_id"]


def held(api: Api, user: str = "u") -> list[dict[str, Any]]:
    data = api.post("get/memory", {"user_id": user, "size": 50})["data"]
    return [*data["memory_detail_list"], *data["preference_detail_list"]]


def texts(api: Api, user: str = "u") -> list[str]:
    return sorted(m.get("memory_value") or m["preference"] for m in held(api, user))


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("I live in Lisbon.", "My home is in Lisbon.", "The user lives in Lisbon."),
        (
            "I live in Lisbon.",
            "I live in Lisbon, near the river.",
            "The user lives in Lisbon, near the river.",
        ),
        ("I love hiking.", "I really love hiking a lot!", "The user loves hiking."),
        ("我喜欢喝茶。", "我很喜欢喝茶！", "用户喜欢喝茶。"),
        ("我住在上海。", "我家在上海。", "用户住在上海。"),
    ],
)
def test_a_second_telling_is_another_source_of_one_memory(
    api: Api, first: str, second: str, kept: str
) -> None:
    add(api, first, conversation_id="a")
    add(api, second, conversation_id="b")
    assert texts(api) == [kept]
    found = api.get(f"get/memory/{held(api)[0]['id']}")["data"]
    assert [source["content"].rstrip(".。!！") for source in found["sources"]] == [
        first.rstrip(".。!！"),
        second.rstrip(".。!！"),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I like tea.", "I like green tea."),
        ("I have 3 cats.", "My brother has 3 cats."),
        ("The team meets on Monday.", "The team meets on Tuesday."),
        ("我有三只猫。", "我哥哥有三只猫。"),
    ],
)
def test_what_differs_stays_apart(api: Api, first: str, second: str) -> None:
    add(api, first)
    add(api, second)
    assert len(held(api)) == 2


def test_the_former_text_keeps_its_id_as_a_merged_memory(api: Api) -> None:
    add(api, "I live in Lisbon.")
    former = held(api)[0]["id"]
    add(api, "I live in Lisbon, near the river.")
    assert api.get(f"get/memory/{former}")["data"]["status"] == "merged"
    add(api, "I live in Lisbon.")
    assert texts(api) == ["The user lives in Lisbon, near the river."]


@pytest.mark.parametrize("which", ["former", "present"])
def test_deleting_a_merged_memory_leaves_no_byte_of_either_text(api: Api, which: str) -> None:
    add(api, "I live in Lisbon.")
    former = held(api)[0]["id"]
    add(api, "I live in Lisbon, near the river.")
    chosen = former if which == "former" else held(api)[0]["id"]
    assert api.post("delete/memory", {"memory_ids": [chosen]})["data"]["success"] is True
    assert held(api) == []
    for path in api.system.settings.data_dir.rglob("*"):
        if path.is_file():
            assert b"Lisbon" not in path.read_bytes(), path


def test_a_repeated_merge_changes_nothing(api: Api) -> None:
    add(api, "I live in Lisbon.")
    task_id = add(api, "I live in Lisbon, near the river.")
    before = held(api)
    task = api.system.records.task(api.system.records.projects()[0].id, task_id)
    assert task is not None
    api.system.worker._jobs["add"](task)  # as after a crash
    assert held(api) == before


@pytest.mark.parametrize("text", ["My sister Anna plays the harp.", "我姐姐安娜会弹竖琴。"])
def test_one_turn_told_ten_times_at_once_is_one_memory(api: Api, text: str) -> None:
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(lambda n: add(api, text, wait=n % 2 == 0, conversation_id=str(n)), range(10)))
    api.settle()
    assert len(held(api)) == 1
    found = api.get(f"get/memory/{held(api)[0]['id']}")["data"]
    assert len({source["message_id"] for source in found["sources"]}) == 10
