"""`memos keys`: make, list and revoke API keys."""

from typing import Annotated

import typer

from memos.cli.console import Format, console, day_and_time, show_rows
from memos.cli.options import DataDir, OutputFormat, ProjectName
from memos.cli.stores import open_stores
from memos.types.clock import SystemClock

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke API keys.")
_DAY_MS = 86_400_000


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")] = "key",
    project: ProjectName = "default",
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days after which it stops working.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it. It is stored hashed and cannot be shown again."""
    with open_stores(data_dir, make=True) as stores:
        expires_at = SystemClock().now_ms() + expires_days * _DAY_MS if expires_days else None
        found = stores.project(project)
        key, secret = stores.records.create_key(found.id, name, expires_at=expires_at)
    typer.echo(secret)
    typer.echo(f"key {key.id} of project {found.name}; keep it, it is not shown again", err=True)


@app.command("list")
def list_keys(
    project: Annotated[
        str | None, typer.Option("--project", help="Only of this project, by name or id.")
    ] = None,
    form: OutputFormat = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """List keys, oldest first, with the revoked ones. Times are UTC."""
    with open_stores(data_dir) as stores:
        names = {found.id: found.name for found in stores.records.projects()}
        keys = stores.records.keys(stores.projects.find(project).id if project else None)
    columns = ("id", "project", "name", "starts_with", "created", "last_used", "state")
    now = SystemClock().now_ms()
    rows = [
        (
            key.id,
            names.get(key.project_id, key.project_id),
            key.name,
            key.hint,
            day_and_time(key.created_at),
            day_and_time(key.last_used_at),
            _state(key.revoked_at, key.expires_at, now),
        )
        for key in keys
    ]
    show_rows("API keys", columns, rows, form)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Id of the key, as listed.")],
    data_dir: DataDir = None,
) -> None:
    """Make a key useless: at once, in a running server within five seconds."""
    with open_stores(data_dir) as stores:
        key = stores.records.revoke_key(key_id)
    console().print(f"revoked key {key.id} ({key.name})", highlight=False, markup=False)


def _state(revoked_at: int | None, expires_at: int | None, now_ms: int) -> str:
    if revoked_at is not None:
        return f"revoked {day_and_time(revoked_at)}"
    if expires_at is None:
        return "live"
    return f"{'expired' if expires_at <= now_ms else 'until'} {day_and_time(expires_at)}"
