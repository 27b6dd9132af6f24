"""Rewriting a question with a model: once, in time, and never worse than the question."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from memos.errors import ModelReplyError, ModelUnavailableError
from memos.llms.base import Reply, Turn
from memos.memories.textual.tree_text_memory.retrieve.rewrite import (
    MOST_QUERIES,
    REWRITE_SCHEMA,
    SHORTEST_S,
    rewrite,
)

QUESTION = "Did I travel more after the job I got through Anna?"
ENOUGH_S = 10.0


class Scripted:
    """A model that gives one answer and notes what it was asked."""

    name = "scripted"

    def __init__(self, answer: str | Exception) -> None:
        self.answer = answer
        self.asked: list[Sequence[Turn]] = []
        self.schemas: list[Mapping[str, Any] | None] = []

    def complete(
        self,
        turns: Sequence[Turn],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Reply:
        self.asked.append(turns)
        self.schemas.append(schema)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Reply(self.answer)

    def stream(
        self,
        turns: Sequence[Turn],
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Iterator[str]:
        yield self.complete(turns).text


def answer(*queries: object) -> str:
    return json.dumps({"queries": queries})


def queries_of(question: str, model: Scripted) -> list[str]:
    queries, outcome = rewrite(question, model, ENOUGH_S)
    assert outcome == "done"
    return queries


def test_the_question_comes_first_and_the_models_queries_follow() -> None:
    model = Scripted(answer("job found through Anna", "trips and travel"))
    assert queries_of(QUESTION, model) == [
        QUESTION,
        "job found through Anna",
        "trips and travel",
    ]


def test_the_model_is_asked_once_with_the_question_as_data_and_the_form_of_the_answer() -> None:
    model = Scripted(answer())
    assert queries_of('say "hi"\nnow', model) == ['say "hi"\nnow']
    [turns] = model.asked
    assert [turn.role for turn in turns] == ["system", "user"]
    assert json.loads(turns[1].content) == {"question": 'say "hi"\nnow'}
    assert model.schemas == [REWRITE_SCHEMA]


@pytest.mark.parametrize(
    "trouble",
    [
        ModelUnavailableError("no model"),
        ModelReplyError("nothing"),
        "",
        "I cannot help with that.",
        "[1, 2]",
        '{"queries": "one"}',
        '{"queries": [',
        '{"other": []}',
        "{" * 5000 + "}",
        '{"queries":' + "[" * 100_000 + "}",
    ],
    ids=lambda trouble: str(trouble)[:16],
)
def test_any_trouble_with_the_model_leaves_the_question(trouble: str | Exception) -> None:
    queries, outcome = rewrite(QUESTION, Scripted(trouble), ENOUGH_S)
    away = isinstance(trouble, ModelUnavailableError)
    assert queries == [QUESTION]
    assert outcome == ("failed: unavailable" if away else "failed: reply")


@pytest.mark.parametrize(
    ("query", "deadline_s", "outcome"),
    [
        (QUESTION, SHORTEST_S - 0.01, "skipped: deadline"),
        (QUESTION, 0.0, "skipped: deadline"),
        (QUESTION, -1.0, "skipped: deadline"),
        ("  ", ENOUGH_S, "skipped: no question"),
        ("x" * 3000, ENOUGH_S, "skipped: no question"),
    ],
)
def test_the_model_is_not_asked_when_it_cannot_help(
    query: str, deadline_s: float, outcome: str
) -> None:
    model = Scripted(answer("more"))
    assert rewrite(query, model, deadline_s) == ([query], outcome)
    assert not model.asked


def test_a_fence_around_the_answer_is_ignored() -> None:
    model = Scripted(f"Sure:\n```json\n{answer('trips')}\n```")
    assert queries_of(QUESTION, model) == [QUESTION, "trips"]


def test_repeated_blank_overlong_and_foreign_entries_are_dropped() -> None:
    model = Scripted(answer(QUESTION.upper(), " ", "trips", "Trips?", "x" * 500, 7, None, "a  b"))
    assert queries_of(QUESTION, model) == [QUESTION, "trips", "a b"]


def test_no_more_queries_than_the_limit_are_searched() -> None:
    model = Scripted(answer(*(f"query {n}" for n in range(20))))
    found = queries_of(QUESTION, model)
    assert len(found) == MOST_QUERIES
    assert found[-1] == f"query {MOST_QUERIES - 2}"


def test_chinese_questions_and_queries_pass_unescaped() -> None:
    model = Scripted(json.dumps({"queries": ["通过安娜找到的工作"]}, ensure_ascii=False))
    assert queries_of("我换工作之后旅行更多了吗？", model)[1:] == ["通过安娜找到的工作"]
    assert "换工作" in model.asked[0][1].content
