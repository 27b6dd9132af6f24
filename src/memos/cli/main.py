"""Entry of the `memos` command: the groups, and the one place where errors become exit codes.

Exit codes: 0 done; 1 it failed, with a one-line reason on standard error; 2 wrong usage.
"""

import sys
from typing import Annotated, Any, cast

import typer

from memos import __version__
from memos.cli import (
    backup,
    chat,
    config,
    cube,
    demo,
    evaluate,
    import_dialogues,
    init,
    keys,
    knowledge,
    maintain,
    mcp,
    memory,
    models,
    project,
    search,
    serve,
    usage,
)
from memos.cli.connection import use_global_options
from memos.cli.console import complain
from memos.errors import MemosError

app = typer.Typer(
    name="memos",
    help="MemOS: long-term memory for LLM applications. One process, one folder.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"memos {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    api_key: Annotated[
        str | None,
        typer.Option("--api-key", help="API key for every command that needs one.", metavar="KEY"),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", help="Server of every command that needs one.", metavar="URL"),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """MemOS: long-term memory for LLM applications. One process, one folder."""
    use_global_options(api_key, base_url)


_MEMORY, _SERVER, _DATA, _CLIENT = "Memory", "Server", "Data folder", "This machine"

app.command(rich_help_panel=_MEMORY)(memory.add)
app.command(rich_help_panel=_MEMORY)(search.search)
app.command(rich_help_panel=_MEMORY)(memory.get)
app.command(rich_help_panel=_MEMORY)(memory.origin)
app.command(rich_help_panel=_MEMORY)(memory.delete)
app.command(rich_help_panel=_MEMORY)(memory.message)
app.command(rich_help_panel=_MEMORY)(memory.feedback)
app.command(rich_help_panel=_MEMORY)(memory.status)
app.command(rich_help_panel=_MEMORY)(chat.chat)
app.command(rich_help_panel=_MEMORY)(chat.extract)
app.command(rich_help_panel=_MEMORY)(chat.rerank)
app.command("explain", rich_help_panel=_MEMORY)(search.explain_memory)
app.add_typer(knowledge.app, name="kb", rich_help_panel=_MEMORY)
app.command("import", rich_help_panel=_MEMORY)(import_dialogues.import_dialogues)
app.command(rich_help_panel=_SERVER)(serve.serve)
app.command(rich_help_panel=_SERVER)(serve.worker)
app.command(rich_help_panel=_SERVER)(demo.demo)
app.add_typer(models.app, name="models", rich_help_panel=_SERVER)
app.add_typer(evaluate.app, name="eval", rich_help_panel=_SERVER)
app.add_typer(keys.app, name="keys", rich_help_panel=_DATA)
app.add_typer(project.app, name="projects", rich_help_panel=_DATA)
app.add_typer(cube.app, name="cube", rich_help_panel=_DATA)
app.command(rich_help_panel=_DATA)(maintain.maintain)
app.command(rich_help_panel=_DATA)(backup.backup)
app.command(rich_help_panel=_DATA)(usage.usage)
app.command(rich_help_panel=_CLIENT)(init.init)
app.command(rich_help_panel=_CLIENT)(init.uninstall)
app.command(rich_help_panel=_CLIENT)(mcp.mcp)
app.add_typer(config.app, name="config", rich_help_panel=_CLIENT)


# Typer does not export it.
_ClickException: type[Exception] = cast("type[Exception]", typer.BadParameter.__mro__[2])


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        sys.exit(app(standalone_mode=False))
    except MemosError as error:
        sys.exit(complain(error.message))
    except typer.Abort:
        sys.exit(complain("aborted"))
    except OSError as error:
        sys.exit(complain(f"{error.strerror or type(error).__name__}: {error.filename or 'i/o'}"))
    except _ClickException as error:
        sys.exit(_refuse(error))


def _refuse(error: Any) -> int:  # noqa: ANN401 - a class of Typer's own copy of Click
    """Say in one line what is wrong with the words of the command; the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return 2
    context = getattr(error, "ctx", None)
    advice = f" See `{context.command_path} --help`." if context else ""
    complain(error.format_message().rstrip(".") + "." + advice)
    return int(error.exit_code)
