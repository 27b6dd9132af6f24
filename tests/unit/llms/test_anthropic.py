import json
from collections.abc import Iterator

import pytest

from memos.errors import ModelRefusedError
from memos.llms.anthropic import AnthropicChat, AnthropicEndpoint
from memos.llms.base import Turn
from memos.types.clock import SystemClock
from model_protocols import AnthropicProtocol
from scripted_model import Answer, ScriptedModel, refusal, scripted_model

ASK = [Turn("system", "Be brief."), Turn("user", "What is blue?")]
SCHEMA = {"type": "object", "properties": {"colour": {"type": "string"}}}
WIRE = AnthropicProtocol()


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


@pytest.fixture
def claude(server: ScriptedModel) -> Iterator[AnthropicChat]:
    endpoint = AnthropicEndpoint("c", "sk", server.url.removesuffix("/v1"), max_retries=0)
    chat = AnthropicChat(endpoint, SystemClock())
    yield chat
    chat.close()


def by_tool(value: object) -> Answer:
    block = {"type": "tool_use", "id": "t", "name": "reply", "input": value}
    return Answer(body=WIRE._message([block]))


def test_structured_output_is_asked_for_in_weaker_ways_and_remembered(
    server: ScriptedModel, claude: AnthropicChat
) -> None:
    server.script(refusal(400), by_tool({"colour": "blue"}), by_tool({"colour": "red"}))
    assert json.loads(claude.complete(ASK, schema=SCHEMA).text) == {"colour": "blue"}
    assert json.loads(claude.complete(ASK, schema=SCHEMA).text) == {"colour": "red"}
    first, second, third = (request.body for request in server.requests)
    assert first["output_config"]["format"]["schema"] == SCHEMA
    assert second["tools"][0]["input_schema"] == SCHEMA
    assert "output_config" not in third
    assert third["tool_choice"] == {"type": "tool", "name": "reply"}


def test_without_any_of_them_the_schema_stands_in_the_prompt(
    server: ScriptedModel, claude: AnthropicChat
) -> None:
    server.script(refusal(400), refusal(400), WIRE.reply('{"colour": "blue"}'))
    claude.complete(ASK, schema=SCHEMA)
    asked = server.requests[2].body
    assert json.dumps(SCHEMA) in asked["messages"][-1]["content"]
    assert "tools" not in asked


def test_a_temperature_the_model_refuses_is_left_out_from_then_on(
    server: ScriptedModel, claude: AnthropicChat
) -> None:
    server.script(refusal(400, "`temperature` is gone"), WIRE.reply("a"), WIRE.reply("b"))
    claude.complete(ASK, temperature=0.0, top_p=0.9)
    claude.complete(ASK, temperature=0.0)
    assert ["temperature" in request.body for request in server.requests] == [True, False, False]
    assert "top_p" not in server.requests[0].body


def test_a_request_refused_for_another_reason_is_not_repeated(
    server: ScriptedModel, claude: AnthropicChat
) -> None:
    server.fallback = lambda _: refusal(400, "prompt is too long")
    with pytest.raises(ModelRefusedError):
        claude.complete(ASK)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "turns",
    [[Turn("assistant", "Hello!"), Turn("user", "Hi")], [Turn("system", "Say hello.")]],
    ids=["assistant first", "system only"],
)
def test_a_conversation_begins_with_the_user(
    server: ScriptedModel, claude: AnthropicChat, turns: list[Turn]
) -> None:
    server.script(WIRE.reply("Hello."))
    claude.complete(turns)
    assert server.requests[0].body["messages"][0]["role"] == "user"
