"""The OpenAI Agents SDK over MemOS, with a model that answers what the test says."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from agents import Agent, ModelResponse, RunConfig, Usage
from agents.models.interface import Model
from openai.types.responses import (
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from memos.api.client import AsyncMemOSClient, MemOSClient
from memos.integrations.block import Recall
from memos.integrations.openai_agents import memory_tools, run_with_memory
from tests.conftest import Api

pytestmark = pytest.mark.anyio
RECALL = Recall("mei", "now")
QUIET = RunConfig(tracing_disabled=True)


class ScriptedModel(Model):
    """Answers the next item of a list, and keeps what it was given."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.given: list[str] = []

    async def get_response(self, *given: Any, **named: Any) -> Any:
        self.given.append(
            json.dumps([given[1:2], named.get("input")], ensure_ascii=False, default=str)
        )
        return ModelResponse([self.answers.pop(0)], Usage(), None)

    def stream_response(self, *_: Any, **__: Any) -> AsyncIterator[Any]:
        raise NotImplementedError


def text(content: str) -> ResponseOutputMessage:
    part = ResponseOutputText(text=content, type="output_text", annotations=[], logprobs=[])
    return ResponseOutputMessage(
        id="m1", role="assistant", status="completed", type="message", content=[part]
    )


def call(name: str, **arguments: str) -> ResponseFunctionToolCall:
    return ResponseFunctionToolCall(
        call_id="c1", name=name, arguments=json.dumps(arguments), type="function_call"
    )


def agent(model: Model, tools: Sequence[Any] = ()) -> Agent:
    return Agent(name="helper", model=model, tools=list(tools))


@pytest.mark.usefixtures("told")
async def test_a_run_is_told_what_is_remembered_and_kept(
    client: MemOSClient, async_client: AsyncMemOSClient
) -> None:
    model = ScriptedModel(text("You moved to Lisbon."))
    asked = "Which city did I move to?"
    result = await run_with_memory(agent(model), asked, async_client, RECALL, run_config=QUIET)
    assert result.final_output == "You moved to Lisbon."
    assert "Lisbon" in model.given[0]
    kept = [m.content for m in client.get_message("mei", "now").messages]
    assert kept == [asked, "You moved to Lisbon."]


async def test_an_agent_remembers_and_recalls_through_tools(
    api: Api, async_client: AsyncMemOSClient
) -> None:
    tools = memory_tools(async_client, RECALL)
    first = ScriptedModel(call("add_memory", statement="我养了一只橘猫，叫豆包。"), text("好的。"))
    await run_with_memory(agent(first, tools), "记住我的猫", async_client, RECALL, run_config=QUIET)
    api.system.worker.drain()
    second = ScriptedModel(call("search_memory", query="我的猫叫什么名字？"), text("豆包。"))
    await run_with_memory(agent(second, tools), "hi", async_client, RECALL, run_config=QUIET)
    assert "豆包" in second.given[1]


async def test_a_tool_that_fails_tells_the_model_and_not_the_key(api: Api) -> None:
    import httpx

    wrong = AsyncMemOSClient(
        "mpg-wrong-key",
        "http://testserver/api/openmem/v1",
        raise_on_error=True,
        transport=httpx.ASGITransport(api.http.app),
    )
    right = AsyncMemOSClient(
        api.key,
        "http://testserver/api/openmem/v1",
        raise_on_error=True,
        transport=httpx.ASGITransport(api.http.app),
    )
    model = ScriptedModel(call("search_memory", query="tea"), text("I cannot tell."))
    tools = memory_tools(wrong, RECALL)
    await run_with_memory(agent(model, tools), "hi", right, RECALL, run_config=QUIET)
    assert "Go on without it" in model.given[1]
    assert "mpg-wrong-key" not in model.given[1]
