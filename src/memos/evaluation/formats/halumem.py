"""HaluMem: users with many sessions, memory points, and questions asked after a session."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memos.evaluation.corpus import Corpus, Dialogue, Question, Session, Turn
from memos.evaluation.formats.reading import (
    listing,
    mapping,
    numbered,
    read_records,
    spoken,
    text_of,
    texts_of,
    time_of,
)

UNLABELLED = "questions whose evidence the set names by wording, not by turn"
_UNANSWERABLE = "Memory Boundary"


def load_halumem(path: Path) -> Corpus:
    """Read a HaluMem file: one user a line.

    The set gives evidence as wordings of memories and not as turns, so recall cannot be scored;
    answers can. A question keeps the time at which its session ended. All sessions are added before
    the first question, unlike in the published protocol.

    Raises:
        InvalidInputError: the file is not of this form.
    """
    notes: Counter[str] = Counter()
    dialogues = tuple(
        _dialogue(record, where, notes) for where, record in numbered(read_records(path), path)
    )
    return Corpus(f"halumem {path.name}", dialogues, dict(notes))


def _dialogue(record: Mapping[str, Any], where: str, notes: Counter[str]) -> Dialogue:
    name = text_of(record.get("uuid")) or where
    sessions, questions = [], []
    for number, part in enumerate(listing(record.get("sessions"), f"{where}, sessions")):
        place = f"{where}, session {number}"
        body = mapping(part, place)
        start = time_of(body.get("start_time"), place, 0)
        end = time_of(body.get("end_time"), place, start)
        turns = tuple(
            _turn(mapping(turn, place), f"{number}:{n}", start, place)
            for n, turn in enumerate(listing(body.get("dialogue") or [], place))
        )
        if turns:
            sessions.append(Session(f"session-{number + 1}", start, turns))
        for n, qa in enumerate(listing(body.get("questions") or [], place)):
            questions.append(_question(mapping(qa, place), f"{name}/{number}/{n}", end))
    notes[UNLABELLED] += len(questions)
    return Dialogue(name, tuple(sessions), tuple(questions))


def _turn(turn: Mapping[str, Any], turn_id: str, start: int, place: str) -> Turn:
    role, text = spoken(turn, place)
    return Turn(turn_id, role, role, text, time_of(turn.get("timestamp"), place, start))


def _question(qa: Mapping[str, Any], name: str, asked: int) -> Question:
    kind = text_of(qa.get("question_type"))
    return Question(
        id=name,
        text=text_of(qa.get("question")),
        category=kind or "none",
        answers=texts_of(qa.get("answer")),
        answerable=kind != _UNANSWERABLE,
        as_of=asked or None,
    )
