"""What a reranker reads of a memory."""

from collections.abc import Sequence

from memos.memories.textual.tree_text_memory.retrieve.texts import MemoryTexts
from memos.types.memory import MemoryItem, MemoryKind, Source
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind

ANNA = Cube("p", CubeKind.USER, "anna")
PUBLIC = Cube("p", CubeKind.PUBLIC)
SAID = [
    "Where did you spend last summer?",
    "In Norway.",
    "I also went on a long hike through the mountains behind the lake with my two sisters and"
    " their dogs, which took us nine days.",
]


def message(number: int, text: str) -> Message:
    return Message(
        id=f"m{number}", role="user", text=text, sequence=number, chat_time=0, created_at=0,
        updated_at=0, conversation_id="c",
    )  # fmt: skip


class Records:
    """Anna's messages."""

    def __init__(self) -> None:
        self.all = [message(n, text) for n, text in enumerate(SAID)]

    def messages(self, cube: Cube, ids: Sequence[str]) -> list[Message]:
        return [m for m in self.all if m.id in ids] if cube == ANNA else []

    def recent_messages(
        self, cube: Cube, conversation_id: str, limit: int, *, before_sequence: int | None = None
    ) -> list[Message]:
        before = [m for m in self.all if before_sequence is None or m.sequence < before_sequence]
        return before[-limit:] if cube == ANNA and conversation_id == "c" else []


def memory(value: str, *messages: str, cube: Cube = ANNA) -> MemoryItem:
    sources = tuple(Source(m, "user") for m in messages)
    return MemoryItem(id=value, cube=cube, kind=MemoryKind.USER, value=value, sources=sources)


def texts(*items: MemoryItem) -> list[str]:
    return MemoryTexts(Records()).texts(items)


def test_a_short_memory_comes_with_what_was_said_before_it() -> None:
    assert texts(memory("In Norway.", "m1")) == ["Where did you spend last summer?\nIn Norway."]


def test_a_long_memory_stands_for_itself() -> None:
    assert texts(memory(SAID[2], "m2")) == [SAID[2]]


def test_the_first_message_has_nothing_before_it() -> None:
    assert texts(memory(SAID[0], "m0")) == [SAID[0]]


def test_a_rough_memory_is_the_text_of_its_messages() -> None:
    assert texts(memory("", "m0", "m1")) == [f"{SAID[0]}\n{SAID[1]}"]


def test_a_long_rough_memory_stands_for_itself() -> None:
    assert texts(memory("", "m1", "m2")) == [f"{SAID[1]}\n{SAID[2]}"]


def test_a_public_memory_shows_nothing_of_its_authors_messages() -> None:
    assert texts(memory("In Norway.", "m1", cube=PUBLIC)) == ["In Norway."]


def test_texts_stay_in_the_order_of_the_memories() -> None:
    assert texts(memory("B", "m1"), memory(SAID[2], "m2"), memory("A", "gone")) == [
        f"{SAID[0]}\nB",
        SAID[2],
        "A",
    ]
