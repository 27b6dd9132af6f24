"""`memos maintain`: care for memories now; and the policy of a project."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.console import Format, show_rows
from memos.cli.options import DataDir, OutputFormat
from memos.cli.stores import Stores, open_stores
from memos.errors import InvalidInputError

if TYPE_CHECKING:
    from memos.mem_scheduler.maintain import Maintenance

ProjectOption = Annotated[
    str | None, typer.Option("--project", help="Project, by name or id; all when left out.")
]


def maintain(
    project: ProjectOption = None, form: OutputFormat = Format.TABLE, data_dir: DataDir = None
) -> None:
    """Expire and archive memories as the policies say. Safe at any time, also beside a server."""
    with open_stores(data_dir) as stores:
        chosen = [stores.projects.find(project).id] if project else None
        care = _maintenance(stores).run(chosen)
    show_rows(
        "Maintained",
        ("cubes", "expired", "archived"),
        [(care.cubes, care.expired, care.archived)],
        form,
    )


def policy(
    project: Annotated[str, typer.Argument(help="Project, by name or id.")],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A value, such as user_capacity=1000; may be repeated."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Go back to the defaults.")] = False,
    form: OutputFormat = Format.TABLE,
    data_dir: DataDir = None,
) -> None:
    """Show or change how long a project's memories are kept in use, and how many."""
    with open_stores(data_dir) as stores:
        found, care = stores.projects.find(project), _maintenance(stores)
        if reset:
            care.set_policy(found.id, {})
        if set_:
            care.set_policy(found.id, dict(_assigned(text) for text in set_))
        own = stores.records.policy(found.id)
        current = care.policy(found.id)
    rows = [
        (field.name, getattr(current, field.name), "project" if field.name in own else "default")
        for field in fields(current)
    ]
    show_rows(f"Policy of {found.name}", ("name", "value", "from"), rows, form)


def _assigned(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), int(value)
    except ValueError as error:
        raise InvalidInputError("--set takes NAME=NUMBER, such as user_capacity=1000") from error


def _maintenance(stores: Stores) -> "Maintenance":
    from memos.configs.settings import load_settings
    from memos.mem_os.truth import default_policy
    from memos.mem_scheduler.gate import SubjectGate
    from memos.mem_scheduler.maintain import Maintenance
    from memos.types.clock import SystemClock

    return Maintenance(
        stores.graph,
        stores.records,
        default_policy(load_settings().settings),
        gate=SubjectGate(),
        clock=SystemClock(),
        before=lambda: None,
    )
