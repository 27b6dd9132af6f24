"""Answers that trickle in are given up when their time is over, whoever speaks HTTP."""

from collections.abc import Callable, Iterator

import pytest

from conftest import ManualClock
from memos.embedders.universal_api import EmbeddingEndpoint, UniversalApiEmbedder
from memos.endpoints.bounded import STREAM_TIMES
from memos.endpoints.http import HttpEndpoint, JsonClient
from memos.errors import ModelUnavailableError
from memos.llms.anthropic import AnthropicChat, AnthropicEndpoint
from memos.llms.base import Turn
from memos.llms.openai import ChatEndpoint, OpenAIChat
from scripted_model import Answer, ScriptedModel, scripted_model

ASK = [Turn("user", "What is blue?")]
TIMEOUT_S = 5.0
Call = Callable[[str, ManualClock], object]


def openai_whole(url: str, clock: ManualClock) -> object:
    return OpenAIChat(ChatEndpoint("m", url, timeout_s=TIMEOUT_S, max_retries=0), clock).complete(
        ASK
    )


def openai_stream(url: str, clock: ManualClock) -> object:
    chat = OpenAIChat(ChatEndpoint("m", url, timeout_s=TIMEOUT_S, max_retries=0), clock)
    return list(chat.stream(ASK))


def claude(url: str, clock: ManualClock) -> AnthropicChat:
    base = url.removesuffix("/v1")
    endpoint = AnthropicEndpoint("c", "sk", base, timeout_s=TIMEOUT_S, max_retries=0)
    return AnthropicChat(endpoint, clock)


def anthropic_whole(url: str, clock: ManualClock) -> object:
    return claude(url, clock).complete(ASK)


def anthropic_stream(url: str, clock: ManualClock) -> object:
    return list(claude(url, clock).stream(ASK))


def embedder(url: str, clock: ManualClock) -> object:
    endpoint = EmbeddingEndpoint("e", url, timeout_s=TIMEOUT_S, max_retries=0)
    return UniversalApiEmbedder(endpoint, clock=clock).embed(["blue"])


def own_whole(url: str, clock: ManualClock) -> object:
    return JsonClient(HttpEndpoint(url, timeout_s=TIMEOUT_S, max_retries=0), clock).post("/x", {})


def own_stream(url: str, clock: ManualClock) -> object:
    client = JsonClient(HttpEndpoint(url, timeout_s=TIMEOUT_S, max_retries=0), clock)
    return list(client.lines("/x", {}))


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        yield model


def trickling(clock: ManualClock, piece: str) -> Iterator[str]:
    """The same again and again, a second of the clock apart, until the client is gone."""
    while True:
        clock.advance(1)
        yield piece


@pytest.mark.parametrize("call", [openai_whole, anthropic_whole, embedder, own_whole])
def test_an_answer_that_trickles_in_is_given_up_after_its_time(
    server: ScriptedModel, call: Call
) -> None:
    clock = ManualClock()
    server.script(Answer(chunks=trickling(clock, " "), media_type="application/json"))
    begun = clock.monotonic()
    with pytest.raises(ModelUnavailableError, match="did not answer in time"):
        call(server.url, clock)
    assert clock.monotonic() - begun > TIMEOUT_S


@pytest.mark.parametrize(
    ("call", "piece"), [(openai_stream, ": \n\n"), (anthropic_stream, ": \n\n"), (own_stream, "\n")]
)
def test_a_stream_that_trickles_on_is_given_up_after_ten_times_that(
    server: ScriptedModel, call: Call, piece: str
) -> None:
    clock = ManualClock()
    server.script(Answer(chunks=trickling(clock, piece)))
    begun = clock.monotonic()
    with pytest.raises(ModelUnavailableError, match="did not answer in time"):
        call(server.url, clock)
    assert clock.monotonic() - begun > TIMEOUT_S * STREAM_TIMES
