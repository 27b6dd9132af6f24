"""`PreferenceTextMemory`: every example of its page, and what the page promises, offline."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from memos.configs.memory import PreferenceTextMemoryConfig
from memos.embedders.base import Embedder
from memos.errors import ConfigError, InvalidInputError, NotFoundError
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.mem_reader.base import Window
from memos.mem_reader.rules import RuleReader
from memos.memories.textual.item import TextualMemoryItem
from memos.memories.textual.preference import PreferenceParts, PreferenceTextMemory
from memos.memories.textual.tree_text_memory.retrieve.lift import PreferenceLifter
from memos.memories.textual.tree_text_memory.retrieve.retriever import Retriever
from memos.types.chat_time import BEIJING
from memos.types.memory import Draft
from memos.types.message import Message
from tests.conftest import CountedIds, ManualClock
from tests.scripted_model import reply, scripted_model

ROOT = Path(__file__).parents[3]
CHILDHOOD = [[
    {"role": "user", "content": "Tell me about your childhood."},
    {"role": "assistant", "content": "I loved playing in the garden with my dog."},
]]  # fmt: skip
TOLD = ["I like dark mode.", "I don't eat spicy food.", "Please use short answers.",
        "I prefer technical documentation over video tutorials."]  # fmt: skip
TOLD_ZH = ["我喜欢深色模式。", "我不吃辣。", "请用简短的回答。", "比起视频教程，我更喜欢技术文档。"]


def parts_over(folder: Path, embedder: Embedder) -> PreferenceParts:
    """The product's parts with a clock that stands, and the encoder that is loaded already."""
    clock = ManualClock()
    graph = SqliteGraphStore(folder / "memory.db", clock)
    graph.adopt_embedder(embedder.profile.name, embedder.profile.dim)
    retriever = Retriever(graph, embedder, clock=clock, zone=BEIJING)
    retriever.lifters += (PreferenceLifter(),)
    reader = RuleReader()

    def read(messages: Sequence[Message]) -> Sequence[Draft]:
        return reader.read(Window(tuple(messages)))

    return PreferenceParts(graph, embedder, read, retriever, clock, CountedIds(), graph.close)


@pytest.fixture
def memory(tmp_path: Path, embedder: Embedder) -> Iterator[PreferenceTextMemory]:
    config = PreferenceTextMemoryConfig()
    with PreferenceTextMemory(config, parts=parts_over(tmp_path, embedder)) as made:
        yield made


def said(*texts: str) -> list[list[dict[str, Any]]]:
    """A dialogue for each text."""
    return [[{"role": "user", "content": text}] for text in texts]


def texts(items: Sequence[TextualMemoryItem]) -> list[str]:
    return [item.memory for item in items]


def learn(memory: PreferenceTextMemory, *told: str, user: str = "1234") -> list[str]:
    return memory.add(memory.get_memory(said(*told), type="chat", info={"user_id": user}))


def test_the_complete_example_of_the_page_runs_as_it_stands(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "data", tmp_path / "examples" / "data")
    script = f"""
from memos.configs.memory import PreferenceTextMemoryConfig
from memos.memories.textual.preference import PreferenceTextMemory
# Create PreferenceTextMemory
config = PreferenceTextMemoryConfig.from_json_file("examples/data/config/preference_config.json")
preference_memory = PreferenceTextMemory(config)
preference_memory.delete_all()
scene_data = {CHILDHOOD!r}
# Extract preference memories from original dialogues and add them
memories = preference_memory.get_memory(scene_data, type="chat", info={{"user_id": "1234"}})
preference_memory.add(memories)
# Search memory
results = preference_memory.search("Tell me more about the user", top_k=2)
# Persist preference memories
preference_memory.dump("tmp/pref_memories")
preference_memory.load("tmp/pref_memories")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tmp" / "pref_memories" / "preference_memory.json").exists()


@pytest.mark.parametrize("told", [TOLD, TOLD_ZH], ids=["en", "zh"])
def test_explicit_preferences_are_read_with_their_metadata(
    memory: PreferenceTextMemory, told: list[str]
) -> None:
    items = memory.get_memory(said(*told), type="chat", info={"user_id": "1234", "team": "blue"})
    assert len(items) == 4
    for item, text in zip(items, told, strict=True):
        known = item.metadata
        assert known.preference_type == "explicit_preference"
        assert known.original_text
        assert known.original_text in text
        assert known.preference == item.memory
        assert (known.user_id, known.mem_cube_id, known.team) == ("1234", "default", "blue")
        assert known.create_at == "2025-12-10T09:44:00+00:00"
        assert known.embedding is not None
        assert len(known.embedding) == 512
        assert known.dialog_id
    assert memory.get_all() == []


CHOICES = [
    (["Show me a code example of a heap, please.", "Can I have a code example for sorting?",
      "How do I open a file? A code example would help."], "code"),
    (["怎么排序？给我一段代码示例。", "给我看看堆的代码示例。", "怎么打开文件？代码示例给我看看。"], "代码"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "word"), CHOICES, ids=["en", "zh"])
def test_what_is_asked_for_again_and_again_is_an_implicit_preference(
    memory: PreferenceTextMemory, told: list[str], word: str
) -> None:
    assert memory.get_memory(said(*told[:2])) == []
    (item,) = memory.get_memory(said(*told))
    assert item.metadata.preference_type == "implicit_preference"
    assert word in item.memory
    assert item.metadata.reasoning


@pytest.mark.parametrize(
    ("told", "query", "word"),
    [
        (TOLD, "Which colours should the editor have?", "dark mode"),
        (TOLD, "Recommend a dish for dinner", "spicy"),
        (TOLD_ZH, "推荐一道晚餐的菜", "辣"),
        (TOLD_ZH, "用什么学习这个软件，视频还是文档？", "文档"),
    ],
)
def test_the_preferences_that_bear_on_a_query_come_first(
    memory: PreferenceTextMemory, told: list[str], query: str, word: str
) -> None:
    learn(memory, *told)
    results = memory.search(query, top_k=2)
    assert word in results[0].memory
    assert len(results) == 2
    assert 0 <= results[0].metadata.score <= 1


def test_a_search_returns_at_most_top_k_and_nothing_for_nothing(
    memory: PreferenceTextMemory,
) -> None:
    assert memory.search("Tell me more about the user", top_k=2) == []
    learn(memory, *TOLD)
    assert len(memory.search("Tell me more about the user", top_k=2)) == 2
    assert len(memory.search("Tell me more about the user", top_k=10)) == 4
    assert memory.search("  ", top_k=2) == memory.search("food", top_k=0) == []


@pytest.mark.parametrize(
    ("first", "again", "against", "word"),
    [
        ("I like apples.", "I really like apples.", "I don't like apples any more.", "not"),
        ("我喜欢苹果。", "我非常喜欢苹果。", "我不喜欢苹果了。", "不"),
    ],
)
def test_the_same_is_kept_once_and_a_later_word_takes_its_place(
    memory: PreferenceTextMemory, first: str, again: str, against: str, word: str
) -> None:
    (known,) = learn(memory, first)
    assert learn(memory, again) == [known]
    assert len(memory.get_all()) == 1
    learn(memory, against)
    (held,) = memory.get_all()
    assert word in held.memory
    (former,) = memory.get_memory_by_filter({"status": "archived"})
    assert former.id == known
    memory.delete([str(held.id)])
    assert texts(memory.get_all()) == [former.memory]


def test_users_have_profiles_of_their_own(memory: PreferenceTextMemory) -> None:
    learn(memory, "I like apples.", user="ann")
    learn(memory, "I don't like apples any more.", user="bob")
    assert len(memory.get_all()) == 2
    (ann,) = memory.search("apples", info={"user_id": "ann"})
    assert ann.metadata.user_id == "ann"
    assert texts(memory.get_memory_by_filter({"user_id": "bob"})) != [ann.memory]
    assert memory.search("apples", info={"user_id": "eve"}) == []


def test_memories_are_got_by_collection_and_id(memory: PreferenceTextMemory) -> None:
    first, second = learn(memory, *TOLD[:2])
    item = memory.get_with_collection_name("explicit_preference", first)
    assert (item.id, item.memory) == (first, memory.get_all()[0].memory)
    found = memory.get_by_ids_with_collection_name("explicit_preference", [second, "x", first])
    assert [each.id for each in found] == [second, first]
    assert memory.get_by_ids_with_collection_name("implicit_preference", [first]) == []
    with pytest.raises(NotFoundError):
        memory.get_with_collection_name("implicit_preference", first)
    with pytest.raises(InvalidInputError):
        memory.get_with_collection_name("dislikes", first)


def test_filters_name_fields_and_any_of_their_values(memory: PreferenceTextMemory) -> None:
    items = memory.get_memory(said(*TOLD[:2]), info={"user_id": "u", "session_id": "s"})
    first, second = memory.add(items)
    assert items[0].metadata.dialog_id != items[1].metadata.dialog_id
    by_dialog = memory.get_memory_by_filter({"dialog_id": items[0].metadata.dialog_id})
    assert [item.id for item in by_dialog] == [first]
    both = memory.get_memory_by_filter({"id": [first, second], "user_id": "u"})
    assert len(both) == 2
    assert memory.get_memory_by_filter({"preference_type": "implicit_preference"}) == []
    memory.delete_by_filter({"id": second})
    assert [item.id for item in memory.get_all()] == [first]


def test_deleting_by_id_collection_and_all(memory: PreferenceTextMemory) -> None:
    first, second, third, _ = learn(memory, *TOLD)
    memory.delete([first, "unknown"])
    memory.delete_with_collection_name("implicit_preference", [second])
    assert second in [item.id for item in memory.get_all()]
    memory.delete_with_collection_name("explicit_preference", [second])
    assert third in [item.id for item in memory.get_all()]
    memory.delete_all()
    assert memory.get_all() == memory.search("documentation") == []


def test_items_may_be_plain_mappings_with_ids_of_their_own(memory: PreferenceTextMemory) -> None:
    given = {
        "id": "pref-1",
        "memory": "The user prefers window seats.",
        "metadata": {
            "preference_type": "implicit_preference",
            "dialog_id": "d1",
            "original_text": "I took the window seat again.",
            "create_at": "2025-03-01T10:00:00+00:00",
            "user_id": "u",
            "tags": ["travel"],
            "airline": "blue",
        },
    }
    assert memory.add([given, [given]]) == ["pref-1", "pref-1"]
    item = memory.get_with_collection_name("implicit_preference", "pref-1")
    assert item.metadata.model_dump() == {
        **TextualMemoryItem.model_validate(given).metadata.model_dump(),
        "preference": given["memory"],
        "mem_cube_id": "default",
    }


@pytest.mark.parametrize(
    "wrong", [{"metadata": {}}, {"memory": ""}, "text", 7, {"memory": "x", "metadata": {"preference_type": "y"}}]
)  # fmt: skip
def test_what_is_no_memory_is_refused(memory: PreferenceTextMemory, wrong: object) -> None:
    with pytest.raises(InvalidInputError):
        memory.add([wrong])


@pytest.mark.parametrize(
    ("messages", "sort"),
    [([[{"content": "x"}]], "chat"), ([["x"]], "chat"), ([[{"role": "user"}]], "chat"), ([], "video")],
)  # fmt: skip
def test_what_is_no_dialogue_is_refused(
    memory: PreferenceTextMemory, messages: list[Any], sort: str
) -> None:
    with pytest.raises(InvalidInputError):
        memory.get_memory(messages, type=sort)


def test_texts_and_single_dialogues_are_read_too(memory: PreferenceTextMemory) -> None:
    assert len(memory.get_memory([TOLD[0]], type="doc")) == 1
    one = [{"role": "user", "content": [{"type": "text", "text": TOLD[0]}]}]
    assert len(memory.get_memory(one)) == 1


def test_a_dump_holds_everything_and_loads_elsewhere(
    memory: PreferenceTextMemory, tmp_path: Path, embedder: Embedder
) -> None:
    learn(memory, "I like apples.", "I don't like apples any more.", *TOLD)
    memory.dump(tmp_path / "pref_memories")
    dumped = json.loads((tmp_path / "pref_memories" / "preference_memory.json").read_text("utf-8"))
    assert {name: len(listed) for name, listed in dumped.items()} == {
        "explicit_preference": 6,
        "implicit_preference": 0,
    }
    other = tmp_path / "other"
    other.mkdir()
    with PreferenceTextMemory(
        PreferenceTextMemoryConfig(), parts=parts_over(other, embedder)
    ) as loaded:
        for _ in range(2):
            loaded.load(tmp_path / "pref_memories")
            assert [i.plain for i in loaded.get_all()] == [i.plain for i in memory.get_all()]
        assert texts(loaded.get_memory_by_filter({"status": "archived"}))
        assert "spicy" in loaded.search("Recommend a dish for dinner", top_k=1)[0].memory
    with pytest.raises(InvalidInputError):
        memory.load(tmp_path / "nothing")
    (tmp_path / "pref_memories" / "preference_memory.json").write_text("[]")
    with pytest.raises(InvalidInputError):
        memory.load(tmp_path / "pref_memories")


def test_memories_outlive_the_object_in_a_folder(tmp_path: Path) -> None:
    config = PreferenceTextMemoryConfig.model_validate(
        {"vector_db": {"backend": "embedded", "config": {"path": str(tmp_path / "kept")}}}
    )
    with PreferenceTextMemory(config) as first:
        learn(first, "I like dark mode.")
    with PreferenceTextMemory(config) as second:
        assert texts(second.get_all()) == ["The user likes dark mode."]


@pytest.mark.parametrize("malformed", [False, True])
def test_a_model_may_read_and_the_rules_stand_in_for_it(tmp_path: Path, malformed: bool) -> None:
    read = {"kind": "explicit_preference", "value": "The user favours dark themes.", "messages": [1],
            "quote": "I like dark mode", "reasoning": "Said so."}  # fmt: skip
    with scripted_model() as server:
        server.fallback = lambda _: reply("no" if malformed else json.dumps({"memories": [read]}))
        llm = {"model_name_or_path": "m", "api_base": server.url, "max_retries": 0}
        config = PreferenceTextMemoryConfig.model_validate(
            {"extractor_llm": {"backend": "openai", "config": llm}}
        )
        with PreferenceTextMemory(config) as memory:
            (item,) = memory.get_memory(said("I like dark mode."))
    expected = "The user likes dark mode." if malformed else "The user favours dark themes."
    assert item.memory == expected


def test_a_configuration_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"vector_db": {"backend": "milvus", "config": {"uri": "x"}}}')
    with pytest.raises(ConfigError, match="milvus"):
        PreferenceTextMemoryConfig.from_json_file(file)
