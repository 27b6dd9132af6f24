"""Entry of the `memos` command: the groups, and the one place where errors become exit codes.

Exit codes: 0 done; 1 it failed, with a one-line reason on standard error; 2 wrong usage.
"""

import sys
from typing import Annotated

import typer

from memos import __version__
from memos.cli import (
    backup,
    config,
    cube,
    demo,
    evaluate,
    import_dialogues,
    keys,
    models,
    project,
    search,
    serve,
    usage,
)
from memos.cli.console import complain
from memos.errors import MemosError

app = typer.Typer(
    name="memos",
    help="MemOS: long-term memory for LLM applications. One process, one folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"memos {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """MemOS: long-term memory for LLM applications. One process, one folder."""


app.command()(serve.serve)
app.command()(serve.worker)
app.command()(demo.demo)
app.command("import")(import_dialogues.import_dialogues)
app.command()(search.search)
app.command("explain")(search.explain_memory)
app.command()(backup.backup)
app.command()(usage.usage)
app.add_typer(keys.app, name="keys")
app.add_typer(project.app, name="projects")
app.add_typer(cube.app, name="cube")
app.add_typer(config.app, name="config")
app.add_typer(models.app, name="models")
app.add_typer(evaluate.app, name="eval")


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except MemosError as error:
        sys.exit(complain(error.message))
    except OSError as error:
        sys.exit(complain(f"{error.strerror or type(error).__name__}: {error.filename or 'i/o'}"))
