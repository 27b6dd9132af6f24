"""What is on comes first when a question names nothing: the home-buying example of the documentation."""

from typing import Any

import pytest

from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import Api

BUYING = [
    "Help me check the average second-hand home price around Binjiang.",
    "Remind me to view houses on Saturday.",
    "Record the latest mortgage rate changes.",
]
RENOVATING = [
    "I'm going to look at tiles this weekend.",
    "Remind me to confirm plumbing and electrical work with the contractor.",
    "Note next week's furniture delivery time.",
]
BESIDE = ["I need to buy groceries on the way home.", "We watched a movie about penguins."]
PILING = "I feel like a lot of things are piling up. Please sort them out for me."
BUYING_ZH = [
    "帮我查一下滨江附近的二手房均价。",
    "提醒我周六去看房。",
    "记录一下最新的房贷利率变化。",
]
RENOVATING_ZH = ["我这周末要去看瓷砖。", "提醒我跟工长确认水电。", "记一下下周家具送货的时间。"]
BESIDE_ZH = ["我下班路上要去买菜。", "我们昨晚看了一部关于企鹅的电影。"]
PILING_ZH = "感觉好多事堆在一起，帮我理一理最近的事"


def tell(api: Api, texts: list[str], day: str, hour: int = 10) -> None:
    for number, text in enumerate(texts):
        messages = [{"role": "user", "content": text, "chat_time": f"{day} {hour + number}:00"}]
        body = {"user_id": "u", "conversation_id": f"{day}-{number}", "messages": messages}
        assert api.post("add/message", {**body, "async_mode": False})["code"] == 0


def ask(api: Api, query: str, **fields: Any) -> list[dict[str, Any]]:
    body = {"user_id": "u", "query": query, **fields}
    return api.post("search/memory", body)["data"]["memory_detail_list"]


def about(found: list[dict[str, Any]], words: list[str]) -> list[int]:
    """Places of the results that hold one of the words."""
    return [n for n, m in enumerate(found) if any(w in m["memory_value"] for w in words)]


@pytest.mark.parametrize(
    ("buying", "renovating", "beside", "query", "old", "new"),
    [
        (BUYING, RENOVATING, BESIDE, PILING, ["Binjiang", "houses", "mortgage"],
         ["tiles", "plumbing", "furniture"]),
        (BUYING_ZH, RENOVATING_ZH, BESIDE_ZH, PILING_ZH, ["二手房", "看房", "房贷"],
         ["瓷砖", "水电", "家具"]),
    ],
)  # fmt: skip
def test_the_topic_of_late_comes_first_and_the_one_before_steps_back(
    api: Api,
    buying: list[str],
    renovating: list[str],
    beside: list[str],
    query: str,
    old: list[str],
    new: list[str],
) -> None:
    tell(api, buying, "2025-11-10")
    assert about(ask(api, query), old) == [0, 1, 2]
    tell(api, beside, "2025-12-07")
    tell(api, renovating, "2025-12-08")
    found = ask(api, query)
    assert about(found, new) == [0, 1, 2], [m["memory_value"] for m in found]
    assert {m["memory_type"] for m in found[:3]} == {"WorkingMemory"}
    assert about(found, old) == []
    kept = api.post("get/memory", {"user_id": "u", "size": 50})["data"]["memory_detail_list"]
    assert len(about(kept, old)) == 3
    price = {"Binjiang": "home price around Binjiang", "二手房": "滨江附近的二手房均价"}[old[0]]
    assert about(ask(api, price), old)[0] == 0


@pytest.mark.parametrize(
    "query",
    ["What is on my plate?", "Catch me up on what is pending", "最近有什么事要做？", PILING],
)
def test_one_days_turn_of_topic_is_followed_too(api: Api, query: str) -> None:
    tell(api, BUYING, "2025-12-08")
    tell(api, RENOVATING, "2025-12-08", hour=14)
    found = ask(api, query)
    assert about(found, ["tiles", "plumbing", "furniture"]) == [0, 1, 2]


def test_a_question_that_names_something_is_searched_as_ever(api: Api) -> None:
    tell(api, [*BUYING, *RENOVATING], "2025-12-08")
    found = ask(api, "What do I want to know about mortgage rates?")
    assert "mortgage" in found[0]["memory_value"]
    assert found[0]["memory_type"] != "WorkingMemory"


def test_what_is_used_often_comes_before_its_equals(api: Api) -> None:
    tell(
        api,
        ["The green kayak needs a new paddle.", "Anna polishes her harp at noon."],
        "2025-12-08",
    )
    first, second = (m["memory_value"] for m in ask(api, "Anything pending?")[:2])
    for _ in range(8):
        ask(api, second)
    api.system.truth.uses.flush()
    assert ask(api, "Anything pending?")[0]["memory_value"] == second
    assert first != second


def test_uses_are_counted_after_the_answer_and_go_with_the_memory(api: Api) -> None:
    tell(api, ["The green kayak needs a new paddle."], "2025-12-08")
    cube = Cube(api.system.records.projects()[0].id, CubeKind.USER, "u")
    [memory] = ask(api, "What does the green kayak need?")
    graph, ids = api.system.graph, [memory["id"]]
    assert graph.uses(Scope.of(cube), ids) == {}
    api.system.truth.uses.flush()
    assert graph.uses(Scope.of(cube), ids)[ids[0]].count == 1
    api.post("delete/memory", {"memory_ids": ids})
    assert graph.uses(Scope.of(cube), ids) == {}
