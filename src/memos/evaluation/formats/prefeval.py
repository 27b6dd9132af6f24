"""PrefEval: a stated or shown preference, and a question whose usual answer would break it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memos.errors import InvalidInputError
from memos.evaluation.corpus import Corpus, Dialogue, Question, Session, Turn
from memos.evaluation.formats.reading import mapping, numbered, read_records, text_of

_FIRST_DAY = 1_704_067_200_000
_DAY_MS = 86_400_000
_CHOICE = (
    ("query", "user"),
    ("assistant_options", "assistant"),
    ("user_selection", "user"),
    ("assistant_acknowledgment", "assistant"),
)


def load_prefeval(path: Path) -> Corpus:
    """Read a topic file of PrefEval: explicit, implicit by choice, or implicit by persona.

    All preferences of a file become sessions of one user, a day apart, so that each question has
    to find its own among all the others. (The published protocol instead puts unrelated chat
    between one preference and its question.) Evidence is the turn that states the preference; with
    a choice, the turn that makes it; with a persona, every turn of the user.

    Raises:
        InvalidInputError: the file is not of this form.
    """
    sessions, questions = [], []
    for number, (where, record) in enumerate(numbered(read_records(path), path)):
        name = f"preference-{number + 1}"
        time = _FIRST_DAY + number * _DAY_MS
        said = list(_said(record, where))
        turns = tuple(
            Turn(f"{name}:{n}", role, role, text, time) for n, (role, text, _) in enumerate(said)
        )
        evidence = tuple(t.id for t, (_, _, shows) in zip(turns, said, strict=True) if shows)
        sessions.append(Session(name, time, turns))
        questions.append(
            Question(
                id=f"{path.stem}/{number}",
                text=text_of(record.get("question")),
                category=path.stem,
                evidence=evidence,
                answers=(text_of(record.get("preference")),),
            )
        )
    dialogue = Dialogue(path.stem, tuple(sessions), tuple(questions))
    return Corpus(f"prefeval {path.name}", (dialogue,), {})


def _said(record: Mapping[str, Any], where: str) -> Iterator[tuple[str, str, bool]]:
    """Role, text and whether the turn shows the preference."""
    preference = text_of(record.get("preference"))
    if not preference or not text_of(record.get("question")):
        raise InvalidInputError(f"{where}: no preference or no question")
    conversation = record.get("conversation")
    if not conversation:
        yield "user", preference, True
        return
    talk = mapping(conversation, f"{where}, conversation")
    if "user_selection" in talk:
        for key, role in _CHOICE:
            if text_of(talk.get(key)):
                yield role, text_of(talk[key]), key == "user_selection"
        return
    for place, pair in talk.items():
        turn = mapping(pair, f"{where}, conversation {place}")
        for role in ("user", "assistant"):
            if text_of(turn.get(role)):
                yield role, text_of(turn[role]), role == "user"
