"""Reads JSON and JSON lines files, and takes values out of them with errors that say where."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timezone
from pathlib import Path
from typing import Any

from memos.errors import InvalidInputError
from memos.types.chat_time import parse_chat_time

_WEEKDAY = re.compile(r"\s*\([A-Za-z]{3,9}\)")


def read_records(path: Path) -> list[Any]:
    """Values of a file: the items of a JSON list, the one JSON value, or one value a line.

    Raises:
        InvalidInputError: it cannot be read or is neither JSON nor JSON lines.
    """
    text = read_text(path)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        return _lines(path, text, error)
    return found if isinstance(found, list) else [found]


def read_text(path: Path) -> str:
    """Text of a file.

    Raises:
        InvalidInputError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not UTF-8 text") from error


def _lines(path: Path, text: str, whole: json.JSONDecodeError) -> list[Any]:
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError as error:
            if not records:
                raise InvalidInputError(
                    f"{path} is not valid JSON (line {whole.lineno}, column {whole.colno})"
                ) from error
            raise InvalidInputError(f"{path}: line {number} is not valid JSON") from error
    return records


def mapping(value: object, where: str) -> Mapping[str, Any]:
    """The value, an object.

    Raises:
        InvalidInputError: it is something else.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"{where}: expected an object, found {type(value).__name__}")
    return value


def listing(value: object, where: str) -> list[Any]:
    """The value, a list.

    Raises:
        InvalidInputError: it is something else.
    """
    if not isinstance(value, list):
        raise InvalidInputError(f"{where}: expected a list, found {type(value).__name__}")
    return value


def text_of(value: object) -> str:
    """A value as text; None is empty, a list is joined by commas."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(text_of(item) for item in value)
    return str(value).strip()


def texts_of(value: object) -> tuple[str, ...]:
    """The non-empty texts of a value or of a list of values."""
    items = value if isinstance(value, list) else [value]
    return tuple(text for item in items if (text := text_of(item)))


def time_of(value: object, where: str, default_ms: int) -> int:
    """A time of a data set, ms UTC; the default when there is none. No zone means UTC.

    Raises:
        InvalidInputError: it is of no known form.
    """
    if value in (None, ""):
        return default_ms
    try:
        given = value if isinstance(value, int | float) else _WEEKDAY.sub("", str(value))
        return parse_chat_time(given, default_ms=default_ms, zone=timezone.utc)
    except InvalidInputError as error:
        raise InvalidInputError(f"{where}: {error.message}") from error


def time_or(value: object, default_ms: int) -> int:
    """As `time_of`, with the default for a time of no known form."""
    try:
        return time_of(value, "", default_ms)
    except InvalidInputError:
        return default_ms


def literal(text: str, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a text that is JSON, or a Python literal as some exports write it.

    Raises:
        InvalidInputError: it is neither.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise InvalidInputError(f"{where} is neither JSON nor a list or object") from error


def spoken(turn: Mapping[str, Any], where: str) -> tuple[str, str]:
    """Role and text of a chat turn; roles other than the known ones count as the user.

    Raises:
        InvalidInputError: it has no text field.
    """
    if "content" not in turn:
        raise InvalidInputError(f"{where}: a turn has no content")
    role = text_of(turn.get("role")).lower()
    return (role if role in {"assistant", "system", "tool"} else "user"), text_of(turn["content"])


def numbered(records: list[Any], path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each record that is an object, with words that say where it stands.

    Raises:
        InvalidInputError: one is not an object.
    """
    for index, record in enumerate(records):
        where = f"{path.name}: record {index}"
        yield where, mapping(record, where)
