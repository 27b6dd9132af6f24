"""The file of an exported cube: a header, the messages, then the graph's own records.

One JSON object a line, told apart by its only key: `memos_cube`, `message`, `graph`, `end`. The last
line counts the others, so that a file cut short is noticed before anything is loaded.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from memos.errors import ConfigError, ConflictError, InvalidInputError, NotAllowedError
from memos.records.base import RUNNING, NewMessage, NewTask, Records
from memos.types.clock import derived_id
from memos.types.memory import MemoryKind
from memos.types.message import Message
from memos.types.scope import Cube, CubeKind, Scope

if TYPE_CHECKING:
    from memos.graph_dbs.base import GraphStore

VERSION = 1
IMPORT_TASK = "import"
_PAGE = 1000
_LEASE_S = 60.0
_ALL_KINDS = frozenset(MemoryKind)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was written or loaded: records of the graph, and messages."""

    records: int
    messages: int


def write_cube_file(path: Path, cube: Cube, graph: "GraphStore", records: Records) -> Counts:
    """Write a cube to a new file, readable by its owner only.

    Raises:
        ConflictError: the file exists.
        ConfigError: it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise ConflictError(f"{path} exists already; name a new file") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        _write(
            out, "memos_cube", {"version": VERSION, "kind": cube.kind.value, "owner": cube.owner}
        )
        messages = _messages(cube, graph, records)
        for message in messages:
            _write(out, "message", asdict(message))
        lines = 0
        for record in graph.export_cube(cube):
            _write(out, "graph", record)
            lines += 1
        _write(out, "end", {"messages": len(messages), "graph": lines})
    return Counts(lines, len(messages))


def _write(out: IO[str], key: str, value: Mapping[str, Any]) -> None:
    out.write(json.dumps({key: value}, ensure_ascii=False) + "\n")


def _messages(cube: Cube, graph: "GraphStore", records: Records) -> list[Message]:
    """Messages the cube's nodes were taken from, each conversation in its order."""
    ids: dict[str, None] = {}
    offset = 0
    while True:
        page = graph.find(Scope.of(cube), _ALL_KINDS, limit=_PAGE, offset=offset)
        ids.update((source.message_id, None) for item in page.items for source in item.sources)
        offset += len(page.items)
        if not page.items or offset >= page.total:
            break
    found = records.messages(cube, list(ids))
    return sorted(found, key=lambda message: (message.conversation_id, message.sequence))


@dataclass(frozen=True, slots=True)
class CubeFile:
    """A file that was read once and found whole.

    Args:
        path: the file.
        owner: whose cube it was.
    """

    path: Path
    owner: tuple[CubeKind, str]

    @classmethod
    def open(cls, path: Path) -> "CubeFile":
        """Check a file.

        Raises:
            InvalidInputError: it cannot be read, is not an export, or is cut short.
        """
        lines = _lines(path)
        key, header = next(lines, ("", {}))
        if key != "memos_cube" or header.get("version") != VERSION:
            raise InvalidInputError(f"{path} is not a file that `memos cube export` wrote")
        counts = {"message": 0, "graph": 0}
        end: Mapping[str, Any] | None = None
        for name, value in lines:
            if name == "end":
                end = value
            elif name in counts:
                counts[name] += 1
        if end != {"messages": counts["message"], "graph": counts["graph"]}:
            raise InvalidInputError(f"{path} is cut short; export it again")
        try:
            return cls(path, (CubeKind(header["kind"]), str(header["owner"])))
        except (KeyError, ValueError) as error:
            raise InvalidInputError(f"{path} does not say whose memory it is") from error

    def load(self, cube: Cube, graph: "GraphStore", records: Records) -> Counts:
        """Load into a cube; loading the same file twice changes nothing.

        The graph comes first because it refuses what does not belong here, and does so as a whole.

        Raises:
            ConflictError: the cube has unfinished work, or the messages belong to another cube.
        """
        if records.unfinished(cube.project, cube.uid):
            raise ConflictError(
                "this memory has unfinished work; let the server finish it, then import again"
            )
        try:
            nodes = graph.import_cube(cube, self._graph_records())
        except NotAllowedError as error:
            raise ConflictError(_TAKEN) from error
        return Counts(nodes, self._store_messages(cube, records))

    def _graph_records(self) -> Iterator[Mapping[str, Any]]:
        return (value for name, value in _lines(self.path) if name == "graph")

    def _store_messages(self, cube: Cube, records: Records) -> int:
        conversations: dict[str, list[dict[str, Any]]] = defaultdict(list)
        ids = []
        for name, value in _lines(self.path):
            if name == "message":
                conversations[value["conversation_id"]].append(value)
                ids.append(value["id"])
        known = {message.id for message in records.messages(cube, ids)}
        for conversation, values in conversations.items():
            fresh = [_new_message(value) for value in values if value["id"] not in known]
            if fresh:
                _accept(cube, conversation, fresh, records)
        return len(ids)


_TAKEN = "this memory belongs to another owner of the data folder; import it into another folder"


def _accept(cube: Cube, conversation: str, fresh: list[NewMessage], records: Records) -> None:
    """Store messages whose memories come along: their task has nothing left to do."""
    task = NewTask(
        derived_id(cube.uid, IMPORT_TASK, conversation, *(message.id for message in fresh)),
        IMPORT_TASK,
    )
    try:
        records.accept(cube, conversation, fresh, task)
    except ConflictError as error:
        raise ConflictError(_TAKEN) from error
    found = records.task(cube.project, task.id)
    if found is not None and found.status == RUNNING:
        claimed = records.claim_task(task.id, IMPORT_TASK, _LEASE_S)
        if claimed is not None:
            records.complete(claimed.lease)


def _new_message(value: Mapping[str, Any]) -> NewMessage:
    return NewMessage(
        id=value["id"],
        role=value["role"],
        text=value["text"],
        chat_time=value["chat_time"],
        name=value["name"],
        parts=tuple(value["parts"]),
        tool_calls=tuple(value["tool_calls"]),
        tool_call_id=value["tool_call_id"],
    )


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key and value of each line."""
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                yield _entry(path, number, line)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read") from error


def _entry(path: Path, number: int, line: str) -> tuple[str, dict[str, Any]]:
    try:
        ((key, value),) = json.loads(line).items()
    except (ValueError, AttributeError) as error:
        raise InvalidInputError(f"{path}: line {number} is not of an exported cube") from error
    if not isinstance(value, dict):
        raise InvalidInputError(f"{path}: line {number} is not of an exported cube")
    return key, value
