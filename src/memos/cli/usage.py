"""`memos usage`: calls, tokens and time per project, day and operation, and per model."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.console import Format, show_rows
from memos.cli.options import DataDir, OutputFormat
from memos.cli.stores import open_stores

if TYPE_CHECKING:
    from memos.records.base import ModelUsageRow


def usage(
    project: Annotated[
        str | None, typer.Option("--project", help="Only of this project, by name or id.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="First day, YYYY-MM-DD (UTC).", metavar="DAY")
    ] = None,
    models: Annotated[
        bool, typer.Option("--models", help="What models took for it, instead of the requests.")
    ] = False,
    form: OutputFormat = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """Show what was used: calls, input tokens and mean time by project, day and operation.

    With --models: calls of models with their tokens, by what they were for. Calls that belong to
    no project (measuring an embedder) have none.
    """
    if since is not None:
        _check_day(since)
    with open_stores(data_dir) as stores:
        names = {found.id: found.name for found in stores.records.projects()}
        wanted = stores.projects.find(project).id if project else None
        if models:
            _show_models(stores.records.model_usage(wanted, since), names, form)
            return
        found = stores.records.usage(wanted, since)
    columns = ("day", "project", "operation", "calls", "tokens", "mean_ms")
    rows = [
        (
            row.day,
            names.get(row.project_id, row.project_id),
            row.operation,
            row.calls,
            row.tokens,
            round(row.milliseconds / row.calls) if row.calls else None,
        )
        for row in found
    ]
    show_rows("Usage (days are UTC)", columns, rows, form)


def _show_models(found: "Sequence[ModelUsageRow]", names: Mapping[str, str], form: Format) -> None:
    columns = (
        "day", "project", "operation", "role", "model", "calls", "failures", "input_tokens",
        "output_tokens", "mean_ms",
    )  # fmt: skip
    rows = [
        (
            row.day,
            names.get(row.project_id, row.project_id),
            row.operation,
            row.role,
            row.model,
            row.calls,
            row.failures,
            row.input_tokens,
            row.output_tokens,
            round(row.milliseconds / row.calls) if row.calls else None,
        )
        for row in found
    ]
    show_rows("Models (days are UTC)", columns, rows, form)


def _check_day(text: str) -> None:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("use YYYY-MM-DD", param_hint="--since") from error
