"""Two projects, and two users of one, never see each other; filters narrow what one sees."""

import pytest

from tests.conftest import Api

SECRET = "The vault code of the lighthouse is kept under the third stone."


def tenants(api: Api) -> tuple[Api, Api]:
    """The default project and a second one."""
    project = api.system.records.create_project("second")
    key = api.system.projects.create_key(project.id, "k")
    return api, api.with_key(key.secret)


def say(api: Api, text: str, user: str = "u", **more: object) -> dict:
    messages = [{"role": "user", "content": text}]
    body = {"user_id": user, "messages": messages, "async_mode": False, **more}
    answer = api.post("add/message", body)
    assert answer["code"] == 0
    return answer["data"]


def test_a_second_project_sees_nothing_of_the_first(api: Api) -> None:
    ours, theirs = tenants(api)
    task = say(ours, SECRET, allow_public=True, conversation_id="c")
    memory = ours.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"][0]
    query = {"query": "vault code lighthouse stone", "user_id": "u", "relativity": 0}
    assert theirs.post("search/memory", query)["data"]["memory_detail_list"] == []
    assert theirs.post("get/memory", {"user_id": "u"})["data"]["total"] == 0
    body = {"user_id": "u", "conversation_id": "c"}
    assert theirs.post("get/message", body)["data"]["message_detail_list"] == []
    # A foreign id answers exactly as an id that never was.
    for real, invented in [(memory["id"], "0" * 8), (task["task_id"], "nope")]:
        pairs = [
            (theirs.get(f"get/memory/{x}") for x in (real, invented)),
            (theirs.post("get/status", {"task_id": x}) for x in (real, invented)),
            (theirs.post("delete/memory", {"memory_ids": [x]}) for x in (real, invented)),
        ]
        for pair in pairs:
            first, second = (dict(answer, data=None) for answer in pair)
            assert first == second
    assert theirs.post("delete/memory", {"user_id": "u"})["code"] == 40308
    assert ours.get(f"get/memory/{memory['id']}")["code"] == 0


def test_users_see_their_own_and_the_public_memories(api: Api) -> None:
    say(api, SECRET)
    say(api, "The cafeteria of the lighthouse opens at nine.", allow_public=True)
    query = {"query": "When does the cafeteria of the lighthouse open?", "user_id": "other"}
    found = api.post("search/memory", query)["data"]["memory_detail_list"]
    assert ["cafeteria" in m["memory_value"] for m in found] == [True]
    assert found[0]["owner"] == "public"
    assert all("memos:origin" not in (m["info"] or {}) for m in found)
    mine = api.post("search/memory", dict(query, user_id="u"))["data"]["memory_detail_list"]
    assert [m["owner"] for m in mine if "cafeteria" in m["memory_value"]] == ["user"]


def test_an_agent_has_memories_of_its_own(api: Api) -> None:
    messages = [{"role": "user", "content": "The harbour master answers on channel twelve."}]
    body = {"agent_id": "pilot", "messages": messages, "async_mode": False}
    assert api.post("add/message", body)["code"] == 0
    query = "On which channel does the harbour master answer?"
    found = api.post("search/memory", {"query": query, "agent_id": "pilot"})
    assert len(found["data"]["memory_detail_list"]) == 1
    assert (
        api.post("search/memory", {"query": query, "user_id": "pilot"})["data"][
            "memory_detail_list"
        ]
        == []
    )
    assert api.post("delete/memory", {"agent_id": "pilot"})["code"] == 0


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"and": [{"agent_id": "a1"}]}, {"red"}),
        ({"or": [{"agent_id": "a1"}, {"agent_id": "a2"}]}, {"red", "blue"}),
        ({"and": [{"app_id": "app"}, {"scene": "home"}]}, {"blue"}),
        ({"and": [{"level": {"gte": 2}}]}, {"blue", "green"}),
        ({"and": [{"tags": {"contains": "boats"}}]}, {"green"}),
        ({"and": [{"create_time": {"lt": "2020-01-01"}}]}, set()),
        ({"and": [{"create_time": {"gte": "2020-01-01"}}]}, {"red", "blue", "green"}),
        ({"user": {"and": [{"agent_id": "a2"}]}}, {"blue"}),
        ({"public": {"and": [{"agent_id": "a2"}]}}, {"red", "blue", "green"}),
        (
            {"or": [{"and": [{"agent_id": "a1"}, {"scene": "home"}]}, {"level": 3}]},
            {"green"},
        ),
    ],
)
def test_filters_keep_exactly_what_they_say(api: Api, where: dict, expected: set[str]) -> None:
    say(api, "The red boat belongs to Tom.", agent_id="a1", info={"scene": "work", "level": 1})
    say(
        api,
        "The blue boat belongs to Tom.",
        agent_id="a2",
        app_id="app",
        info={"scene": "home", "level": 2},
    )
    say(api, "The green boat belongs to Tom.", info={"level": 3}, tags=["boats"])
    body = {"query": "Whose boat is it?", "user_id": "u", "filter": where, "relativity": 0}
    values = " ".join(
        m["memory_value"] for m in api.post("search/memory", body)["data"]["memory_detail_list"]
    )
    assert {c for c in ("red", "blue", "green") if c in values} == expected
    if "public" not in where:
        listed = api.post("get/memory", {"user_id": "u", "filter": where})["data"]
        assert listed["total"] == len(expected)
