"""Feedback: corrections, replacements, changes of mind, forgetting, votes, and nothing at all."""

from dataclasses import replace
from typing import Any

import pytest

from memos.errors import NotFoundError
from memos.mem_feedback.apply import FEEDBACK_CONVERSATION
from memos.memories.textual.tree_text_memory.retrieve.boost import VOTES
from memos.types.scope import Cube, CubeKind, Scope
from tests.conftest import Api

LIMIT = "The purchase limit for office software is 800 CNY."
LIMIT_ZH = "办公软件的采购限额是800元。"


def tell(api: Api, *texts: str, user: str = "u", **fields: Any) -> None:
    for number, text in enumerate(texts):
        messages = [{"role": "user", "content": text, "chat_time": f"2025-01-0{number + 1} 10:00"}]
        body = {"user_id": user, "conversation_id": f"c{number}", "messages": messages, **fields}
        answer = api.post("add/message", {**body, "async_mode": False})
        assert answer["data"]["status"] == "completed", answer


def feed(api: Api, text: str, *, user: str = "u", **fields: Any) -> dict[str, Any]:
    """The record of a feedback that is done."""
    answer = api.post(
        "add/feedback",
        {"user_id": user, "conversation_id": "fb", "feedback_content": text, **fields},
    )
    assert answer["code"] == 0, answer
    data = answer["data"]
    assert data["success"] is True
    assert data["status"] == "completed"
    status = api.post("get/status", {"task_id": data["task_id"]})["data"]["status"]
    assert status == "completed"
    return data["record"]


def ask(api: Api, query: str, user: str = "u") -> list[str]:
    data = api.post("search/memory", {"user_id": user, "query": query})["data"]
    return [
        *(m["memory_value"] for m in data["memory_detail_list"]),
        *(p["preference"] for p in data["preference_detail_list"]),
    ]


def held(api: Api, user: str = "u") -> list[str]:
    data = api.post("get/memory", {"user_id": user, "size": 50})["data"]
    return sorted(
        [
            *(m["memory_value"] for m in data["memory_detail_list"]),
            *(p["preference"] for p in data["preference_detail_list"]),
        ]
    )


def changes(record: dict[str, Any]) -> int:
    return sum(len(record[sort]) for sort in ("add", "update", "delete", "voted", "shared"))


def one_id(api: Api, part: str, user: str = "u") -> str:
    data = api.post("get/memory", {"user_id": user, "size": 50})["data"]
    found = [m["id"] for m in data["memory_detail_list"] if part in m["memory_value"]]
    found += [p["id"] for p in data["preference_detail_list"] if part in p["preference"]]
    assert len(found) == 1, data
    return found[0]


@pytest.mark.parametrize(
    ("told", "feedback", "query", "right", "wrong"),
    [
        (
            LIMIT,
            "The purchase limit for office software is 600 CNY, not 800 CNY.",
            "Help me check the purchase limit for office software",
            "600 CNY",
            "800",
        ),
        (
            LIMIT,
            "The procurement limit for office software is 600 yuan, not 800 yuan.",
            "Help me check the purchase limit for office software",
            "600",
            "800",
        ),
        (
            LIMIT_ZH,
            "办公软件的采购限额是600元，不是800元。",
            "办公软件的采购限额是多少",
            "600元",
            "800",
        ),
        (
            "I live in Lisbon.",
            "That's wrong, I live in Porto, not Lisbon.",
            "Where do I live?",
            "Porto",
            "Lisbon",
        ),
        ("I live in Lisbon.", "No, I live in Porto.", "Where do I live?", "Porto", "Lisbon"),
        ("我住在里斯本。", "不对，我住在波尔图，不是里斯本。", "我住在哪里？", "波尔图", "里斯本"),
        ("I booked the 7 Days Inn.", "I chose Ji Hotel, not 7 Days Inn.", "hotel", "Ji", "7 Days"),
    ],
)
def test_a_correction_takes_the_place_of_what_was_wrong(
    api: Api, told: str, feedback: str, query: str, right: str, wrong: str
) -> None:
    tell(api, told, "My sister lives in Oslo.", "The car park has 800 places.")
    before = len(held(api))
    record = feed(api, feedback)
    assert len(record["update"]) == 1
    values = held(api)
    assert len(values) == before
    assert any(right in value for value in values)
    assert "Oslo" in " ".join(values)
    assert "The car park has 800 places." in values
    assert not any(wrong in v for v in values if "car park" not in v)
    found = ask(api, query)
    assert right in found[0], found
    archived = api.get(f"get/memory/{record['update'][0]['archived_id']}")["data"]
    assert archived["status"] == "archived"
    assert wrong in archived["memory_value"]


def test_a_corrected_memory_cites_the_feedback_and_its_old_source(api: Api) -> None:
    tell(api, LIMIT)
    record = feed(api, "The purchase limit for office software is 600 CNY, not 800 CNY.")
    memory = api.get(f"get/memory/{record['update'][0]['id']}")["data"]
    cited = [source["content"] for source in memory["sources"]]
    assert cited == [LIMIT, "The purchase limit for office software is 600 CNY, not 800 CNY."]
    assert memory["confidence"] == 1.0
    assert not any(key.startswith("memos:") for key in memory["info"])
    assert not any(tag.startswith("memos:") for tag in memory["tags"])


def test_what_was_never_true_did_not_hold_before_either(api: Api) -> None:
    tell(api, "I live in Lisbon.")
    feed(api, "That's wrong, I live in Porto.")
    assert not any("Lisbon" in found for found in ask(api, "Where did I use to live before?"))
    assert not any("Lisbon" in found for found in ask(api, "Where did I live in June 2025?"))
    assert "Porto" in ask(api, "Where did I live in June 2025?")[0]


def test_a_correction_of_ones_state_leaves_that_of_another(api: Api) -> None:
    tell(api, "I live in Oslo.", "My sister lives in Oslo.")
    assert len(feed(api, "My sister lives in Bergen, not Oslo.")["update"]) == 1
    assert "Oslo" in ask(api, "Where do I live?")[0]
    assert "Bergen" in ask(api, "Where does my sister live?")[0]


def test_a_bare_correction_is_about_the_memory_retrieved(api: Api) -> None:
    tell(api, LIMIT, "The rent is 800 CNY.")
    record = feed(api, "It is 600 CNY, not 800 CNY.", retrieved_memory_ids=[one_id(api, "office")])
    assert len(record["update"]) == 1
    values = held(api)
    assert "The rent is 800 CNY." in values
    assert "The purchase limit for office software is 600 CNY." in values


def test_a_bare_number_takes_the_place_of_the_one_retrieved(api: Api) -> None:
    tell(api, "The gate closes at 3 o'clock.", "The shop closes at 4 o'clock.")
    target = one_id(api, "gate")
    assert changes(feed(api, "No, it's 5 o'clock.")) == 0
    record = feed(api, "No, it's 5 o'clock.", retrieved_memory_ids=[target])
    assert [u["archived_id"] for u in record["update"]] == [target]
    assert held(api) == ["The gate closes at 5 o'clock.", "The shop closes at 4 o'clock."]


def test_a_correction_without_a_wrong_memory_is_remembered_as_told(api: Api) -> None:
    record = feed(api, "The purchase limit for office software is 600 CNY, not 800 CNY.")
    assert len(record["add"]) == 1
    assert "600 CNY" in ask(api, "purchase limit for office software")[0]
    assert changes(feed(api, "It is 5 pm, not 4 pm.", user="v")) == 0
    assert held(api, "v") == []


@pytest.mark.parametrize(
    ("told", "feedback", "expected"),
    [
        (
            (
                "User 1 leads the billing team.",
                "Anna reports to User 1.",
                "User 10 left the company.",
            ),
            "From now on, I changed my name. Replace User 1 with User 2 everywhere.",
            [
                "Anna reports to User 2.",
                "User 10 left the company.",
                "User 2 leads the billing team.",
            ],
        ),
        (
            ("张三负责账务系统。", "王五向张三汇报。", "张伟离开了公司。"),
            "把所有的张三改成李四",
            ["张伟离开了公司。", "李四负责账务系统。", "王五向李四汇报。"],
        ),
    ],
)
def test_a_name_is_replaced_everywhere(
    api: Api, told: tuple[str, ...], feedback: str, expected: list[str]
) -> None:
    tell(api, *told)
    tell(api, told[0], user="other")
    other = held(api, "other")
    record = feed(api, feedback)
    assert len(record["update"]) == 2
    assert held(api) == sorted(expected)
    assert held(api, "other") == other
    query = expected[-1].rstrip(".。")
    assert ask(api, query)[0] == expected[-1]


def test_a_replacement_can_be_taken_back(api: Api) -> None:
    tell(api, "User 1 leads the billing team.", "I live in Oslo with User 1.")
    before = held(api)
    feed(api, "Replace User 1 with User 2 everywhere.")
    assert held(api) != before
    project = api.system.records.projects()[0].id
    cube = Cube(project, CubeKind.USER, "u")
    (task,) = api.system.records.finished_tasks(project, cube.uid, "feedback", 10)
    record = api.system.feedback.revert(cube, task.id)
    assert len(record.update) == 2
    assert held(api) == before
    assert api.system.feedback.revert(cube, task.id) == record
    assert held(api) == before
    with pytest.raises(NotFoundError):
        api.system.feedback.revert(replace(cube, owner="other"), task.id)


@pytest.mark.parametrize(
    ("told", "feedback", "query"),
    [
        ("I like apples.", "I don't like apples any more.", "Do I like apples?"),
        ("我喜欢苹果。", "我不喜欢苹果了。", "我喜欢苹果吗？"),
    ],
)
def test_a_changed_preference_replaces_the_former_one(
    api: Api, told: str, feedback: str, query: str
) -> None:
    tell(api, told)
    record = feed(api, feedback)
    assert record["kind"] == "preference"
    found = ask(api, query)
    assert len(found) == 1
    assert "not" in found[0] or "不" in found[0]


@pytest.mark.parametrize(
    ("told", "feedback", "gone"),
    [
        ("I live in Porto.", "Forget that I live in Porto.", "Porto"),
        ("My address is 12 Rose Street.", "Please don't remember my address.", "Rose"),
        ("Anna met me in the harbour cafe.", "Forget everything about Anna.", "Anna"),
        ("我住在波尔图。", "忘掉我住在波尔图这件事。", "波尔图"),
        ("我的地址是南京路1号。", "别记我的地址。", "南京路"),
        ("I am 34 years old.", "Forget my age.", "34 years"),
        ("I live in Porto.", "Please forget where I live.", "Porto"),
        ("My sister is 41 years old.", "Forget how old my sister is.", "41 years"),
        ("我住在波尔图。", "忘记我住在哪里。", "波尔图"),
    ],
)
def test_what_is_to_be_forgotten_is_erased(api: Api, told: str, feedback: str, gone: str) -> None:
    tell(api, told, "I work at Acme.")
    record = feed(api, feedback)
    assert len(record["delete"]) == 1
    assert not any(gone in value for value in held(api))
    assert any("Acme" in value for value in held(api))
    messages = api.post("get/message", {"user_id": "u", "conversation_id": "c0"})["data"]
    assert gone not in str(messages)
    for path in api.system.settings.data_dir.rglob("*"):
        if path.is_file():
            assert gone.encode() not in path.read_bytes(), path


def test_what_only_begins_like_a_state_is_not_the_state(api: Api) -> None:
    tell(api, "I work as a nurse at Acme.", "I am 34 years old.")
    for text in ("Forget my job interview.", "Forget my age group survey."):
        assert feed(api, text)["delete"] == []
    assert any("nurse" in value for value in held(api))
    assert any("34" in value for value in held(api))


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "Thanks!",
        "What is my name?",
        "你好",
        "谢谢",
        "我叫什么名字？",
        "👍",
        "forget it",
        "?!",
    ],
)
def test_feedback_that_says_nothing_changes_nothing(api: Api, text: str) -> None:
    tell(api, LIMIT)
    before = api.post("get/memory", {"user_id": "u"})["data"]
    assert changes(feed(api, text)) == 0
    assert api.post("get/memory", {"user_id": "u"})["data"] == before


def test_an_addition_is_found_by_its_words(api: Api) -> None:
    record = feed(api, "Remember that the spare key is under the blue pot.")
    assert len(record["add"]) == 1
    assert "blue pot" in ask(api, "Where is the spare key?")[0]


def test_feedback_is_no_message_of_a_conversation(api: Api) -> None:
    feed(api, "Remember that the spare key is under the blue pot.")
    for conversation in ("fb", "memos:feedback"):
        body = {"user_id": "u", "conversation_id": conversation}
        assert api.post("get/message", body)["data"]["message_detail_list"] == []
    body = {"user_id": "u", "conversation_id": FEEDBACK_CONVERSATION}
    assert api.post("get/message", body)["code"] == 40011


def test_votes_put_one_of_two_equals_first(api: Api) -> None:
    tell(api, "The red kayak hangs in the boat house.", "The green kayak hangs in the boat house.")
    query = "Which kayak hangs in the boat house?"
    first, second = ask(api, query)[:2]
    record = feed(api, "👎", retrieved_memory_ids=[one_id(api, first)])
    assert len(record["voted"]) == 1
    feed(api, "没用", retrieved_memory_ids=[one_id(api, first)])
    assert ask(api, query)[:2] == [second, first]


def test_a_repeated_request_works_once(api: Api) -> None:
    tell(api, "The apple is on the table.")
    headers = {"Authorization": f"Token {api.key}", "Idempotency-Key": "k1"}
    body = {"user_id": "u", "feedback_content": "Replace apple with apple pie everywhere."}
    one, two = (api.post("add/feedback", body, headers=headers)["data"] for _ in range(2))
    assert one == two
    assert held(api) == ["The apple pie is on the table."]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user_id": None}, 40002),
        ({"feedback_content": None}, 40002),
        ({"feedback_content": "  "}, 40002),
        ({"feedback_content": ["x"]}, 40000),
        ({"conversation_id": "c" * 101}, 40011),
        ({"user_id": "u" * 101}, 40010),
        ({"feedback_content": "word " * 4001}, 40305),
        ({"allow_knowledgebase_ids": ["kb"]}, 50123),
        ({"allow_knowledgebase_ids": "kb"}, 40000),
        ({"feedback_time": "yesterday-ish"}, 40000),
        ({"retrieved_memory_ids": [1]}, 40000),
        ({"info": {"memos:votes": 3}}, 40000),
    ],
)
def test_defects_are_refused_with_their_codes(api: Api, change: dict[str, Any], code: int) -> None:
    body = {"user_id": "u", "conversation_id": "fb", "feedback_content": "x is y, not z", **change}
    answer = api.post("add/feedback", body)
    assert answer["code"] == code, answer
    assert answer["data"] == {"success": False, "task_id": "", "status": "failed"}


def test_the_audit_trail_tells_what_changed_without_text(api: Api) -> None:
    tell(api, LIMIT)
    feed(api, "The purchase limit for office software is 600 CNY, not 800 CNY.")
    rows = [r for r in api.system.records.audit_rows() if r.action == "feedback"]
    assert len(rows) == 1
    assert rows[0].details["changes"] == 1
    assert "600" not in str({k: v for k, v in rows[0].details.items() if k == "kind"})
    assert "CNY" not in str(rows[0].details)


def test_requests_as_the_known_clients_send_them_are_understood(api: Api) -> None:
    tell(api, "I booked the 7 Days Inn.")
    nulls = dict.fromkeys(["agent_id", "app_id", "allow_knowledgebase_ids", "conversation_id"])
    sdk = {**nulls, "feedback_time": "2025-12-01 10:00:00", "allow_public": False}
    assert len(feed(api, "I chose Ji Hotel, not 7 Days Inn.", **sdk)["update"]) == 1
    marks = {"source": "cli-codex", "framework": "codex"}
    assert len(feed(api, "Prefer concise, direct technical answers.", **marks)["add"]) == 1
    assert len(feed(api, "User prefers Rust now", source="MODELSCOPE")["add"]) == 1
    assert "Rust" in ask(api, "Which language do I prefer?")[0]


def test_public_additions_reach_others_and_their_copies_follow_corrections(api: Api) -> None:
    feed(api, "Remember that the lift is on floor 3.", allow_public=True)
    assert "floor 3" in ask(api, "Where is the lift?", user="other")[0]
    feed(api, "The lift is on floor 5, not floor 3.")
    found = ask(api, "Where is the lift?", user="other")
    assert "floor 5" in found[0]
    assert not any("floor 3" in value for value in found)


def test_memories_of_others_are_out_of_reach(api: Api) -> None:
    tell(api, LIMIT, user="other")
    theirs = one_id(api, "office", user="other")
    before = held(api, "other")
    for text in ("👍", "It is 600 CNY, not 800 CNY.", "Forget this", "That's wrong, it is 600"):
        record = feed(api, text, retrieved_memory_ids=[theirs, "no-such-id"])
        assert changes(record) == 0, text
    assert held(api, "other") == before


def test_a_single_retrieved_memory_can_be_forgotten_without_naming_it(api: Api) -> None:
    tell(api, "I work at Acme.", "I live in Porto.")
    record = feed(api, "Please forget this.", retrieved_memory_ids=[one_id(api, "Acme")])
    assert len(record["delete"]) == 1
    assert not any("Acme" in value for value in held(api))


def test_a_statement_that_denies_one_retrieved_memory_replaces_it(api: Api) -> None:
    tell(api, "I like apples and dislike bananas.")
    target = one_id(api, "apples")
    record = feed(api, "Wrong, actually I like mangosteens.", retrieved_memory_ids=[target])
    assert [u["archived_id"] for u in record["update"]] == [target]
    assert held(api) == ["The user likes mangosteens."]


def test_an_agents_own_memory_takes_feedback_too(api: Api) -> None:
    body = {"agent_id": "a", "feedback_content": "Remember that the door code is 4711."}
    assert api.post("add/feedback", body)["data"]["status"] == "completed"
    data = api.post("search/memory", {"agent_id": "a", "query": "What is the door code?"})["data"]
    assert "4711" in data["memory_detail_list"][0]["memory_value"]


def test_forgetting_takes_former_versions_too(api: Api) -> None:
    tell(api, "Zanzibar leads the billing team.")
    feed(api, "Replace Zanzibar with Quux everywhere.")
    assert len(feed(api, "Forget everything about Quux.")["delete"]) == 2
    for path in api.system.settings.data_dir.rglob("*"):
        if path.is_file():
            assert b"leads the billing" not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("told", "asked", "word"),
    [
        (
            "My locker code is violet seven.",
            "Forget that my locker code is violet seven.",
            "violet",
        ),
        ("我的储物柜密码是紫罗兰七号。", "忘掉我的储物柜密码是紫罗兰七号。", "紫罗兰"),
    ],
)
def test_what_was_forgotten_is_not_taken_up_again(
    api: Api, told: str, asked: str, word: str
) -> None:
    def tell() -> str:
        messages = [{"role": "user", "content": told}]
        api.post("add/message", {"user_id": "u", "messages": messages, "async_mode": False})
        return str(api.post("get/memory", {"user_id": "u"})["data"])

    assert word in tell()
    body = {"user_id": "u", "conversation_id": "c", "feedback_content": asked}
    assert api.post("add/feedback", body)["data"]["success"] is True
    api.settle()
    assert word not in str(api.post("get/memory", {"user_id": "u"})["data"])
    assert word not in tell()


@pytest.mark.parametrize(
    ("told", "asked", "again", "word"),
    [
        (
            "I live in Porto.",
            "Forget that I live in Porto.",
            "Remember that I live in Porto.",
            "Porto",
        ),
        ("我住在波尔图。", "忘掉我住在波尔图这件事。", "请记住我住在波尔图。", "波尔图"),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_a_request_to_forget_in_a_conversation_is_heard(
    api: Api, told: str, asked: str, again: str, word: str, apart: bool
) -> None:
    if apart:
        tell(api, told, "I work at Acme.")
        tell(api, asked)
    else:
        messages = [{"role": "user", "content": text} for text in (told, "I work at Acme.", asked)]
        api.post("add/message", {"user_id": "u", "messages": messages, "async_mode": False})
    assert not any(word in value for value in held(api))
    assert any("Acme" in value for value in held(api))
    for path in api.system.settings.data_dir.rglob("*"):
        if path.is_file():
            assert word.encode() not in path.read_bytes(), path
    tell(api, told)
    assert not any(word in value for value in held(api))
    assert (
        len(feed(api, f"Remember that {told[0].lower()}{told[1:]}")["add"]) == 1 or word == "波尔图"
    )


@pytest.mark.parametrize(
    ("told", "feedback", "undo"),
    [
        (
            ("User 1 leads the billing team.", "I live in Oslo with User 1."),
            "Replace User 1 with User 2 everywhere.",
            "Undo that.",
        ),
        (("张三负责账务系统。", "王五向张三汇报。"), "把所有的张三改成李四", "撤销刚才的替换"),
        ((LIMIT,), "The purchase limit for office software is 600 CNY, not 800 CNY.", "Revert it"),
        (("I live in Oslo.",), "Remember that the spare key is under the pot.", "Take it back."),
    ],
)
def test_the_last_change_is_counted_and_can_be_taken_back_in_words(
    api: Api, told: tuple[str, ...], feedback: str, undo: str
) -> None:
    tell(api, *told)
    before = held(api)
    record = feed(api, feedback)
    assert record["changes"] == changes(record) > 0
    assert held(api) != before
    back = feed(api, undo)
    assert back["kind"] == "undo"
    assert back["changes"] == record["changes"]
    assert held(api) == before
    assert feed(api, undo)["changes"] == 0
    assert held(api) == before


def test_taking_back_twice_goes_two_changes_back(api: Api) -> None:
    tell(api, "User 1 leads the billing team.")
    before = held(api)
    feed(api, "Replace User 1 with User 2 everywhere.")
    feed(api, "Replace User 2 with User 3 everywhere.")
    assert held(api) == ["User 3 leads the billing team."]
    feed(api, "Undo the last change.")
    assert held(api) == ["User 2 leads the billing team."]
    feed(api, "Undo the last change.")
    assert held(api) == before


def votes(api: Api, memory_id: str) -> int:
    item = api.system.graph.get(Scope.of(user_cube(api)), [memory_id])[0]
    return item.info.get(VOTES, 0)


def user_cube(api: Api) -> Cube:
    return Cube(api.system.records.projects()[0].id, CubeKind.USER, "u")


def test_a_vote_is_taken_back_by_as_much_as_it_counted(api: Api) -> None:
    tell(api, LIMIT, "The user owns a kayak.")
    memory = one_id(api, "800")
    for number in range(4):
        feed(api, "Good answer!", retrieved_memory_ids=[memory])
        assert votes(api, memory) == min(number + 1, 3)
    for left in (3, 2, 1, 0):
        back = feed(api, "Undo that.")
        assert (back["kind"], back["voted"], back["changes"]) == ("undo", [memory], 1)
        assert votes(api, memory) == left, "the fourth vote had counted nothing"
    assert feed(api, "Undo that.")["changes"] == 0
    feed(api, "没用", retrieved_memory_ids=[memory])
    assert votes(api, memory) == -1
    feed(api, "撤销刚才的修改")
    assert votes(api, memory) == 0


def test_a_taken_back_replacement_is_taken_back_in_the_public_memory_too(api: Api) -> None:
    tell(api, "User 1 leads the billing team.", allow_public=True)
    assert ask(api, "Who leads the billing team?", "other") == ["User 1 leads the billing team."]
    record = feed(api, "Replace User 1 with User 2 everywhere.")
    assert len(record["shared"]) == 2
    assert ask(api, "Who leads the billing team?", "other") == ["User 2 leads the billing team."]
    assert feed(api, "Undo that.")["shared"] == record["shared"]
    assert ask(api, "Who leads the billing team?", "other") == ["User 1 leads the billing team."]


def test_what_was_forgotten_is_said_to_be_lost_and_the_next_undo_goes_on(api: Api) -> None:
    tell(api, LIMIT, "My sister Anna plays the harp.")
    feed(api, "The purchase limit for office software is 600 CNY, not 800 CNY.")
    gone = feed(api, "Forget that my sister Anna plays the harp.")["delete"]
    assert gone
    back = feed(api, "Undo that.")
    assert (back["lost"], back["changes"]) == (gone, 0)
    assert held(api) == ["The purchase limit for office software is 600 CNY."]
    assert feed(api, "Undo that.")["update"]
    assert held(api) == [LIMIT]
