"""Explanations, the prompt block and deadlines, over HTTP."""

import re

import pytest

from memos.types.language import count_tokens
from tests.conftest import Api

TEXTS = [
    "I keep the green kayak in the garage.",
    "My brother repairs old radios in Porto.",
    "I like spicy food.",
]
QUERY = {"user_id": "u", "query": "Where is the green kayak?"}


@pytest.fixture
def filled(api: Api) -> Api:
    for day, text in enumerate(TEXTS, 1):
        messages = [{"role": "user", "content": text, "chat_time": f"2025-03-0{day} 10:00:00"}]
        body = {"user_id": "u", "messages": messages, "async_mode": False}
        assert api.post("add/message", body)["code"] == 0
    return api


def memory_id(api: Api, word: str) -> str:
    data = api.post("get/memory", {"user_id": "u"})["data"]
    both = [
        *((m["id"], m["memory_value"]) for m in data["memory_detail_list"]),
        *((p["id"], p["preference"]) for p in data["preference_detail_list"]),
    ]
    return next(i for i, value in both if word in value)


def test_each_result_says_how_its_score_came_about(filled: Api) -> None:
    data = filled.post("search/memory", {**QUERY, "explain": True, "relativity": 0})["data"]
    first = data["memory_detail_list"][0]
    explanation = first["explain"]
    assert explanation["rank"] == 1
    assert explanation["arm_ranks"]["lexical"] == 1
    assert explanation["relativity"] == pytest.approx(first["relativity"], abs=1e-5)
    total = explanation["parts"]["score"] + sum(explanation["boosts"].values())
    assert explanation["score"] == pytest.approx(total, abs=1e-4)
    assert data["stages"]["rerank"].startswith("skipped")
    plain = filled.post("search/memory", QUERY)["data"]
    assert plain["memory_detail_list"][0]["explain"] is None


def test_memory_that_cannot_answer_says_so(filled: Api) -> None:
    known = filled.post("search/memory", QUERY)["data"]["answerable"]
    unknown = filled.post("search/memory", {**QUERY, "query": "Who won the chess cup?"})["data"]
    assert known > 0.8
    assert unknown["answerable"] < 0.45


@pytest.mark.parametrize(
    ("word", "change", "stage"),
    [
        ("kayak", {}, "returned"),
        ("radios", {}, "relativity"),
        ("radios", {"relativity": 0}, "returned"),
        ("radios", {"relativity": 0, "memory_limit_number": 1}, "limit"),
        ("kayak", {"filter": {"and": [{"agent_id": "a"}]}}, "filter"),
        ("kayak", {"user_id": "somebody-else"}, "scope"),
        ("spicy", {"include_preference": False}, "kind"),
    ],
)
def test_the_stage_that_left_a_memory_out_is_named(
    filled: Api, word: str, change: dict, stage: str
) -> None:
    body = {**QUERY, **change, "memory_id": memory_id(filled, word)}
    data = filled.post("explain/memory", body)["data"]
    assert data["stage"] == stage, data
    assert data["returned"] is (stage == "returned")
    assert data["detail"]


def test_an_archived_memory_is_explained_by_its_status(api: Api) -> None:
    body = {"user_id": "u", "messages": [{"role": "user", "content": TEXTS[0]}]}
    api.post("add/message", body)
    rough = api.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"][0]["id"]
    api.settle()
    data = api.post("explain/memory", {**QUERY, "memory_id": rough})["data"]
    assert data["stage"] == "status"


def test_an_unknown_memory_cannot_be_explained(filled: Api) -> None:
    assert filled.post("explain/memory", {**QUERY, "memory_id": "nope"})["code"] == 40001
    assert filled.post("explain/memory", QUERY)["code"] == 40002


def test_the_prompt_block_is_dated_ordered_and_escaped(api: Api) -> None:
    texts = ["I keep the <b>green</b> kayak </memories> in the garage.", *TEXTS[1:]]
    for day, text in zip((3, 1, 2), texts, strict=True):
        messages = [{"role": "user", "content": text, "chat_time": f"2025-03-0{day} 10:00:00"}]
        api.post("add/message", {"user_id": "u", "messages": messages, "async_mode": False})
    body = {**QUERY, "relativity": 0, "context_format": "prompt"}
    block = api.post("search/memory", body)["data"]["context"]
    facts = re.findall(r"^- \[(2025-03-\d\d) 10:00\] (?!\[)", block, re.MULTILINE)
    assert facts == ["2025-03-01", "2025-03-03"]
    assert "- [2025-03-02 10:00] [Explicit preference] The user likes spicy food." in block
    assert block.count("</memories>") == 1
    assert "&lt;b&gt;" in block
    assert (
        api.post("search/memory", {**body, "context_format": "memory"})["data"]["context"] is None
    )


def test_the_prompt_block_is_cut_to_size_and_keeps_what_matters_most(filled: Api) -> None:
    body = {**QUERY, "relativity": 0, "context_format": "prompt", "include_preference": False}
    whole = filled.post("search/memory", body)["data"]["context"]
    assert "kayak" in whole
    assert "radios" in whole
    cut = filled.post("search/memory", {**body, "max_tokens": count_tokens(whole) - 1})["data"][
        "context"
    ]
    assert "kayak" in cut
    assert "radios" not in cut
    assert filled.post("search/memory", {**body, "max_tokens": 5})["data"]["context"] == ""


@pytest.mark.parametrize("value", [0, -1, "soon", 1.5])
def test_deadlines_and_budgets_are_checked(api: Api, value: object) -> None:
    for name in ("deadline_ms", "max_tokens"):
        assert api.post("search/memory", {**QUERY, name: value})["code"] == 40000


@pytest.mark.parametrize(
    "template",
    ["My sister Anna keeps ticket {n} in her red drawer.", "我买了编号{n}的蓝色台灯。"],
)
def test_a_number_asked_for_finds_its_memory_among_all_its_likes(api: Api, template: str) -> None:
    numbers = range(4_000_001, 4_000_061)
    for start in range(0, 60, 20):
        messages = [
            {"role": "user", "content": template.format(n=n)} for n in numbers[start : start + 20]
        ]
        body = {"user_id": "u", "messages": messages, "async_mode": False}
        assert api.post("add/message", body)["code"] == 0
    for n in (4_000_001, 4_000_031, 4_000_060):
        query = {"user_id": "u", "query": template.format(n=n)}
        first = api.post("search/memory", query)["data"]["memory_detail_list"][0]
        assert str(n) in first["memory_value"]
