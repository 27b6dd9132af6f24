"""What a model may decide about feedback, and what the rules decide when it fails."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from memos.errors import ModelUnavailableError
from memos.llms.base import Reply, Turn
from memos.mem_feedback.feedback import FeedbackKind
from memos.mem_feedback.model import ModelJudge
from memos.types.memory import MemoryItem, MemoryKind
from memos.types.scope import Cube, CubeKind

CUBE = Cube("p", CubeKind.USER, "u")
MEMORIES = [
    MemoryItem(id="one", cube=CUBE, kind=MemoryKind.LONG_TERM, value="The user likes apples."),
    MemoryItem(id="two", cube=CUBE, kind=MemoryKind.LONG_TERM, value="The user has a dog."),
]
TEXT = "Hm, apples were never my thing; mangosteens are."


class Scripted:
    """Answers with one text, or fails."""

    name = "scripted"

    def __init__(self, answer: str | None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Reply:
        self.asked.append(turns[-1].content)
        if self.answer is None:
            raise ModelUnavailableError("gone")
        return Reply(self.answer)

    def stream(self, turns: Sequence[Turn], **_: Any) -> Any:
        raise NotImplementedError


def answer(**fields: Any) -> str:
    empty = {"kind": "none", "old": "", "new": "", "statement": "", "vote": 0, "numbers": []}
    return json.dumps({**empty, **fields})


def test_numbers_become_targets_and_others_are_left_out() -> None:
    model = Scripted(answer(kind="correction", statement="I like mangosteens", numbers=[1, 7, 0]))
    found = ModelJudge(model).judge(TEXT, MEMORIES)
    assert (found.kind, found.targets, found.wrong) == (FeedbackKind.CORRECTION, ("one",), True)
    assert json.loads(model.asked[0])["memories"][1] == {"number": 2, "text": MEMORIES[1].value}


def test_a_chatty_reply_is_still_read() -> None:
    model = Scripted("Sure!\n```json\n" + answer(kind="addition", statement="S") + "\n```")
    assert ModelJudge(model).judge(TEXT, []).statement == "S"


@pytest.mark.parametrize(
    "reply",
    [
        None,
        "no",
        "[]",
        answer(kind="erase everything"),
        answer(kind="replacement", old="apples", new="figs"),
        answer(kind="replacement", old="apples"),
        answer(kind="vote", vote=5),
        answer(kind="correction"),
        answer(kind="addition", statement=["x"]),
    ],
)
def test_an_unusable_reply_leaves_the_judgement_to_the_rules(reply: str | None) -> None:
    text = "Replace apples with pears everywhere."
    found = ModelJudge(Scripted(reply)).judge(text, MEMORIES)
    assert (found.kind, found.old, found.new) == (FeedbackKind.REPLACEMENT, "apples", "pears")
