"""Questions about what is planned find what is dated in the days asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from tests.conftest import KEY, Api, ManualClock

FRIDAY_MS = 1_795_752_000_000  # 27 November 2026, 12:00 in Beijing


@pytest.fixture
def friday(tmp_path: Path, embedder: Embedder) -> Iterator[Api]:
    """The API on a Friday, some plans made."""
    settings = Settings(
        data_dir=tmp_path, bootstrap_api_key=KEY, tokens_per_minute=0, embedded_worker=False
    )
    system = build(settings, clock=ManualClock(FRIDAY_MS), embedder=embedder)
    system.start()
    told = [
        "Take the kids to the zoo on Saturday, please remember it.",
        "On Sunday we visit grandma in Suzhou.",
        "I will see the dentist on 3 December.",
        "My wife is called Ines.",
        "Last Saturday I painted the fence.",
    ]
    with TestClient(create_app(system)) as http:
        api = Api(system, http)
        for user, texts in (("en", told), ("zh", ["星期六带孩子去动物园。", "我妻子叫小云。"])):
            messages = [{"role": "user", "content": text} for text in texts]
            body = {"user_id": user, "conversation_id": "c", "messages": messages}
            assert api.post("add/message", {**body, "async_mode": False})["code"] == 0
        yield api
    system.close()


def found(api: Api, query: str, user: str = "en", **more: object) -> str:
    answer = api.post("search/memory", {"user_id": user, "query": query, **more})
    return " | ".join(m["memory_value"] for m in answer["data"]["memory_detail_list"])


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("What plans do I have for the weekend?", ("zoo", "grandma"), ("dentist", "fence", "Ines")),
        ("What are we doing on Saturday?", ("zoo",), ("grandma", "dentist")),
        ("Am I free on Sunday?", ("grandma",), ("zoo", "dentist")),
        ("What's on my schedule next week?", ("dentist",), ("zoo",)),
        ("What do I have planned?", ("zoo", "grandma", "dentist"), ("fence",)),
    ],
)
def test_plans_are_found_by_their_days(
    friday: Api, query: str, there: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    shown = found(friday, query)
    assert all(word in shown for word in there), shown
    assert not any(word in shown for word in absent), shown


@pytest.mark.parametrize("query", ["周末我有什么安排？", "我们星期六做什么？", "我有什么计划？"])
def test_plans_are_found_in_chinese(friday: Api, query: str) -> None:
    assert "动物园" in found(friday, query, "zh")


def test_other_questions_and_filters_are_left_alone(friday: Api) -> None:
    assert "zoo" not in found(friday, "What is my wife called?")
    assert "zoo" not in found(friday, "What should I do about my back?")
    nothing = {"and": [{"tags": {"contains": "no such tag"}}]}
    assert found(friday, "What are we doing on Saturday?", filter=nothing) == ""
    assert found(friday, "What are we doing on Saturday?", "somebody else") == ""
