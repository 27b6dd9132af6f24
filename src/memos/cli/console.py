"""What the commands print: tables or JSON on standard output, complaints on standard error."""

import json
import sys
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console

PLAIN_WIDTH = 160


class Format(str, Enum):
    """How a listing is printed."""

    TABLE = "table"
    JSON = "json"


def console() -> "Console":
    """Rich console on standard output; wide enough for whole ids when it is not a terminal."""
    from rich.console import Console

    found = Console()
    return found if found.is_terminal else Console(width=max(found.width, PLAIN_WIDTH))


def complain(message: str) -> int:
    """Print a one-line reason on standard error; the exit code that goes with it."""
    sys.stdout.flush()
    typer.echo("Error: " + " ".join(message.split()), err=True)
    return 1


def show_rows(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], form: Format
) -> None:
    """Print rows as a table, or as a JSON list of objects keyed by the column names.

    Args:
        title: heading of the table.
        columns: names, lower case with underscores.
        rows: values; None is shown as an empty cell and kept as null in JSON.
        form: what to print.
    """
    if form is Format.JSON:
        listed = [dict(zip(columns, row, strict=True)) for row in rows]
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(table)


def day_and_time(moment_ms: int | None) -> str | None:
    """A time as `YYYY-MM-DD HH:MM:SS` UTC; None stays None."""
    if moment_ms is None:
        return None
    from datetime import datetime, timezone

    return datetime.fromtimestamp(moment_ms / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
