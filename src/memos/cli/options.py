"""Options that several commands share, so that they are spelled and explained alike."""

import json
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from memos.cli.console import Format
from memos.errors import InvalidInputError

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Data folder; default MEMOS_DATA_DIR or ~/.memos/data.", metavar="DIR"
    ),
]
EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", help="File of NAME=value lines to read besides the environment."),
]
ProjectName = Annotated[
    str, typer.Option("--project", help="Project, by name or id.", metavar="PROJECT")
]
OutputFormat = Annotated[Format, typer.Option("--format", help="What to print.")]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        help="Server; default MEMOS_BASE_URL, the configuration file, or"
        " http://127.0.0.1:8000/api/openmem/v1.",
        metavar="URL",
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key", help="API key; default MEMOS_API_KEY or the configuration file.", metavar="KEY"
    ),
]
UserId = Annotated[
    str | None,
    typer.Option(
        "--user-id",
        "--user",
        help="User; default MEMOS_USER_ID or defaults.user_id.",
        metavar="ID",
    ),
]
ConversationId = Annotated[
    str | None,
    typer.Option(
        "--conversation-id",
        "--conversation",
        help="Conversation; default MEMOS_CONVERSATION_ID or defaults.conversation_id.",
        metavar="ID",
    ),
]


class Truth(str, Enum):
    """The documented flags take a word."""

    TRUE = "true"
    FALSE = "false"

    def __bool__(self) -> bool:
        """Whether it is true."""
        return self is Truth.TRUE


def words(argument: str | None, option: str | None, name: str, flag: str) -> str:
    """A text given as argument or by its flag; `-` stands for standard input.

    Raises:
        InvalidInputError: neither or both were given, or the text is empty.
    """
    if argument is not None and option is not None:
        raise InvalidInputError(f"give {name} once: as argument or with {flag}")
    text = argument if option is None else option
    if text == "-":
        text = sys.stdin.read().strip()
    if text is None or not text.strip():
        raise InvalidInputError(f"{name} is required: as argument or with {flag}")
    return text


def json_list(text: str, flag: str) -> list[Any]:
    """A JSON array given by a flag; a bare word, or words with commas, is taken for its strings.

    Raises:
        InvalidInputError: it is neither.
    """
    bare = text.strip()
    if not bare.startswith(("[", "{", '"')):
        return [part.strip() for part in bare.split(",") if part.strip()]
    try:
        value = json.loads(bare)
    except ValueError:
        value = None
    if not isinstance(value, list):
        raise InvalidInputError(f'{flag} must be a JSON array, such as \'["a", "b"]\'')
    return value


def json_object(text: str | None, flag: str) -> dict[str, Any] | None:
    """A JSON object given by a flag; None when it was not given.

    Raises:
        InvalidInputError: it is something else.
    """
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInputError(f"{flag} must be a JSON object, such as '{{\"and\": [..]}}'")
    return value
