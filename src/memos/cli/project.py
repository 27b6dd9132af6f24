"""`memos projects`: make, list and delete projects."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from memos.cli.console import Format, day_and_time, show_rows
from memos.cli.maintain import policy
from memos.cli.options import DataDir, OutputFormat
from memos.cli.stores import Stores, open_stores
from memos.types.scope import Scope

app = typer.Typer(no_args_is_help=True, help="Make, list and delete projects (tenants).")
_MOST_SWEEPS = 10


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the project.")], data_dir: DataDir = None
) -> None:
    """Make a project. It shares nothing with the others."""
    with open_stores(data_dir, make=True) as stores:
        project = stores.projects.create(name)
    typer.echo(project.id)
    typer.echo(
        f"make its first key with: memos keys create --project {shlex.quote(project.name)}",
        err=True,
    )


@app.command("list")
def list_projects(form: OutputFormat = Format.TABLE, data_dir: DataDir = None) -> None:
    """List projects, oldest first, with their live keys and cubes. Times are UTC."""
    with open_stores(data_dir) as stores:
        rows = [
            (
                project.id,
                project.name,
                day_and_time(project.created_at),
                sum(key.revoked_at is None for key in stores.records.keys(project.id)),
                len(stores.graph.cubes(project.id)),
            )
            for project in stores.records.projects()
        ]
    show_rows("Projects", ("id", "name", "created", "keys", "cubes"), rows, form)


app.command()(policy)


@app.command()
def link(
    knowledgebase: Annotated[str, typer.Argument(help="Id of the knowledge base.")],
    project: Annotated[str, typer.Argument(help="Project that may use it, by name or id.")],
    data_dir: DataDir = None,
) -> None:
    """Let a project use a knowledge base of another one. Both share all of it from then on."""
    with open_stores(data_dir) as stores:
        stores.projects.link(knowledgebase, project)
        sharing = len(stores.records.linked_projects(knowledgebase))
    typer.echo(f"{knowledgebase} is now used by {sharing} projects")


@app.command()
def delete(
    project: Annotated[str, typer.Argument(help="Project, by name or id.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Erase a project: every memory, message, task and key of it. There is no way back.

    Knowledge bases that no other project uses are erased with it.
    """
    with open_stores(data_dir) as stores:
        found = stores.projects.find(project)
        if not yes:
            typer.confirm(f"Erase project {found.name} ({found.id}) and all it holds?", abort=True)
        counts = _erase(stores, found.id)
    removed = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
    typer.echo(f"erased project {found.name}: {removed or 'it was empty'}")


@app.command()
def budget(  # noqa: PLR0913 - one parameter a flag
    project: Annotated[str, typer.Argument(help="Project, by name or id.")],
    calls_per_day: Annotated[
        int | None, typer.Option(min=0, help="Adds, searches, chats and feedback a day.")
    ] = None,
    tokens_per_day: Annotated[
        int | None, typer.Option(min=0, help="Input tokens of these a day.")
    ] = None,
    model_tokens_per_day: Annotated[
        int | None, typer.Option(min=0, help="Tokens of language models a day.")
    ] = None,
    embedder_tokens_per_day: Annotated[
        int | None, typer.Option(min=0, help="Tokens of a remote embedder a day.")
    ] = None,
    tokens_per_minute: Annotated[
        int | None, typer.Option(min=0, help="Input tokens a minute.")
    ] = None,
    *,
    reset: Annotated[
        bool, typer.Option("--reset", help="Go back to what the settings say.")
    ] = False,
    form: OutputFormat = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """Set what a project may use, and show it with what it has used today (UTC).

    0 is no limit. A running server sees a change within five seconds.
    """
    given = {
        "calls_per_day": calls_per_day,
        "tokens_per_day": tokens_per_day,
        "model_tokens_per_day": model_tokens_per_day,
        "embedder_tokens_per_day": embedder_tokens_per_day,
        "tokens_per_minute": tokens_per_minute,
    }
    with open_stores(data_dir) as stores:
        found = stores.projects.find(project).id
        for name, amount in given.items():
            if reset or amount is not None:
                stores.records.set_budget(found, name, amount)
        rows = _budget_rows(stores, found, data_dir)
    show_rows(f"Budget of {project}", ("budget", "amount", "used_today", "from"), rows, form)


def _budget_rows(
    stores: Stores, project_id: str, data_dir: Path | None
) -> list[tuple[object, ...]]:
    from memos.configs.settings import load_settings
    from memos.handlers.budget import BUDGETS
    from memos.mem_os.usage import configured_budgets
    from memos.types.clock import SystemClock

    settings = load_settings({"data_dir": data_dir}).settings
    budgets = configured_budgets(settings, stores.records, SystemClock())
    own, used = stores.records.budgets(project_id), budgets.used(project_id)
    return [
        (
            name,
            budgets.limit(project_id, name) or "no limit",
            used.get(name),
            "project" if name in own else "settings",
        )
        for name in BUDGETS
    ]


def _erase(stores: Stores, project_id: str) -> dict[str, int]:
    """Lock the callers out, erase, and sweep what a worker elsewhere was still writing."""
    for key in stores.records.keys(project_id):
        if key.revoked_at is None:
            stores.records.revoke_key(key.id)
    counts = stores.projects.delete(project_id)
    for _ in range(_MOST_SWEEPS):
        late = tuple(stores.graph.cubes(project_id))
        if not late:
            break
        counts["memory_nodes"] += stores.graph.delete_cubes(Scope(project_id, late))
    return counts
