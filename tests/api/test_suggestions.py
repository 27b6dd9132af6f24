"""Suggested questions: by rules and by a model, from memories and from talk, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.embedders.base import Embedder
from memos.types.language import is_chinese
from scripted_model import ScriptedModel, refusal, reply, scripted_model
from tests.api.test_chat import configured, remember, running
from tests.conftest import Api


def suggestions(api: Api, **body: object) -> list[str]:
    answer = api.post("get/suggestions", {"user_id": "mei", **body})
    assert (answer["code"], set(answer["data"])) == (0, {"query"})
    found = answer["data"]["query"]
    assert len(found) == 3
    assert len({q.casefold() for q in found}) == 3
    return found


def test_they_are_about_recent_memories(api: Api) -> None:
    remember(api, "I booked a trip to Lisbon for May.", "I love playing badminton.")
    together = " ".join(suggestions(api))
    assert "Lisbon" in together
    assert "badminton" in together


def test_they_speak_the_language_asked_for_else_that_of_the_memories(api: Api) -> None:
    remember(api, "我五月要去里斯本旅行。", "我喜欢打羽毛球。")
    assert all(map(is_chinese, suggestions(api)))
    assert "羽毛球" in "".join(suggestions(api, language="zh"))
    assert not any(map(is_chinese, suggestions(api, language="en", user_id="nobody")))
    assert all(map(is_chinese, suggestions(api, language="zh-CN", user_id="nobody")))
    assert not any(map(is_chinese, suggestions(api, language="fr", user_id="nobody")))


def test_what_was_said_last_matters_more(api: Api) -> None:
    remember(api, "I booked a trip to Lisbon for May.")
    asked = suggestions(api, message="Tell me about the Kyoto temples.")
    assert "Kyoto" in " ".join(asked)
    assert "Lisbon" not in " ".join(asked)
    talk = [
        {"role": "user", "content": "Tell me about Kyoto."},
        {"role": "assistant", "content": "It is old."},
        {"role": "tool", "content": "x"},
        "odd",
    ]
    assert "Kyoto" in " ".join(suggestions(api, message=talk))


def test_a_wish_about_answers_is_no_topic(api: Api) -> None:
    remember(api, "From now on answer in bullet points.")
    assert "bullet" not in " ".join(suggestions(api))


def test_another_users_memories_are_never_suggested(api: Api) -> None:
    remember(api, "I booked a trip to Lisbon for May.", user="somebody else")
    assert "Lisbon" not in " ".join(suggestions(api))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"user_id": None}, 40002),
        ({"user_id": "u" * 101}, 40010),
        ({"language": 5}, 40000),
        ({"message": 5}, 40000),
    ],
)
def test_what_cannot_be_used_is_refused(api: Api, change: dict, code: int) -> None:
    answer = api.post("get/suggestions", {"user_id": "mei", **change})
    assert (answer["code"], answer["data"]) == (code, {"query": []})


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as server:
        yield server


def test_a_model_is_asked_first_and_the_rules_fill_up(
    tmp_path: Path, embedder: Embedder, model: ScriptedModel
) -> None:
    with running(configured(tmp_path, model.url), embedder) as api:
        remember(api, "I booked a trip to Lisbon for May.")
        model.script(reply('{"queries": ["Which tram goes to Belem?", " ", 7]}'))
        found = suggestions(api)
        assert found[0] == "Which tram goes to Belem?"
        assert "Lisbon" in model.requests[-1].body["messages"][-1]["content"]
        model.fallback = lambda _: refusal(500)
        assert "Lisbon" in " ".join(suggestions(api))
        model.fallback = lambda _: reply("no idea")
        assert "Lisbon" in " ".join(suggestions(api))
