"""Five hundred turns of small talk leave nothing behind, and no fact among them is lost."""

import pytest

from memos.mem_reader.base import Window
from memos.mem_reader.rules import RuleReader
from memos.types.memory import Draft
from memos.types.message import Message
from tests.pipeline.chatter_corpus import FACTS, small_talk

START = 1_757_635_200_000


def conversation(language: str, facts: list[str], seed: int) -> list[Message]:
    """The talk as messages, a fact after every twenty turns."""
    said: list[tuple[str, str]] = []
    for number, (user, assistant) in enumerate(small_talk(language, 500, seed)):
        said += [("user", user), ("assistant", assistant)]
        if number % 20 == 10 and facts:
            said.append(("user", facts.pop()))
    return [
        Message(f"m{n}", role, text, n, START + n * 60_000, START, START, "c")
        for n, (role, text) in enumerate(said)
    ]


def read(messages: list[Message]) -> list[Draft]:
    reader, drafts = RuleReader(), []
    for at in range(0, len(messages), 2):
        window = Window(tuple(messages[at : at + 2]), tuple(messages[max(0, at - 4) : at]))
        drafts += reader.read(window)
    return drafts


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_small_talk_leaves_no_memory(language: str, seed: int) -> None:
    drafts = read(conversation(language, [], seed))
    assert [draft.value for draft in drafts] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_facts_among_it_are_all_kept_and_nothing_else(language: str) -> None:
    facts = FACTS[language]
    drafts = read(conversation(language, list(facts), 3))
    for word in facts.values():
        assert any(word in draft.value for draft in drafts), word
    strange = [d.value for d in drafts if not any(word in d.value for word in facts.values())]
    assert strange == []
