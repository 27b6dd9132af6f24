"""The documentation's own examples, over HTTP, offline, at the default threshold."""

import pytest

from tests.conftest import Api

GUANGZHOU = [
    {
        "role": "user",
        "content": "I have booked a summer trip to Guangzhou. Which hotel chains are available?",
    },
    {"role": "assistant", "content": "You can consider 7 Days Inn, Ji Hotel, Hilton, and others."},
    {"role": "user", "content": "I choose 7 Days Inn."},
    {
        "role": "assistant",
        "content": "Got it. Feel free to ask if you have other questions.",
    },
]
FAMILY = [
    {"role": "user", "content": "我想暑假出去玩,你能帮我推荐下吗?"},
    {"role": "assistant", "content": "好的!是自己出行还是和家人朋友一起呢?"},
    {"role": "user", "content": "肯定要带孩子啊,我们家出门都是全家一起。"},
    {"role": "assistant", "content": "明白了,所以你们是父母带孩子一块儿旅行,对吗?"},
    {"role": "user", "content": "对,带上孩子和老人,一般都是全家行动。"},
    {"role": "assistant", "content": "收到,那我会帮你推荐适合家庭出游的目的地。"},
]
NATIONAL_DAY = (
    "I want to travel during the National Day holiday. Please recommend a city I have not been to "
    "and a hotel brand I have not stayed at."
)
UNRELATED = [
    "How do I fix a flat bicycle tire?",
    "What is the boiling point of nitrogen?",
    "怎么修自行车",
    "量子力学的基本假设是什么?",
]


def add(api: Api, messages: list[dict], user: str = "memos_user_123", **more: object) -> dict:
    body = {"user_id": user, "conversation_id": "0610", "messages": messages, **more}
    return api.post("add/message", body)


def values(answer: dict) -> str:
    data = answer["data"]
    facts = [m["memory_value"] for m in data["memory_detail_list"]]
    return "\n".join(facts + [p["preference"] for p in data["preference_detail_list"]])


@pytest.mark.parametrize("mode", ["rough", "refined", "sync"])
def test_the_english_quick_start_finds_the_trip(api: Api, mode: str) -> None:
    added = add(api, GUANGZHOU, async_mode=mode != "sync")
    assert added["code"] == 0
    assert added["data"]["success"] is True
    if mode == "refined":
        api.settle()
    found = api.post(
        "search/memory",
        {"query": NATIONAL_DAY, "user_id": "memos_user_123", "conversation_id": "0928"},
    )
    assert "Guangzhou" in values(found)
    assert "7 Days Inn" in values(found)
    if mode != "rough":
        assert any(
            m["conversation_id"] == "0610" and "The user" in m["memory_value"]
            for m in found["data"]["memory_detail_list"]
        )


@pytest.mark.parametrize("mode", ["rough", "refined", "sync"])
def test_the_chinese_quick_start_finds_the_family_trip(api: Api, mode: str) -> None:
    add(api, FAMILY, async_mode=mode != "sync")
    if mode == "refined":
        api.settle()
    found = api.post(
        "search/memory",
        {"query": "国庆去哪玩", "user_id": "memos_user_123", "conversation_id": "0928"},
    )
    assert "暑假" in values(found)


@pytest.mark.parametrize("messages", [GUANGZHOU, FAMILY], ids=["english", "chinese"])
@pytest.mark.parametrize("mode", ["rough", "refined"])
def test_an_unrelated_question_returns_nothing(api: Api, messages: list[dict], mode: str) -> None:
    add(api, messages)
    if mode == "refined":
        api.settle()
    for query in UNRELATED:
        found = api.post("search/memory", {"query": query, "user_id": "memos_user_123"})
        assert values(found) == "", query


def test_custom_tags_are_put_where_they_fit(api: Api) -> None:
    added = add(
        api,
        [
            {"role": "user", "content": "How is the weather today?"},
            {
                "role": "assistant",
                "content": "Shanghai, December 10th, Cloudy, temperature is 8-12 degrees.",
            },
        ],
        tags=["Weather", "Cloudy", "Stock market"],
        async_mode=False,
    )
    assert added["data"]["status"] == "completed"
    found = api.post("search/memory", {"query": "Shanghai Weather", "user_id": "memos_user_123"})
    memory = found["data"]["memory_detail_list"][0]
    assert "Shanghai" in memory["memory_value"]
    assert {"Weather", "Cloudy"} <= set(memory["tags"])
    assert "Stock market" not in memory["tags"]
    filtered = api.post(
        "search/memory",
        {
            "query": "Shanghai Weather",
            "user_id": "memos_user_123",
            "filter": {"and": [{"tags": {"contains": "Cloudy"}}]},
        },
    )
    assert filtered["data"]["memory_detail_list"][0]["id"] == memory["id"]


def test_the_rough_memory_has_the_documented_form(api: Api) -> None:
    messages = [dict(m, chat_time="2025-12-10 09:44:00Z") for m in GUANGZHOU]
    added = add(api, messages)
    assert added["data"]["status"] == "running"
    found = api.post("get/memory", {"user_id": "memos_user_123"})
    rough = found["data"]["memory_detail_list"][0]
    assert rough["tags"] == ["mode:fast"]
    assert rough["memory_type"] == "WorkingMemory"
    assert rough["memory_key"] == (
        "user: [09:44 AM on 10 December, 2025 UTC]: I have booked a summer trip to Guangzhou. "
        "Which hotel chains are available?"
    )
    assert "\nassistant: [09:44 AM on 10 December, 2025 UTC]: You can" in rough["memory_value"]
    api.settle()
    assert api.post("get/status", {"task_id": added["data"]["task_id"]})["data"] == {
        "task_id": added["data"]["task_id"],
        "status": "completed",
    }
    by_id = api.get(f"get/memory/{rough['id']}")["data"]
    assert by_id["memory_value"] == rough["memory_value"]
    assert by_id["status"] == "archived"


def test_preferences_are_found_for_a_question_that_shares_no_word_with_them(api: Api) -> None:
    add(
        api,
        [
            {"role": "user", "content": "I like spicy food.", "chat_time": "2025-09-12 08:00:00"},
            {"role": "assistant", "content": "I have noted that you like spicy flavors."},
            {"role": "user", "content": "I do not like heavy oil."},
        ],
        async_mode=False,
    )
    found = api.post(
        "search/memory",
        {
            "user_id": "memos_user_123",
            "query": "I'm going to Yunnan for the National Day holiday. "
            "Do you have any food recommendations?",
        },
    )
    preferences = [p["preference"] for p in found["data"]["preference_detail_list"]]
    assert any("spicy" in p for p in preferences)
    assert found["data"]["preference_note"]
