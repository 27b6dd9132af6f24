"""What the log shows of an error: its type and the way it took, never what it was about."""

import asyncio
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest

from memos import log

SECRET = "zanzibar-quokka"


@contextmanager
def configured(
    style: Literal["console", "json"], monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    log.configure("DEBUG", style)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def choke(said: str) -> None:
    raise ValueError(f"cannot take {said}")


@pytest.mark.parametrize("style", ["console", "json"])
def test_an_error_is_told_without_its_text_and_the_values_it_met(
    style: Literal["console", "json"], monkeypatch: pytest.MonkeyPatch
) -> None:
    with configured(style, monkeypatch) as stream:
        try:
            choke(SECRET)
        except ValueError as error:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
            logging.getLogger("memos.x").error("broke", exc_info=error, stack_info=True)
    shown = stream.getvalue()
    assert SECRET not in shown
    assert shown.count("ValueError") == 2
    assert shown.count("in choke") == 2
    assert len(shown.splitlines()) == 2


def test_what_asyncio_adds_to_an_event_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forgotten() -> None:
        task = asyncio.ensure_future(asyncio.to_thread(choke, SECRET))
        await asyncio.wait([task])

    with configured("console", monkeypatch) as stream:
        asyncio.run(forgotten())
    assert "never retrieved" in stream.getvalue()
    assert SECRET not in stream.getvalue()
