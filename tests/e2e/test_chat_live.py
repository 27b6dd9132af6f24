"""Chat against a live server, with the SDK: two sessions, a restart, streams, a client that leaves."""

import json
import threading
from pathlib import Path

import httpx

from memos.api.client import MemOSClient
from scripted_model import Answer, ScriptedModel, reply, scripted_model, stream
from tests.api.test_chat_stream import Endless
from tests.e2e.cli_process import RunningServer, serve

KEY = "mpg-live-key-0123456789abcdef"


def started(folder: Path, model: ScriptedModel):
    return serve(
        folder,
        MEMOS_BOOTSTRAP_API_KEY=KEY,
        MEMOS_CHAT_MODEL="answerer",
        MEMOS_LLM_API_BASE=model.url,
    )


def prompt(model: ScriptedModel) -> str:
    return model.requests[-1].body["messages"][0]["content"]


def settled(client: MemOSClient, task_id: str) -> None:
    """Wait for the work behind a chat, as a client does."""
    pause = threading.Event()
    for _ in range(400):
        if client.get_task_status(task_id).status == "completed":
            return
        pause.wait(0.05)
    raise AssertionError("the chat's turns were not worked on")


def test_the_loop_over_two_sessions_and_a_restart(tmp_path: Path) -> None:
    with scripted_model() as model:
        with started(tmp_path, model) as server, server.client(KEY) as client:
            model.script(reply("Gern."))
            said = client.chat("mei", "c1", "Please always answer in German. I live in Lyon.")
            assert said.response == "Gern."
            settled(client, said.data.task_id)
            assert server.stop() == 0
        with started(tmp_path, model) as server, server.client(KEY) as client:
            model.script(stream("In ", "Lyon", "。\u2028"))
            lines = [
                json.loads(line)
                for line in client.chat("mei", "c2", "Which city do I live in?", stream=True)
            ]
            assert [m["role"] for m in model.requests[-1].body["messages"]] == ["system", "user"]
            assert "in German" in prompt(model).partition("<preferences>")[2]
            assert "lives in Lyon" in prompt(model).partition("<facts>")[2]
            text = "".join(line["data"] for line in lines if line["type"] == "text")
            assert text == "In Lyon。\u2028"
            assert lines[-1]["type"] == "end"
            settled(client, lines[-1]["task_id"])
            told = client.get_message("mei", "c2").messages
            assert [m.role for m in told] == ["user", "assistant"]


def test_a_client_that_hangs_up_ends_the_models_call(tmp_path: Path) -> None:
    broken = threading.Event()
    with scripted_model() as model, started(tmp_path, model) as server:
        model.script(Answer(pieces=Endless(broken)))
        hang_up(server)
        assert broken.wait(20), "the model went on writing"
        with server.client(KEY) as client:
            roles: list[str | None] = []
            pause = threading.Event()
            for _ in range(400):  # stored once the model's connection is closed
                roles = [m.role for m in client.get_message("mei", "c1").messages]
                if roles:
                    break
                pause.wait(0.05)
            assert roles == ["user", "assistant"]


def hang_up(server: RunningServer) -> None:
    """Read the beginning of a stream, then close the connection."""
    body = {"user_id": "mei", "conversation_id": "c1", "query": "Tell me all.", "stream": True}
    headers = {"Authorization": f"Token {KEY}"}
    with httpx.stream("POST", f"{server.base_url}/chat", json=body, headers=headers) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        next(answer.iter_bytes())
