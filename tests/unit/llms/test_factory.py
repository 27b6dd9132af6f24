"""How servers are reached: addresses, keys, headers; and one guard an address."""

from collections.abc import Iterator

import pytest

from memos.configs.llm import LLMConfigFactory
from memos.llms.base import Turn
from memos.llms.factory import LLMFactory, place_of
from memos.llms.openai import OpenAIChat
from scripted_model import ScriptedModel, reply, scripted_model

ASK = [Turn("user", "What is blue?")]


@pytest.fixture
def server() -> Iterator[ScriptedModel]:
    with scripted_model() as model:
        model.fallback = lambda _: reply("the sky")
        yield model


def made(backend: str, **config: object) -> OpenAIChat:
    llm = LLMFactory.from_config({"backend": backend, "config": {"model": "m", **config}})
    assert isinstance(llm, OpenAIChat)
    return llm


def test_azures_deployments_are_addressed_with_version_and_key(server: ScriptedModel) -> None:
    base = server.url.removesuffix("/v1")
    llm = made("azure", api_base=base, api_key="k", api_version="2025-01-01")
    assert llm.complete(ASK).text == "the sky"
    asked = server.requests[0]
    assert asked.path == "/openai/deployments/m/chat/completions?api-version=2025-01-01"
    assert asked.headers["api-key"] == "k"
    llm.close()


def test_azures_newer_addresses_need_no_version(server: ScriptedModel) -> None:
    llm = made("azure", api_base=server.url, api_key="k", max_tokens=5)
    llm.complete(ASK)
    asked = server.requests[0]
    assert asked.path == "/v1/chat/completions"
    assert asked.body["max_completion_tokens"] == 5
    llm.close()


@pytest.mark.parametrize(
    ("backend", "form"),
    [
        ("qwen", "json_object"),
        ("deepseek", "json_object"),
        ("minimax", None),
        ("vllm", "json_schema"),
        ("sglang", "json_schema"),
        ("lmstudio", "json_schema"),
        ("openai", "json_schema"),
    ],
)
def test_a_server_is_asked_for_the_form_it_takes(
    server: ScriptedModel, backend: str, form: str | None
) -> None:
    llm = made(backend, api_base=server.url, api_key="k")
    llm.complete(ASK, schema={"type": "object"})
    assert server.requests[0].body.get("response_format", {}).get("type") == form
    llm.close()


def test_headers_and_extra_body_of_a_configuration_go_along(server: ScriptedModel) -> None:
    llm = made(
        "qwen",
        api_base=server.url,
        api_key="k",
        headers={"x-team": "memory"},
        extra_body={"enable_thinking": False},
    )
    llm.complete(ASK)
    assert server.requests[0].headers["x-team"] == "memory"
    assert server.requests[0].body["enable_thinking"] is False
    llm.close()


@pytest.mark.parametrize(
    ("backend", "config", "place"),
    [
        ("openai", {}, "https://api.openai.com/v1"),
        ("openai", {"api_base": "http://h/v1/"}, "http://h/v1"),
        ("deepseek", {"api_key": "k"}, "https://api.deepseek.com/v1"),
        ("ollama", {}, "http://127.0.0.1:11434"),
        ("ollama", {"api_base": "http://h:11434/v1"}, "http://h:11434"),
        ("anthropic", {"api_key": "k"}, "https://api.anthropic.com"),
        ("huggingface", {}, "local:m"),
    ],
)
def test_where_a_model_answers_is_known_without_its_key(
    backend: str, config: dict[str, str], place: str
) -> None:
    chosen = LLMConfigFactory(backend=backend, config={"model": "m", **config})
    assert place_of(chosen) == place
