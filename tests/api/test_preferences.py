"""Preferences: conflicts, tendencies that choices show, limits that are never overlooked."""

from typing import Any

import pytest

from tests.conftest import Api


def tell(api: Api, *texts: str, user: str = "u", start: int = 1) -> None:
    for number, text in enumerate(texts, start):
        messages = [{"role": "user", "content": text, "chat_time": f"2025-11-{number:02} 10:00"}]
        body = {"user_id": user, "conversation_id": f"c{number}", "messages": messages}
        answer = api.post("add/message", {**body, "async_mode": False})
        assert answer["data"]["status"] == "completed", answer


def search(api: Api, query: str, **fields: Any) -> dict[str, Any]:
    return api.post("search/memory", {"user_id": "u", "query": query, **fields})["data"]


def preferences(api: Api, query: str, **fields: Any) -> list[str]:
    return [p["preference"] for p in search(api, query, **fields)["preference_detail_list"]]


def implicit(api: Api) -> list[dict[str, Any]]:
    data = api.post("get/memory", {"user_id": "u", "size": 50})["data"]
    return [
        p for p in data["preference_detail_list"] if p["preference_type"] == "implicit_preference"
    ]


@pytest.mark.parametrize(
    ("told", "query", "held", "gone"),
    [
        (["I like apples.", "I don't like apples any more."], "Do I like apples?", "not", "likes"),
        (["我喜欢苹果。", "我不喜欢苹果了。"], "我喜欢苹果吗？", "不喜欢", "用户喜欢"),
        (
            ["I prefer window seats.", "I prefer aisle seats now."],
            "Which seat do I like?",
            "aisle",
            "window",
        ),
        (["I like dark mode.", "I prefer light mode now."], "Dark or light mode?", "light", "dark"),
        (
            ["Please answer in French.", "From now on answer in English."],
            "In which language should the answers be?",
            "English",
            "French",
        ),
        (["请回答得简短一点。", "以后回答详细一点。"], "我喜欢怎样的回答？", "详细", "简短"),
        (["我喜欢靠窗的座位。", "我现在更喜欢靠过道的座位。"], "帮我订机票选座位", "过道", "靠窗"),
        (
            ["I'm allergic to peanuts.", "I'm no longer allergic to peanuts."],
            "Am I allergic to peanuts?",
            "no longer",
            "is allergic",
        ),
    ],
)
def test_a_later_word_takes_the_place_of_the_former(
    api: Api, told: list[str], query: str, held: str, gone: str
) -> None:
    tell(api, *told)
    data = search(api, query)
    found = [p["preference"] for p in data["preference_detail_list"]]
    found += [m["memory_value"] for m in data["memory_detail_list"]]
    assert any(held in text for text in found), found
    assert not any(gone in text for text in found), found


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            [
                "I booked a window seat to Oslo.",
                "I booked a window seat for Rome.",
                "I booked a window seat again.",
            ],
            "The user may prefer a window seat.",
        ),
        (
            ["我订了靠窗的座位。", "我又订了靠窗的座位。", "这次我还是订了靠窗的座位。"],
            "用户可能更喜欢靠窗的座位。",
        ),
        (
            [
                "How do I sort a list? A code example please.",
                "What is a decorator? Show me the code.",
                "How do closures work? With a code snippet.",
            ],
            "The user may prefer answers with code examples.",
        ),
    ],
)
def test_the_third_equal_choice_is_a_tendency(api: Api, told: list[str], expected: str) -> None:
    tell(api, *told[:2])
    assert implicit(api) == []
    tell(api, told[2], start=3)
    [found] = implicit(api)
    assert found["preference"] == expected
    assert "3" in found["reasoning"]
    cited = api.get(f"get/memory/{found['id']}")["data"]
    assert len({source["message_id"] for source in cited["sources"]}) == 3
    assert cited["confidence"] < 0.8
    tell(api, told[2], start=4)
    assert len(implicit(api)) == 1


def test_one_conversation_is_no_tendency(api: Api) -> None:
    messages = [
        {"role": "user", "content": text, "chat_time": "2025-11-01 10:00"}
        for text in [
            "I ordered an oat latte.",
            "I ordered an oat latte!",
            "I ordered an oat latte?!",
        ]
    ]
    body = {"user_id": "u", "conversation_id": "c", "messages": messages, "async_mode": False}
    assert api.post("add/message", body)["code"] == 0
    assert implicit(api) == []


def test_a_tendency_goes_with_the_evidence_it_rested_on(api: Api) -> None:
    tell(
        api, "I ordered an oat latte.", "I ordered an oat latte today.", "I had an oat latte again."
    )
    [found] = implicit(api)
    data = api.post("get/memory", {"user_id": "u", "size": 50})["data"]
    fact = next(m["id"] for m in data["memory_detail_list"] if "oat" in m["memory_value"])
    assert api.post("delete/memory", {"memory_ids": [fact]})["data"]["success"] is True
    assert implicit(api) == []
    assert api.get(f"get/memory/{found['id']}")["code"] != 0


LIMITS = [
    ("I'm severely allergic to peanuts.", "peanuts"),
    ("I am vegetarian.", "vegetarian"),
    ("I can't eat gluten.", "gluten"),
    ("我对花生过敏。", "花生"),
    ("我是素食者。", "素食"),
]


@pytest.mark.parametrize(("told", "word"), LIMITS)
@pytest.mark.parametrize(
    "query",
    ["Which capital lies on the Danube?", "今天的会议几点？", "What should I cook tonight?"],
)
def test_a_limit_is_never_dropped_by_a_threshold(
    api: Api, told: str, word: str, query: str
) -> None:
    tell(api, told, "I like jazz.", "I like blue shirts.")
    data = search(api, query, relativity=0.9)
    found = [p["preference"] for p in data["preference_detail_list"]]
    assert any(word in text for text in found), data
    assert data["preference_note"]
    assert preferences(api, query, include_preference=False) == []


@pytest.mark.parametrize(
    ("query", "relevant"),
    [
        ("What should I cook tonight?", True),
        ("Recommend a restaurant in Rome", True),
        ("Plan my trip to Japan", True),
        ("今晚吃什么好？", True),
        ("What music do I like?", False),
    ],
)
def test_a_limit_ranks_first_where_it_matters(api: Api, query: str, relevant: bool) -> None:
    tell(api, "I like pizza.", "I love ramen.", "I'm allergic to shellfish.", "I like jazz music.")
    found = preferences(api, query)
    assert ("shellfish" in found[0]) is relevant, found
    assert any("shellfish" in text for text in found)


@pytest.mark.parametrize(
    ("told", "query"),
    [
        ("I am diabetic.", "What dessert should I order?"),
        ("I take warfarin every morning.", "Which painkiller can I take?"),
        ("我有糖尿病，每天要吃二甲双胍。", "今晚吃什么甜品？"),
    ],
)
def test_an_illness_or_medicine_is_found_where_it_matters(api: Api, told: str, query: str) -> None:
    tell(api, told, "I work in a bank.")
    data = search(api, query)
    found = [m["memory_value"] for m in data["memory_detail_list"]]
    found += [p["preference"] for p in data["preference_detail_list"]]
    assert any(w in found[0] for w in ("diabetic", "warfarin", "糖尿病")), data


def test_a_preference_is_found_by_its_topic_without_a_shared_word(api: Api) -> None:
    tell(api, "I prefer aisle seats on flights.", "I like dark roast coffee.")
    assert any("aisle" in text for text in preferences(api, "Help me plan a vacation in Peru"))
    assert search(api, "Help me plan a vacation in Peru")["preference_note"]
