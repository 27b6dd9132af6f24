"""Options that several commands share, so that they are spelled and explained alike."""

from pathlib import Path
from typing import Annotated

import typer

from memos.cli.console import Format

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
        help="Server; default MEMOS_BASE_URL or http://127.0.0.1:8000/api/openmem/v1.",
        metavar="URL",
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option("--api-key", help="API key; default MEMOS_API_KEY.", metavar="KEY"),
]
