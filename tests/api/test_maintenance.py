"""The care of memories over the years: the student's example of the documentation, and its limits."""

import pytest

from memos.errors import InvalidInputError, NotFoundError
from memos.mem_os.bootstrap import System
from memos.mem_scheduler.maintain import Care
from memos.mem_scheduler.periodic import Periodic
from memos.types.lifecycle import Policy
from tests.api.timeline import Teller, text_of
from tests.conftest import ManualClock

CONFUSED = "I always confuse quadratic functions with linear functions."
REPORT = "My final exam evaluation report says: passed with distinction."


@pytest.fixture
def teller(teller: Teller) -> Teller:
    """A fresh system in September 2025."""
    return teller.at("2025-09-11")


def care_with(teller: Teller, **policy: int) -> Care:
    system = teller.api.system
    project = system.records.projects()[0].id
    if policy:
        system.truth.maintenance.set_policy(project, policy)
    return system.truth.maintenance.run()


def state(teller: Teller, memory_id: str) -> dict:
    answer = teller.api.post("get/memory/history", {"memory_id": memory_id})
    return answer["data"]


def test_the_life_of_a_students_memory(teller: Teller) -> None:
    teller.tell(CONFUSED)
    teller.tell(REPORT)
    memory = next(m for m in teller.listed() if "quadratic" in text_of(m))
    report = next(m for m in teller.listed() if "report" in text_of(m))
    frozen = {"memory_id": report["id"], "status": "frozen"}
    assert teller.api.post("update/memory", frozen)["code"] == 0
    assert state(teller, memory["id"])["stage"] == "generated"

    teller.at("2025-09-20")
    for _ in range(3):
        assert "quadratic" in teller.ask("Which functions do I confuse?")[0]
    assert care_with(teller, idle_archive_days=90, archive_expire_days=365).archived == 0
    used = state(teller, memory["id"])
    assert (used["stage"], used["uses"]) == ("activated", 3)

    teller.at("2025-12-25")
    assert care_with(teller).archived == 1
    assert teller.ask("Which functions do I confuse?") == []
    trajectory = teller.ask("Which functions do I confuse?", status=["activated", "archived"])
    assert "quadratic" in trajectory[0]

    teller.at("2026-12-27")
    assert care_with(teller).expired == 1
    assert teller.ask("Which functions do I confuse?", status=["activated", "archived"]) == []
    life = state(teller, memory["id"])
    assert [(t["old"], t["new"], t["cause"]["id"]) for t in life["transitions"]] == [
        ("generated", "activated", "use"),
        ("activated", "archived", "idle"),
        ("archived", "expired", "archive_age"),
    ]
    assert life["stage"] == "expired"
    assert state(teller, report["id"])["stage"] == "frozen"
    actions = [row.action for row in teller.api.system.records.audit_rows()]
    assert actions.count("maintain") == 2

    restored = teller.api.post("restore/memory", {"memory_id": memory["id"]})
    assert restored["data"]["status"] == "activated"
    assert "quadratic" in teller.ask("Which functions do I confuse?")[0]


def test_care_may_be_repeated_and_changes_nothing_more(teller: Teller) -> None:
    for number in range(6):
        teller.tell(f"The spare part number {number}{number}7 lies in drawer {number}.")
    assert care_with(teller, user_capacity=2, long_term_capacity=2).archived > 0
    kept = [m["id"] for m in teller.listed()]
    again = care_with(teller)
    assert (again.expired, again.archived) == (0, 0)
    assert [m["id"] for m in teller.listed()] == kept


def test_beyond_its_capacity_the_least_valuable_go_first(teller: Teller) -> None:
    teller.tell("I live in Berlin.")
    for number in range(6):
        teller.tell(f"The spare part number {number}{number}7 lies in drawer {number}.")
    teller.at("2025-10-11")
    assert "117" in teller.ask("Where is spare part number 117?", memory_limit_number=1)[0]
    care_with(teller, user_capacity=3, long_term_capacity=3)
    left = " ".join(text_of(m) for m in teller.listed())
    assert "Berlin" in left, "what holds of somebody now goes last"
    assert "117" in left, "what was used outlives what was not"
    archived = teller.listed(status="archived")
    assert all(m["status"] == "archived" for m in archived)
    assert len([m for m in archived if "spare part" in text_of(m)]) >= 3


def test_archiving_the_present_state_never_brings_the_former_one_back(teller: Teller) -> None:
    teller.tell("I live in Berlin.", chat_time="2021-03-01")
    teller.tell("I moved to Madrid.", chat_time="2022-05-01")
    madrid = next(m for m in teller.listed() if "Madrid" in text_of(m))
    teller.api.post("update/memory", {"memory_id": madrid["id"], "status": "archived"})
    teller.tell("I like green tea.")
    assert not any("Berlin" in text for text in teller.ask("Where do I live?"))
    teller.tell("I moved to Lisbon.", chat_time="2024-05-01")
    assert "Lisbon" in teller.ask("Where do I live?")[0]


def test_what_was_added_with_an_end_expires_and_gives_way(teller: Teller) -> None:
    teller.tell("I live in Berlin.", chat_time="2021-03-01")
    body = {
        "user_id": "u",
        "messages": [{"role": "user", "content": "I moved to Madrid."}],
        "expires_at": "2025-10-01",
        "async_mode": False,
    }
    assert teller.api.post("add/message", body)["code"] == 0
    assert "Madrid" in teller.ask("Where do I live?")[0]
    teller.at("2025-11-01")
    assert care_with(teller).expired == 1
    assert "Berlin" in teller.ask("Where do I live?")[0]
    assert "Madrid" in teller.ask("Where do I live?", as_of="2025-09-20")[0]
    (expired,) = teller.listed(status="expired")
    assert "Madrid" in text_of(expired)


def test_kinds_expire_by_policy(teller: Teller) -> None:
    teller.tell("The guest room is painted green.")
    teller.at("2025-12-11")
    assert care_with(teller, user_expire_days=30, long_term_expire_days=30).expired == 1
    assert teller.listed() == []


def test_memories_still_being_read_are_left_alone(teller: Teller) -> None:
    for number in range(3):
        body = {
            "user_id": "u",
            "messages": [{"role": "user", "content": f"Box {number} holds cables."}],
        }
        assert teller.api.post("add/message", body)["data"]["status"] == "running"
    assert care_with(teller, working_capacity=1).archived == 0


def test_policies_belong_to_a_project_and_are_checked(system: System) -> None:
    maintenance = system.truth.maintenance
    project, other = system.records.projects()[0].id, system.records.create_project("other").id
    assert maintenance.policy(project) == Policy(20, 500, 2000)
    maintenance.set_policy(project, {"user_capacity": 7})
    assert maintenance.set_policy(project, {"idle_archive_days": 9}).user_capacity == 7
    assert maintenance.policy(other).user_capacity == 500
    assert maintenance.set_policy(project, {}) == Policy(20, 500, 2000)
    for wrong in ({"user_capacities": 7}, {"user_capacity": -1}, {"user_capacity": True}):
        with pytest.raises(InvalidInputError):
            maintenance.set_policy(project, wrong)
    with pytest.raises(NotFoundError):
        maintenance.set_policy("nobody", {"user_capacity": 7})


def test_of_two_processes_one_runs_the_nightly_care(system: System) -> None:
    clock, runs = ManualClock(), []

    def process(name: str) -> Periodic:
        return Periodic(
            system.records,
            lambda: runs.append(name),
            name="test",
            holder=name,
            hours=24,
            clock=clock,
        )

    one, other = process("one"), process("other")
    assert not one.poll()
    clock.advance(24 * 3600)
    assert one.poll()
    assert not other.poll()
    assert not one.poll()
    assert runs == ["one"]
