"""`memos backup`: a consistent copy of the stores while a server uses them."""

from pathlib import Path
from typing import Annotated

import typer

from memos.cli.options import DataDir
from memos.cli.stores import open_stores
from memos.errors import ConflictError


def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Empty or new folder.")],
    data_dir: DataDir = None,
) -> None:
    """Copy the stores and the uploaded files into a folder, also while a server runs.

    Start a server on the copy with `memos serve --data-dir DIR`. The copy holds what is later
    erased from the original: delete old copies.
    """
    from memos.mem_os.bootstrap import FILES_FOLDER, MEMORY_FILE, RECORDS_FILE, open_folder

    with open_stores(data_dir) as stores:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise ConflictError(f"{target} is not an empty folder; name a new one")
        folder = open_folder(target)
        # Records first: a task unfinished in them is done again from its messages, while a
        # memory whose message came later than the copy of the records would have no source.
        if stores.own_records:
            stores.records.backup(folder / RECORDS_FILE)
        else:
            typer.echo("Note: the records are in PostgreSQL; copy them with pg_dump", err=True)
        stores.graph.backup(folder / MEMORY_FILE)
        # Files last: what the copied records name is there, or was erased meanwhile.
        stores.files.backup(folder / FILES_FOLDER)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    typer.echo(f"copied {size:,} bytes to {folder}; start it with: memos serve --data-dir {folder}")
