"""A server killed while it reads files, learns about a tool or writes a skill does it once.

What is there after the next start is what a user has for whom nothing was interrupted.
"""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from file_server import FileServer, Served, file_server
from memos.api.client import MemOSClient
from memos.templates import load
from tests.e2e.cli_process import RunningServer, serve
from tests.scripted_model import Answer, Request, ScriptedModel, reply, scripted_model

KILLED, WHOLE = "killed", "whole"
LISTS = ("memory_detail_list", "preference_detail_list", "tool_memory_detail_list")
_PATIENCE_S = 120
_STEP_S = 0.02
PASSAGES = 80
WEATHER = [
    {"role": "user", "content": "What's the weather like in Beijing right now?"},
    {
        "role": "assistant",
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "get_weather", "arguments": '{"location": "Beijing"}'},
            }
        ],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": '{"temperature": "7°C"}'},
]
TRAVEL = [
    {"role": "user", "content": "Plan a trip to Rome for me. I only stay in quiet hotels."},
    {"role": "assistant", "content": "Done."},
    {"role": "user", "content": "I prefer cultural attractions. Check the weather in advance."},
    {"role": "assistant", "content": "Done."},
]


class Barrier:
    """A place that is reached and left when the test says so; after that it is open."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def pass_through(self) -> None:
        self.reached.set()
        self.opened.wait(_PATIENCE_S)


@pytest.fixture
def barrier() -> Iterator[Barrier]:
    made = Barrier()
    yield made
    made.opened.set()


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """A model that writes nothing that can be used: the rules do the work."""
    with scripted_model() as running:
        yield running


@pytest.fixture
def web() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


def guards(model: ScriptedModel, barrier: Barrier, template: str) -> None:
    """Let the model hold back its answers to one kind of prompt until the barrier opens."""
    prompt = load(template)[:80]

    def answer(request: Request) -> Answer:
        if prompt in str(request.body["messages"][0]["content"]):
            barrier.pass_through()
        return reply("nothing of use")

    model.fallback = answer


def with_model(model: ScriptedModel) -> dict[str, str]:
    return {"MEMOS_LLM_MODEL": "scripted", "MEMOS_LLM_API_BASE": model.url}


def wait_for(reached: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(int(_PATIENCE_S / _STEP_S)):
        if reached():
            return
        pause.wait(_STEP_S)
    raise AssertionError("it did not happen in time")


def add(client: MemOSClient, user: str, messages: list[dict]) -> str:
    return client.add_message(messages, user, "talk").data.task_id


def status(client: MemOSClient, task_id: str) -> dict[str, Any]:
    return client.get_task_status(task_id).data.model_dump()


def kept(client: MemOSClient, user: str) -> dict[str, list[str]]:
    """What a user has, by list, without ids and times."""
    found: dict[str, list[str]] = {name: [] for name in LISTS}
    for page in range(1, 8):
        data = client.get_memory(user, page=page, size=50).data.model_dump()
        for name in LISTS:
            found[name] += [json.dumps(_told(memory)) for memory in data[name] or []]
    return {name: sorted(lines) for name, lines in found.items()}


def _told(memory: dict[str, Any]) -> list[object]:
    keys = ("memory_key", "memory_value", "preference", "tool_value", "experience", "status")
    return [memory.get(key) for key in keys] + [memory.get("tool_used_status")]


def skill(client: MemOSClient, user: str) -> list[tuple[object, object]]:
    found = client.search_memory(
        "Plan a trip to Oslo for me.", user, include_skill=True, relativity=0
    )
    return [(each.skill_value, each.confidence) for each in found.data.skill_detail_list or []]


def kill(server: RunningServer) -> None:
    server.process.kill()
    server.process.wait(30)


def resumed(client: MemOSClient, task_id: str, messages: list[dict]) -> None:
    """Wait for the task that was interrupted, and do the same for somebody else."""
    wait_for(lambda: status(client, task_id)["status"] == "completed")
    whole = add(client, WHOLE, messages)
    wait_for(lambda: status(client, whole)["status"] == "completed")
    assert kept(client, KILLED) == kept(client, WHOLE)
    assert len(client.get_message(KILLED, "talk").data.message_detail_list) == len(messages)


def harbours() -> str:
    return "\n\n".join(
        f"# Harbour {n}\n\nThe harbour of town {n} has a crane called Crane{n}x."
        for n in range(PASSAGES)
    )


def file_part(data: str, name: str) -> dict:
    return {"type": "file", "file": {"file_data": data, "filename": name}}


def mixed(first: str, second: str) -> list[dict]:
    text = {"type": "text", "text": "I live in Lisbon. These are the harbours I write about."}
    parts = [text, file_part(first, "harbours.md"), file_part(second, "ships.txt")]
    return [{"role": "user", "content": parts}]


def test_files_of_a_message_are_read_again_when_the_server_dies_while_fetching(
    tmp_path: Path, web: FileServer, barrier: Barrier
) -> None:
    def slowly() -> Iterator[bytes]:
        barrier.pass_through()
        yield b"The ship Aurora carries salt."

    first = web.put("/harbours.md", Served(harbours().encode()))
    messages = mixed(first, web.put("/ships.txt", Served(pieces=slowly)))
    options = {"MEMOS_FETCH_ALLOW": "127.0.0.1"}
    with serve(tmp_path, **options) as server, server.client() as client:
        key = server.first_key
        task = add(client, KILLED, messages)
        assert barrier.reached.wait(_PATIENCE_S)
        kill(server)
    barrier.opened.set()
    with (
        serve(tmp_path, MEMOS_LEASE_SECONDS="2", **options) as server,
        server.client(key) as client,
    ):
        resumed(client, task, messages)
        report = status(client, task)["parts"]
        assert [(part["part"], part["status"]) for part in report] == [(1, "read"), (2, "read")]
        facts = kept(client, KILLED)["memory_detail_list"]
        assert sum("Crane" in fact for fact in facts) == PASSAGES
        assert sum("Aurora" in fact for fact in facts) == 1
    assert [each.name for each in (tmp_path / "files" / "incoming").iterdir()] == []
    assert len([f for f in (tmp_path / "files").glob("??/*") if f.is_file()]) == 2


def test_files_of_a_message_are_kept_once_when_the_server_dies_while_storing(
    tmp_path: Path, web: FileServer
) -> None:
    first = web.put("/harbours.md", Served(harbours().encode()))
    messages = mixed(first, web.put("/ships.txt", Served(b"The ship Aurora carries salt.")))
    options = {"MEMOS_FETCH_ALLOW": "127.0.0.1"}
    with serve(tmp_path, **options) as server, server.client() as client:
        key = server.first_key
        task = add(client, KILLED, messages)
        wait_for(lambda: "Crane" in str(client.get_memory(KILLED, size=50).data))
        kill(server)
    with (
        serve(tmp_path, MEMOS_LEASE_SECONDS="2", **options) as server,
        server.client(key) as client,
    ):
        resumed(client, task, messages)


def test_a_tool_is_learnt_once_when_the_server_dies_while_its_use_is_told(
    tmp_path: Path, model: ScriptedModel, barrier: Barrier
) -> None:
    guards(model, barrier, "tool_experience")
    with serve(tmp_path, **with_model(model)) as server, server.client() as client:
        key = server.first_key
        task = add(client, KILLED, WEATHER)
        assert barrier.reached.wait(_PATIENCE_S)
        kill(server)
    barrier.opened.set()
    options = with_model(model)
    with (
        serve(tmp_path, MEMOS_LEASE_SECONDS="2", **options) as server,
        server.client(key) as client,
    ):
        resumed(client, task, WEATHER)
        [use] = kept(client, KILLED)["tool_memory_detail_list"]
        assert "called get_weather" in use
        [tool] = json.loads(use)[-1]
        assert (tool["used_tool"], tool["success_rate"]) == ("get_weather", 1.0)


def test_a_skill_is_written_once_when_the_server_dies_while_it_is_drawn(
    tmp_path: Path, model: ScriptedModel, barrier: Barrier
) -> None:
    guards(model, barrier, "skill")
    with serve(tmp_path, **with_model(model)) as server, server.client() as client:
        key = server.first_key
        task = add(client, KILLED, TRAVEL)
        assert barrier.reached.wait(_PATIENCE_S)
        assert status(client, task)["status"] == "completed"
        assert skill(client, KILLED) == []
        kill(server)
    barrier.opened.set()
    options = with_model(model)
    with (
        serve(tmp_path, MEMOS_LEASE_SECONDS="2", **options) as server,
        server.client(key) as client,
    ):
        resumed(client, task, TRAVEL)
        wait_for(lambda: skill(client, KILLED) and skill(client, WHOLE))
        assert len(skill(client, KILLED)) == 1
        assert skill(client, KILLED) == skill(client, WHOLE)
