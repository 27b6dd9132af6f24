"""The documentation's feedback examples with a model that judges, also badly; none of it is lost."""

import json
from typing import Any

import pytest

from tests.api.test_feedback import ask, held, one_id, tell
from tests.conftest import Api
from tests.scripted_model import Answer, ScriptedModel, refusal, reply

LIMITS = [
    (
        "The purchase limit for office software is 800 CNY.",
        "The purchase limit for office software is 600 CNY, not 800 CNY.",
        "Help me check the purchase limit for office software",
        "800 CNY",
        "600 CNY",
    ),
    (
        "办公软件的采购限额是800元。",
        "办公软件的采购限额是600元，不是800元。",
        "办公软件的采购限额是多少",
        "800元",
        "600元",
    ),
]
NAMES = [
    (
        "User 1 leads the billing team.",
        "Replace User 1 with User 2 everywhere.",
        "User 1",
        "User 2",
    ),
    ("张三负责账务系统。", "把所有的张三改成李四", "张三", "李四"),
]
FRUITS = [
    (
        "I like apples and dislike bananas.",
        "Wrong, actually I like mangosteens.",
        "What fruit do I like?",
        "mangosteens",
    ),
    ("我喜欢苹果，讨厌香蕉。", "不对，其实我喜欢山竹。", "我喜欢什么水果？", "山竹"),
]
BAD: list[tuple[Answer, ...]] = [
    (reply("Sorry, I cannot do that."),),
    (reply('{"kind": "correction", "old": '),),
    (reply('{"kind": "explode", "statement": "x"}'),),
    (reply('[{"kind": "none"}]'),),
    (refusal(500),),
    (Answer(body=b"not json"),),
]


def judged(kind: str, **fields: Any) -> Answer:
    blank = {"old": "", "new": "", "statement": "", "vote": 0, "numbers": []}
    return reply(json.dumps({"kind": kind, **blank, **fields}, ensure_ascii=False))


def feed(api: Api, text: str, **fields: Any) -> dict[str, Any]:
    body = {"user_id": "u", "conversation_id": "fb", "feedback_content": text, **fields}
    answer = api.post("add/feedback", {**body, "async_mode": False})
    assert answer["data"]["status"] == "completed", answer
    return answer["data"]["record"]


@pytest.mark.parametrize(("told", "said", "query", "old", "new"), LIMITS)
@pytest.mark.parametrize("answers", [None, *BAD])
def test_the_limit_is_corrected_whatever_the_model_does(
    read_by_model: Api,
    model: ScriptedModel,
    answers: tuple[Answer, ...] | None,
    told: str,
    said: str,
    query: str,
    old: str,
    new: str,
) -> None:
    api = read_by_model
    tell(api, told)
    good = judged("correction", old=old, new=new, statement=said, numbers=[1])
    model.script(*(answers or (good,)))
    record = feed(api, said)
    assert len(record["update"]) == 1
    assert new in ask(api, query)[0]
    assert not any(old in value for value in held(api))


@pytest.mark.parametrize(("told", "said", "old", "new"), NAMES)
@pytest.mark.parametrize("answers", [None, *BAD])
def test_a_name_is_replaced_everywhere_counted_and_back_again(
    read_by_model: Api,
    model: ScriptedModel,
    answers: tuple[Answer, ...] | None,
    told: str,
    said: str,
    old: str,
    new: str,
) -> None:
    api = read_by_model
    tell(api, told)
    before = held(api)
    model.script(*(answers or (judged("replacement", old=old, new=new),)))
    assert feed(api, said)["changes"] == 1
    assert held(api) == [before[0].replace(old, new)]
    assert feed(api, "Undo that.")["changes"] == 1
    assert held(api) == before


@pytest.mark.parametrize(("told", "said", "query", "fruit"), FRUITS)
def test_a_wrong_taste_gives_way_to_the_right_one(
    read_by_model: Api, model: ScriptedModel, told: str, said: str, query: str, fruit: str
) -> None:
    api = read_by_model
    tell(api, told)
    statement = said.split("，", 1)[-1].split(", ", 1)[-1]
    model.script(judged("correction", statement=statement, numbers=[1]))
    feed(api, said)
    assert any(fruit in found for found in ask(api, query))


def test_a_model_that_names_what_was_not_said_is_not_believed(
    read_by_model: Api, model: ScriptedModel
) -> None:
    api = read_by_model
    tell(api, LIMITS[0][0])
    model.script(judged("correction", old="800 CNY", new="9000 CNY", statement="x", numbers=[1]))
    feed(api, LIMITS[0][1])
    assert any("600 CNY" in value for value in held(api))
    assert not any("9000" in value for value in held(api))


def test_forgetting_judged_by_a_model_erases_only_what_it_names(
    read_by_model: Api, model: ScriptedModel
) -> None:
    api = read_by_model
    tell(api, "The spare key is under the blue pot.", "I work at Acme.")
    target = one_id(api, "blue pot")
    model.script(judged("forgetting", statement="the spare key is under the blue pot", numbers=[1]))
    record = feed(api, "Forget where the spare key is.", retrieved_memory_ids=[target])
    assert record["delete"] == [target]
    assert held(api) == ["The user works at Acme."]
