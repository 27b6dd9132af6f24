"""`memos config`: the client's values and the server's settings, and where each comes from."""

import json
from typing import Annotated

import typer

from memos.cli.client_config import KEYS, SECRET, effective, known_key, write_config
from memos.cli.client_config import config_path as file_path
from memos.cli.console import Format, show_rows
from memos.cli.options import DataDir, EnvFile, OutputFormat
from memos.errors import InvalidInputError, NotFoundError

app = typer.Typer(no_args_is_help=True, help="Look at the settings; change the client's.")
Key = Annotated[str, typer.Argument(metavar="KEY", help=f"One of {', '.join(KEYS)}.")]
Row = tuple[str, str, str, str]


@app.command()
def show(
    form: OutputFormat = Format.TABLE, data_dir: DataDir = None, env_file: EnvFile = None
) -> None:
    """Show every setting with its value and source. Secrets are masked."""
    from memos.configs.settings import describe, load_settings

    loaded = load_settings({"data_dir": data_dir}, env_file)
    rows: list[Row] = client_rows()
    rows += [(row.env, row.value, row.source, row.help) for row in describe(loaded)]
    _print(rows, form)
    for name in loaded.ignored:
        typer.echo(f"Note: {name} is set and changes nothing here", err=True)


@app.command("list")
def list_values(form: OutputFormat = Format.TABLE) -> None:
    """List the client's values with their sources. The key is masked."""
    _print(client_rows(), form)


@app.command()
def get(key: Key) -> None:
    """Print a value of the client as commands would use it."""
    value, _ = effective(known_key(key))
    if value is None:
        raise NotFoundError(f"{key} has no value; `memos config set {key} VALUE` gives it one")
    typer.echo(value)


@app.command("set")
def set_value(key: Key, value: Annotated[str, typer.Argument(help="Its value.")]) -> None:
    """Put a value into the configuration file."""
    cleaned = value.strip()
    if not cleaned:
        raise InvalidInputError(f"VALUE is empty; `memos config unset {key}` takes a value out")
    if known_key(key) == "platform.base_url" and not cleaned.startswith(("http://", "https://")):
        raise InvalidInputError("platform.base_url must start with http:// or https://")
    write_config({key: cleaned})
    shown = _mask(cleaned) if key == SECRET else cleaned
    typer.echo(f"{key} = {shown}")


@app.command()
def unset(key: Key) -> None:
    """Take a value out of the configuration file."""
    write_config({known_key(key): None})
    typer.echo(f"{key} is no longer set in {file_path()}")


@app.command()
def path() -> None:
    """Print where the configuration file is, whether or not it exists."""
    typer.echo(str(file_path()))


def client_rows() -> list[Row]:
    """The client's values: name, value, source, meaning."""
    rows = []
    for key, meaning in KEYS.items():
        value, source = effective(key)
        shown = "" if value is None else _mask(value) if key == SECRET else value
        rows.append((key, shown, source, meaning))
    return rows


def _mask(secret: str) -> str:
    return f"{secret[:4]}****" if len(secret) > 12 else "****"


def _print(rows: list[Row], form: Format) -> None:
    if form is Format.JSON:
        named = [dict(zip(("name", "value", "source", "help"), row, strict=True)) for row in rows]
        typer.echo(json.dumps(named, ensure_ascii=False, indent=2))
    else:
        show_rows("Settings", ("name", "value", "source"), [row[:3] for row in rows], form)
