"""`memos cube`: one memory space as a file of JSON lines, out and in."""

from pathlib import Path
from typing import Annotated

import typer

from memos.cli.cube_file import CubeFile, write_cube_file
from memos.cli.options import DataDir, ProjectName
from memos.cli.stores import open_stores
from memos.errors import NotFoundError
from memos.types.scope import Cube, CubeKind

app = typer.Typer(
    no_args_is_help=True, help="Export and import the memory of a user, an agent or the public."
)
User = Annotated[str | None, typer.Option(help="The cube of this user.", metavar="ID")]
Agent = Annotated[str | None, typer.Option(help="The cube of this agent.", metavar="ID")]
Public = Annotated[bool, typer.Option("--public", help="The project's public cube.")]


@app.command("export")
def export_cube(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="New file to write.")],
    user: User = None,
    agent: Agent = None,
    public: Public = False,
    project: ProjectName = "default",
    data_dir: DataDir = None,
) -> None:
    """Write a cube's memories, links and messages to a file of JSON lines."""
    owner = _chosen(user, agent, public)
    if owner is None:
        raise typer.BadParameter("name one of --user, --agent and --public")
    with open_stores(data_dir) as stores:
        cube = Cube(stores.projects.find(project).id, *owner)
        if cube not in stores.graph.cubes(cube.project):
            raise NotFoundError(f"project {project} holds no memory of {_described(owner)}")
        counts = write_cube_file(file, cube, stores.graph, stores.records)
    typer.echo(f"wrote {counts.records} records and {counts.messages} messages to {file}")


@app.command("import")
def import_cube(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File that an export wrote.")],
    user: User = None,
    agent: Agent = None,
    public: Public = False,
    project: ProjectName = "default",
    data_dir: DataDir = None,
) -> None:
    """Load a file that an export wrote; doing it again changes nothing.

    Without --user, --agent or --public it goes to the owner it was exported from. A memory is in
    one cube of a data folder only: to copy it to another owner, import it into another folder.
    """
    found = CubeFile.open(file)
    owner = _chosen(user, agent, public) or found.owner
    with open_stores(data_dir, make=True) as stores:
        cube = Cube(stores.project(project).id, *owner)
        counts = found.load(cube, stores.graph, stores.records)
    typer.echo(
        f"loaded {counts.records} nodes and {counts.messages} messages as {_described(owner)}"
    )


def _chosen(user: str | None, agent: str | None, public: bool) -> tuple[CubeKind, str] | None:
    """The owner named on the command line, None when there is none."""
    named = [
        *([(CubeKind.USER, user)] if user else []),
        *([(CubeKind.AGENT, agent)] if agent else []),
        *([(CubeKind.PUBLIC, "")] if public else []),
    ]
    if len(named) > 1:
        raise typer.BadParameter("name only one of --user, --agent and --public")
    return named[0] if named else None


def _described(owner: tuple[CubeKind, str]) -> str:
    kind, name = owner
    return f"{kind.value} {name}" if name else f"the {kind.value} cube"
