"""Questions about what a user ever did: the newest of the events that answer comes first."""

import pytest

from memos.graph_dbs.base import Profile
from memos.memories.textual.tree_text_memory.retrieve.chronology import asks_ever
from memos.memories.textual.tree_text_memory.retrieve.plan import plan_query
from memos.types.chat_time import BEIJING
from tests.api.test_states import tell
from tests.conftest import START_MS, Api


def asks(question: str) -> bool:
    profile = Profile((), (2023, 2025), 9)
    return asks_ever(plan_query(question, profile, START_MS, BEIJING))


@pytest.mark.parametrize(
    "question",
    [
        "Where have I traveled?",
        "What have I bought?",
        "Which cities have we ever visited?",
        "我去过哪里旅游？",
        "我都去过哪些地方？",
        "我看过什么电影？",
    ],
)
def test_questions_that_ask_for_it(question: str) -> None:
    assert asks(question)


@pytest.mark.parametrize(
    "question",
    [
        "Where do I live?",
        "What did I do in 2023?",
        "What has Caroline painted recently?",
        "Which films do I like?",
        "我住在哪里？",
        "我2023年去过哪里？",
        "小王去过哪里？",
    ],
)
def test_questions_that_do_not(question: str) -> None:
    assert not asks(question)


@pytest.mark.parametrize(
    ("told", "questions", "order"),
    [
        (
            [("2026-05-02", "I traveled to Hangzhou by train."),
             ("2025-10-08", "I traveled to Xi'an by plane."),
             ("2026-03-02", "My car broke down on the way to work.")],
            ["Where have I traveled?", "Where did I travel recently?", "Where did I last travel?"],
            ("Hangzhou", "Xi'an"),
        ),
        (
            [("2026-05-02", "我坐高铁去杭州旅游了。"), ("2025-10-08", "我坐飞机去西安旅游了。"),
             ("2026-03-02", "我的车在路上坏了。")],
            ["我去过哪里旅游？", "我最近去哪里旅游了？", "我都去哪里旅游过？"],
            ("杭州", "西安"),
        ),
    ],
)  # fmt: skip
def test_the_newest_journey_comes_first(
    api: Api, told: list[tuple[str, str]], questions: list[str], order: tuple[str, str]
) -> None:
    tell(api, *told)
    for query in questions:
        body = {"user_id": "u", "query": query}
        data = api.post("search/memory", body)["data"]["memory_detail_list"]
        found = [m["memory_value"] for m in data]
        assert order[0] in found[0], (query, found)
        assert order[1] in found[1], (query, found)
