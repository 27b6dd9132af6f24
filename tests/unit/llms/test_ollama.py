from collections.abc import Iterator

import pytest

from memos.endpoints.ollama import OllamaEndpoint
from memos.errors import ModelUnavailableError
from memos.llms.base import Turn
from memos.llms.ollama import OllamaChat
from memos.types.clock import SystemClock
from model_protocols import OllamaProtocol
from scripted_model import Answer, ScriptedModel, scripted_model

ASK = [Turn("user", "What is blue?")]
WIRE = OllamaProtocol()


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


@pytest.fixture
def ollama(server: ScriptedModel) -> Iterator[OllamaChat]:
    chat = OllamaChat(OllamaEndpoint("qwen3", server.url, max_retries=0), SystemClock())
    yield chat
    chat.close()


def test_its_own_protocol_is_spoken_also_at_the_other_address(
    server: ScriptedModel, ollama: OllamaChat
) -> None:
    server.script(WIRE.reply("the sky"))
    ollama.complete(ASK, schema={"type": "object"}, top_p=0.5)
    asked = server.requests[0]
    assert asked.path == "/api/chat"
    assert asked.body["format"] == {"type": "object"}
    assert asked.body["options"] == {"num_ctx": 16384, "top_p": 0.5}
    assert asked.body["stream"] is False
    assert "authorization" not in asked.headers


def test_a_model_that_was_not_fetched_says_how_to(
    server: ScriptedModel, ollama: OllamaChat
) -> None:
    server.script(Answer(status=404, body={"error": "model 'qwen3' not found"}))
    with pytest.raises(ModelUnavailableError, match="ollama pull qwen3"):
        ollama.complete(ASK)


def test_an_error_in_the_stream_is_unavailable(server: ScriptedModel, ollama: OllamaChat) -> None:
    server.script(
        Answer(chunks=['{"message": {"content": "a"}, "done": false}\n', '{"error": "oom"}\n'])
    )
    pieces = ollama.stream(ASK)
    assert next(pieces).text == "a"
    with pytest.raises(ModelUnavailableError, match="broke off"):
        next(pieces)
