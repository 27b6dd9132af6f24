"""Does a change reach what depends on it: who moves has another way to work, another rent.

A case is one user who tells a state, something that depends on it, perhaps a change of the state, and
perhaps the dependent thing anew, in any order of arrival. All text is our own; the same seed gives
the same cases.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from memos.evaluation.corpus import Dialogue, Session, Turn
from memos.evaluation.subject import Subject
from memos.evaluation.updates import NOW

_PAIRS = (("home", "commute"), ("employer", "commute"), ("home", "rent"), ("employer", "salary"))
_FATES = ("stayed", "changed", "told anew")
_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One user.

    Args:
        fate: whether the state stayed, changed, or changed and the dependent thing was told anew.
        question: asks for the dependent thing.
        dialogue: everything the user says; turn `old` tells the dependent thing, `new` tells it anew.
    """

    fate: str
    question: str
    dialogue: Dialogue


def cases(count: int, seed: int) -> list[Case]:
    """Cases over both languages, every dependent state and every fate.

    Args:
        count: how many.
        seed: of everything that is drawn.
    """
    texts = json.loads(files("memos.evaluation").joinpath("cascade.json").read_text("utf-8"))
    kinds = [
        (language, pair, fate) for fate in _FATES for pair in _PAIRS for language in ("en", "zh")
    ]
    made = []
    for number in range(count):
        language, pair, fate = kinds[number % len(kinds)]
        draw = random.Random(f"cascade {seed}/{number}")
        made.append(_case(f"cascade{number}-{seed}", texts[language], (pair, fate), draw))
    return made


def _case(
    case_id: str, texts: Mapping[str, Any], kind: tuple[tuple[str, str], str], draw: random.Random
) -> Case:
    (above, below), fate = kind
    begin, change = draw.choice(texts[above])
    first, second = draw.sample(texts[f"{above}_values"], 2)
    said, question = draw.choice(texts[below])
    old, new = draw.sample(range(20, 60), 2)
    told = [("begin", begin.format(first, second), 900), ("old", said.format(n=old), 800)]
    if fate != "stayed":
        told.append(("change", change.format(first, second), 400))
    if fate == "told anew":
        told.append(("new", said.format(n=new), 300))
    told += [(f"chat{n}", line, draw.randint(1, 850)) for n, line in enumerate(texts["chat"])]
    sessions = [_session(turn, text, NOW - timedelta(days=days)) for turn, text, days in told]
    draw.shuffle(sessions)
    return Case(fate, question, Dialogue(case_id, tuple(sessions), ()))


def _session(turn: str, text: str, at: datetime) -> Session:
    ms = int(at.timestamp() * 1000)
    return Session(turn, ms, (Turn(turn, "user", "user", text, ms),))


def cascade_accuracy(subject: Subject, made: Sequence[Case], threads: int = 1) -> dict[str, float]:
    """Share of cases answered right, by fate and over all.

    What was told anew, or stayed, must be the first thing found about it; what ended with the change
    must not be found at all.

    Raises:
        MemosError: a part could not be read.
    """
    added = subject.add([case.dialogue for case in made], threads)
    as_of = int(NOW.timestamp() * 1000)
    right: dict[str, list[bool]] = {}
    for case, user in zip(made, added, strict=True):
        found = subject.ask(user, case.question, limit=_LIMIT, as_of=as_of).found
        turns = [turn for memory in found for turn in memory.cited if turn in {"old", "new"}]
        wanted = {"stayed": ["old"], "changed": [], "told anew": ["new"]}[case.fate]
        right.setdefault(case.fate, []).append(turns[:1] == wanted)
    every = [hit for hits in right.values() for hit in hits]
    return {name: sum(hits) / len(hits) for name, hits in {**right, "all": every}.items() if hits}
