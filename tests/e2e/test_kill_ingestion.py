"""A server killed while it works on a document finishes it after the next start, once."""

import threading
from collections.abc import Callable
from pathlib import Path

from memos.api.client import MemOSClient
from memos.graph_dbs.sqlite import SqliteGraphStore
from memos.types.clock import SystemClock
from memos.types.memory import ALL_KINDS
from memos.types.scope import Scope, knowledge_cube
from tests.e2e.cli_process import serve

PARAGRAPHS = 400
_PATIENCE_S = 120
_STEP_S = 0.05


def book() -> str:
    """A text of one chunk a paragraph, each with a word of its own."""
    return "\n\n".join(
        f"# Harbour {n}\n\nThe harbour of town {n} has a crane called Crane{n}x. "
        + f"Ships of the line {n} unload timber, salt and {n} barrels of wine there. " * 9
        for n in range(PARAGRAPHS)
    )


def wait_for(reached: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(_PATIENCE_S / _STEP_S)):
        if reached():
            return
        pause.wait(_STEP_S)
    raise AssertionError("it did not happen in time")


def file_of(client: MemOSClient, file_id: str) -> dict:
    return client.get_knowledgebase_file(file_ids=[file_id]).files[0].model_dump()


def test_a_document_killed_half_way_is_finished_once(tmp_path: Path) -> None:
    path = tmp_path / "harbours.md"
    path.write_text(book())
    data = tmp_path / "data"
    with serve(data) as server, server.client() as client:
        key = server.first_key
        base = client.create_knowledgebase("Harbours").knowledgebase_id
        uploaded = client.add_knowledgebase_file_form(base, [str(path)])
        file_id = uploaded.files[0].id
        wait_for(lambda: 20 < file_of(client, file_id)["progress"] < 100)
        server.process.kill()
    with serve(data, MEMOS_LEASE_SECONDS="2") as server, server.client(key) as client:
        assert client.add_knowledgebase_file_form(base, [str(path)]).files[0].id == file_id
        wait_for(lambda: file_of(client, file_id)["status"] == "completed")
        found = client.search_memory(
            "Which crane stands in Harbour 7?", "u", knowledgebase_ids=[base]
        )
        assert "Crane7x" in found.memories[0].memory_value
    graph = SqliteGraphStore(data / "memory.db", SystemClock())
    items = graph.find(Scope.of(knowledge_cube(base)), ALL_KINDS, limit=10**6).items
    graph.close()
    cranes = [n for n in range(PARAGRAPHS) if any(f"Crane{n}x" in i.value for i in items)]
    assert len(cranes) == PARAGRAPHS
    assert sorted(item.ordinal for item in items) == list(range(len(items)))
    assert [p.name for p in (data / "files" / "incoming").iterdir()] == []
