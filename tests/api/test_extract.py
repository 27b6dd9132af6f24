"""Extraction: the documented examples, both languages, with and without a model; nothing stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.embedders.base import Embedder
from scripted_model import ScriptedModel, reply, scripted_model
from tests.api.test_chat import configured, running
from tests.conftest import Api

ALEX = [
    {"role": "system", "content": "Extract key memories from the dialogue."},
    {"role": "user", "content": "I'm Alex, 28, backend dev in Hangzhou, I play badminton."},
    {"role": "assistant", "content": "Hi Alex!"},
    {"role": "user", "content": "Keep replies short, not too wordy."},
]
STYLE = [
    {
        "role": "user",
        "content": "Use Markdown for docs, code blocks should have syntax highlighting.",
    },
    {"role": "assistant", "content": "Got it."},
    {"role": "user", "content": "Also go easy on emoji."},
]
FLIGHT = [{"role": "user", "content": "Flying to Beijing next Wed, staying at Ji Hotel Chaoyang."}]
TEA = [{"role": "user", "content": "我叫林夏，住在成都。我不喝咖啡，只喝绿茶。以后回答简短一点。"}]


def extract(api: Api, messages: list[dict], **more: object) -> dict:
    answer = api.post("extract/memory", {"messages": messages, **more})
    assert (answer["code"], answer["message"]) == (0, "ok")
    assert answer["data"]["success"] is True
    return answer["data"]


def values(data: dict) -> str:
    return " | ".join(m["memory_value"] for m in data["memory_detail_list"])


def wishes(data: dict) -> str:
    return " | ".join(p["preference"] for p in data["preference_detail_list"])


def test_facts_and_preferences_are_read_from_the_documented_dialogue(api: Api) -> None:
    data = extract(api, ALEX)
    assert "Alex" in values(data)
    assert "Hangzhou" in values(data)
    assert "Extract key memories" not in values(data)
    (fact, *_) = data["memory_detail_list"]
    assert set(fact) == {"memory_key", "memory_value", "memory_type", "tags"}
    assert fact["memory_type"] in {"UserMemory", "LongTermMemory"}
    assert fact["tags"]
    (preference,) = data["preference_detail_list"]
    assert set(preference) == {"preference", "reasoning", "preference_type"}
    assert preference["preference_type"] == "explicit_preference"
    assert "short" in preference["preference"]
    assert preference["reasoning"]


def test_a_kind_that_is_not_asked_for_is_absent(api: Api) -> None:
    facts = extract(api, FLIGHT, extraction_types=["memory"])
    assert set(facts) == {"success", "memory_detail_list"}
    assert "Beijing" in values(facts)
    preferences = extract(api, STYLE, extraction_types=["preference"])
    assert set(preferences) == {"success", "preference_detail_list"}
    assert "Markdown" in wishes(preferences)
    assert "emoji" in wishes(preferences)


def test_what_is_told_about_the_user_in_the_third_person_is_read(api: Api) -> None:
    messages = [{"role": "user", "content": "The user likes coffee and prefers dark mode"}]
    both = ["memory", "preference"]
    data = extract(
        api, messages, extraction_types=both, user_id="u", conversation_id="c", source="cli-codex"
    )
    assert "coffee" in wishes(data)
    assert "dark mode" in wishes(data)


def test_chinese_is_read_in_chinese(api: Api) -> None:
    data = extract(api, TEA, extraction_types=None, model=None)
    assert "成都" in values(data)
    assert "绿茶" in wishes(data) or "咖啡" in wishes(data)
    assert "简短" in wishes(data)


def test_nothing_is_stored_but_usage(api: Api) -> None:
    extract(api, ALEX, user_id="u", conversation_id="c")
    listed = api.post("get/memory", {"user_id": "u"})["data"]
    assert (listed["memory_detail_list"], listed["preference_detail_list"]) == ([], [])
    said = api.post("get/message", {"user_id": "u", "conversation_id": "c"})["data"]
    assert said["message_detail_list"] == []
    assert api.system.records.unfinished() == 0
    (row,) = [u for u in api.system.records.usage() if u.operation == "extract"]
    assert (row.calls, row.tokens > 10) == (1, True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"messages": None}, 40002),
        ({"messages": []}, 40002),
        ({"messages": "hello"}, 40000),
        ({"messages": [{"role": "tool", "content": "x"}]}, 40000),
        ({"messages": [{"content": "x"}]}, 40002),
        ({"messages": [{"role": "user"}]}, 40002),
        ({"messages": [{"role": "user", "content": " "}]}, 40002),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, 40000),
        ({"messages": [{"role": "user", "content": "word " * 8001}]}, 40305),
        ({"messages": [{"role": "user", "content": "字" * 4001}] * 2}, 40305),
        ({"extraction_types": ["tools"]}, 40000),
        ({"extraction_types": "memory"}, 40000),
        ({"extraction_types": []}, 40003),
    ],
)
def test_what_cannot_be_read_is_refused(api: Api, change: dict, code: int) -> None:
    answer = api.post("extract/memory", {"messages": FLIGHT, **change})
    assert answer["code"] == code
    assert answer["data"] == {
        "success": False,
        "memory_detail_list": [],
        "preference_detail_list": [],
    }


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as server:
        yield server


def test_a_model_reads_when_there_is_one_and_the_rules_when_it_fails(
    tmp_path: Path, embedder: Embedder, model: ScriptedModel
) -> None:
    settings = configured(tmp_path, model.url, chat_model=None, llm_model="reader")
    found = (
        '{"memories": [{"kind": "fact", "value": "The user flies to Beijing.", "key": "Flight",'
        ' "tags": ["travel"], "messages": [1], "quote": "Flying to Beijing", "reasoning": "",'
        ' "event_start": null, "event_end": null, "confidence": 0.9}]}'
    )
    with running(settings, embedder) as api:
        model.script(reply(found))
        assert values(extract(api, FLIGHT)) == "The user flies to Beijing."
        model.fallback = lambda _: reply("no")
        assert "Ji Hotel" in values(extract(api, FLIGHT))
