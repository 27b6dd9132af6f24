import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from memos.errors import ModelReplyError
from memos.llms.base import Reply, Turn
from memos.reranker.llm import LlmReranker, read_scores


class Judge:
    """A model that answers one text and keeps what it was asked."""

    name = "judge"

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.turns: Sequence[Turn] = ()
        self.schema: Mapping[str, Any] | None = None

    def complete(
        self, turns: Sequence[Turn], *, schema: Mapping[str, Any] | None = None, **_: object
    ) -> Reply:
        self.turns, self.schema = turns, schema
        return Reply(self.answer)

    def stream(self, turns: Sequence[Turn], **_: object) -> Iterator[str]:
        raise NotImplementedError


def scores(*numbers: float) -> str:
    return json.dumps({"scores": [{"n": n, "score": s} for n, s in enumerate(numbers, start=1)]})


def test_texts_are_numbered_as_data_and_the_form_of_the_answer_is_given() -> None:
    judge = Judge(scores(0.9, 0.0))
    assert LlmReranker(judge).rerank("谁?", ["甲", "b" * 5000], timeout_s=1) == [0.9, 0.0]
    asked = json.loads(judge.turns[-1].content)
    assert asked["question"] == "谁?"
    assert [(note["n"], len(note["text"])) for note in asked["notes"]] == [(1, 1), (2, 1200)]
    assert judge.schema is not None


@pytest.mark.parametrize(("reply", "expected"), [
    (scores(0.2, 1, 0), [0.2, 1.0, 0.0]),
    ("Sure!\n```json\n" + scores(0.2, 1, 0) + "\n```", [0.2, 1.0, 0.0]),
    ('[{"n": 1, "score": 0.2,}, {"n": 2, "score": 1}, {"n": 3, "score": 0},]', [0.2, 1.0, 0.0]),
    ('{"scores": [{"n": 1, "score": 0.2}, {"n": 2, "score": 1}, {"n": 3, "sc', [0.2, 1.0, 0.5]),
    ('{"n":3,"score":0}{"n":1,"score":0.2}{"n":1,"score":0.9}', [0.2, 0.5, 0.0]),
    ('{"n":1,"score":7}{"n":2,"score":-1}{"n":3,"score":true}', [1.0, 0.0, 0.5]),
], ids=["plain", "fenced", "commas", "cut off", "twice", "out of range"])  # fmt: skip
def test_replies_are_repaired(reply: str, expected: list[float]) -> None:
    assert read_scores(reply, 3) == expected


@pytest.mark.parametrize(
    "reply",
    ["", "I cannot judge.", '{"n": 1, "score": 0.5}', '{"n": 0, "score": 1}{"n": 4, "score": 1}',
     '{"n": "1", "score": 1}{"n": 2, "score": "0.5"}'],
    ids=["empty", "refusal", "a third", "unknown numbers", "texts"],
)  # fmt: skip
def test_replies_with_too_few_scores_are_refused(reply: str) -> None:
    with pytest.raises(ModelReplyError):
        read_scores(reply, 3)


def test_closing_releases_a_model_of_its_own() -> None:
    closed = []
    LlmReranker(Judge(""), lambda: closed.append(True)).close()
    assert closed == [True]
