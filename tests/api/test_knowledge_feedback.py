"""The documented scenario: a supervisor corrects a policy, and everybody reads the correction."""

import pytest

from tests.api.knowledge import POLICY, RICHTLINIE, added, found, made
from tests.conftest import Api

ENGLISH = (
    POLICY,
    "policy.md",
    "Check the procurement limit for office software for me.",
    "The procurement limit for office software is 600 yuan, not 800 yuan.",
    "The procurement limit for office software is 650 yuan, not 600 yuan.",
    ("600", "800", "650"),
)
CHINESE = (
    RICHTLINIE,
    "制度.md",
    "帮我查一下办公软件的采购限额",
    "办公软件的采购限额是600元，不是800元。",
    "办公软件的采购限额是650元，不是600元。",
    ("600元", "800元", "650元"),
)


@pytest.fixture
def base(api: Api) -> str:
    return made(api)


def feedback(
    api: Api, text: str, bases: list[str], user: str = "supervisor", **more: object
) -> dict:
    body = {
        "user_id": user,
        "conversation_id": "1212",
        "feedback_content": text,
        "allow_knowledgebase_ids": bases,
        **more,
    }
    answer = api.post("add/feedback", body)
    api.settle()
    return answer


@pytest.mark.parametrize("case", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_feedback_lies_over_a_knowledge_base_for_everyone(api: Api, base: str, case: tuple) -> None:
    policy, name, question, first, second, (six, eight, later) = case
    added(api, base, policy, name)
    before = found(api, question, [base])
    assert eight in before[0]["memory_value"]
    answer = feedback(api, first, [base])
    assert (answer["code"], answer["data"]["success"]) == (0, True)
    values = [m["memory_value"] for m in found(api, question, [base], user_id="somebody else")]
    assert six in values[0]
    assert any(eight in value and six not in value for value in values), "the document stays"
    # A later correction takes the place of the first.
    feedback(api, second, [base], user="another supervisor")
    values = [m["memory_value"] for m in found(api, question, [base], user_id="somebody else")]
    assert later in values[0]
    assert not any(first == value for value in values)
    # Who may not read the knowledge base reads nothing of it.
    assert not any(six in m["memory_value"] for m in found(api, question, None))


def test_an_overlay_weighs_more_than_what_is_merely_told(api: Api, base: str) -> None:
    added(api, base)
    question = "Check the procurement limit for office software for me."
    feedback(api, ENGLISH[3], [base])
    first = found(api, question, [base], user_id="reader", explain=True)[0]
    assert "600" in first["memory_value"]
    assert first["explain"]["boosts"]["feedback"] > 0
    assert first["status"] == "activated"
    assert first["sources"][0]["type"] == "chat"


def test_messages_may_be_told_to_a_knowledge_base(api: Api, base: str) -> None:
    body = {
        "user_id": "facility",
        "messages": [
            {"role": "user", "content": "The canteen in Berlin opens at noon on Fridays."}
        ],
        "allow_knowledgebase_ids": [base],
        "async_mode": False,
    }
    assert api.post("add/message", body)["code"] == 0
    question = "When does the canteen in Berlin open?"
    assert "noon" in found(api, question, [base], user_id="reader")[0]["memory_value"]
    assert found(api, question, None, user_id="reader") == []
    assert "noon" in found(api, question, None, user_id="facility")[0]["memory_value"]


def test_knowledge_bases_of_others_take_nothing(api: Api, base: str) -> None:
    project = api.system.records.create_project("other")
    other = api.with_key(api.system.projects.create_key(project.id, "k").secret)
    assert feedback(other, ENGLISH[3], [base])["code"] == 50123
    body = {"user_id": "u", "messages": [{"role": "user", "content": "I like tea."}]}
    refused = other.post("add/message", {**body, "allow_knowledgebase_ids": [base]})
    assert (refused["code"], refused["data"]["success"]) == (50123, False)
    assert api.system.records.unfinished() == 0
    assert found(api, "tea", [base], relativity=0) == []


def test_what_a_user_told_a_knowledge_base_goes_with_the_user(api: Api, base: str) -> None:
    added(api, base)
    feedback(
        api, "The procurement limit for Zwielicht office software is 600 yuan, not 800.", [base]
    )
    question = "Zwielicht office software limit"
    memory = found(api, question, [base], user_id="reader")[0]
    assert "Zwielicht" in memory["memory_value"]
    # Also from a knowledge base that was taken from the project meanwhile.
    project = api.system.records.create_project("other")
    other = api.with_key(api.system.projects.create_key(project.id, "k").secret)
    api.system.projects.link(base, "other")
    api.post("delete/knowledgebase", {"knowledgebase_id": base})
    assert "Zwielicht" in found(other, question, [base])[0]["memory_value"]
    one = other.get(f"get/memory/{memory['id']}")["data"]
    assert one["sources"][0]["content"] is None, "what was said in another project stays there"
    assert api.post("delete/memory", {"user_id": "supervisor"})["code"] == 0
    assert not any("Zwielicht" in m["memory_value"] for m in found(other, question, [base]))
    folder = api.system.settings.data_dir
    left = b"".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert b"Zwielicht" not in left


def test_an_overlay_may_be_deleted_by_who_reads_it(api: Api, base: str) -> None:
    added(api, base)
    feedback(api, ENGLISH[3], [base])
    question = ENGLISH[2]
    overlay = found(api, question, [base], user_id="reader")[0]
    assert "600" in overlay["memory_value"]
    assert api.post("delete/memory", {"memory_ids": [overlay["id"]]})["code"] == 0
    assert "600" not in found(api, question, [base], user_id="reader")[0]["memory_value"]


def test_a_vote_counts_for_what_was_told_to_a_knowledge_base(api: Api, base: str) -> None:
    added(api, base)
    memory = found(api, ENGLISH[2], [base])[0]
    feedback(api, "That was wrong.", [base], retrieved_memory_ids=[memory["id"]])
    explained = found(api, ENGLISH[2], [base], explain=True)
    voted = next(m for m in explained if m["id"] == memory["id"])
    assert voted["explain"]["boosts"].get("feedback", 0) < 0


def test_what_is_told_to_an_erased_knowledge_base_goes_nowhere(api: Api, base: str) -> None:
    body = {
        "user_id": "facility",
        "messages": [{"role": "user", "content": "The canteen in Berlin opens at noon."}],
        "allow_knowledgebase_ids": [base],
    }
    assert api.post("add/message", body)["code"] == 0
    api.post("delete/knowledgebase", {"knowledgebase_id": base})
    api.settle()
    from memos.types.memory import ALL_KINDS, MemoryKind
    from memos.types.scope import Scope, knowledge_cube

    left = api.system.graph.find(Scope.of(knowledge_cube(base)), ALL_KINDS | {MemoryKind.SEGMENT})
    assert left.total == 0


@pytest.mark.parametrize(
    ("case", "undo"),
    [(ENGLISH, "Undo that."), (CHINESE, "撤销刚才的修改")],
    ids=["en", "zh"],
)
def test_an_overlay_is_taken_back_with_its_feedback(
    api: Api, base: str, case: tuple, undo: str
) -> None:
    policy, name, question, first, second, (six, eight, later) = case
    added(api, base, policy, name)

    def read() -> list[str]:
        return [m["memory_value"] for m in found(api, question, [base], user_id="reader")]

    before = read()
    record = feedback(api, first, [base])["data"]["record"]
    assert record["shared"]
    once = read()
    assert six in once[0]
    feedback(api, second, [base])
    assert later in read()[0]
    assert feedback(api, undo, [])["data"]["record"]["changes"] > 0
    assert read() == once
    back = feedback(api, undo, [])["data"]["record"]
    assert set(record["shared"]) <= set(back["shared"])
    assert read() == before
    assert eight in before[0]


def test_a_vote_on_an_overlay_is_taken_back(api: Api, base: str) -> None:
    added(api, base)
    memory = found(api, ENGLISH[2], [base])[0]
    feedback(api, "That was wrong.", [base], retrieved_memory_ids=[memory["id"]])
    back = feedback(api, "Undo that.", [])["data"]["record"]
    assert back["shared"] == [memory["id"]]
    explained = found(api, ENGLISH[2], [base], explain=True)
    again = next(m for m in explained if m["id"] == memory["id"])
    assert again["explain"]["boosts"].get("feedback", 0) == 0


def test_an_overlay_of_a_knowledge_base_that_was_taken_away_stays(api: Api, base: str) -> None:
    added(api, base)
    feedback(api, ENGLISH[3], [base])
    project = api.system.records.create_project("other")
    other = api.with_key(api.system.projects.create_key(project.id, "k").secret)
    api.system.projects.link(base, "other")
    api.post("delete/knowledgebase", {"knowledgebase_id": base})
    feedback(api, "Undo that.", [])
    assert "600" in found(other, ENGLISH[2], [base])[0]["memory_value"]
