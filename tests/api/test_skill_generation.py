"""Skills drawn from conversations, over HTTP: the documented travel planners, with and without a model."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from memos.api.server_api import create_app
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.mem_os.bootstrap import build
from memos.mem_scheduler.skill_learning import SKILL_TASK
from memos.types.clock import derived_id
from tests.conftest import KEY, Api
from tests.scripted_model import Request, ScriptedModel, reply, scripted_model

BUSY = [
    "I'm going to Chengdu next week for 5 days. I like intense, no-backtracking trips. "
    "Also mark the must-try food along the route.",
    "I prefer cultural attractions. Not interested in shopping malls.",
    "Check the weather and temperature in advance so I can pack properly.",
]
RELAXED = [
    "I want to spend a few days in Chengdu. I'm a night owl and can't get up early.",
    "I hate early mornings and I don't want long commutes.",
    "I'd rather see hidden gems than the famous crowded spots.",
]
BUSY_ZH = [
    "我下周要去成都玩5天。我喜欢紧凑、不走回头路的行程。顺便把沿途必吃的美食标出来。",
    "我更喜欢人文景点，对商场不感兴趣。",
    "提前查一下天气和气温，方便我收拾行李。",
]
RELAXED_ZH = [
    "我想去成都玩几天。我是夜猫子，早上起不来。",
    "我讨厌早起，也不想长时间通勤。",
    "我更想去小众的地方，不想去人挤人的景点。",
]
QUESTION = "I'm planning a 7-day trip to Yunnan for the spring holiday."
QUESTION_ZH = "我打算春节去云南玩7天，帮我规划一下行程。"


def talk(said: list[str], answer: str = "...omitted...") -> list[dict]:
    turns = [
        [{"role": "user", "content": t}, {"role": "assistant", "content": answer}] for t in said
    ]
    return [message for turn in turns for message in turn]


def add(api: Api, user: str, said: list[str], conversation: str = "travel_0127") -> None:
    body = {"user_id": user, "conversation_id": conversation, "messages": talk(said)}
    assert api.post("add/message", body)["code"] == 0
    api.settle()


def skills(api: Api, user: str, query: str = QUESTION, **more: object) -> list[dict]:
    body = {
        "query": query,
        "user_id": user,
        "conversation_id": "travel_0301",
        "include_skill": True,
        **more,
    }
    return api.post("search/memory", body)["data"]["skill_detail_list"]


def text(skill: dict) -> str:
    return json.dumps(skill["skill_value"], ensure_ascii=False)


def test_two_travellers_get_two_skills_without_a_model(api: Api) -> None:
    add(api, "memos_user_j", BUSY)
    add(api, "memos_user_p", RELAXED)
    [busy] = skills(api, "memos_user_j")
    [relaxed] = skills(api, "memos_user_p")
    assert busy["skill_value"] == {
        "name": "Travel Planning",
        "description": "How this user wants travel planning to be done: Likes intense, "
        "no-backtracking trips; Prefers cultural attractions; Not interested in shopping malls.",
        "procedure": [
            "Mark the must-try food along the route",
            "Check the weather and temperature in advance so I can pack properly",
        ],
        "preference": [
            "Likes intense, no-backtracking trips",
            "Prefers cultural attractions",
            "Not interested in shopping malls",
        ],
        "examples": ["User: I'm going to Chengdu next week for 5 days."],
    }
    assert any("night owl" in line for line in relaxed["skill_value"]["preference"])
    assert any("commutes" in line for line in relaxed["skill_value"]["preference"])
    assert any("hidden gems" in line for line in relaxed["skill_value"]["preference"])
    assert "night owl" not in text(busy)
    assert "backtracking" not in text(relaxed)
    assert busy["tags"] == ["generated", "mode:rules"]
    assert busy["confidence"] < 0.7
    assert busy["skill_type"] == "generated"
    assert busy["conversation_id"] == "travel_0127"
    assert busy["relativity"] >= 0.45


def test_two_travellers_get_two_skills_in_chinese(api: Api) -> None:
    add(api, "j", BUSY_ZH)
    add(api, "p", RELAXED_ZH)
    [busy] = skills(api, "j", QUESTION_ZH)
    [relaxed] = skills(api, "p", QUESTION_ZH)
    assert busy["skill_value"]["name"] == "旅行规划"
    assert busy["skill_value"]["procedure"] == [
        "把沿途必吃的美食标出来",
        "提前查一下天气和气温，方便我收拾行李",
    ]
    assert "喜欢紧凑、不走回头路的行程" in busy["skill_value"]["preference"]
    assert any("夜猫子" in line for line in relaxed["skill_value"]["preference"])
    assert "夜猫子" not in text(busy)
    assert "回头路" not in text(relaxed)


def test_skills_are_left_out_unless_asked_for_and_for_other_tasks(api: Api) -> None:
    add(api, "j", BUSY)
    assert skills(api, "j", include_skill=False) == []
    assert skills(api, "j", "How do I fix a flat bicycle tire?") == []
    assert skills(api, "somebody else") == []


def test_skills_are_listed_when_asked_for(api: Api) -> None:
    add(api, "j", BUSY)
    [found] = skills(api, "j")
    body = {"user_id": "j"}
    assert api.post("get/memory", body)["data"]["skill_detail_list"] == []
    data = api.post("get/memory", {**body, "include_skill": True})["data"]
    [listed] = data["skill_detail_list"]
    assert (listed["id"], listed["skill_value"]) == (found["id"], found["skill_value"])
    assert api.http.get(listed["skill_url"]).status_code == 200


def test_small_talk_makes_no_skill(api: Api) -> None:
    add(api, "j", ["Hello!", "I like tea.", "It was a nice day.", "Thanks, bye."])
    assert skills(api, "j", "tea", relativity=0) == []


def test_a_second_trip_makes_a_new_version_of_the_same_skill(api: Api) -> None:
    add(api, "j", BUSY)
    [first] = skills(api, "j")
    add(api, "j", ["Plan a trip to Xi'an for me. I only stay in quiet hotels."], "travel_0201")
    [second] = skills(api, "j")
    assert second["id"] != first["id"]
    assert "Only stays in quiet hotels" in second["skill_value"]["preference"]
    assert "Prefers cultural attractions" in second["skill_value"]["preference"]
    assert second["confidence"] > first["confidence"]
    assert api.get(f"get/memory/{first['id']}")["data"]["status"] == "archived"


def test_a_wish_that_is_taken_back_leaves_the_skill(api: Api) -> None:
    add(api, "j", BUSY)
    add(
        api,
        "j",
        ["I'm going to Shanghai for 3 days. I like shopping malls now."],
        "travel_0301",
    )
    [skill] = skills(api, "j")
    assert "Not interested in shopping malls" not in skill["skill_value"]["preference"]
    assert any("shopping malls" in line for line in skill["skill_value"]["preference"])
    assert "Prefers cultural attractions" in skill["skill_value"]["preference"]


def test_a_skill_the_user_wants_no_more_is_retired(api: Api) -> None:
    add(api, "j", BUSY)
    [skill] = skills(api, "j")
    add(
        api,
        "j",
        ["Plan a trip to Rome for me, but forget about my old travel preferences."],
        "travel_0401",
    )
    assert skills(api, "j") == []
    assert api.get(f"get/memory/{skill['id']}")["data"]["status"] == "archived"


def test_a_conversation_that_goes_on_is_one_task(api: Api) -> None:
    for said in BUSY:
        add(api, "j", [said])
    [skill] = skills(api, "j")
    assert len(skill["skill_value"]["preference"]) == 3
    assert len(skill["skill_value"]["procedure"]) == 2
    assert skill["confidence"] == pytest.approx(0.55)


def test_preferences_told_elsewhere_are_taken_along(api: Api) -> None:
    add(api, "j", ["When I travel I always prefer trains over planes."], "chat")
    add(api, "j", BUSY)
    [skill] = skills(api, "j")
    assert any("trains" in line for line in skill["skill_value"]["preference"])


def test_tools_that_worked_become_steps(api: Api) -> None:
    messages = [
        {"role": "user", "content": "Plan a trip to Beijing for me. I hate rain."},
        {
            "role": "assistant",
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"location": "Beijing"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '{"condition": "Cloudy"}'},
        {"role": "assistant", "content": "It will be cloudy."},
    ]
    api.post("add/message", {"user_id": "j", "conversation_id": "c", "messages": messages})
    api.settle()
    [skill] = skills(api, "j")
    assert skill["skill_value"]["procedure"] == ["Call get_weather with location"]


def bytes_of(folder: Path) -> bytes:
    return b"".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())


def test_an_erased_skill_leaves_no_byte_of_any_version(api: Api) -> None:
    add(
        api, "j", ["Plan a trip to Rome for me. I love quuxifrage hotels. I hate zorbleplex buses."]
    )
    add(api, "j", ["Plan a trip to Oslo for me. I prefer wibbletron trains."], "c2")
    [skill] = skills(api, "j")
    ids = [skill["id"]]
    facts = api.post("get/memory", {"user_id": "j", "size": 50})["data"]
    ids += [m["id"] for m in facts["memory_detail_list"] + facts["preference_detail_list"]]
    assert api.post("delete/memory", {"memory_ids": ids})["code"] == 0
    left = bytes_of(api.system.settings.data_dir)
    assert [n for n in (b"quuxifrage", b"zorbleplex", b"wibbletron") if n in left] == []
    assert skills(api, "j", relativity=0) == []


def test_erasing_a_preference_takes_it_out_of_the_skill(api: Api) -> None:
    add(api, "j", [*BUSY, "I love quuxifrage hotels."])
    preferences = api.post("get/memory", {"user_id": "j", "size": 50})["data"]
    [gone] = [
        m["id"] for m in preferences["preference_detail_list"] if "quuxifrage" in m["preference"]
    ]
    assert api.post("delete/memory", {"memory_ids": [gone]})["code"] == 0
    [skill] = skills(api, "j")
    assert "quuxifrage" not in text(skill)
    assert "Prefers cultural attractions" in skill["skill_value"]["preference"]
    assert b"quuxifrage" not in bytes_of(api.system.settings.data_dir)


def test_doing_the_work_again_changes_nothing(api: Api) -> None:
    add(api, "j", BUSY)
    before = skills(api, "j")
    project = api.system.records.projects()[0].id
    body = {
        "user_id": "j",
        "conversation_id": "c9",
        "messages": talk(["Plan a trip to Rome for me. I love museums."]),
    }
    task_id = api.post("add/message", body)["data"]["task_id"]
    api.settle()
    once = skills(api, "j")
    assert once != before
    task = api.system.records.task(project, derived_id(task_id, SKILL_TASK))
    assert task is not None
    for _ in range(2):
        api.system.worker._jobs[task.kind](task)
    assert skills(api, "j") == once


MODEL_SKILLS = {
    "no-backtracking": {
        "name": "Travel Itinerary Planning",
        "description": "Design multi-day itineraries for high-energy travelers.",
        "procedure": [
            "Plan daily routes by area to avoid backtracking",
            "Check the weather forecast",
        ],
        "experience": ["Prioritize cultural attractions over shopping"],
        "preferences": ["No backtracking", "Prefers cultural attractions"],
        "examples": [],
    },
    "night owl": {
        "name": "Travel Itinerary Planning",
        "description": "Help low-energy travelers plan relaxed, flexible itineraries.",
        "procedure": ["Confirm the wake-up time", "Prioritize nearby spots"],
        "experience": ["Avoid scheduling early-morning activities"],
        "preferences": ["Night owl, can't wake up early", "Dislikes long commutes"],
        "examples": [],
    },
}


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as server:
        yield server


@pytest.fixture
def told(tmp_path: Path, embedder: Embedder, model: ScriptedModel) -> Iterator[Api]:
    """A system whose reader is the scripted model."""
    chosen = Settings(
        data_dir=tmp_path / "data",
        bootstrap_api_key=KEY,
        tokens_per_minute=0,
        embedded_worker=False,
        llm_model="scripted",
        llm_api_base=model.url,
        llm_api_key="k",
        llm_max_retries=0,
    )
    system = build(chosen, embedder=embedder)
    system.start()
    with TestClient(create_app(system), raise_server_exceptions=False) as http:
        yield Api(system, http)
    system.close()


def is_about_skills(request: Request) -> bool:
    return "reusable skill" in request.body["messages"][0]["content"]


def test_two_travellers_get_two_skills_with_a_model(told: Api, model: ScriptedModel) -> None:
    def answer(request: Request):
        if not is_about_skills(request):
            return reply('{"memories": []}')
        said = request.body["messages"][1]["content"]
        key = next(key for key in MODEL_SKILLS if key in said)
        return reply(json.dumps({"skill": MODEL_SKILLS[key], "retired": False}))

    model.fallback = answer
    add(told, "j", BUSY)
    add(told, "p", RELAXED)
    [busy], [relaxed] = skills(told, "j"), skills(told, "p")
    assert busy["skill_value"]["procedure"][0] == "Plan daily routes by area to avoid backtracking"
    assert relaxed["skill_value"]["preference"][0] == "Night owl, can't wake up early"
    assert busy["skill_value"]["name"] == relaxed["skill_value"]["name"]
    assert busy["tags"] == ["generated", "mode:model"]
    assert busy["confidence"] > 0.8


@pytest.mark.parametrize(
    "answer",
    ["no JSON", '{"skill": {"name": "x"}}', json.dumps({"skill": {**MODEL_SKILLS["night owl"], "description": "一个完全用中文写成的描述，语言不对。", "name": "旅行规划", "procedure": ["先确认起床时间再安排行程"], "experience": [], "preferences": ["夜猫子"]}})],
    ids=["no json", "other form", "other language"],
)  # fmt: skip
def test_a_model_that_writes_nonsense_leaves_the_rules_to_write(
    told: Api, model: ScriptedModel, answer: str
) -> None:
    model.fallback = lambda request: reply(
        answer if is_about_skills(request) else '{"memories": []}'
    )
    add(told, "j", BUSY)
    [skill] = skills(told, "j")
    assert skill["tags"] == ["generated", "mode:rules"]
    assert "Prefers cultural attractions" in skill["skill_value"]["preference"]


def test_a_model_is_shown_the_known_skill_and_may_retire_it(
    told: Api, model: ScriptedModel
) -> None:
    answers = iter([{"skill": MODEL_SKILLS["no-backtracking"]}, {"skill": None, "retired": True}])
    seen = []

    def answer(request: Request):
        if not is_about_skills(request):
            return reply('{"memories": []}')
        seen.append(json.loads(request.body["messages"][1]["content"]))
        return reply(json.dumps(next(answers)))

    model.fallback = answer
    add(told, "j", BUSY)
    add(told, "j", ["Plan a trip to Rome. I changed in every way, I do the opposite."], "c2")
    assert seen[1]["known_skill"]["name"] == "Travel Itinerary Planning"
    assert skills(told, "j") == []


def test_a_model_is_asked_once_for_an_add(told: Api, model: ScriptedModel) -> None:
    model.fallback = lambda request: reply(
        json.dumps({"skill": MODEL_SKILLS["night owl"]}) if is_about_skills(request) else "{}"
    )
    for n in range(4):
        add(told, "j", [f"Plan a trip to city {n} for me. I love museums number {n}."], f"c{n}")
        asked = sum(is_about_skills(request) for request in model.requests)
        assert asked == n + 1
