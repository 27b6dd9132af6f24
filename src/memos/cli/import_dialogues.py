"""`memos import`: loads published dialogues into a running server, through the SDK."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memos.cli.datasets import Dialogue, Turn, load_locomo
from memos.cli.import_state import ImportState
from memos.cli.options import ApiKey, BaseUrl
from memos.cli.waiting import UNKNOWN, wait_for_tasks
from memos.errors import InvalidInputError, MemosError, QuotaExceededError, UnavailableError
from memos.types.clock import derived_id

if TYPE_CHECKING:
    from memos.api.client import MemOSClient

CHUNK_MESSAGES = 20
_RATE_PAUSE_S = 5.0


class DialogueFormat(str, Enum):
    """File formats that can be loaded."""

    LOCOMO = "locomo"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Messages of one add. `id` is stable over runs."""

    user_id: str
    conversation_id: str
    index: int
    time: str
    turns: tuple[Turn, ...]

    @property
    def id(self) -> str:
        """Name in the state file."""
        return f"{self.user_id}/{self.conversation_id}/{self.index}"

    @property
    def key(self) -> str:
        """Idempotency-Key: the same for the same text at the same place."""
        return derived_id(
            self.id, self.time, *(part for t in self.turns for part in (t.role, t.content))
        )


class ChunkKeys:
    """Source of Idempotency-Keys that gives the key of the chunk about to be sent."""

    def __init__(self) -> None:
        self.current = ""

    def new_id(self) -> str:
        """Key of the current chunk."""
        return self.current


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
    dialogues = _LOADERS[form](file)[:limit_conversations]
    chunks = [chunk for dialogue in dialogues for chunk in split(dialogue, user_prefix)]
    keys = ChunkKeys()
    with _client(api_key, base_url, keys) as client:
        kept = ImportState(
            state or file.with_name(file.name + ".state"), client.base_url, restart=restart
        )
        started = time.monotonic()
        messages = _send_all(client, chunks, kept, keys)
        typer.echo(
            f"{len(dialogues)} conversations, {sum(len(c.turns) for c in chunks)} messages, "
            f"{messages} of them sent now, in {time.monotonic() - started:.0f} s"
        )
        for dialogue in dialogues:
            typer.echo(f"  user {user_prefix}{dialogue.id}: {' and '.join(dialogue.speakers)}")


def split(dialogue: Dialogue, user_prefix: str) -> Iterator[Chunk]:
    """The adds of a dialogue: at most `CHUNK_MESSAGES` messages of one session each."""
    for session in dialogue.sessions:
        for start in range(0, len(session.turns), CHUNK_MESSAGES):
            yield Chunk(
                user_id=user_prefix + dialogue.id,
                conversation_id=session.id,
                index=start // CHUNK_MESSAGES,
                time=session.time,
                turns=session.turns[start : start + CHUNK_MESSAGES],
            )


def _client(api_key: str | None, base_url: str | None, keys: ChunkKeys) -> "MemOSClient":
    from memos.api.client import MemOSClient
    from memos.configs.environment import client_environment

    if not (api_key or client_environment().api_key):
        raise InvalidInputError(
            "no API key: give --api-key or set MEMOS_API_KEY (`memos keys create` makes one)"
        )
    return MemOSClient(api_key, base_url, raise_on_error=True, ids=keys)


def _send_all(
    client: "MemOSClient", chunks: list[Chunk], kept: ImportState, keys: ChunkKeys
) -> int:
    """Send what was not sent yet and wait for all of it; the number of messages sent now."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    )  # fmt: skip
    messages, tasks = 0, []
    with Progress(*columns) as progress:
        sending = progress.add_task("sending", total=sum(len(c.turns) for c in chunks))
        for chunk in chunks:
            task_id = kept.task_of(chunk.id)
            if task_id is None:
                keys.current = chunk.key
                progress.update(sending, description=f"sending {chunk.user_id}")
                task_id = _send(
                    client, chunk, lambda text: progress.update(sending, description=text)
                )
                kept.note(chunk.id, task_id)
                messages += len(chunk.turns)
            tasks.append(task_id)
            progress.advance(sending, len(chunk.turns))
        progress.update(sending, description="sent")
        reading = progress.add_task("making memories", total=len(tasks))
        counts = wait_for_tasks(client, tasks, lambda: progress.advance(reading))
    if counts[UNKNOWN]:
        raise MemosError(
            f"the server does not know {counts[UNKNOWN]} of the {len(tasks)} parts sent earlier; "
            "was its data erased? send them again with --restart"
        )
    if counts["completed"] < len(tasks):
        raise MemosError(
            f"{len(tasks) - counts['completed']} of {len(tasks)} parts could not be read; "
            "the server's log says why"
        )
    return messages


def _send(client: "MemOSClient", chunk: Chunk, tell: Callable[[str], None]) -> str:
    """Send one chunk, waiting when the server says it is too much for one minute."""
    messages = [
        {"role": turn.role, "content": turn.content, "chat_time": chunk.time}
        for turn in chunk.turns
    ]
    while (task_id := _try_to_send(client, chunk, messages)) is None:
        tell("waiting for the rate limit")
        time.sleep(_RATE_PAUSE_S)
    return task_id


def _try_to_send(client: "MemOSClient", chunk: Chunk, messages: list[dict[str, str]]) -> str | None:
    """Task of the chunk, or None when the server wants to wait."""
    try:
        return client.add_message(
            messages, user_id=chunk.user_id, conversation_id=chunk.conversation_id
        ).task_id
    except QuotaExceededError:
        return None
    except UnavailableError as error:
        raise UnavailableError(f"{client.base_url}: {error.message}") from error


_LOADERS: dict[DialogueFormat, Callable[[Path], list[Dialogue]]] = {
    DialogueFormat.LOCOMO: load_locomo
}
