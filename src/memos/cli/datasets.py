"""Reads published dialogue sets from their files into plain conversations. No network, no store."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from memos.errors import InvalidInputError

_SESSION = re.compile(r"session_(\d+)")
_LOCOMO_TIME = "%I:%M %p on %d %B, %Y"


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: `role` is user or assistant, `content` names the speaker first."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Session:
    """Messages of one sitting.

    Args:
        id: name within its conversation.
        time: when it took place, ISO 8601 with `Z`.
        turns: oldest first.
    """

    id: str
    time: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation over many sessions."""

    id: str
    speakers: tuple[str, str]
    sessions: tuple[Session, ...]


def load_locomo(path: Path) -> list[Dialogue]:
    """Read a file of the LoCoMo set: a list of samples with numbered sessions.

    The first speaker becomes the user and the second the assistant. Session times name no zone and
    are taken as UTC. A shared picture is kept as its caption.

    Raises:
        InvalidInputError: the file cannot be read or is not of this form; the message says where.
    """
    samples = _read_json(path)
    if isinstance(samples, dict):
        samples = [samples]
    if not isinstance(samples, list) or not samples:
        raise InvalidInputError(f"{path}: expected a list of LoCoMo samples")
    dialogues = [_dialogue(path, index, sample) for index, sample in enumerate(samples)]
    if len({dialogue.id for dialogue in dialogues}) < len(dialogues):
        raise InvalidInputError(f"{path}: two samples have the same sample_id")
    return dialogues


def _read_json(path: Path) -> object:
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read") from error
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            f"{path} is not valid JSON (line {error.lineno}, column {error.colno})"
        ) from error
    return found


def _dialogue(path: Path, index: int, sample: object) -> Dialogue:
    where = f"{path}: sample {index}"
    try:
        body = sample["conversation"]  # type: ignore[index]  # a wrong form is answered below
        speakers = (str(body["speaker_a"]), str(body["speaker_b"]))
        name = str(sample.get("sample_id") or f"sample-{index}")  # type: ignore[attr-defined]
        sessions = tuple(_sessions(where, body, speakers))
    except (AttributeError, KeyError, TypeError) as error:
        raise InvalidInputError(f"{where} is not of the LoCoMo form") from error
    return Dialogue(name, speakers, sessions)


def _sessions(where: str, body: dict[str, Any], speakers: tuple[str, str]) -> Iterator[Session]:
    numbers = sorted(int(m[1]) for key in body if (m := _SESSION.fullmatch(key)))
    for number in numbers:
        turns = tuple(_turn(turn, speakers) for turn in body[f"session_{number}"])
        if turns:
            time = _iso_time(where, number, body.get(f"session_{number}_date_time"))
            yield Session(f"session_{number}", time, turns)


def _turn(turn: dict[str, Any], speakers: tuple[str, str]) -> Turn:
    caption = turn.get("blip_caption")
    shared = f" [shares a photo: {caption}]" if caption else ""
    speaker = str(turn["speaker"])
    role = "assistant" if speaker == speakers[1] else "user"
    return Turn(role, f"{speaker}: {turn.get('text') or ''}{shared}".rstrip())


def _iso_time(where: str, number: int, text: object) -> str:
    try:
        moment = datetime.strptime(" ".join(str(text).split()), _LOCOMO_TIME)  # noqa: DTZ007 - UTC
    except ValueError as error:
        raise InvalidInputError(
            f"{where}: the time of session_{number} is not like '1:56 pm on 8 May, 2023'"
        ) from error
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
