"""Scores of the chains of `updates`: what the memory that is found first says about the state."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memos.evaluation.report import figure, markdown_table
from memos.evaluation.subject import Added, Found, Subject
from memos.evaluation.updates import NOW, Chain, StateQuestion

_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and what came back.

    Args:
        chain, question: what was asked.
        first: place, from 0, of the first memory about the state; None when none was found.
        right: that memory states a value that answers the question.
        stale: that memory states a value that held before (of questions about the present).
    """

    chain: Chain
    question: StateQuestion
    first: int | None
    right: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class UpdateScores:
    """Shares of questions.

    Args:
        now, past: questions about the present, and about a former time.
        current: of the present ones, the first memory about the state states the present value.
        current_on_top: the same, and that memory is the first of all.
        stale: it states a value that holds no more.
        former: of the past ones, the first memory about the state states what was asked for.
    """

    now: int
    past: int
    current: float
    current_on_top: float
    stale: float
    former: float


def measure(subject: Subject, chains: Sequence[Chain], threads: int = 1) -> list[Answered]:
    """Add every chain and ask its questions.

    Raises:
        MemosError: a part could not be read.
    """
    added = subject.add([chain.dialogue for chain in chains], threads)
    return [
        judge(chain, question, _ask(subject, user, question))
        for chain, user in zip(chains, added, strict=True)
        for question in chain.questions
    ]


def _ask(subject: Subject, user: Added, question: StateQuestion) -> Sequence[Found]:
    as_of = int(NOW.timestamp() * 1000)
    return subject.ask(user, question.text, limit=_LIMIT, as_of=as_of).found


def judge(chain: Chain, question: StateQuestion, found: Sequence[Found]) -> Answered:
    """What the first memory about the chain's state says.

    A memory is about the state when it rests on a statement of the chain. For a question about the
    past a statement also counts that names the value it left.
    """
    by_turn = {statement.turn: statement for statement in chain.statements}
    for place, memory in enumerate(found):
        stated = [by_turn[turn] for turn in memory.cited if turn in by_turn]
        if not stated:
            continue
        past = question.when != "now"
        right = all(
            s.value in question.values or (past and s.former in question.values) for s in stated
        )
        return Answered(chain, question, place, right, not past and not right)
    return Answered(chain, question, None, right=False, stale=False)


def scores(answered: Sequence[Answered]) -> UpdateScores:
    """Shares over questions; NaN where there are none."""
    now = [a for a in answered if a.question.when == "now"]
    past = [a for a in answered if a.question.when != "now"]
    return UpdateScores(
        now=len(now),
        past=len(past),
        current=_share([a.right for a in now]),
        current_on_top=_share([a.right and a.first == 0 for a in now]),
        stale=_share([a.stale for a in now]),
        former=_share([a.right for a in past]),
    )


def groups(answered: Sequence[Answered]) -> dict[str, UpdateScores]:
    """Scores of all questions, by language, by number of values, and by attribute."""
    found = {"all": scores(answered)}
    for language in sorted({a.chain.language for a in answered}):
        found[language] = scores([a for a in answered if a.chain.language == language])
    for changes in sorted({a.chain.changes for a in answered}):
        name = f"{changes} value" + "s" * (changes > 1)
        found[name] = scores([a for a in answered if a.chain.changes == changes])
    for attribute in sorted({_family(a) for a in answered}):
        found[attribute] = scores([a for a in answered if _family(a) == attribute])
    return found


def updates_markdown(found: Mapping[str, UpdateScores]) -> str:
    """A table of the scores by group."""
    columns = ["group", "now", "current", "on top", "stale", "past", "former"]
    rows = [
        [
            name,
            str(s.now),
            figure(s.current),
            figure(s.current_on_top),
            figure(s.stale),
            str(s.past),
            figure(s.former),
        ]
        for name, s in found.items()
    ]
    return markdown_table(columns, rows)


def updates_json(found: Mapping[str, UpdateScores]) -> dict[str, dict[str, Any]]:
    """The scores by group; null where there are no questions."""
    names = ("now", "past", "current", "current_on_top", "stale", "former")
    return {group: {name: _plain(getattr(s, name)) for name in names} for group, s in found.items()}


def _plain(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return None if math.isnan(value) else round(value, 5)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


def _family(answered: Answered) -> str:
    attribute = answered.chain.attribute
    return "taste" if attribute.startswith("taste:") else attribute
