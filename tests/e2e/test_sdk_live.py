"""The SDK, blocking and async, against a server that listens on a real port."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from memos.api.client import AsyncMemOSClient, MemOSClient
from memos.api.server_api import create_app
from memos.cli.http_server import API_PATH, listen, on_thread, url_of
from memos.configs.settings import Settings
from memos.embedders.base import Embedder
from memos.errors import (
    AuthenticationError,
    MissingFieldError,
    NotFoundError,
    TooLongError,
    UnavailableError,
)
from memos.mem_os.bootstrap import System, build
from tests.conftest import KEY

TALK = [
    {"role": "user", "content": "I moved to Lisbon in May and I work as a nurse."},
    {"role": "assistant", "content": "Noted."},
    {"role": "user", "content": "我对花生过敏。"},
]


class FixedKey:
    """The same Idempotency-Key for every call."""

    def new_id(self) -> str:
        return "the-same-key"


@pytest.fixture
def live(tmp_path: Path, embedder: Embedder) -> Iterator[tuple[System, str]]:
    """A running system with its worker, and the address of its API."""
    settings = Settings(
        data_dir=tmp_path / "data", bootstrap_api_key=KEY, tokens_per_minute=0, log_level="WARNING"
    )
    system = build(settings, embedder=embedder)
    with contextlib.closing(listen("127.0.0.1", 0)) as listener:
        system.start()
        try:
            with on_thread(create_app(system), listener):
                yield system, url_of(listener) + API_PATH
        finally:
            system.close()


def test_the_blocking_client_does_the_whole_round(live: tuple[System, str]) -> None:
    _, address = live
    with MemOSClient(api_key=KEY, base_url=address, raise_on_error=True) as client:
        added = client.add_message(TALK, "mei", "c1", async_mode=False, tags=["home"])
        assert (added.success, added.status) == (True, "completed")
        assert client.get_task_status(added.task_id).status == "completed"
        found = client.search_memory("Where does the user live?", "mei", relativity=0)
        assert any("Lisbon" in (m.memory_value or "") for m in found.memories)
        listed = client.get_memory("mei")
        assert listed.data.total
        first = listed.memories[0]
        one = client.get_memory_by_id(str(first.id))
        assert one["data"]["memory"] == first.memory_value
        said = [m.content for m in client.get_message("mei", "c1").messages]
        assert said == [m["content"] for m in TALK]
        assert client.delete_memory(memory_ids=[str(first.id)]).success
        with pytest.raises(NotFoundError):
            client.get_memory_by_id(str(first.id))
        assert client.delete_memory(user_id="mei").success
        assert client.get_memory("mei").data.total == 0
        assert client.get_message("mei", "c1").messages == []


def test_the_async_client_adds_and_searches_side_by_side(live: tuple[System, str]) -> None:
    _, address = live

    async def scenario() -> None:
        async with AsyncMemOSClient(api_key=KEY, base_url=address, raise_on_error=True) as client:
            answers = await asyncio.gather(
                *(
                    client.add_message(
                        [{"role": "user", "content": f"Locker {n} holds my tent."}],
                        f"user-{n}",
                        async_mode=False,
                    )
                    for n in range(6)
                )
            )
            assert {a.status for a in answers} == {"completed"}
            assert len({a.task_id for a in answers}) == 6
            found = await asyncio.gather(
                *(client.search_memory("my tent", f"user-{n}", relativity=0) for n in range(6))
            )
            for n, answer in enumerate(found):
                assert [f"ocker {n}" in (m.memory_value or "") for m in answer.memories] == [True]
            status = await client.get_task_status(answers[0].task_id)
            assert status.status == "completed"
            listed = await client.get_memory("user-1")
            by_id = await client.get_memory_by_id(str(listed.memories[0].id))
            assert by_id["code"] == 0
            assert (await client.get_message("user-1", "default_session")).messages
            assert (await client.delete_memory(user_id="user-1")).success
            with pytest.raises(NotFoundError):
                await client.delete_memory(user_id="user-1")

    asyncio.run(scenario())


def test_errors_are_answers_by_default_and_raised_on_demand(live: tuple[System, str]) -> None:
    _, address = live
    with MemOSClient(api_key=KEY, base_url=address) as client:
        answer = client.get_task_status("no-such-task")
        assert (answer.code, answer.status) == (50131, "failed")
        assert client.get_memory("u" * 101).code == 40010
        assert client.search_memory("q", "nobody").memories == []
        with pytest.raises(ValueError, match="messages is required"):
            client.add_message([], "u")
    with MemOSClient(api_key=KEY, base_url=address, raise_on_error=True) as client:
        with pytest.raises(NotFoundError):
            client.get_task_status("no-such-task")
        with pytest.raises(TooLongError):
            client.get_memory("u" * 101)
        with pytest.raises(MissingFieldError):
            client.search_memory("  ", "u")
    with (
        MemOSClient(api_key="mpg-wrong", base_url=address) as client,
        pytest.raises(AuthenticationError),
    ):
        client.get_memory("u")


def test_an_add_sent_again_with_its_key_is_stored_once(live: tuple[System, str]) -> None:
    system, address = live
    with MemOSClient(api_key=KEY, base_url=address, ids=FixedKey()) as client:
        first = client.add_message(TALK, "mei", "c1")
        again = client.add_message(TALK, "mei", "c1", async_mode=False)
        assert first.task_id == again.task_id
        assert again.status == "completed"
        assert len(client.get_message("mei", "c1").messages) == len(TALK)
        while system.records.unfinished():  # the worker's own threads may still hold a task
            system.worker.drain()
        kept = client.get_memory("mei")
    said = [memory.memory_value for memory in kept.memories]
    assert len(said) == len(set(said)) == 2


def test_a_server_that_is_gone_is_reported_as_unavailable(live: tuple[System, str]) -> None:
    with contextlib.closing(listen("127.0.0.1", 0)) as listener:
        address = url_of(listener) + API_PATH
    with (
        MemOSClient(api_key=KEY, base_url=address, backoff_s=0) as client,
        pytest.raises(UnavailableError),
    ):
        client.get_memory("u")
