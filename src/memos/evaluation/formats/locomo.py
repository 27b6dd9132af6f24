"""LoCoMo: samples of two named speakers, with numbered sessions and questions that cite turns."""

import re
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
    text_of,
    texts_of,
    time_of,
)

CATEGORIES = {
    "1": "multi-hop",
    "2": "temporal",
    "3": "open-domain",
    "4": "single-hop",
    "5": "adversarial",
}
_SESSION = re.compile(r"session_(\d+)")
_TURN_ID = re.compile(r"D:?(\d+):(\d+)")
REPAIRED = "evidence labels repaired"
SKIPPED = "evidence labels skipped: not a turn of the dialogue"


def load_locomo(path: Path) -> Corpus:
    """Read a LoCoMo file.

    The first speaker is the user, the second the assistant; both are named in what they say.
    Session times name no zone and are taken as UTC. Category 5 has no answer in the dialogue.

    Raises:
        InvalidInputError: the file is not of this form; the message says where.
    """
    notes: Counter[str] = Counter()
    dialogues = tuple(
        _dialogue(record, index, where, notes)
        for index, (where, record) in enumerate(numbered(read_records(path), path))
    )
    return Corpus(f"locomo {path.name}", dialogues, dict(notes))


def _dialogue(record: Mapping[str, Any], index: int, where: str, notes: Counter[str]) -> Dialogue:
    body = mapping(record.get("conversation"), f"{where}, conversation")
    name = text_of(record.get("sample_id")) or f"sample-{index}"
    sessions = tuple(_sessions(body, where))
    known = {turn.id for session in sessions for turn in session.turns}
    questions = tuple(
        _question(mapping(qa, f"{where}, qa {n}"), f"{name}/{n}", known, notes)
        for n, qa in enumerate(listing(record.get("qa", []), f"{where}, qa"))
    )
    return Dialogue(name, sessions, questions)


def _sessions(body: Mapping[str, Any], where: str) -> Iterator[Session]:
    second = text_of(body.get("speaker_b"))
    numbers = sorted(int(m[1]) for key in body if (m := _SESSION.fullmatch(key)))
    for number in numbers:
        place = f"{where}, session_{number}"
        time = time_of(body.get(f"session_{number}_date_time"), place, 0)
        turns = tuple(
            _turn(mapping(turn, place), second, time, place)
            for turn in listing(body[f"session_{number}"], place)
        )
        if turns:
            yield Session(f"session_{number}", time, turns)


def _turn(turn: Mapping[str, Any], second: str, time: int, place: str) -> Turn:
    match = _TURN_ID.fullmatch(text_of(turn.get("dia_id")))
    speaker = text_of(turn.get("speaker"))
    if match is None or not speaker:
        raise InvalidInputError(f"{place}: a turn lacks its speaker or its dia_id (like D1:3)")
    caption = text_of(turn.get("blip_caption"))
    shared = f" [shares a photo: {caption}]" if caption else ""
    role = "assistant" if speaker == second else "user"
    text = f"{text_of(turn.get('text'))}{shared}".strip()
    return Turn(_turn_id(match), speaker, role, text, time)


def _question(qa: Mapping[str, Any], name: str, known: set[str], notes: Counter[str]) -> Question:
    number = text_of(qa.get("category"))
    return Question(
        id=name,
        text=text_of(qa.get("question")),
        category=CATEGORIES.get(number, number or "none"),
        evidence=_evidence(texts_of(qa.get("evidence", [])), known, notes),
        answers=texts_of(qa.get("answer")),
        answerable=number != "5",
    )


def _evidence(labels: tuple[str, ...], known: set[str], notes: Counter[str]) -> tuple[str, ...]:
    """Turn ids of labels, also of malformed ones such as `D:11:26` or `D8:6; D9:17`."""
    found: dict[str, None] = {}
    for label in labels:
        ids = [_turn_id(match) for match in _TURN_ID.finditer(label)]
        kept = [name for name in ids if name in known]
        notes[REPAIRED] += bool(kept) and kept != [label]
        notes[SKIPPED] += max(len(ids), 1) - len(kept)
        found.update(dict.fromkeys(kept))
    return tuple(found)


def _turn_id(match: re.Match[str]) -> str:
    return f"D{int(match[1])}:{int(match[2])}"
