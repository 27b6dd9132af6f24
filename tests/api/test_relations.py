"""A model relates what was read to what is remembered; code decides what becomes of it."""

import json
from typing import Any

import pytest

from tests.api.test_quarantine import memory
from tests.conftest import Api
from tests.scripted_model import Answer, ScriptedModel, refusal, reply


def tell(api: Api, text: str, when: str) -> None:
    messages = [{"role": "user", "content": text, "chat_time": f"{when} 08:00"}]
    body = {"user_id": "u", "conversation_id": when, "messages": messages, "async_mode": False}
    assert api.post("add/message", body)["data"]["status"] == "completed"


def listed(api: Api, **fields: Any) -> list[str]:
    data = api.post("get/memory", {"user_id": "u", "size": 50, **fields})["data"]
    return sorted(m["memory_value"] for m in data["memory_detail_list"])


def read(value: str) -> Answer:
    return reply(json.dumps({"memories": [memory(value)]}, ensure_ascii=False))


def relation(sort: str, statement: int = 1, fact: int = 1) -> Answer:
    entry = {"statement": statement, "fact": fact, "relation": sort}
    return reply(json.dumps({"relations": [entry]}))


def two(
    api: Api, model: ScriptedModel, told: tuple[str, str], *answers: Answer, late: bool = False
) -> None:
    """Tell two statements that a model reads as they are; the second is related by `answers`."""
    days = ("2025-03-02", "2025-03-01") if late else ("2025-03-01", "2025-03-02")
    model.script(read(told[0]))
    tell(api, told[0], days[0])
    model.script(read(told[1]), *answers)
    tell(api, told[1], days[1])


SAME = [
    ("The user's hound Rex naps on the porch.", "Rex, the user's hound, sleeps on the porch."),
    ("用户的猎犬旺财在门廊上打盹。", "用户的猎犬旺财在门廊上睡觉。"),
]
OTHER = ("The team ships its app with Jenkins.", "The team ships its app with Buildkite.")


@pytest.mark.parametrize("told", SAME)
def test_a_duplicate_in_other_words_is_one_memory_with_both_sources(
    read_by_model: Api, model: ScriptedModel, told: tuple[str, str]
) -> None:
    two(read_by_model, model, told, relation("duplicate"))
    assert len(listed(read_by_model)) == 1
    data = read_by_model.post("get/memory", {"user_id": "u"})["data"]["memory_detail_list"]
    assert len(data[0]["sources"]) == 2
    shown = json.loads(model.requests[-1].body["messages"][-1]["content"])
    assert [fact["id"] for fact in shown["facts"]] == [1]
    assert shown["facts"][0]["text"] == told[0]


@pytest.mark.parametrize(
    "told",
    [
        (
            "The user's hound Rex naps 2 hours a day.",
            "Rex, the user's hound, sleeps 3 hours a day.",
        ),
        (
            "The user's hound Rex likes the porch.",
            "Rex, the user's hound, does not like the porch.",
        ),
    ],
)
def test_a_duplicate_that_differs_in_a_figure_or_a_not_is_none(
    read_by_model: Api, model: ScriptedModel, told: tuple[str, str]
) -> None:
    two(read_by_model, model, told, relation("duplicate"))
    assert listed(read_by_model) == sorted(told)


@pytest.mark.parametrize("late", [False, True])
def test_of_two_that_contradict_the_later_one_stands_whichever_came_first(
    read_by_model: Api, model: ScriptedModel, late: bool
) -> None:
    two(read_by_model, model, OTHER, relation("contradicts"), late=late)
    stands, gone = (OTHER[0], OTHER[1]) if late else (OTHER[1], OTHER[0])
    assert listed(read_by_model) == [stands]
    assert listed(read_by_model, status="archived") == [gone] or gone in listed(
        read_by_model, status="archived"
    )
    found = read_by_model.post(
        "search/memory", {"user_id": "u", "query": "What does the team ship its app with?"}
    )["data"]["memory_detail_list"]
    assert [m["memory_value"] for m in found] == [stands]


def test_what_adds_stands_beside(read_by_model: Api, model: ScriptedModel) -> None:
    two(read_by_model, model, OTHER, relation("adds"))
    assert listed(read_by_model) == sorted(OTHER)


def test_an_unusable_reply_is_sent_back_once(read_by_model: Api, model: ScriptedModel) -> None:
    two(read_by_model, model, SAME[0], relation("duplicate", fact=9), relation("duplicate"))
    assert len(listed(read_by_model)) == 1
    assert "Not usable" in model.requests[-1].body["messages"][-1]["content"]


@pytest.mark.parametrize(
    "answers",
    [
        (reply("no idea"), reply("still none")),
        (reply('{"relations": [{"statement": "one"}]}'), reply('{"relations": 3}')),
        (relation("eats"), relation("duplicate", statement=7)),
        (refusal(500),),
        (reply(None), reply("")),
        (Answer(body=b"<html>"), Answer(body=b"{}")),
        (reply('```json\n{"relations": []}\n```'),),
    ],
)
def test_whatever_the_model_does_nothing_is_lost(
    read_by_model: Api, model: ScriptedModel, answers: tuple[Answer, ...]
) -> None:
    two(read_by_model, model, SAME[0], *answers)
    assert listed(read_by_model) == sorted(SAME[0])


def test_what_rules_can_tell_is_not_asked(read_by_model: Api, model: ScriptedModel) -> None:
    two(read_by_model, model, ("The user loves hiking.", "The user really loves hiking a lot."))
    assert listed(read_by_model) == ["The user loves hiking."]
    assert len(model.requests) == 2
