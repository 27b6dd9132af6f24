"""`memos config`: what the settings are and where each comes from."""

import typer

from memos.cli.console import Format, show_rows
from memos.cli.options import DataDir, EnvFile, OutputFormat

app = typer.Typer(no_args_is_help=True, help="Look at the settings.")


@app.command()
def show(
    form: OutputFormat = Format.TABLE, data_dir: DataDir = None, env_file: EnvFile = None
) -> None:
    """Show every setting with its value and source. Secrets are masked."""
    from memos.configs.settings import describe, load_settings

    loaded = load_settings({"data_dir": data_dir}, env_file)
    rows = [(row.env, row.value, row.source, row.help) for row in describe(loaded)]
    if form is Format.TABLE:
        show_rows("Settings", ("name", "value", "source"), [row[:3] for row in rows], form)
    else:
        show_rows("Settings", ("name", "value", "source", "help"), rows, form)
    for name in loaded.ignored:
        typer.echo(f"Note: {name} is set and changes nothing here", err=True)
