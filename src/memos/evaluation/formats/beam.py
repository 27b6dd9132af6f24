"""BEAM: very long chats in batches, with probing questions of ten kinds that cite message ids."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from memos.errors import InvalidInputError
from memos.evaluation.corpus import Corpus, Dialogue, Question, Session, Turn
from memos.evaluation.formats.reading import (
    listing,
    literal,
    mapping,
    numbered,
    read_records,
    spoken,
    text_of,
    texts_of,
    time_or,
)

SKIPPED = "evidence labels skipped: no message, or several, of that id"
_CHAT = "chat.json"
_PROBES = "probing_questions.json"
_PLACE_MARK = re.compile(r"\s*->\s*->\s*[\d,\s]+$")
_ANSWERS = ("answer", "ideal_answer", "ideal_response", "ideal_summary", "expected_compliance")
_FIRST_DAY = 1_704_067_200_000
"""1 January 2024, for chats without any time anchor."""


def load_beam(path: Path) -> Corpus:
    """Read BEAM chats.

    `path` is a chat's folder (or a folder of such), its `chat.json`, or an export of the published
    table: JSON or JSON lines with `chat` and `probing_questions` (an object, or its text).
    A batch is a session; the time anchor in its first message is its time. A place mark such as
    `->-> 1,2` at the end of a message is the generator's and is left out.

    Raises:
        InvalidInputError: there is no chat, or one is not of this form.
    """
    notes: Counter[str] = Counter()
    dialogues = tuple(_dialogue(name, chat, probes, notes) for name, chat, probes in _sources(path))
    return Corpus(f"beam {path.name}", dialogues, dict(notes))


def _sources(path: Path) -> Iterator[tuple[str, Any, Any]]:
    """Name, chat and questions of every chat found."""
    if path.is_dir() or path.name == _CHAT:
        chats = sorted(path.rglob(_CHAT), key=_natural) if path.is_dir() else [path]
        if not chats:
            raise InvalidInputError(f"{path} holds no {_CHAT}")
        for chat in chats:
            probes = sorted(chat.parent.rglob(_PROBES))
            found = read_records(probes[0]) if probes else [{}]
            yield chat.parent.name, read_records(chat), found[0] if len(found) == 1 else found
        return
    for where, record in numbered(read_records(path), path):
        if "chat" not in record:
            raise InvalidInputError(f"{where}: no chat")
        name = text_of(record.get("conversation_id")) or where.rsplit(" ", 1)[-1]
        yield name, _value(record["chat"], where), _value(record.get("probing_questions"), where)


def _value(value: object, where: str) -> Any:  # noqa: ANN401 - any JSON value
    return literal(value, where) if isinstance(value, str) else value


def _natural(path: Path) -> list[tuple[int, str]]:
    return [(int(part) if part.isdigit() else 0, part) for part in path.parts]


@dataclass
class _Chat:
    """Sessions gathered so far, and the turns of each message id."""

    name: str
    sessions: list[Session] = field(default_factory=list)
    turns: dict[str, list[str]] = field(default_factory=dict)
    time: int = _FIRST_DAY

    def add(self, messages: list[Mapping[str, Any]]) -> None:
        """Take the messages of one batch as a session."""
        anchors = [time_or(text_of(m.get("time_anchor")).replace("-", " "), 0) for m in messages]
        self.time = next((time for time in anchors if time), self.time)
        name = f"batch-{len(self.sessions) + 1}"
        turns: list[Turn] = []
        for message in messages:
            role, text = spoken(message, f"{self.name}, {name}")
            raw = text_of(message.get("id"))
            known = self.turns.setdefault(raw, [])
            turn_id = f"{name}:{len(turns)}"
            known.append(turn_id)
            turns.append(Turn(turn_id, role, role, _PLACE_MARK.sub("", text), self.time))
        self.sessions.append(Session(name, self.time, tuple(turns)))


def _dialogue(name: str, chat: Any, probes: Any, notes: Counter[str]) -> Dialogue:  # noqa: ANN401
    gathered = _Chat(name)
    for messages in _batches(chat):
        gathered.add(messages)
    questions = tuple(_questions(probes, gathered, notes))
    return Dialogue(name, tuple(gathered.sessions), questions)


def _batches(value: object) -> Iterator[list[Mapping[str, Any]]]:
    """Messages of each batch, however deep batches lie (plans, batches, groups of turns)."""
    if isinstance(value, Mapping):
        if "turns" in value:
            yield list(_messages(value["turns"]))
        else:
            for part in value.values():
                yield from _batches(part)
    elif isinstance(value, list):
        if value and isinstance(value[0], Mapping) and "role" in value[0]:
            yield list(_messages(value))
        else:
            for part in value:
                yield from _batches(part)


def _messages(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping) and "role" in value:
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _messages(part)


def _questions(probes: object, chat: _Chat, notes: Counter[str]) -> Iterator[Question]:
    for kind, found in mapping(probes or {}, f"{chat.name}, probing questions").items():
        for number, entry in enumerate(listing(found, f"{chat.name}, {kind}")):
            probe = mapping(entry, f"{chat.name}, {kind} {number}")
            answers = next((texts_of(probe[key]) for key in _ANSWERS if probe.get(key)), ())
            yield Question(
                id=f"{chat.name}/{kind}/{number}",
                text=text_of(probe.get("question")),
                category=kind,
                evidence=_evidence(probe.get("source_chat_ids"), chat, notes),
                answers=answers or texts_of(probe.get("rubric")),
                answerable=kind != "abstention",
            )


def _evidence(value: object, chat: _Chat, notes: Counter[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for label in _labels(value):
        turns = chat.turns.get(label, [])
        if len(turns) == 1:
            found[turns[0]] = None
        else:
            notes[SKIPPED] += 1
    return tuple(found)


def _labels(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _labels(part)
    elif isinstance(value, list):
        for part in value:
            yield from _labels(part)
    elif value is not None:
        yield text_of(value)
