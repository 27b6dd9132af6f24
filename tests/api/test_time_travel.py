"""What was true then (`as_of`), what was known then (`known_at`), and every version of a memory."""

from tests.api.timeline import Teller, text_of


def test_as_of_finds_what_held_at_that_time(teller: Teller) -> None:
    teller.tell("I live in Berlin.", chat_time="2021-03-01")
    teller.tell("I moved to Madrid.", chat_time="2022-05-01")
    teller.tell("I just moved to Lisbon.", chat_time="2024-02-01")
    for as_of, home in (
        ("2021-06-01", "Berlin"),
        ("2023-01-01", "Madrid"),
        ("2024-12-01", "Lisbon"),
    ):
        found = teller.ask("Where do I live now?", as_of=as_of)
        assert home in found[0], (as_of, found)
        others = {"Berlin", "Madrid", "Lisbon"} - {home}
        assert not any(other in text for other in others for text in found[:1])
    assert teller.ask("Where do I live?", as_of="2020-01-01") == []
    before = " ".join(teller.ask("Where did I live before?", as_of="2023-01-01"))
    assert "Berlin" in before
    assert "Lisbon" not in before


def test_as_of_in_chinese(teller: Teller) -> None:
    teller.tell("我住在北京。", chat_time="2021-03-01")
    teller.tell("我搬到了上海。", chat_time="2022-05-01")
    assert "北京" in teller.ask("我现在住在哪里？", as_of="2021-12-01")[0]
    assert "上海" in teller.ask("我现在住在哪里？", as_of="2023-12-01")[0]


def test_an_event_is_not_known_to_have_happened_before_it_did(teller: Teller) -> None:
    teller.tell(
        "I traveled to Xi'an during last year's National Day holiday.", chat_time="2023-10-08"
    )
    teller.tell(
        "I traveled to Hangzhou during this year's May Day holiday.", chat_time="2024-05-06"
    )
    now = teller.ask("Where have I traveled?")
    assert "Hangzhou" in now[0]
    assert any("Xi'an" in text for text in now)
    then = teller.ask("Where have I traveled?", as_of="2023-12-01")
    assert any("Xi'an" in text for text in then)
    assert not any("Hangzhou" in text for text in then)


def test_known_at_finds_what_the_store_knew_then(teller: Teller) -> None:
    teller.at("2025-01-10").tell("I live in Berlin.")
    teller.at("2025-03-10").tell("I moved to Madrid.", chat_time="2025-02-01")
    assert "Madrid" in teller.ask("Where do I live?")[0]
    then = teller.ask("Where do I live?", known_at="2025-02-20")
    assert "Berlin" in then[0]
    assert len(then) == 1, "Madrid was true already and not known"
    assert "Madrid" in teller.ask("Where do I live?", as_of="2025-02-20")[0]
    assert teller.ask("Where do I live?", known_at="2025-01-01") == []


def test_both_axes_together(teller: Teller) -> None:
    """In March we learn of a move in January; asked what we thought in February of mid January."""
    teller.at("2024-06-01").tell("I live in Berlin.")
    teller.at("2025-03-10").tell("I moved to Madrid.", chat_time="2025-01-05")
    question = "Where do I live?"
    assert "Berlin" in teller.ask(question, as_of="2025-01-20", known_at="2025-02-10")[0]
    assert "Madrid" in teller.ask(question, as_of="2025-01-20", known_at="2025-03-20")[0]
    assert "Berlin" in teller.ask(question, as_of="2024-12-20", known_at="2025-03-20")[0]


def test_listing_shows_versions_and_states_as_they_were_known(teller: Teller) -> None:
    teller.at("2025-01-10").tell("I live in Berlin.")
    teller.at("2025-03-10").tell("I moved to Madrid.")
    assert [text_of(m) for m in teller.listed()] == ["The user moved to Madrid."]
    (then,) = teller.listed(known_at="2025-02-01")
    assert "Berlin" in text_of(then)
    assert then["status"] == "activated"
    assert teller.listed(known_at="2024-12-31") == []
    archived = teller.listed(status="archived")
    assert any("Berlin" in text_of(m) and m["status"] == "archived" for m in archived)


def test_a_filter_looks_at_what_was_known_then(teller: Teller) -> None:
    """A memory changed by hand in March was, in February, last changed in January."""
    teller.at("2025-01-10").tell("My kayak hangs in the garage.")
    (memory,) = teller.listed()
    change = {"memory_id": memory["id"], "content": "The user's kayak stands in the boathouse."}
    assert teller.at("2025-03-10").api.post("update/memory", change)["code"] == 0
    in_january = {"filter": {"and": [{"update_time": {"lte": "2025-01-31"}}]}}
    in_march = {"filter": {"and": [{"update_time": {"gte": "2025-03-01"}}]}}
    then = {"known_at": "2025-02-01"}
    ask = {"user_id": "u", "query": "Where is my kayak?", "memory_id": memory["id"]}
    for wanted, when, places in (
        (in_january, {}, []),
        (in_march, {}, ["boathouse"]),
        (in_january, then, ["garage"]),
        (in_march, then, []),
    ):
        for found in (
            teller.ask(ask["query"], **wanted, **when),
            map(text_of, teller.listed(**wanted, **when)),
        ):
            assert [
                place for text in found for place in ("garage", "boathouse") if place in text
            ] == places
        explained = teller.api.post("explain/memory", {**ask, **wanted, **when})["data"]
        assert explained["stage"] == ("returned" if places else "filter")


def test_explaining_knows_the_viewpoint(teller: Teller) -> None:
    teller.at("2025-01-10").tell("I live in Berlin.")
    (memory,) = teller.listed()
    ask = {"user_id": "u", "query": "Where do I live?", "memory_id": memory["id"]}
    stages = {
        name: teller.api.post("explain/memory", {**ask, **more})["data"]["stage"]
        for name, more in {
            "now": {},
            "early": {"known_at": "2024-01-01"},
            "before": {"as_of": "2024-01-01"},
        }.items()
    }
    assert stages == {"now": "returned", "early": "time", "before": "time"}


def test_the_history_of_a_state_says_what_superseded_it(teller: Teller) -> None:
    teller.at("2025-01-10").tell("I live in Berlin.")
    teller.at("2025-03-10").tell("I moved to Madrid.")
    (memory,) = teller.listed()
    versions = teller.history(memory["id"])
    told = [(v["reason"], v["status"], "Berlin" in v["memory_value"]) for v in versions]
    assert told == [
        ("added", "activated", True),
        ("added", "activated", False),
        ("superseded", "archived", True),
    ]
    ended = versions[2]
    assert ended["cause"] == {"type": "memory", "id": memory["id"]}
    assert ended["message_ids"] == [memory["sources"][0]["message_id"]]
    assert versions[0]["recorded_until"] == ended["recorded_from"]
    assert ended["recorded_until"] is None


def test_the_history_of_a_correction_names_the_feedback(teller: Teller) -> None:
    teller.tell("The purchase limit for office software is 800 CNY.")
    old = next(m for m in teller.listed() if "800" in text_of(m))
    teller.at("2025-02-10")
    feedback = {
        "user_id": "u",
        "conversation_id": "c",
        "feedback_content": "The purchase limit for office software is 600 CNY, not 800 CNY.",
    }
    assert teller.api.post("add/feedback", feedback)["data"]["status"] == "completed"
    versions = teller.history(old["id"])
    assert [(v["reason"], v["status"]) for v in versions] == [
        ("added", "activated"),
        ("corrected", "archived"),
        ("corrected", "activated"),
    ]
    assert versions[1]["cause"]["type"] == "message"
    assert versions[1]["cause"] == versions[2]["cause"]
    assert "600" in versions[2]["memory_value"]
    assert "800" in teller.ask("What is the purchase limit?", known_at="2025-01-20")[0]


def test_requests_that_are_not_of_the_documented_form_are_refused(teller: Teller) -> None:
    for body in (
        {"as_of": "soon"},
        {"known_at": []},
        {"statuses": ["gone"]},
        {"statuses": 3},
    ):
        answer = teller.api.post("search/memory", {"user_id": "u", "query": "x", **body})
        assert answer["code"] == 40000, (body, answer)
    assert teller.api.post("get/memory/history", {"memory_id": "x"})["code"] == 40001
    assert teller.api.post("get/memory/history", {})["code"] == 40002
