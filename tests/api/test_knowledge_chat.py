"""Chat that may look into knowledge bases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.embedders.base import Embedder
from scripted_model import ScriptedModel, reply
from tests.api.knowledge import added, made
from tests.api.test_chat import configured, model, prompt, running
from tests.conftest import Api

__all__ = ["model"]


@pytest.fixture
def chat(tmp_path: Path, embedder: Embedder, model: ScriptedModel) -> Iterator[Api]:
    with running(configured(tmp_path, model.url), embedder) as api:
        yield api


def test_a_chat_is_told_what_the_knowledge_base_says(
    chat: Api,
    model: ScriptedModel,
) -> None:
    base = made(chat)
    added(chat, base)
    ask = {
        "user_id": "designer",
        "conversation_id": "1211",
        "query": "Which limit holds for design software?",
        "knowledgebase_ids": [base],
        "add_message_on_answer": False,
    }
    model.answers.append(reply("1000 yuan."))
    assert chat.post("chat", ask)["data"]["response"] == "1000 yuan."
    assert "design software is 1000 yuan" in prompt(model)
    model.answers.append(reply("I do not know."))
    chat.post("chat", {**ask, "knowledgebase_ids": None})
    assert "1000 yuan" not in prompt(model)
    refused = chat.post("chat", {**ask, "knowledgebase_ids": ["base-not-there"]})
    assert refused["code"] == 50123
