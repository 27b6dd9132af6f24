"""Streamed chat: frames, odd characters, a model that breaks off, a client that leaves."""

import asyncio
import json
import threading
from typing import Any

import pytest

from memos.api.event_stream import EventStreamResponse, Frames, frame
from memos.api.server_api import create_app
from memos.errors import ModelUnavailableError
from scripted_model import Answer, ScriptedModel, refusal, stream
from tests.api.test_chat import ASK, BASE, chat, frames, memories, model
from tests.conftest import KEY, Api

__all__ = ["chat", "model"]


def said(api: Api) -> list[tuple[str, str]]:
    listed = api.post("get/message", {"user_id": "mei", "conversation_id": "c1"})["data"]
    return [(m["role"], m["content"]) for m in listed["message_detail_list"]]


def test_thinking_text_and_the_end_come_as_frames(chat: Api, model: ScriptedModel) -> None:
    model.script(stream("<think>hm", "m</think>", "Ri", "sotto."))
    got = frames(chat, ASK)
    thought = "".join(f["data"] for f in got if f["type"] == "reasoning")
    text = "".join(f["data"] for f in got if f["type"] == "text")
    assert (thought, text) == ("hmm", "Risotto.")
    assert [f["type"] for f in got].index("text") > [f["type"] for f in got].index("reasoning")
    assert got[-1]["type"] == "end"
    assert got[-1]["task_id"]
    assert said(chat) == [("user", ASK["query"]), ("assistant", "Risotto.")]


def test_odd_characters_survive(chat: Api, model: ScriptedModel) -> None:
    text = "你好，\u2028分\u2029行\x85\n\n😀 \u00e9 data: {}"
    model.script(stream(*text))
    got = frames(chat, ASK)
    assert "".join(f["data"] for f in got if f["type"] == "text") == text
    assert said(chat)[-1] == ("assistant", text)


def test_half_a_surrogate_pair_in_an_answer_is_not_a_failure(
    chat: Api, model: ScriptedModel
) -> None:
    model.script(stream("a\ud83d", "b"))
    got = frames(chat, ASK)
    assert got[-1]["type"] == "end"
    assert [role for role, _ in said(chat)] == ["user", "assistant"]


def test_an_error_before_the_first_piece_is_an_answer_of_its_own(
    chat: Api, model: ScriptedModel
) -> None:
    model.fallback = lambda _: refusal(503)
    answer = chat.request("POST", BASE + "chat", json={**ASK, "stream": True})
    assert answer.status_code == 424
    assert answer.json()["code"] == 50002
    model.fallback = lambda _: stream()
    answer = chat.request("POST", BASE + "chat", json={**ASK, "stream": "TRUE"})
    assert (answer.status_code, answer.json()["data"]) == (424, {"response": ""})
    headers = {"Authorization": "Token wrong"}
    answer = chat.request("POST", BASE + "chat", json={**ASK, "stream": True}, headers=headers)
    assert answer.status_code == 401


def test_a_model_that_breaks_off_ends_with_an_error_frame_and_nothing_is_remembered(
    chat: Api, model: ScriptedModel
) -> None:
    model.script(stream("Ri", "so", break_off=True))
    got = frames(chat, ASK)
    assert [f["type"] for f in got] == ["text", "text", "error"]
    assert got[-1]["code"] == 50002
    assert got[-1]["data"] == got[-1]["content"] != ""
    assert said(chat) == []
    assert memories(chat) == []


def test_thinking_that_ends_in_nothing_is_an_error(chat: Api, model: ScriptedModel) -> None:
    model.script(stream("<think>for ever"))
    got = frames(chat, ASK)
    assert [f["type"] for f in got] == ["reasoning", "error"]


def test_a_client_that_leaves_stops_the_model_and_what_it_got_is_remembered(
    chat: Api, model: ScriptedModel
) -> None:
    broken = threading.Event()
    endless = Answer(pieces=Endless(broken))
    model.script(endless)
    asyncio.run(leave_after_the_first_piece(chat))
    assert broken.wait(10), "the model went on writing"
    roles: list[tuple[str, str]] = []
    pause = threading.Event()
    for _ in range(400):  # stored once the model's connection is closed
        roles = said(chat)
        if roles:
            break
        pause.wait(0.02)
    assert [role for role, _ in roles] == ["user", "assistant"]
    assert roles[1][1].startswith("word ")


class Endless:
    """Pieces without end; tells when nobody takes them any more."""

    def __init__(self, broken: threading.Event) -> None:
        self._broken = broken

    def __iter__(self) -> Any:
        try:
            while True:
                yield "word "
                self._broken.wait(0.002)
        finally:
            self._broken.set()


async def leave_after_the_first_piece(api: Api) -> None:
    """Call the application directly, as a server does whose client hangs up."""
    body = json.dumps({**ASK, "stream": True}).encode()
    got_piece = asyncio.Event()
    incoming = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict:
        if incoming:
            return incoming.pop()
        await got_piece.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.body":
            got_piece.set()

    headers = [(b"authorization", f"Token {KEY}".encode())]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": BASE + "chat", "raw_path": (BASE + "chat").encode(), "query_string": b"",
        "headers": headers, "scheme": "http", "server": ("test", 80), "client": ("test", 1),
        "root_path": "",
    }  # fmt: skip
    await asyncio.wait_for(create_app(api.system)(scope, receive, send), 20)


def test_a_stream_that_waits_for_its_model_does_not_hold_the_client_or_the_loop() -> None:
    release, closed = threading.Event(), threading.Event()

    def events() -> Any:
        try:
            yield frame({"type": "text", "data": "a"})
            release.wait(20)
            yield frame({"type": "text", "data": "b"})
        finally:
            closed.set()

    sent: list[dict] = []

    async def run() -> float:
        first = asyncio.Event()

        async def receive() -> dict:
            await first.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            sent.append(message)
            if message.get("body"):
                first.set()

        started = asyncio.get_running_loop().time()
        await EventStreamResponse(Frames(events()))({"type": "http"}, receive, send)
        took = asyncio.get_running_loop().time() - started
        release.set()
        return took

    assert asyncio.run(run()) < 10
    assert closed.wait(10)
    assert [m.get("body") for m in sent] == [None, frame({"type": "text", "data": "a"})]


def test_frames_turn_errors_into_a_last_event() -> None:
    def known() -> Any:
        yield b"a"
        raise ModelUnavailableError("the model broke off its answer")

    def unknown() -> Any:
        yield b"a"
        raise ValueError("secret words")

    for events in (known(), unknown()):
        made = Frames(events)
        assert made.next() == b"a"
        last = made.next() or b""
        assert b'"type": "error"' in last
        assert b"secret" not in last
        assert made.next() is None


def test_stopped_frames_close_what_makes_them() -> None:
    closed = []

    def events() -> Any:
        try:
            yield b"a"
            yield b"b"
        except GeneratorExit:
            closed.append(True)
            raise

    made = Frames(events())
    assert made.next() == b"a"
    made.stop()
    made.stop()
    assert made.next() is None
    assert closed == [True]


@pytest.mark.parametrize("text", ["a\u2028b", "\ud800", "\r\n\r\n"])
def test_a_frame_is_one_line_of_ascii(text: str) -> None:
    made = frame({"data": text})
    assert made.isascii()
    assert made.count(b"\n") == 2
    assert json.loads(made[6:])["data"] == text
