"""Does memory stay true: generated chains of state changes, added the public way, then asked about.

A chain is one user and one attribute whose value changes up to five times. Its statements arrive in
any order, each with the time it was said, among small talk and among statements that look alike but
are about somebody else, somewhere visited, or a wish. All text is our own; the same seed gives the
same chains.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

from memos.evaluation.corpus import Dialogue, Session, Turn

When = Literal["now", "before", "at"]
MOST_CHANGES = 6
NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
"""When the questions are asked."""
_LANGUAGES = ("en", "zh")
_CHAT_SESSIONS = 4
_MONTHS = (4, 14)
_RETURN = 0.15
_REPEAT = 0.25
_HARD = 0.15


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of the chain's state.

    Args:
        turn: id of the turn it is said in.
        value: what it says holds from then on.
        at: when it is said.
        text: its words.
        former: the value that it says held before, when it names one.
    """

    turn: str
    value: str
    at: datetime
    text: str
    former: str | None = None


@dataclass(frozen=True, slots=True)
class StateQuestion:
    """A question about the state.

    Args:
        text: the question.
        when: whether it asks for the present value, a former one, or that of a given time.
        values: the values that answer it.
    """

    text: str
    when: When
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chain:
    """One user's statements about one attribute, with the questions about it.

    Args:
        id: unique within a run.
        attribute: as in docs/states.md.
        language: `en` or `zh`.
        statements: in the order of time.
        questions: about the state.
        dialogue: everything the user says, sessions in the order of their arrival.
    """

    id: str
    attribute: str
    language: str
    statements: tuple[Statement, ...]
    questions: tuple[StateQuestion, ...]
    dialogue: Dialogue

    @property
    def changes(self) -> int:
        """How many values follow one another."""
        return 1 + sum(before.value != after.value for before, after in pairwise(self.statements))


def chains(count: int, seed: int) -> list[Chain]:
    """Chains over all attributes, both languages and 1 to 6 values in turn.

    Args:
        count: how many.
        seed: of everything that is drawn.
    """
    texts = json.loads(files("memos.evaluation").joinpath("updates.json").read_text("utf-8"))
    attributes = [name for name in texts if name != "chat"]
    kinds = [(attribute, language) for attribute in attributes for language in _LANGUAGES]
    made = []
    for number in range(count):
        attribute, language = kinds[number % len(kinds)]
        draw = random.Random(f"{seed}/{number}")
        depth = 1 + (number // len(kinds) + number) % MOST_CHANGES
        writer = _Writer(draw, texts[attribute][language], texts["chat"][language], language)
        made.append(writer.chain(f"chain{number}-{seed}", attribute, depth))
    return made


class _Writer:
    """Writes one chain."""

    def __init__(
        self,
        draw: random.Random,
        texts: Mapping[str, Any],
        chat: Mapping[str, Sequence[str]],
        language: str,
    ) -> None:
        self._draw = draw
        self._texts = texts
        self._chat = chat
        self._language = language
        self._thing = draw.choice(texts["things"]) if "things" in texts else ""

    def chain(self, chain_id: str, attribute: str, depth: int) -> Chain:
        """The chain with so many values, as far as the attribute has them."""
        values = self._values(depth)
        statements = tuple(self._statements(values))
        sessions = [self._session(s.turn, s.text, s.at) for s in statements]
        sessions += self._noise(statements)
        self._draw.shuffle(sessions)
        return Chain(
            id=chain_id,
            attribute=attribute if not self._thing else f"{attribute}:{self._thing}",
            language=self._language,
            statements=statements,
            questions=tuple(self._questions(statements)),
            dialogue=Dialogue(chain_id, tuple(sessions), ()),
        )

    def _values(self, depth: int) -> list[str]:
        if "path" in self._texts:
            path: list[str] = self._texts["path"]
            start = self._draw.randrange(max(1, len(path) - depth + 1))
            return path[start : start + depth]
        if "count" in self._texts:
            first = self._draw.randint(*self._texts["count"])
            return [str(first + year) for year in range(depth)]
        values = [self._draw.choice(self._texts["values"])]
        while len(values) < depth:
            former = [v for v in values[:-1] if v != values[-1]]
            fresh = [v for v in self._texts["values"] if v not in values]
            back = former and (not fresh or self._draw.random() < _RETURN)
            values.append(self._draw.choice(former if back else fresh or former))
        return values

    def _statements(self, values: Sequence[str]) -> Iterator[Statement]:
        at = NOW - timedelta(days=20)
        months = []
        for _ in values:
            gap = 12 if "count" in self._texts else self._draw.randint(*_MONTHS)
            at -= timedelta(days=int(30.44 * gap) - self._draw.randint(0, 9))
            months.append(at)
        said = 0
        for place, (value, when) in enumerate(zip(values, reversed(months), strict=True)):
            old = values[place - 1] if place else None
            yield self._statement(said, value, when, old)
            said += 1
            if "again" in self._texts and self._draw.random() < _REPEAT:
                text = self._draw.choice(self._texts["again"]).format(new=value)
                yield Statement(f"s{said}", value, when + timedelta(days=45), text)
                said += 1

    def _statement(self, number: int, value: str, at: datetime, old: str | None) -> Statement:
        if "say" in self._texts:
            form = self._draw.choice(self._texts["say"][value])
        else:
            form = self._draw.choice(self._texts[self._form(old)])
        text = _with_article(form.format(new=value, old=old, thing=self._thing))
        former = old if "{old}" in form else None
        return Statement(f"s{number}", value, at, text, former)

    def _form(self, old: str | None) -> str:
        """`hard` forms say it in a way that no rule was written for."""
        if old is None:
            return "first"
        return "hard" if "hard" in self._texts and self._draw.random() < _HARD else "change"

    def _noise(self, statements: Sequence[Statement]) -> Iterator[Session]:
        """Statements that look alike, and small talk; the last of them stands after the chain."""
        taken = {s.value for s in statements}
        spare = [v for v in self._texts.get("values", ()) if v not in taken] or ["61"]
        begin = statements[0].at
        span = max(1, (NOW - begin).days - 1)
        others = self._draw.sample(self._texts["others"], min(3, len(self._texts["others"])))
        lines = [
            _with_article(o.format(x=self._draw.choice(spare), thing=self._thing)) for o in others
        ]
        lines += self._draw.sample(list(self._chat["user"]), _CHAT_SESSIONS)
        for number, line in enumerate(lines):
            days = span if number == 0 else self._draw.randint(1, span)
            yield self._session(f"n{number}", line, begin + timedelta(days=days))

    def _session(self, turn: str, text: str, at: datetime) -> Session:
        ms = int(at.timestamp() * 1000)
        reply = self._draw.choice(list(self._chat["assistant"]))
        turns = (
            Turn(turn, "user", "user", text, ms),
            Turn(f"{turn}r", "assistant", "assistant", reply, ms + 60_000),
        )
        return Session(turn, ms, turns)

    def _questions(self, statements: Sequence[Statement]) -> Iterator[StateQuestion]:
        current = statements[-1].value
        yield self._question("now", frozenset({current}))
        former = frozenset(s.value for s in statements) - {current}
        if former and self._texts["before"]:
            yield self._question("before", former)
        periods = [(a, b) for a, b in pairwise(statements) if (b.at - a.at).days > 90]
        if periods:
            held, following = self._draw.choice(periods)
            middle = held.at + (following.at - held.at) / 2
            yield self._question("at", frozenset({held.value}), _month(middle, self._language))

    def _question(self, when: When, values: frozenset[str], time: str = "") -> StateQuestion:
        form = self._draw.choice(self._texts[when])
        return StateQuestion(form.format(when=time, thing=self._thing), when, values)


def _with_article(text: str) -> str:
    return re.sub(r"\b([Aa]) (?=[aeiouAEIO])", r"\1n ", text)


def _month(at: datetime, language: str) -> str:
    if language == "zh":
        return f"{at.year}年{at.month}月"
    return f"{at:%B} {at.year}"
