"""Profiles: named fields of a user, editable, listed and found."""

import pytest

from tests.conftest import Api

TEMPLATE = {"profile_template_id": "card", "user_id": "ida"}


def bind(api: Api, **subject: object) -> dict:
    entry = {"profile_template_id": "card", **(subject or {"user_id": "ida"})}
    return api.post("bind/profile_template", {"bind_list": [entry]})


def edit(api: Api, **change: object) -> dict:
    return api.post("edit/profile", {**TEMPLATE, **change})


def listed(api: Api, **subject: object) -> dict:
    return api.post("get/memory", subject or {"user_id": "ida"})["data"]


def fields(api: Api) -> dict:
    (profile,) = listed(api)["profile_detail_list"]
    return profile["metadata"]


def test_a_bound_profile_is_empty_and_edited_field_by_field(api: Api) -> None:
    bound = bind(api)["data"]
    assert bound["success"]
    assert fields(api) == {}
    assert listed(api)["memory_detail_list"] == []
    edit(api, metadata={"basic": {"city": "Graz", "job": "nurse"}, "langs": ["de", "中文"]})
    edit(api, metadata={"basic": {"city": "杭州", "since": 2024}})
    changed = edit(api, remove_fields=["basic.job"])["data"]
    wanted = {"basic": {"city": "杭州", "since": 2024}, "langs": ["de", "中文"]}
    assert changed["profile_detail_list"][0]["metadata"] == fields(api) == wanted
    assert bind(api)["data"]["profile_detail_list"][0]["metadata"] == wanted
    edit(api, remove_fields=["basic"])
    assert fields(api) == {"langs": ["de", "中文"]}


def test_a_field_that_is_set_and_removed_at_once_is_set(api: Api) -> None:
    bind(api)
    edit(api, metadata={"a": {"b": "1", "c": "2"}})
    edit(api, metadata={"a": {"b": "3"}}, remove_fields=["a"])
    assert fields(api) == {"a": {"b": "3"}}


def test_fields_are_memories_that_searches_find(api: Api) -> None:
    bind(api)
    edit(api, metadata={"home": {"favourite_drink": "oolong tea"}})
    edit(api, metadata={"pet": {"name": "豆包"}})
    query = {"user_id": "ida", "query": "What is the favourite drink?", "relativity": 0}
    found = api.post("search/memory", query)["data"]["memory_detail_list"]
    assert found[0]["memory_value"] == "home · favourite drink: oolong tea"
    assert found[0]["info"] == {"profile_template_id": "card"}
    assert found[0]["tags"] == []
    chosen = {**query, "filter": {"and": [{"profile_template_id": "card"}]}}
    assert len(api.post("search/memory", chosen)["data"]["memory_detail_list"]) == 2
    history = api.post("get/memory/history", {"memory_id": found[0]["id"]})["data"]
    assert len(history["versions"]) == 1


def test_a_changed_or_deleted_memory_is_a_changed_or_deleted_field(api: Api) -> None:
    bind(api)
    edit(api, metadata={"city": "Graz", "job": "nurse"})
    by_key = {m["memory_key"]: m["id"] for m in listed(api)["memory_detail_list"]}
    api.post("update/memory", {"memory_id": by_key["city"], "content": "city: Linz"})
    assert api.post("delete/memory", {"memory_ids": [by_key["job"]]})["code"] == 0
    assert fields(api) == {"city": "Linz"}


def test_users_agents_templates_and_projects_are_apart(api: Api) -> None:
    bind(api)
    bind(api, agent_id="ida")
    api.post(
        "bind/profile_template",
        {"bind_list": [{"profile_template_id": "second", "user_id": "ida"}]},
    )
    edit(api, metadata={"a": "of the user"})
    assert [p["profile_template_id"] for p in listed(api)["profile_detail_list"]] == [
        "card", "second",
    ]  # fmt: skip
    (agents,) = listed(api, agent_id="ida")["profile_detail_list"]
    assert (agents["metadata"], agents["user_id"], agents["agent_id"]) == ({}, None, "ida")
    project = api.system.records.create_project("other")
    _, secret = api.system.records.create_key(project.id, "k")
    other = api.with_key(secret)
    assert listed(other)["profile_detail_list"] == []
    assert edit(other, metadata={"a": "b"})["code"] == 40001


@pytest.mark.parametrize("whole_user", [True, False])
def test_a_deleted_profile_leaves_no_byte(api: Api, whole_user: bool) -> None:
    bind(api)
    edit(api, metadata={"secretword": "xylophone"})
    edit(api, metadata={"secretword": "zeppelin"})
    if whole_user:
        assert api.post("delete/memory", {"user_id": "ida"})["code"] == 0
        assert api.post("delete/memory", {"user_id": "ida"})["code"] == 40308
    else:
        assert api.post("delete/profile", TEMPLATE)["data"]["success"] is True
        assert api.post("delete/profile", TEMPLATE)["code"] == 40001
    assert listed(api)["profile_detail_list"] == []
    folder = api.system.settings.data_dir
    for path in (p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        assert not any(word in raw for word in (b"xylophone", b"zeppelin", b"secretword"))


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("bind/profile_template", {}, 40002),
        ("bind/profile_template", {"bind_list": []}, 40002),
        ("bind/profile_template", {"bind_list": [{"profile_template_id": "t"}]}, 40002),
        ("bind/profile_template", {"bind_list": [{"user_id": "u"}]}, 40002),
        ("bind/profile_template", {"bind_list": "t"}, 40000),
        ("edit/profile", {"profile_template_id": "t", "user_id": "u"}, 40002),
        ("edit/profile", {**TEMPLATE, "metadata": {"a": 1}, "agent_id": "b"}, 40000),
        ("edit/profile", {**TEMPLATE, "metadata": []}, 40000),
        ("edit/profile", {**TEMPLATE, "metadata": {"a.b": 1}}, 40000),
        ("edit/profile", {**TEMPLATE, "metadata": {" ": 1}}, 40000),
        ("edit/profile", {**TEMPLATE, "metadata": {"a": "x" * 2001}}, 40000),
        ("edit/profile", {**TEMPLATE, "metadata": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, 40000),
        ("edit/profile", {**TEMPLATE, "metadata": {str(n): n for n in range(201)}}, 40000),
        ("edit/profile", {**TEMPLATE, "user_id": "never", "metadata": {"a": 1}}, 40001),
        ("delete/profile", {**TEMPLATE, "user_id": "never"}, 40001),
    ],
)
def test_what_is_no_profile_is_refused(api: Api, path: str, body: dict, code: int) -> None:
    bind(api)
    answer = api.post(path, body)
    assert (answer["code"], answer["data"]["success"]) == (code, False)
    assert fields(api) == {}
