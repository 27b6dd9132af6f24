"""What is deleted is gone, down to the bytes; what is not stays."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memos.graph_dbs.base import Census, NodeWrite
from memos.handlers.add import AddCommand, IncomingMessage
from memos.handlers.caller import Caller
from memos.mem_os.bootstrap import System
from memos.types.memory import Edge, EdgeKind
from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import Api

MARKER = "Zephyrine Quandlebrook"
NEIGHBOUR = "The green kayak hangs in the garage since March."


def bytes_on_disk(folder: Path, *needles: str) -> set[str]:
    """Needles found in any file of the data folder."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found |= {n for n in needles if n.encode() in content}
    return found


def say(api: Api, *texts: str, user: str = "u", **more: object) -> dict:
    messages = [{"role": "user", "content": text} for text in texts]
    body = {"user_id": user, "conversation_id": "c", "messages": messages, **more}
    answer = api.post("add/message", body)
    assert answer["code"] == 0
    return answer


def facts(api: Api, user: str = "u") -> list[dict]:
    return api.post("get/memory", {"user_id": user, "size": 50})["data"]["memory_detail_list"]


@pytest.mark.parametrize("refined", [True, False], ids=["refined", "rough"])
def test_deleting_a_user_leaves_no_byte_and_no_trace(api: Api, refined: bool) -> None:
    say(api, f"My doctor is called {MARKER} and works in Porto.", info={"scene": "Xylocarp"})
    say(api, NEIGHBOUR, user="neighbour", async_mode=False)
    if refined:
        api.settle()
    assert bytes_on_disk(api.system.settings.data_dir, MARKER) == {MARKER}
    answer = api.post("delete/memory", {"user_id": "u"})["data"]
    assert answer["success"] is True
    assert answer["receipt"]["messages"] == 1
    assert answer["receipt"]["segments"] == 1
    assert answer["receipt"]["memories"] >= 1
    folder = api.system.settings.data_dir
    assert bytes_on_disk(folder, MARKER, "Quandlebrook", "Xylocarp") == set()
    assert facts(api) == []
    assert "kayak" in facts(api, "neighbour")[0]["memory_value"]
    assert api.post("delete/memory", {"user_id": "u"})["code"] == 40308
    api.settle()
    assert facts(api) == []


def test_deleting_a_memory_by_id_erases_its_words_everywhere(api: Api) -> None:
    say(api, f"My doctor is called {MARKER}. {NEIGHBOUR}", async_mode=False)
    memory = next(m for m in facts(api) if MARKER in m["memory_value"])
    kept = [m for m in facts(api) if MARKER not in m["memory_value"]]
    assert kept
    assert api.post("delete/memory", {"memory_ids": [memory["id"]]})["data"]["success"] is True
    assert bytes_on_disk(api.system.settings.data_dir, MARKER, "Quandlebrook") == set()
    assert api.get(f"get/memory/{memory['id']}")["code"] == 40001
    assert facts(api) == kept
    listed = api.post("get/message", {"user_id": "u", "conversation_id": "c"})["data"]
    assert NEIGHBOUR in listed["message_detail_list"][0]["content"]
    found = api.post("search/memory", {"user_id": "u", "query": "Where is the green kayak?"})
    assert "kayak" in found["data"]["memory_detail_list"][0]["memory_value"]


def test_a_rough_memory_deleted_before_it_is_refined_never_comes_back(api: Api) -> None:
    say(api, f"My doctor is called {MARKER}.")
    rough = facts(api)[0]
    assert api.post("delete/memory", {"memory_ids": [rough["id"]]})["data"]["success"] is True
    api.settle()
    assert facts(api) == []
    assert bytes_on_disk(api.system.settings.data_dir, MARKER) == set()


def test_deleting_the_id_of_a_refined_rough_memory_deletes_what_it_became(api: Api) -> None:
    say(api, f"My doctor is called {MARKER}.")
    rough = facts(api)[0]
    api.settle()
    assert facts(api)[0]["id"] != rough["id"]
    assert api.post("delete/memory", {"memory_ids": [rough["id"]]})["data"]["success"] is True
    assert facts(api) == []
    assert bytes_on_disk(api.system.settings.data_dir, MARKER) == set()


def test_one_unknown_id_deletes_nothing(api: Api) -> None:
    say(api, NEIGHBOUR, async_mode=False)
    memory = facts(api)[0]
    assert api.post("delete/memory", {"memory_ids": [memory["id"], "nope"]})["code"] == 40307
    assert facts(api) == [memory]


def test_public_copies_go_with_the_user_they_came_from(api: Api) -> None:
    say(api, f"Our office dog is called {MARKER}.", async_mode=False, allow_public=True)
    say(api, NEIGHBOUR, user="neighbour", async_mode=False, allow_public=True)
    query = {"query": "What is the office dog called?", "user_id": "somebody-else"}
    assert (
        MARKER in api.post("search/memory", query)["data"]["memory_detail_list"][0]["memory_value"]
    )
    api.post("delete/memory", {"user_id": "u"})
    assert bytes_on_disk(api.system.settings.data_dir, MARKER) == set()
    found = api.post("search/memory", dict(query, query="Where does the green kayak hang?"))
    assert "kayak" in found["data"]["memory_detail_list"][0]["memory_value"]


def test_deleting_by_kind_leaves_the_other_kinds(api: Api) -> None:
    say(api, "I like spicy food.", NEIGHBOUR, async_mode=False)
    body = {"user_id": "u", "memory_type": "PreferenceMemory"}
    assert api.post("delete/memory", body)["data"]["success"] is True
    data = api.post("get/memory", {"user_id": "u"})["data"]
    assert data["preference_detail_list"] == []
    assert len(data["memory_detail_list"]) == 1
    assert api.post("delete/memory", {"user_id": "u", "memory_type": "Dream"})["code"] == 40000


def test_many_memories_are_deleted_by_id_in_one_call(api: Api) -> None:
    texts = [f"On day {n} I planted the tree called {MARKER} {n}." for n in range(120)]
    for start in range(0, 120, 40):
        say(api, *texts[start : start + 40], async_mode=False)
    say(api, NEIGHBOUR, user="neighbour", async_mode=False)
    ids = []
    for page in (1, 2, 3):
        body = {"user_id": "u", "size": 50, "page": page}
        ids += [m["id"] for m in api.post("get/memory", body)["data"]["memory_detail_list"]]
    assert len(ids) >= 100
    answer = api.post("delete/memory", {"memory_ids": ids})
    assert answer["code"] == 0, answer
    assert bytes_on_disk(api.system.settings.data_dir, MARKER) == set()
    assert facts(api) == []


def test_the_receipt_counts_what_went_and_what_came_back(api: Api) -> None:
    def told(text: str, when: str) -> None:
        message = {"role": "user", "content": text, "chat_time": f"{when} 10:00:00"}
        body = {
            "user_id": "u",
            "conversation_id": when,
            "messages": [message],
            "allow_public": True,
            "async_mode": False,
        }
        assert api.post("add/message", body)["code"] == 0

    told("I live in Berlin.", "2021-03-01")
    told("I moved to Madrid.", "2022-05-01")
    madrid = next(m for m in facts(api) if "Madrid" in m["memory_value"])
    update = {"memory_id": madrid["id"], "content": "The user moved to Lisbon."}
    assert api.post("update/memory", update)["code"] == 0
    answer = api.post("delete/memory", {"memory_ids": [madrid["id"]]})["data"]
    assert answer["receipt"] == {
        "memories": 1,
        "versions": 1,
        "segments": 2,
        "messages": 1,
        "tasks": 0,
        "public_copies": 1,
        "knowledge_copies": 0,
        "files": 0,
        "rederived": 0,
        "reinstated": 1,
    }
    assert "Berlin" in facts(api)[0]["memory_value"]
    assert bytes_on_disk(api.system.settings.data_dir, "Madrid", "Lisbon") == set()
    (row,) = [r for r in api.system.records.audit_rows() if r.action == "delete_memories"]
    assert row.details == answer["receipt"]


def test_a_summary_goes_with_what_it_was_made_of_and_the_rest_of_that_stays(api: Api) -> None:
    say(api, f"I confuse linear functions, says {MARKER}.", async_mode=False)
    say(api, "My bicycle is painted yellow.", async_mode=False)
    graph, cube = api.system.graph, Cube.parse(f"{project_of(api)}/user/u")
    one, other = sorted(facts(api), key=lambda m: MARKER not in m["memory_value"])
    (base,) = graph.get(Scope.of(cube), [one["id"]])
    below = [one["id"], other["id"]]
    for uid in ("summary", "summary of it"):
        made = replace(base, id=uid, value=f"In short: {MARKER}.", sources=())
        edges = [Edge(uid, EdgeKind.DERIVED_FROM, each) for each in below]
        graph.put(Scope.of(cube), [NodeWrite(made, made.value)], edges)
        below = [uid]
    answer = api.post("delete/memory", {"memory_ids": [one["id"]]})["data"]
    assert (answer["receipt"]["memories"], answer["receipt"]["rederived"]) == (3, 2)
    assert [m["id"] for m in facts(api)] == [other["id"]]
    assert bytes_on_disk(api.system.settings.data_dir, MARKER, "Quandlebrook") == set()


def project_of(api: Api) -> str:
    return api.system.records.projects()[0].id


def test_what_another_process_erased_while_it_was_indexed_is_taken_back(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process erases the user between the storing of a message and its indexing."""
    records = system.records
    project = records.projects()[0].id
    cube = Cube(project, CubeKind.USER, "u")
    accept = records.accept

    def accept_and_lose(*arguments: Any) -> Any:
        stored = accept(*arguments)
        records.erase_subject(cube)
        return stored

    monkeypatch.setattr(records, "accept", accept_and_lose)
    message = IncomingMessage("user", f"My doctor is {MARKER}.", 1)
    system.add(Caller(project, "key"), AddCommand("u", [message]))
    assert system.graph.census(Scope.of(cube)) == Census(0, 0, 0)
