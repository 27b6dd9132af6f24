"""Changing memories by hand, bringing versions back, ends of validity, and frozen memories."""

from tests.api.test_erase import bytes_on_disk
from tests.api.timeline import Teller, ms, text_of


def change(teller: Teller, memory_id: str, **what: object) -> dict:
    return teller.api.post("update/memory", {"memory_id": memory_id, **what})


def restore(teller: Teller, memory_id: str, **what: object) -> dict:
    return teller.api.post("restore/memory", {"memory_id": memory_id, **what})


def one(teller: Teller, word: str) -> dict:
    found = [m for m in teller.listed(status="all") if word in text_of(m)]
    return next(m for m in found if "mode:fast" not in m.get("tags", ()))


def test_an_updated_memory_keeps_its_id_and_its_history(teller: Teller) -> None:
    teller.tell("My green kayak hangs in the garage.")
    memory = one(teller, "kayak")
    teller.at("2025-02-10")
    text = "The user's green kayak stands in the boathouse."
    answer = change(teller, memory["id"], content=text, title="Kayak")
    assert answer["data"] == {
        "success": True,
        "memory_id": memory["id"],
        "version": 2,
        "status": "activated",
        "memory_value": text,
        "memory_key": "Kayak",
    }
    by_id = teller.api.get(f"get/memory/{memory['id']}")["data"]
    assert by_id["memory_value"] == text
    assert teller.ask("What is in the boathouse?")[0] == text
    assert "garage" in teller.ask("Where is my kayak?", known_at="2025-01-20")[0]
    versions = teller.history(memory["id"])
    assert [(v["version"], v["reason"]) for v in versions] == [(1, "added"), (2, "updated")]
    assert versions[1]["cause"]["type"] == "key"
    assert change(teller, memory["id"], content=text)["data"]["version"] == 2, "nothing to change"


def test_an_updated_state_supersedes_and_is_superseded_like_a_told_one(teller: Teller) -> None:
    teller.tell("I live in Berlin.", chat_time="2021-03-01")
    teller.tell("I moved to Madrid.", chat_time="2022-05-01")
    change(teller, one(teller, "Madrid")["id"], content="The user moved to Lisbon.")
    assert "Lisbon" in teller.ask("Where do I live now?")[0]
    assert "Berlin" in teller.ask("Where did I live in 2021?")[0]


def test_erasing_an_updated_memory_takes_the_words_it_came_from(teller: Teller) -> None:
    teller.tell("My doctor is called Zephyrine Quandlebrook.")
    memory = one(teller, "Quandlebrook")
    change(teller, memory["id"], content="The user's doctor is called Xylocarp.")
    folder = teller.api.system.settings.data_dir
    assert bytes_on_disk(folder, "Quandlebrook", "Xylocarp") == {"Quandlebrook", "Xylocarp"}
    answer = teller.api.post("delete/memory", {"memory_ids": [memory["id"]]})
    assert answer["data"]["success"] is True
    assert bytes_on_disk(folder, "Quandlebrook", "Xylocarp") == set()
    assert teller.ask("Who is my doctor?", relativity=0, status="all") == []


def test_an_earlier_version_can_be_restored(teller: Teller) -> None:
    teller.tell("My green kayak hangs in the garage.")
    memory = one(teller, "kayak")
    teller.at("2025-02-10")
    change(teller, memory["id"], content="The kayak was sold.")
    teller.at("2025-03-10")
    answer = restore(teller, memory["id"], version=1)["data"]
    assert (answer["version"], answer["memory_value"]) == (3, text_of(memory))
    assert "garage" in teller.ask("Where is my green kayak?")[0]
    assert [v["reason"] for v in teller.history(memory["id"])] == ["added", "updated", "restored"]
    assert restore(teller, memory["id"], version=9)["code"] == 40001
    assert restore(teller, "nobody")["code"] == 40001


def test_restoring_a_superseded_state_makes_it_hold_again(teller: Teller) -> None:
    teller.tell("I live in Berlin.", chat_time="2021-03-01")
    teller.tell("I moved to Madrid.", chat_time="2022-05-01")
    teller.at("2025-02-10")
    assert restore(teller, one(teller, "Berlin")["id"])["data"]["status"] == "activated"
    assert "Berlin" in teller.ask("Where do I live?")[0]
    assert "Madrid" in teller.ask("Where did I live in 2023?")[0]
    teller.at("2025-03-10").tell("I moved to Lisbon.")
    assert "Lisbon" in teller.ask("Where do I live?")[0]


def test_restoring_what_a_correction_archived_takes_the_correction_back(teller: Teller) -> None:
    teller.tell("The purchase limit for office software is 800 CNY.")
    feedback = "The purchase limit for office software is 600 CNY, not 800 CNY."
    body = {"user_id": "u", "conversation_id": "c", "feedback_content": feedback}
    assert teller.api.post("add/feedback", body)["code"] == 0
    old, new = one(teller, "800"), one(teller, "600")
    assert (old["status"], new["status"]) == ("archived", "activated")
    teller.clock.advance(60)
    assert restore(teller, old["id"])["data"]["status"] == "activated"
    assert one(teller, "600")["status"] == "archived"
    assert "800" in teller.ask("What is the purchase limit?")[0]


def test_a_restored_version_may_be_one_that_a_correction_replaced(teller: Teller) -> None:
    teller.tell("The purchase limit for office software is 800 CNY.")
    feedback = "The purchase limit for office software is 600 CNY, not 800 CNY."
    body = {"user_id": "u", "conversation_id": "c", "feedback_content": feedback}
    assert teller.api.post("add/feedback", body)["code"] == 0
    answer = restore(teller, one(teller, "600")["id"], version=1)["data"]
    assert "800" in answer["memory_value"]
    assert answer["version"] == 3


def test_a_frozen_memory_refuses_every_change(teller: Teller) -> None:
    teller.tell("My final exam evaluation report says: passed with distinction.")
    teller.tell("I live in Berlin.", chat_time="2021-03-01")
    report, home = one(teller, "exam"), one(teller, "Berlin")
    for memory in (report, home):
        assert change(teller, memory["id"], status="frozen")["data"]["status"] == "frozen"
    for answer in (
        change(teller, report["id"], content="failed"),
        change(teller, report["id"], status="archived"),
        restore(teller, report["id"]),
        teller.api.post("delete/memory", {"memory_ids": [report["id"]]}),
    ):
        assert answer["code"] == 50002, answer
        assert "frozen" in answer["message"]
    teller.tell("I moved to Madrid.", chat_time="2022-05-01")
    assert one(teller, "Berlin")["status"] == "frozen"
    assert any("exam" in text for text in teller.ask("What does my final exam report say?"))
    teller.api.post("delete/memory", {"user_id": "u", "filter": None, "memory_type": "UserMemory"})
    assert one(teller, "exam")["status"] == "frozen"
    assert change(teller, report["id"], status="activated")["data"]["status"] == "activated"
    assert change(teller, report["id"], title="Exam")["data"]["memory_key"] == "Exam"
    moves = [(t["old"], t["new"], t["reason"]) for t in history(teller, report["id"])]
    assert moves == [("activated", "frozen", "frozen"), ("frozen", "activated", "restored")]


def history(teller: Teller, memory_id: str) -> list[dict]:
    answer = teller.api.post("get/memory/history", {"memory_id": memory_id})
    return answer["data"]["transitions"]


def test_an_archived_memory_takes_part_only_when_asked_for(teller: Teller) -> None:
    teller.tell("My green kayak hangs in the garage.")
    memory = one(teller, "kayak")
    assert change(teller, memory["id"], status="archived")["data"]["status"] == "archived"
    assert teller.ask("Where is my green kayak?") == []
    assert "kayak" in teller.ask("Where is my green kayak?", status=["activated", "archived"])[0]
    assert teller.listed() == []
    assert change(teller, memory["id"], content="x y")["code"] == 50002
    assert restore(teller, memory["id"])["data"]["status"] == "activated"
    assert "kayak" in teller.ask("Where is my green kayak?")[0]


def test_only_allowed_states_can_be_set(teller: Teller) -> None:
    teller.tell("My green kayak hangs in the garage.")
    memory = one(teller, "kayak")
    assert change(teller, memory["id"], status="merged")["code"] == 40000
    assert change(teller, memory["id"], status="lost")["code"] == 40000
    assert change(teller, memory["id"])["code"] == 40002
    assert change(teller, memory["id"], content="...")["code"] == 40000
    assert change(teller, memory["id"], content="word " * 4001)["code"] == 40305
    assert change(teller, memory["id"], title="t" * 201)["code"] == 40000
    change(teller, memory["id"], status="expired")
    answer = change(teller, memory["id"], status="frozen")
    assert answer["code"] == 50002
    assert "cannot become frozen" in answer["message"]


def test_memories_of_an_add_end_when_it_says(teller: Teller) -> None:
    body = {
        "user_id": "u",
        "messages": [{"role": "user", "content": "The guest wifi password hint is blue heron."}],
        "expires_at": "2025-02-01",
        "async_mode": False,
    }
    assert teller.api.post("add/message", body)["code"] == 0
    question = "What is the guest wifi password hint?"
    assert any("heron" in text for text in teller.ask(question))
    teller.at("2025-02-03")
    assert not any("heron" in text for text in teller.ask(question))
    assert not any("heron" in text_of(m) for m in teller.listed())
    assert any("heron" in text for text in teller.ask(question, known_at="2025-01-20"))
    refused = teller.api.post("add/message", {**body, "expires_at": "some day"})
    assert refused["code"] == 40000
    assert ms("2025-02-03") == teller.clock.ms
