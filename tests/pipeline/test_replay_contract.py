"""The replay of recorded requests: ids are mapped, answers judged, the exit code tells."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import KEY, Api

ROOT = Path(__file__).parents[2]
REPLAY = runpy.run_path(str(ROOT / "scripts" / "replay_contract.py"))
BASE = "/api/openmem/v1/"


def line(case: str, path: str, body: Any, *, client: str = "cli 1", key: str = "mpg-test") -> dict:
    headers = {"Authorization": f"Token {key}", "Content-Type": "application/json"}
    method = "GET" if body is None else "POST"
    return {
        "client": client, "case": case, "method": method, "path": path, "query": {},
        "headers": headers, "body": body,
    }  # fmt: skip


ADD = {
    "messages": [{"role": "user", "content": "I keep bees in Graz."}],
    "user_id": "ida",
    "conversation_id": "c",
}
GOOD = [
    line("add", BASE + "add/message", ADD),
    line("status", BASE + "get/status", {"task_id": "recorded-task"}),
    line("search", BASE + "search/memory", {"query": "bees", "user_id": "ida", "relativity": 0}),
    line("origin", BASE + "get/memory/recorded-memory", None),
    line("delete", BASE + "delete/memory", {"memory_ids": ["recorded-memory"]}),
    line("error.bad_key", BASE + "get/memory", {"user_id": "ida"}, key="wrong"),
    line("error.task_not_found", BASE + "get/status", {"task_id": "recorded-task"}),
    line("add", "/product/add", {}),
]

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def replay(api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Replays lines against the application under test."""

    def run(*lines: dict) -> tuple[int, str]:
        file = tmp_path / "recording.jsonl"
        file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        api.system.worker.start()
        player = REPLAY["Replay"](api.http, KEY)
        code = REPLAY["_replay"](REPLAY["read_recording"](file), player, only_failed=False)
        return code, capsys.readouterr().out

    return run


def test_ids_are_replaced_by_those_this_server_gave(replay: Run) -> None:
    code, table = replay(*GOOD)
    assert code == 0, table
    assert "7 passed, 1 left out: not of the Cloud API" in table


def test_what_fails_is_named_and_turns_the_exit_code(replay: Run) -> None:
    missing = line("search", BASE + "search/memory", {"user_id": "ida"})
    unknown = line("status", BASE + "get/status", {"task_id": "never-given"})
    code, table = replay(GOOD[0], missing, line("teapot", BASE + "brew/tea", {}))
    assert code == 1
    assert "expected HTTP 200, code 0: query" in table
    assert "1 passed, 2 failed" in table
    code, table = replay(unknown)
    assert (code, "no such task" in table or "50131" in table) == (1, True)


@pytest.mark.parametrize(
    ("path", "body", "answer", "problem"),
    [
        ("get/status", {}, {"status": "completed"}, "data.task_id: Field required"),
        ("get/status", {}, {"task_id": "t", "status": "failed"}, "takes this answer for an error"),
        ("add/message", {}, {"success": 1, "task_id": "t", "status": "running"}, "valid boolean"),
        ("extract/memory", {"extraction_types": ["memory"]},
         {"memory_detail_list": [], "preference_detail_list": []}, "not those of the kinds"),
        ("rerank", {}, {"id": "r", "model": "m", "results": [],
                        "usage": {"prompt_tokens": 1, "total_tokens": 1}}, "data.id"),
    ],
)  # fmt: skip
def test_shapes_clients_trip_over_are_refused(
    path: str, body: dict, answer: dict, problem: str
) -> None:
    recorded = REPLAY["Recorded"](1, "cli 1", "case", "POST", BASE + path, {}, {}, body)
    response = httpx.Response(200, json={"code": 0, "message": "ok", "data": answer})
    assert problem in REPLAY["judge"](recorded, response)[1]


@pytest.mark.parametrize(
    ("content", "kind", "problem"),
    [
        (b'data: {"type": "text", "data": "a"}\n\n', "text/event-stream; charset=utf-8", ""),
        (b'data: {"type": "text", "data": "a"}\n\n', "text/event-stream", "Content-Type is"),
        ('data: {"type": "text", "data": "ä"}\n\n'.encode(), "text/event-stream; charset=utf-8",
         "not ASCII"),
        (b'data: {"type": "end"}\n\n', "text/event-stream; charset=utf-8", "no text came"),
        (b"", "text/event-stream; charset=utf-8", "no event"),
    ],
)  # fmt: skip
def test_streams_are_judged_by_what_programs_can_read(
    content: bytes, kind: str, problem: str
) -> None:
    recorded = REPLAY["Recorded"](1, "p", "c", "POST", BASE + "chat", {}, {}, {"stream": True})
    response = httpx.Response(200, content=content, headers={"Content-Type": kind})
    found = REPLAY["judge"](recorded, response)[1]
    assert problem in found
    assert bool(problem) == bool(found)
