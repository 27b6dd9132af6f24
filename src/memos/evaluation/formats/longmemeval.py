"""LongMemEval: one question per record, with a haystack of chat sessions of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from memos.errors import InvalidInputError
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
    time_or,
)

UNMARKED = "answerable questions whose evidence turns are not marked"
_ABSTENTION = "_abs"


def load_longmemeval(path: Path) -> Corpus:
    """Read a LongMemEval file (`_s`, `_m` or `_oracle`).

    Turns marked `has_answer` are the evidence. A question whose id ends with `_abs` has no answer
    in its haystack. Times name no zone and are taken as UTC. Sessions are put in order of time.

    Raises:
        InvalidInputError: the file is not of this form; the message says where.
    """
    notes: Counter[str] = Counter()
    dialogues = []
    for where, record in numbered(read_records(path), path):
        dialogue, marked = _dialogue(record, where)
        question = dialogue.questions[0]
        notes[UNMARKED] += question.answerable and not marked
        dialogues.append(dialogue)
    return Corpus(f"longmemeval {path.name}", tuple(dialogues), dict(notes))


def _dialogue(record: Mapping[str, Any], where: str) -> tuple[Dialogue, bool]:
    name = text_of(record.get("question_id"))
    if not name:
        raise InvalidInputError(f"{where}: no question_id")
    sessions = list(_sessions(record, where))
    evidence = tuple(turn for _, marked in sessions for turn in marked)
    question = Question(
        id=name,
        text=text_of(record.get("question")),
        category=text_of(record.get("question_type")) or "none",
        evidence=evidence,
        answers=texts_of(record.get("answer")),
        answerable=not name.endswith(_ABSTENTION),
        as_of=time_or(record.get("question_date"), 0) or None,
    )
    ordered = sorted((session for session, _ in sessions), key=lambda s: s.time)
    return Dialogue(name, tuple(ordered), (question,)), bool(evidence)


def _sessions(record: Mapping[str, Any], where: str) -> Iterator[tuple[Session, list[str]]]:
    """Sessions with the ids of their marked turns."""
    haystack = listing(record.get("haystack_sessions"), f"{where}, haystack_sessions")
    ids = record.get("haystack_session_ids") or []
    dates = record.get("haystack_dates") or []
    seen: Counter[str] = Counter()
    for number, turns in enumerate(haystack):
        place = f"{where}, haystack_sessions {number}"
        name = text_of(ids[number]) if number < len(ids) else f"session-{number}"
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}#{seen[name]}"
        time = time_of(dates[number] if number < len(dates) else None, place, 0)
        session, marked = _session(listing(turns, place), name, time, place)
        if session.turns:
            yield session, marked


def _session(turns: list[Any], name: str, time: int, place: str) -> tuple[Session, list[str]]:
    kept, marked = [], []
    for number, turn in enumerate(turns):
        said = mapping(turn, place)
        role, text = spoken(said, place)
        turn_id = f"{name}:{number}"
        kept.append(Turn(turn_id, role, role, text, time))
        if said.get("has_answer"):
            marked.append(turn_id)
    return Session(name, time, tuple(kept)), marked
