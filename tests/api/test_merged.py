"""The step "Merged" of a memory's life: several memories become one that says what they say."""

import json
from typing import Any

import pytest

from tests.api.test_quarantine import memory
from tests.api.test_relations import tell
from tests.conftest import Api
from tests.scripted_model import Answer, ScriptedModel, refusal, reply

STUDENT = (
    ("I always confuse quadratic functions with linear functions.",
     "The student often confuses quadratic functions with linear functions."),
    ("And I keep getting exponential functions wrong, too.",
     "The student struggles with exponential functions."),
    "The student struggles with function concepts and confuses linear, quadratic and exponential functions.",
    "Which functions do I confuse?",
)  # fmt: skip
STUDENT_ZH = (
    ("我总是把二次函数和一次函数搞混。", "学生经常把二次函数和一次函数搞混。"),
    ("指数函数我也总是算错。", "学生经常算错指数函数。"),
    "学生经常把函数概念搞混、算错，尤其是一次函数、二次函数和指数函数。",
    "我总是搞混哪些函数？",
)
BOTH = pytest.mark.parametrize("told", [STUDENT, STUDENT_ZH], ids=["en", "zh"])


def read(value: str) -> Answer:
    return reply(json.dumps({"memories": [memory(value)]}, ensure_ascii=False))


def adds(combined: str, statement: int = 1, fact: int = 1, **more: Any) -> Answer:
    entry = {"statement": statement, "fact": fact, "relation": "adds", "combined": combined, **more}
    return reply(json.dumps({"relations": [entry]}, ensure_ascii=False))


def learn(
    api: Api, model: ScriptedModel, said: tuple[str, str], day: str, *answers: Answer
) -> None:
    model.script(read(said[1]), *answers)
    tell(api, said[0], day)


def merge(api: Api, model: ScriptedModel, told: Any, *answers: Answer) -> None:
    learn(api, model, told[0], "2025-09-11")
    learn(api, model, told[1], "2025-10-02", *(answers or (adds(told[2]),)))
    model.answers.clear()


def listed(api: Api, **fields: Any) -> dict[str, dict[str, Any]]:
    data = api.post("get/memory", {"user_id": "u", "size": 50, **fields})["data"]
    return {m["memory_value"]: m for m in data["memory_detail_list"]}


def found(api: Api, query: str, **fields: Any) -> list[str]:
    data = api.post("search/memory", {"user_id": "u", "query": query, **fields})["data"]
    return [m["memory_value"] for m in data["memory_detail_list"]]


def texts(api: Api, **fields: Any) -> list[str]:
    return sorted(listed(api, **fields))


def ids(api: Api, told: Any) -> tuple[str, str, str]:
    every = listed(api, status="all")
    return every[told[0][1]]["id"], every[told[1][1]]["id"], every[told[2]]["id"]


@BOTH
def test_what_adds_is_merged_into_one_memory(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    merge(read_by_model, model, told)
    assert texts(read_by_model) == [told[2]]
    assert found(read_by_model, told[3]) == [told[2]]
    assert texts(read_by_model, status="merged") == sorted([told[0][1], told[1][1]])
    whole = listed(read_by_model)[told[2]]
    assert len(whole["sources"]) == 2


def history(api: Api, memory_id: str) -> dict[str, Any]:
    answer = api.post("get/memory/history", {"memory_id": memory_id})
    assert answer["code"] == 0
    return answer["data"]


def messages(api: Api) -> str:
    """Everything the user said, as it is stored now."""
    body = {"user_id": "u", "conversation_id": "2025-10-02"}
    first = api.post("get/message", {**body, "conversation_id": "2025-09-11"})["data"]
    rows = [
        *first["message_detail_list"],
        *api.post("get/message", body)["data"]["message_detail_list"],
    ]
    return "\n".join(row["content"] for row in rows)


@BOTH
def test_the_life_of_a_merged_memory_is_told_by_its_history(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    learn(api, model, told[0], "2025-09-11")
    (first,) = (m["id"] for m in listed(api).values())
    assert history(api, first)["stage"] == "generated"
    found(api, told[3])
    api.system.truth.uses.flush()
    assert history(api, first)["stage"] == "activated"
    learn(api, model, told[1], "2025-10-02", adds(told[2]))
    first, second, whole = ids(api, told)
    told_by = history(api, whole)
    assert told_by["stage"] == "generated"
    steps = {(t["memory_id"], t["old"], t["new"], t["reason"]) for t in told_by["transitions"]}
    assert {(part, "activated", "merged", "merged") for part in (first, second)} <= steps
    shown = [(v["memory_value"], v["status"], v["reason"]) for v in told_by["versions"]]
    assert shown[0] == (told[0][1], "activated", "added")
    assert {(told[0][1], "merged", "merged"), (told[1][1], "merged", "merged")} <= set(shown)
    assert (told[2], "activated", "added") in shown
    newest = next(v for v in told_by["versions"] if v["memory_id"] == whole)
    assert newest["version"] == 2
    found(api, told[3])
    api.system.truth.uses.flush()
    assert history(api, whole)["stage"] == "activated"


@BOTH
def test_a_merged_memory_is_archived_expires_and_can_be_frozen(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    _, _, whole = ids(api, told)
    for status in ("frozen", "activated", "archived", "expired"):
        changed = api.post("update/memory", {"memory_id": whole, "status": status})
        assert changed["data"]["status"] == status
    assert found(api, told[3]) == []
    assert texts(api, status="expired") == [told[2]]


@BOTH
def test_what_was_known_and_true_before_is_found_as_it_was(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    merge(read_by_model, model, told)
    assert found(read_by_model, told[3], as_of="2025-09-20") == [told[0][1]]
    assert found(read_by_model, told[3], as_of="2025-10-20") == [told[2]]


@BOTH
@pytest.mark.parametrize("gone", [0, 1])
def test_without_one_part_the_other_stands_by_itself(
    read_by_model: Api, model: ScriptedModel, told: Any, gone: int
) -> None:
    api = read_by_model
    merge(api, model, told)
    receipt = api.post("delete/memory", {"memory_ids": [ids(api, told)[gone]]})["data"]["receipt"]
    assert (receipt["memories"], receipt["rederived"], receipt["reinstated"]) == (2, 1, 1)
    assert texts(api) == [told[1 - gone][1]]
    assert texts(api, status="merged") == []
    left = messages(api)
    assert told[gone][0] not in left
    assert told[1 - gone][0] in left
    assert found(api, told[1 - gone][0]) == [told[1 - gone][1]]


@BOTH
def test_deleting_the_whole_deletes_all_of_it(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    api.post("delete/memory", {"memory_ids": [ids(api, told)[2]]})
    assert texts(api, status="merged") == texts(api) == []
    assert not any(said in messages(api) for said, _ in told[:2])


@BOTH
def test_restoring_a_part_takes_the_whole_apart_and_back(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    first, _, whole = ids(api, told)
    assert api.post("restore/memory", {"memory_id": first})["data"]["status"] == "activated"
    assert texts(api) == sorted([told[0][1], told[1][1]])
    assert told[2] in texts(api, status="archived")
    assert api.post("restore/memory", {"memory_id": whole})["data"]["status"] == "activated"
    assert texts(api) == [told[2]]
    api.post("delete/memory", {"memory_ids": [first]})
    assert texts(api) == [told[1][1]]


@BOTH
def test_a_frozen_whole_keeps_its_parts_from_being_deleted(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    first, _, whole = ids(api, told)
    api.post("update/memory", {"memory_id": whole, "status": "frozen"})
    assert api.post("delete/memory", {"memory_ids": [first]})["code"] == 50002
    assert texts(api) == [told[2]]


@BOTH
def test_a_part_told_again_strengthens_both_and_goes_with_its_words(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    learn(api, model, told[0], "2025-11-01")
    assert texts(api) == [told[2]]
    assert len(listed(api)[told[2]]["sources"]) == 3
    api.post("delete/memory", {"memory_ids": [ids(api, told)[0]]})
    assert texts(api) == [told[1][1]]
    body = {"user_id": "u", "conversation_id": "2025-11-01"}
    rows = api.post("get/message", body)["data"]["message_detail_list"]
    assert told[0][0] not in "".join(row["content"] for row in rows)


THIRD = [
    (STUDENT, ("I also struggle with trigonometric functions.", "The student struggles with trigonometric functions."),
     "The student struggles with function concepts and trigonometric functions, and confuses linear, quadratic "
     "and exponential functions."),
    (STUDENT_ZH, ("三角函数我也总是算错。", "学生经常算错三角函数。"),
     "学生经常把函数概念搞混、算错，尤其是一次函数、二次函数和指数函数，也经常算错三角函数。"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "third", "all_three"), THIRD, ids=["en", "zh"])
def test_a_merged_memory_can_be_merged_again_and_comes_apart_in_leaves(
    read_by_model: Api,
    model: ScriptedModel,
    told: Any,
    third: tuple[str, str],
    all_three: str,
) -> None:
    api = read_by_model
    merge(api, model, told)
    learn(api, model, third, "2025-12-01", adds(all_three))
    assert texts(api) == [all_three]
    api.post("delete/memory", {"memory_ids": [ids(api, told)[0]]})
    assert texts(api) == sorted([told[1][1], third[1]])
    assert texts(api, status="merged") == []


@BOTH
@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((reply("they go together"), reply("indeed")), "apart"),
        ((reply(""), reply(None)), "apart"),
        ((refusal(500),), "apart"),
        ((adds("", fact=9), adds("", statement=4)), "apart"),
        ((adds(""),), "apart"),
        ((adds("The student struggles."),), "apart"),
        ((reply('{"relations": [{"statement": 1, "fact": 1, "relation": "adds", "combined": 7}]}'),), "apart"),
        ((reply('{"relations": [{"statement": 1, "fact": 1, "rel'), reply("{")), "apart"),
        ((reply("no JSON"), "whole"), "merged"),
        (("prose",), "merged"),
        (("invented",), "quarantined"),
    ],
)  # fmt: skip
def test_whatever_the_model_writes_nothing_is_lost_or_invented(
    read_by_model: Api, model: ScriptedModel, told: Any, answers: Any, outcome: str
) -> None:
    api = read_by_model
    invented = told[2].rstrip(".。") + (
        "，在Berlin的37次考试中。" if "学" in told[2] else " in 37 exams in Berlin."
    )
    plain = adds(told[2]).body["choices"][0]["message"]["content"]
    named = {
        "whole": adds(told[2]),
        "prose": reply(f"Of course:\n```json\n{plain}\n```\nAnything else?"),
        "invented": adds(invented),
    }
    merge(api, model, told, *(named.get(a, a) if isinstance(a, str) else a for a in answers))
    parts = sorted([told[0][1], told[1][1]])
    assert texts(api) == ([told[2]] if outcome == "merged" else parts)
    assert texts(api, status="quarantined") == ([invented] if outcome == "quarantined" else [])


@BOTH
def test_a_quarantined_whole_can_be_released_and_goes_with_a_part(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    invented = told[2].rstrip(".。") + ("，共37次。" if "学" in told[2] else " in 37 exams.")
    merge(api, model, told, adds(invented))
    whole = listed(api, status="quarantined")[invented]["id"]
    first = listed(api)[told[0][1]]["id"]
    api.post("update/memory", {"memory_id": whole, "status": "activated"})
    assert texts(api) == [invented]
    api.post("delete/memory", {"memory_ids": [first]})
    assert invented not in texts(api, status="all")
    assert texts(api) == [told[1][1]]


APART = [
    ("The user travelled to Xi'an in October.", "The user travelled to Hangzhou in May.",
     "The user travelled to Xi'an in October and to Hangzhou in May."),
    ("用户去年国庆去了西安。", "用户今年五一去了杭州。", "用户去年国庆去了西安，今年五一去了杭州。"),
    ("The user lives in Porto.", "The user works at Stripe.", "The user lives in Porto and works at Stripe."),
    ("The user is allergic to peanuts.", "The user is allergic to shellfish.",
     "The user is allergic to peanuts and shellfish."),
    ("The user does not enjoy museums.", "The user enjoys small galleries.",
     "The user enjoys museums and small galleries."),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "whole"), APART)
def test_events_states_limits_and_opposites_are_never_merged(
    read_by_model: Api, model: ScriptedModel, first: str, second: str, whole: str
) -> None:
    api = read_by_model
    learn(api, model, (first, first), "2026-05-10")
    learn(api, model, (second, second), "2026-05-12", adds(whole))
    every = [*texts(api), *preferences(api)]
    assert len(every) == 2
    assert whole not in every


def preferences(api: Api) -> list[str]:
    data = api.post("get/memory", {"user_id": "u", "size": 50, "include_preference": True})["data"]
    return [m["preference"] for m in data["preference_detail_list"]]


@BOTH
def test_forgetting_a_part_leaves_the_other(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    said = (
        "忘掉我经常算错指数函数。"
        if "学" in told[2]
        else "Forget that I struggle with exponential functions."
    )
    record = feedback(api, said)
    assert record["kind"] == "forgetting"
    assert texts(api) == [told[0][1]]


@BOTH
def test_a_correction_of_a_part_takes_the_whole_apart(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    chinese = "学" in told[2]
    said = (
        "不是指数函数，是对数函数。"
        if chinese
        else "It is logarithmic functions, not exponential functions."
    )
    record = feedback(api, said)
    assert record["kind"] == "correction"
    right = told[1][1].replace("指数", "对数").replace("exponential", "logarithmic")
    assert texts(api) == sorted([told[0][1], right])
    undone = feedback(api, "撤销刚才的修改" if chinese else "Undo that")
    assert undone["kind"] == "undo"
    assert texts(api) == sorted([told[0][1], told[1][1]])


@BOTH
def test_a_replacement_reaches_the_parts(
    read_by_model: Api, model: ScriptedModel, told: Any
) -> None:
    api = read_by_model
    merge(api, model, told)
    said = (
        "把所有的指数函数改成对数函数。"
        if "学" in told[2]
        else "Replace exponential with logarithmic everywhere."
    )
    assert feedback(api, said)["kind"] == "replacement"
    right = told[1][1].replace("指数", "对数").replace("exponential", "logarithmic")
    assert texts(api) == sorted([told[0][1], right])


def feedback(api: Api, said: str) -> dict[str, Any]:
    """What a feedback changed; the model has no answer for it, so the rules decide."""
    body = {"user_id": "u", "conversation_id": "f", "feedback_content": said, "async_mode": False}
    data = api.post("add/feedback", body)["data"]
    assert data["status"] == "completed"
    return data["record"]
