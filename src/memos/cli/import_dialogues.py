"""`memos import`: loads published dialogues into a running server, through the SDK."""

import time
from collections import Counter
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.connection import open_client
from memos.cli.import_send import Chunk, ChunkKeys, Sender, split
from memos.cli.import_state import ImportState
from memos.cli.options import ApiKey, BaseUrl
from memos.cli.waiting import UNKNOWN, wait_for_tasks
from memos.errors import InvalidInputError, MemosError
from memos.evaluation.corpus import Dialogue
from memos.evaluation.formats import load

if TYPE_CHECKING:
    from memos.api.client import MemOSClient


class DialogueFormat(str, Enum):
    """File formats that can be loaded."""

    LOCOMO = "locomo"


def import_dialogues(  # noqa: PLR0913, PLR0917 - one parameter per documented flag
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of the data set.")],
    form: Annotated[DialogueFormat, typer.Option("--format", help="Form of the file.")],
    user_prefix: Annotated[str, typer.Option(help="Put before each user id.")] = "",
    limit_conversations: Annotated[
        int | None, typer.Option(min=1, help="Load only the first ones.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="File that remembers what was sent; default FILE.state.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Send everything again; nothing is doubled.")
    ] = False,
    base_url: BaseUrl = None,
    api_key: ApiKey = None,
) -> None:
    """Load dialogues into a running server: one user per conversation, one conversation per session.

    An interrupted import goes on where it was; what was sent twice is stored once.
    """
    dialogues = _dialogues(form, file)[:limit_conversations]
    chunks = [chunk for dialogue in dialogues for chunk in split(dialogue, user_prefix)]
    keys = ChunkKeys()
    with open_client(api_key, base_url, keys) as client:
        kept = ImportState(
            state or file.with_name(file.name + ".state"), client.base_url, restart=restart
        )
        started = time.monotonic()
        sent = _send_all(Sender(client, keys), client, chunks, kept)
        typer.echo(
            f"{len(dialogues)} conversations, {sum(len(c.turns) for c in chunks)} messages, "
            f"{sent} of them sent now, in {time.monotonic() - started:.0f} s"
        )
        for dialogue in dialogues:
            speakers = dict.fromkeys(turn.speaker for turn in dialogue.turns())
            typer.echo(f"  user {user_prefix}{dialogue.id}: {' and '.join(speakers)}")


def _dialogues(form: DialogueFormat, file: Path) -> tuple[Dialogue, ...]:
    """The dialogues of a file, each fit to be a user of its own.

    Raises:
        InvalidInputError: the file is not of the form, two dialogues share an id, or a session
            has no time.
    """
    dialogues = load(form.value, file).dialogues
    if len({dialogue.id for dialogue in dialogues}) < len(dialogues):
        raise InvalidInputError(f"{file}: two samples have the same sample_id")
    for dialogue in dialogues:
        for session in dialogue.sessions:
            if not session.time:
                raise InvalidInputError(f"{file}: {session.id} of {dialogue.id} has no time")
    return dialogues


def _send_all(sender: Sender, client: "MemOSClient", chunks: list[Chunk], kept: ImportState) -> int:
    """Send what was not sent yet and wait for all of it; the number of messages sent now."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    text = TextColumn("{task.description:<32}")
    tasks: list[str] = []
    sent = 0
    with Progress(text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as progress:
        sending = progress.add_task("sending", total=sum(len(c.turns) for c in chunks))
        for chunk in chunks:
            task_id = kept.task_of(chunk.name)
            if task_id is None:
                progress.update(sending, description=f"sending {chunk.user_id}")
                task_id = sender.send(
                    chunk, lambda: progress.update(sending, description="waiting: rate limit")
                )
                kept.note(chunk.name, task_id)
                sent += len(chunk.turns)
            tasks.append(task_id)
            progress.advance(sending, len(chunk.turns))
        progress.update(sending, description="sent")
        reading = progress.add_task("making memories", total=len(tasks))
        counts = wait_for_tasks(client, tasks, lambda: progress.advance(reading))
    _check(counts, len(tasks))
    return sent


def _check(counts: Counter[str], parts: int) -> None:
    if counts[UNKNOWN]:
        raise MemosError(
            f"the server does not know {counts[UNKNOWN]} of the {parts} parts sent earlier; "
            "was its data erased? send them again with --restart"
        )
    if counts["completed"] < parts:
        raise MemosError(
            f"{parts - counts['completed']} of {parts} parts could not be read; "
            "the server's log says why"
        )
