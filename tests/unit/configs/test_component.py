"""Component configurations in the documented form."""

import json
import logging
from pathlib import Path

import pytest

from memos.configs.embedder import EmbedderConfigFactory, OllamaEmbedderConfig
from memos.configs.llm import HuggingFaceLLMConfig, LLMConfigFactory, OllamaLLMConfig
from memos.configs.reranker import HttpRerankerConfig, RerankerConfigFactory
from memos.embedders.factory import EmbedderFactory
from memos.errors import ConfigError
from memos.llms.factory import LLMFactory
from memos.reranker.factory import RerankerFactory

DOCUMENTED_OLLAMA = {
    "backend": "ollama",
    "config": {
        "model_name_or_path": "qwen3:0.6b",
        "temperature": 0.0,
        "remove_think_prefix": True,
        "max_tokens": 8192,
    },
}


def test_the_documented_examples_are_understood() -> None:
    llm = LLMConfigFactory.model_validate(DOCUMENTED_OLLAMA)
    assert isinstance(llm.config, OllamaLLMConfig)
    assert (llm.config.model_name_or_path, llm.config.max_tokens) == ("qwen3:0.6b", 8192)
    embedder = EmbedderConfigFactory(
        backend="ollama", config={"model_name_or_path": "nomic-embed-text:latest"}
    )
    assert isinstance(embedder.config, OllamaEmbedderConfig)
    cache = LLMConfigFactory(
        backend="huggingface",
        config={
            "model_name_or_path": "Qwen/Qwen3-0.6B",
            "max_tokens": 32,
            "add_generation_prompt": True,
            "remove_think_prefix": True,
        },
    )
    assert isinstance(cache.config, HuggingFaceLLMConfig)
    universal = EmbedderConfigFactory.model_validate(
        {
            "backend": "universal_api",
            "config": {
                "provider": "openai",
                "api_key": "EMPTY",
                "model_name_or_path": "bge-m3",
                "base_url": "http://embed:8081/v1",
            },
        }
    )
    assert EmbedderFactory.from_config(universal) is not None
    reranker = RerankerConfigFactory(
        backend="http_bge", config={"url": "http://rerank", "model": "bge-reranker-v2-m3"}
    )
    assert isinstance(reranker.config, HttpRerankerConfig)


@pytest.mark.parametrize(
    ("factory", "backend", "name"),
    [
        (LLMConfigFactory, "openai_new", "openai"),
        (LLMConfigFactory, "huggingface_singleton", "huggingface"),
        (LLMConfigFactory, " Ollama ", "ollama"),
        (EmbedderConfigFactory, "openai", "universal_api"),
        (EmbedderConfigFactory, "sentence_transformers", "sentence_transformer"),
        (RerankerConfigFactory, "cosine", "cosine_local"),
    ],
)
def test_a_backend_goes_by_several_names(factory: type, backend: str, name: str) -> None:
    assert factory.known(backend) == name


def test_unknown_fields_are_named_in_the_log_and_ignored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = {**DOCUMENTED_OLLAMA["config"], "temprature": 1, "top_k": 50, "api_key": None}
    with caplog.at_level(logging.WARNING, logger="memos"):
        LLMConfigFactory(backend="ollama", config=config)
    assert caplog.records[0].__dict__["fields"] == "temprature, top_k"


@pytest.mark.parametrize(
    ("factory", "config", "words"),
    [
        (LLMFactory, {"backend": "gpt", "config": {}}, "use openai, azure"),
        (LLMFactory, {"backend": "openai", "config": {}}, "model_name_or_path"),
        (LLMFactory, {"backend": "vllm", "config": {"model": "m"}}, "api_base"),
        (LLMFactory, {"backend": "deepseek", "config": {"model": "m"}}, "api_key"),
        (LLMFactory, {"backend": "anthropic", "config": {"model": "m"}}, "api_key"),
        (EmbedderFactory, {"backend": "onnx", "config": {}}, "model_name_or_path"),
        (EmbedderFactory, {"backend": "word2vec"}, "use use_multilingual"),
        (RerankerFactory, {"backend": "http_bge", "config": {}}, "url"),
        (
            RerankerFactory,
            {"backend": "llm", "config": {"llm": {"backend": "x"}}},
            "language model",
        ),
    ],
)
def test_what_cannot_be_built_says_what_is_missing(
    factory: type, config: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        factory.from_config(config)


def test_a_bad_value_is_told_without_the_key() -> None:
    config = {"model": "m", "api_key": "sk-secret", "temperature": "hot"}
    with pytest.raises(ConfigError) as caught:
        LLMFactory.from_config({"backend": "openai", "config": config})
    assert "temperature" in caught.value.message
    assert "sk-secret" not in repr(caught.value) + str(caught.value.__cause__)


def test_configurations_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "llm.json"
    path.write_text(json.dumps(DOCUMENTED_OLLAMA), encoding="utf-8")
    assert LLMConfigFactory.from_json_file(path).backend == "ollama"
    path.write_text(json.dumps(DOCUMENTED_OLLAMA["config"]), encoding="utf-8")
    assert OllamaLLMConfig.from_json_file(path).max_tokens == 8192
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="not JSON"):
        LLMConfigFactory.from_json_file(path)
    path.write_text('{"backend": "gpt"}', encoding="utf-8")
    with pytest.raises(ConfigError, match="gpt"):
        LLMConfigFactory.from_json_file(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        LLMConfigFactory.from_json_file(tmp_path / "none.json")


def test_a_checked_configuration_survives_being_written_out() -> None:
    first = LLMConfigFactory.model_validate(DOCUMENTED_OLLAMA)
    again = LLMConfigFactory.model_validate(first.model_dump())
    assert again == first
