"""PersonaMem: multiple-choice questions in a CSV file over shared contexts in a JSON lines file."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
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
    read_text,
    spoken,
    text_of,
)

_PREFIX = re.compile(r"^(?:User|Assistant)\s*:\s*")
_LETTER = re.compile(r"\(([a-z])\)", re.IGNORECASE)
_FIRST_DAY = 1_704_067_200_000
_DAY_MS = 86_400_000
_COLUMNS = {"question_id", "user_question_or_message", "shared_context_id"}


def load_personamem(path: Path) -> Corpus:
    """Read `questions_SIZE.csv` with the `shared_contexts_SIZE.jsonl` beside it.

    `path` is the questions file, or a folder with one of each. Questions that see the same part of
    a context share a dialogue. A system message (the persona's description) begins a session and is
    left out, since nobody said it. The set gives no times and no evidence: each session gets a day
    of its own from 1 January 2024.

    Raises:
        InvalidInputError: a file is missing or not of this form.
    """
    questions, contexts = _files(path)
    known = dict(_contexts(contexts))
    groups: dict[tuple[str, int], list[Question]] = {}
    for where, row in _rows(questions):
        context = text_of(row["shared_context_id"])
        if context not in known:
            raise InvalidInputError(f"{where}: no context {context!r} in {contexts.name}")
        end = text_of(row.get("end_index_in_shared_context"))
        size = int(end) if end.isdigit() else len(known[context])
        groups.setdefault((context, size), []).append(_question(row, where))
    dialogues = tuple(
        Dialogue(
            f"{context}@{size}", tuple(_sessions(known[context][:size], context)), tuple(asked)
        )
        for (context, size), asked in groups.items()
    )
    return Corpus(f"personamem {questions.name}", dialogues, {})


def _files(path: Path) -> tuple[Path, Path]:
    if path.is_dir():
        found = sorted(path.glob("questions*.csv"))
        if not found:
            raise InvalidInputError(f"{path} holds no questions*.csv")
        path = found[0]
    contexts = path.with_name(path.stem.replace("questions", "shared_contexts") + ".jsonl")
    if contexts == path or not contexts.is_file():
        raise InvalidInputError(f"{path.name} needs {contexts.name} beside it")
    return path, contexts


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(read_text(path)))
    missing = _COLUMNS - set(reader.fieldnames or ())
    if missing:
        raise InvalidInputError(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
    for number, row in enumerate(reader, start=2):
        yield f"{path.name}: line {number}", row


def _contexts(path: Path) -> Iterator[tuple[str, list[Any]]]:
    """Contexts by id: `{id: [...]}` a line, or `{"shared_context_id": id, "messages": [...]}`."""
    for where, record in numbered(read_records(path), path):
        if "shared_context_id" in record:
            yield text_of(record["shared_context_id"]), listing(record.get("messages"), where)
        else:
            for name, messages in record.items():
                yield name, listing(messages, where)


def _question(row: Mapping[str, str], where: str) -> Question:
    text = text_of(row.get("all_options"))
    options = tuple(text_of(o) for o in listing(literal(text, where), where)) if text else ()
    correct = text_of(row.get("correct_answer"))
    return Question(
        id=text_of(row["question_id"]),
        text=_PREFIX.sub("", text_of(row["user_question_or_message"])),
        category=text_of(row.get("question_type")) or "none",
        answers=(_chosen(correct, options),) if correct else (),
        options=options,
    )


def _chosen(correct: str, options: tuple[str, ...]) -> str:
    """The whole option a letter such as `(c)` stands for."""
    match = _LETTER.fullmatch(correct)
    return next((o for o in options if match and o.lower().startswith(correct.lower())), correct)


def _sessions(messages: list[Any], where: str) -> Iterator[Session]:
    number = 0
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        role, text = spoken(mapping(message, where), where)
        if role == "system":
            if turns:
                yield _session(number, turns)
                number, turns = number + 1, []
            continue
        time = _FIRST_DAY + number * _DAY_MS
        turns.append(Turn(str(index), role, role, _PREFIX.sub("", text), time))
    if turns:
        yield _session(number, turns)


def _session(number: int, turns: list[Turn]) -> Session:
    return Session(f"session-{number + 1}", turns[0].time, tuple(turns))
