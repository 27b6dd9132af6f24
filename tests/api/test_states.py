"""Memory that stays true: what holds now, what held before, whatever order it was told in."""

import pytest

from tests.conftest import Api


def tell(api: Api, *told: tuple[str, str], user: str = "u") -> None:
    """Add statements, each at its own time and in a conversation of its own."""
    for when, text in told:
        messages = [{"role": "user", "content": text, "chat_time": f"{when} 10:00:00"}]
        body = {
            "user_id": user,
            "conversation_id": when,
            "messages": messages,
            "async_mode": False,
        }
        assert api.post("add/message", body)["data"]["status"] == "completed"


def ask(api: Api, query: str, user: str = "u") -> list[str]:
    data = api.post("search/memory", {"user_id": user, "query": query})["data"]
    return [
        *(m["memory_value"] for m in data["memory_detail_list"]),
        *(p["preference"] for p in data["preference_detail_list"]),
    ]


HOMES = [
    ("2021-03-01", "I live in Berlin."),
    ("2022-05-01", "I moved to Madrid."),
    ("2024-02-01", "I just moved to Lisbon."),
]
HOMES_ZH = [
    ("2021-03-01", "我住在北京。"),
    ("2022-05-01", "我搬到了上海。"),
    ("2024-02-01", "我刚搬到杭州。"),
]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_latest_home_is_the_present_one_in_whatever_order_it_is_told(
    api: Api, order: tuple[int, ...]
) -> None:
    tell(api, *(HOMES[n] for n in order))
    for query in ("Where do I live?", "Where do I live now?", "Which city is my home?"):
        found = ask(api, query)
        assert "Lisbon" in found[0], (query, found)
        assert not any("Berlin" in f or "Madrid" in f for f in found), (query, found)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_the_same_in_chinese(api: Api, order: tuple[int, ...]) -> None:
    tell(api, *(HOMES_ZH[n] for n in order))
    for query in ("我住在哪里？", "我现在住在哪儿"):
        found = ask(api, query)
        assert "杭州" in found[0], (query, found)
        assert not any("北京" in f or "上海" in f for f in found), (query, found)


def test_questions_about_the_past_find_what_held_then(api: Api) -> None:
    tell(api, *HOMES)
    assert "Madrid" in ask(api, "Where did I live in 2023?")[0]
    assert "Berlin" in ask(api, "Where did I live in 2021?")[0]
    before = " ".join(ask(api, "Where did I use to live before?"))
    assert "Madrid" in before
    assert "Berlin" in before


def test_what_was_said_again_later_counts_from_both_times(api: Api) -> None:
    again = ("2024-09-01", "I live in Berlin.")
    tell(api, HOMES[0], again, HOMES[1])
    assert "Berlin" in ask(api, "Where do I live?")[0]
    assert "Madrid" in ask(api, "What was my previous home?")[0]
    assert "Madrid" in ask(api, "Where did I live in 2023?")[0]


def test_a_taste_that_changed_is_no_longer_held(api: Api) -> None:
    tell(api, ("2024-01-01", "I like apples."), ("2024-06-01", "I don't like apples any more."))
    found = ask(api, "Do I like apples?")
    assert len(found) == 1
    assert "not" in found[0]


def test_other_peoples_states_do_not_change_mine(api: Api) -> None:
    tell(api, ("2023-01-01", "I live in Berlin."), ("2024-01-01", "My sister lives in Oslo."))
    assert "Berlin" in ask(api, "Where do I live?")[0]
    assert "Oslo" in ask(api, "Where does my sister live?")[0]


def test_both_versions_stay_and_their_intervals_close(api: Api) -> None:
    tell(api, *HOMES[:2])
    listed = api.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"]
    assert [("Madrid" in m["memory_value"]) for m in listed] == [True]
    assert all(not tag.startswith("memos:") for m in listed for tag in m["tags"])


def test_deleting_the_present_state_reinstates_the_one_before(api: Api) -> None:
    tell(api, *HOMES)
    data = api.post("search/memory", {"user_id": "u", "query": "Where do I live?"})["data"]
    present = data["memory_detail_list"][0]["id"]
    assert api.post("delete/memory", {"memory_ids": [present]})["data"]["success"] is True
    assert "Madrid" in ask(api, "Where do I live?")[0]


def test_a_repeated_task_changes_nothing(api: Api) -> None:
    tell(api, *HOMES)
    before = api.post("get/memory", {"user_id": "u"})["data"]
    tell(api, *HOMES)
    after = api.post("get/memory", {"user_id": "u"})["data"]
    assert [m["memory_value"] for m in after["memory_detail_list"]] == [
        m["memory_value"] for m in before["memory_detail_list"]
    ]


def test_reserved_tags_cannot_be_given_by_clients(api: Api) -> None:
    messages = [{"role": "user", "content": "The kayak is green."}]
    body = {"user_id": "u", "messages": messages, "async_mode": False}
    api.post("add/message", {**body, "tags": ["memos:superseded", "memos:state:user/home"]})
    assert "kayak" in ask(api, "What colour is the kayak?")[0]
    assert ask(api, "Where do I live?") == []
